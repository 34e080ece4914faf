"""The table of hotspots, on data whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from triservice.analysis.hotspots.discovery import q_values
from triservice.analysis.hotspots.hotspots import find_hotspots
from triservice.analysis.hotspots.local import getis_ord
from triservice.analysis.place.contiguity import from_pairs, grid_neighbours
from triservice.kernel.errors import InputError

NEAR = grid_neighbours(30, 30)


def county(seed: int = 3) -> np.ndarray:
    """Return Poisson counts of 30 × 30 cells with one town of 4 × 4 in the middle."""
    counts = np.random.default_rng(seed).poisson(1.5, (30, 30)).astype(float)
    counts[13:17, 13:17] += 12
    return counts.ravel()


def test_the_town_is_hot_and_the_country_is_not():
    table = find_hotspots(county(), NEAR)
    hot = (table.kind == "hot").reshape(30, 30)
    assert hot[13:17, 13:17].all()
    assert hot.sum() <= 16 + 20 + 3  # the town, the cells that touch it, a few by chance
    assert (table.quadrant.reshape(30, 30)[14:16, 14:16] == "HH").all()
    assert not ((table.kind == "hot") & (table.q > 0.05)).any()


def test_columns_agree_with_the_local_statistic():
    table = find_hotspots(county(), NEAR, permutations=999, seed=5, ids=np.arange(900) + 7)
    alone = getis_ord(county(), NEAR, permutations=999, null="total", seed=5)
    np.testing.assert_array_equal(table.p, alone.p)
    np.testing.assert_array_equal(table.z, alone.z)
    np.testing.assert_allclose(table.q, q_values(table.p_exact))
    np.testing.assert_array_equal(table.neighbours, NEAR.counts)
    assert table.ids[0] == "7"
    assert table.method["permutations"] == 999
    assert set(table.columns()) >= {"id", "count", "z", "p", "q", "neighbours", "class"}


def test_without_permutations_the_normal_curve_decides_and_finds_more():
    normal, exact = find_hotspots(county(), NEAR, permutations=0), find_hotspots(county(), NEAR)
    np.testing.assert_allclose(normal.q, q_values(2 * stats.norm.sf(np.abs(normal.z))))
    np.testing.assert_array_equal(normal.p, exact.p_analytic)
    assert (normal.kind == "hot").sum() >= (exact.kind == "hot").sum()
    assert normal.method["q_from"] == "p"
    assert any("normal curve" in note for note in normal.notes)


def test_ranked_is_by_z():
    table = find_hotspots(county(), NEAR)
    z = table.z[table.ranked()]
    assert (np.diff(z) <= 0).all()
    assert table.kind[table.ranked("cold")].tolist() == ["cold"] * len(table.ranked("cold"))


def test_few_permutations_cannot_hide_hotspots_of_counts():
    few = find_hotspots(county(), NEAR, permutations=99)
    exact = find_hotspots(county(), NEAR)
    np.testing.assert_array_equal(few.kind, exact.kind)
    assert few.p.min() == pytest.approx(0.02)


def test_few_permutations_of_other_values_are_said_to_be_too_few():
    rates = county() + 0.25 * np.sin(np.arange(900))
    few = find_hotspots(county(), NEAR, values=rates, permutations=99)
    assert (few.kind == "none").all()
    assert any("too few permutations" in note for note in few.notes)
    many = find_hotspots(county(), NEAR, values=rates)
    assert many.method["permutations"] == 9_999
    assert (many.kind.reshape(30, 30)[13:17, 13:17] == "hot").all()
    assert np.isnan(many.p_exact).all()


def test_no_structure_gives_hardly_any_hotspot():
    flat = [
        find_hotspots(np.random.default_rng(seed).poisson(2.0, 900), NEAR).kind
        for seed in range(20)
    ]
    # At a false discovery rate of 5% nineteen maps of twenty should be empty.
    assert sum((kind != "none").any() for kind in flat) <= 4


def test_two_hot_cells_side_by_side_are_hot_and_not_only_their_ring():
    counts = np.zeros(900)
    counts[np.random.default_rng(1).choice(900, 200, replace=False)] = 1
    pair = [15 * 30 + 15, 15 * 30 + 16]
    counts[pair] = 60
    total = find_hotspots(counts, NEAR)
    conditional = find_hotspots(counts, NEAR, null="conditional")
    between = [14 * 30 + 15, 14 * 30 + 16, 16 * 30 + 15, 16 * 30 + 16]  # touch both
    assert (total.kind[pair + between] == "hot").all()
    assert (conditional.kind[between] == "hot").all()
    assert (conditional.kind[pair] == "none").all()
    np.testing.assert_array_equal(conditional.p, conditional.p_conditional)
    np.testing.assert_array_equal(total.p_conditional, conditional.p)


def test_cells_without_neighbours_are_none_and_said():
    pairs = [(i, i + 1) for i in range(20)]
    near = from_pairs(*zip(*pairs, strict=True), 23)
    table = find_hotspots(np.arange(23), near)
    assert table.kind[22] == "none"
    assert np.isnan(table.q[22])
    assert "2 cells have no neighbours" in table.notes[0]


def test_refusals():
    with pytest.raises(InputError, match="same value"):
        find_hotspots(np.zeros(900), NEAR)
    with pytest.raises(InputError, match="not finite"):
        find_hotspots(np.full(900, np.nan), NEAR)
    with pytest.raises(InputError, match="between 0 and 1"):
        find_hotspots(county(), NEAR, false_discovery=5)
    with pytest.raises(InputError, match="do not match"):
        find_hotspots(county(), NEAR, values=[1, 2])
    with pytest.raises(InputError, match="ids do not match"):
        find_hotspots(county(), NEAR, ids=["a"])
