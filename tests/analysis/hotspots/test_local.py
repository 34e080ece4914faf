"""Local statistics against enumeration of every permutation, and against esda's published code."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.hotspots.exact import exact_is_possible
from triservice.analysis.hotspots.local import getis_ord, local_moran
from triservice.analysis.hotspots.permutation import draw_ordered
from triservice.analysis.place.contiguity import Neighbours, from_pairs, grid_neighbours
from triservice.kernel.errors import InputError

# A 4 × 4 queen lattice; the figures below are what esda 2.9 gives for it
# (G_Local transform="B", Moran_Local transformation="r", 99,999 permutations).
LATTICE = np.array([3, 0, 1, 7, 2, 5, 9, 4, 0, 1, 6, 2, 8, 0, 0, 1.0])
ESDA_GI_STAR = [
    -0.4237934484, 0.2737600548, 1.2845664112, 1.6480856327, -1.2424494797, -0.0924793122,
    1.222782017, 1.7899695894, -0.4001108494, 0.5651513524, 0.0719283539, 0.610695507,
    -0.6121460922, -0.5685785754, -1.4109172057, -0.6121460922,
]  # fmt: skip
ESDA_GI = [
    -0.4475836523, 0.6567059685, 1.5792830327, 1.2126521297, -1.1558018267, -0.2427126799,
    0.889000889, 1.7320508076, -0.0597005426, 0.7295601857, -0.1574724447, 0.7512711874,
    -1.6220636508, -0.2388021704, -1.1343103093, -0.3308805161,
]  # fmt: skip
ESDA_MORAN = [
    0.0048503326, -0.3055709534, -0.425304878, 0.6722560976, 0.1427660754, -0.064440133,
    0.1184866962, 0.1933203991, -0.0448170732, -0.1509146341, -0.0976995565, -0.1060144124,
    -1.4341740576, 0.0203713969, 0.3463137472, 0.0868902439,
]  # fmt: skip
ESDA_QUADRANT = [
    "LL", "LH", "LH", "HH", "LL", "HL", "HH", "HH",
    "LH", "LH", "HL", "LH", "HL", "LL", "LL", "LL",
]  # fmt: skip
# p_sim of both, for the values plus √2, √3 … √17: no two sums tie. (Where sums tie, esda's p is
# a matter of rounding: it compares the sums after dividing them in two different ways.)
UNTIED = LATTICE + np.sqrt(np.arange(2, 18))
ESDA_P_GI_STAR = [
    0.1922, 0.4906, 0.1424, 0.1804, 0.0507, 0.2115, 0.3114, 0.0615,
    0.4382, 0.1367, 0.3212, 0.1202, 0.0967, 0.3806, 0.3443, 0.4377,
]  # fmt: skip
ESDA_P_MORAN = [
    0.1950, 0.4908, 0.1426, 0.1817, 0.0516, 0.2100, 0.3106, 0.0612,
    0.4355, 0.1352, 0.3208, 0.1205, 0.0978, 0.3779, 0.3462, 0.4337,
]  # fmt: skip


def graph(n: int, links: int, seed: int) -> Neighbours:
    """Return a random symmetric graph; cell 0 is an island."""
    rng = np.random.default_rng(seed)
    pairs = rng.integers(1, n, size=(links, 2))
    return from_pairs(pairs[:, 0], pairs[:, 1], n)


def enumerate_tails(
    values: np.ndarray, near: Neighbours, conditional: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return both tails by listing every selection of neighbours."""
    n = len(values)
    high, low = np.full(n, np.nan), np.full(n, np.nan)
    for i in range(n):
        k = len(near.of(i))
        if k == 0:
            continue
        pool = [j for j in range(n) if j != i] if conditional else list(range(n))
        size = k if conditional else k + 1
        observed = values[near.of(i)].sum() + (0 if conditional else values[i])
        sums = np.array([values[list(c)].sum() for c in combinations(pool, size)])
        high[i], low[i] = (sums >= observed - 1e-9).mean(), (sums <= observed + 1e-9).mean()
    return high, low


@pytest.mark.parametrize("null", ["conditional", "total"])
@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.integers(-3, 6), min_size=10, max_size=10).filter(lambda v: len(set(v)) > 1),
    links=st.integers(1, 9),
    seed=st.integers(0, 999),
)
def test_exact_tails_are_those_of_every_selection(null, values, links, seed):
    x, near = np.array(values, dtype=float), graph(10, links, seed)
    if near.counts.max() == 0 or near.counts.max() + (null == "total") > 5:
        return
    result = getis_ord(x, near, permutations="exact", null=null)
    high, low = enumerate_tails(x, near, null == "conditional")
    np.testing.assert_allclose(result.p_high, high, rtol=1e-11)
    np.testing.assert_allclose(result.p_low, low, rtol=1e-11)


@pytest.mark.parametrize("null", ["conditional", "total"])
@pytest.mark.parametrize("weighted", [False, True])
def test_permutations_agree_with_every_selection(null, weighted):
    # Ten cells and up to five neighbours: every second draw holds the cell itself, so that
    # leaving out the correction for it would be far outside these limits.
    x, near = np.array([0, 5, 0, 2, 2, 9, 1, 0, 0, 4.0]), graph(10, 14, 5)
    assert near.counts.max() >= 4
    weights = np.ones(len(near.indices)) if weighted else None
    many = 40_000
    result = getis_ord(x, near, permutations=many, null=null, weights=weights, seed=11)
    high, low = enumerate_tails(x, near, null == "conditional")
    error = 4.5 * np.sqrt(np.maximum(high * (1 - high), 1e-3) / many) + 1 / many
    assert np.all((np.abs(result.p_high - high) < error) | np.isnan(high))
    assert np.all((np.abs(result.p_low - low) < error) | np.isnan(high))


@pytest.mark.parametrize("null", ["conditional", "total"])
def test_look_up_counts_what_brute_force_counts_on_the_same_draws(null):
    rng = np.random.default_rng(3)
    x, near = rng.poisson(0.7, 60).astype(float), grid_neighbours(10, 6)
    permutations, seed = 199, 8
    result = getis_ord(x, near, permutations=permutations, null=null, seed=seed)
    draws = draw_ordered(60, 9, permutations, seed)
    for i in range(60):
        k = len(near.of(i))
        if null == "total":
            sums = x[draws[:, : k + 1]].sum(axis=1)
            observed = x[near.of(i)].sum() + x[i]
        else:
            chosen = np.where(draws[:, :k] == i, draws[:, k : k + 1], draws[:, :k])
            assert not (chosen == i).any()
            sums, observed = x[chosen].sum(axis=1), x[near.of(i)].sum()
        assert result.p_high[i] == (1 + (sums >= observed).sum()) / 200
        assert result.p_low[i] == (1 + (sums <= observed).sum()) / 200


def test_weights_meet_draws_as_brute_force_has_it():
    rng = np.random.default_rng(4)
    near = graph(30, 60, 2)
    x, w = rng.normal(size=30), rng.uniform(0.1, 2, size=len(near.indices))
    result = getis_ord(x, near, weights=w, permutations=99, seed=5)
    draws = draw_ordered(30, int(near.counts.max()) + 1, 99, 5)
    for i in np.flatnonzero(near.counts):
        k, own = near.counts[i], w[near.indptr[i] : near.indptr[i + 1]]
        chosen = np.where(draws[:, :k] == i, draws[:, k : k + 1], draws[:, :k])
        sums, observed = x[chosen] @ own, x[near.of(i)] @ own
        assert result.p_high[i] == pytest.approx((1 + (sums >= observed).sum()) / 100)


def test_draws_are_distinct_and_every_ordered_pair_is_equally_likely():
    draws = draw_ordered(5, 3, 60_000, 1)
    assert all(len(set(row)) == 3 for row in draws[:500].tolist())
    pairs = np.bincount(draws[:, 0] * 5 + draws[:, 2], minlength=25).reshape(5, 5)
    assert np.all(np.diag(pairs) == 0)
    assert np.abs(pairs[~np.eye(5, dtype=bool)] - 3000).max() < 4.5 * np.sqrt(3000)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    near = grid_neighbours(4, 4)
    first, again = (getis_ord(LATTICE, near, seed=1).p for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first != getis_ord(LATTICE, near, seed=2).p).any()


def test_z_of_getis_ord_is_esdas():
    near = grid_neighbours(4, 4)
    star, plain = getis_ord(LATTICE, near), getis_ord(LATTICE, near, star=False)
    np.testing.assert_allclose(star.z, ESDA_GI_STAR, atol=1e-9)
    np.testing.assert_allclose(plain.z, ESDA_GI, atol=1e-9)
    ones = np.ones(len(near.indices))
    np.testing.assert_allclose(getis_ord(LATTICE, near, weights=ones).z, ESDA_GI_STAR, atol=1e-9)


def test_p_is_esdas():
    near = grid_neighbours(4, 4)
    star, moran = (f(UNTIED, near, permutations=99_999) for f in (getis_ord, local_moran))
    np.testing.assert_allclose(np.minimum(star.p_high, star.p_low), ESDA_P_GI_STAR, atol=0.009)
    np.testing.assert_allclose(np.minimum(moran.p_high, moran.p_low), ESDA_P_MORAN, atol=0.009)


def test_local_moran_is_esdas():
    moran = local_moran(LATTICE, grid_neighbours(4, 4))
    np.testing.assert_allclose(moran.statistic, ESDA_MORAN, atol=1e-9)
    assert moran.quadrant.tolist() == ESDA_QUADRANT


def test_moments_of_local_moran_are_those_of_every_selection():
    x, near = np.array([4.0, 0, 7, 1, 1, 3, 0, 2]), grid_neighbours(4, 2)
    moran = local_moran(x, near, permutations=50_000)
    z, n = x - x.mean(), len(x)
    for i in range(n):
        k, others = len(near.of(i)), [j for j in range(n) if j != i]
        every = [
            (n - 1) * z[i] * z[list(c)].mean() / (z @ z) for c in combinations(others, k)
        ]  # fmt: skip
        assert moran.expected[i] == pytest.approx(np.mean(every))
        assert moran.z[i] == pytest.approx((moran.statistic[i] - np.mean(every)) / np.std(every))
        high = np.mean(np.array(every) >= moran.statistic[i] - 1e-12)
        assert moran.p_high[i] == pytest.approx(high, abs=0.011)  # five standard errors


def test_general_weights_standardise_rows_for_moran():
    near = grid_neighbours(4, 4)
    same = local_moran(LATTICE, near, weights=np.full(len(near.indices), 2.5))
    np.testing.assert_allclose(same.statistic, ESDA_MORAN, atol=1e-9)


def test_ties_by_rounding_count_as_ties():
    # 0.1 + 0.2 + 0.3 is not 0.3 + 0.2 + 0.1 in floating point; as sums of rates they are equal.
    x = np.array([0.1, 0.2, 0.3] * 20)
    near, ten = grid_neighbours(10, 6), np.rint(x * 10)
    np.testing.assert_array_equal(getis_ord(x, near).p_high, getis_ord(ten, near).p_high)
    np.testing.assert_array_equal(getis_ord(x, near).p_low, getis_ord(ten, near).p_low)


def test_islands_have_no_p_and_are_told():
    near = graph(12, 10, 3)
    result = getis_ord(np.arange(12.0), near, permutations=99)
    assert result.islands == int((near.counts == 0).sum()) >= 1
    assert np.isnan(result.p[near.counts == 0]).all()
    assert np.isnan(result.z[0])
    assert not np.isnan(result.p[near.counts > 0]).any()
    assert result.notes[0].startswith(f"{result.islands} cell")
    assert local_moran(np.arange(12.0), near).quadrant[0] == ""


def test_a_lone_high_cell_stands_out_under_the_total_null_only():
    x = np.zeros(121)
    x[60] = 30.0
    near = grid_neighbours(11, 11)
    conditional = getis_ord(x, near, permutations="exact")
    total = getis_ord(x, near, permutations="exact", null="total")
    assert conditional.p_high[60] == 1.0  # all others are zero: nothing about its neighbours
    assert conditional.p_high[59] == pytest.approx(8 / 120)
    assert total.p_high[60] == total.p_high[59] == pytest.approx(9 / 121)


def test_everybody_a_neighbour_leaves_nothing_to_chance():
    everyone = from_pairs([0, 0, 0, 1, 1, 2], [1, 2, 3, 2, 3, 3], 4)
    result = getis_ord(np.array([1.0, 2, 3, 4]), everyone, permutations=99, star=False)
    assert (result.p == 1).all()
    assert np.isnan(result.z).all()


def test_a_large_exact_table_agrees_with_permutations():
    rng = np.random.default_rng(0)
    x = rng.poisson(rng.gamma(0.5, 4, 900)).astype(float)
    near = grid_neighbours(30, 30)
    exact = getis_ord(x, near, permutations="exact")
    drawn = getis_ord(x, near, permutations=9_999)
    assert np.abs(exact.p_high - drawn.p_high).max() < 0.025  # five standard errors of one half
    assert exact.p_high.min() > 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.ones(16), "same value"),
        (np.ones(15), "do not match"),
        (np.where(np.arange(16) == 3, np.nan, 1.0), "1 of 16 values are not finite"),
    ],
)
def test_unusable_values_are_refused_in_a_sentence(values, said):
    with pytest.raises(InputError, match=said):
        getis_ord(values, grid_neighbours(4, 4))


def test_other_refusals():
    near = grid_neighbours(4, 4)
    with pytest.raises(InputError, match="one for each link"):
        getis_ord(LATTICE, near, weights=np.ones(3))
    with pytest.raises(InputError, match="only a conditional null"):
        getis_ord(LATTICE, near, star=False, null="total")
    with pytest.raises(InputError, match="whole numbers"):
        getis_ord(LATTICE + 0.5 * np.arange(16), near, permutations="exact")
    with pytest.raises(InputError, match="too few"):
        getis_ord(np.array([1.0, 2]), grid_neighbours(2, 1))


def test_exact_is_refused_where_it_would_take_too_long():
    assert not exact_is_possible(np.arange(100_000.0) * 1_000, 8, 1e8)
    assert not exact_is_possible(np.arange(10.0), 6, 30)  # more than half of all cells
    assert exact_is_possible(np.arange(1_000.0), 8, 5_000)
