from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from triservice.analysis.overlap.worst import (
    blind_overlap,
    pair_overlaps,
    set_overlap,
    top_rows,
    worst_count,
    worst_set,
)
from triservice.kernel.errors import InputError


def test_cornwall_worst_fifth(cornwall):
    sets = {k: worst_set(v, 0.2, codes=cornwall.codes) for k, v in cornwall.badness.items()}
    assert {one.size for one in sets.values()} == {15}
    pairs = pair_overlaps({k: s.members for k, s in sets.items()})
    assert {k: v.both for k, v in pairs.items()} == {
        ("police", "fires"): 7,
        ("police", "health"): 9,
        ("fires", "health"): 7,
    }
    three = set_overlap([s.members for s in sets.values()])
    assert three.both == 5
    assert round(three.expected, 2) == 0.63  # 73·(15/73)³
    assert three.p_ordinary < 0.001


@pytest.mark.parametrize(
    ("areas", "share", "size"),
    [(73, 0.2, 15), (326, 0.2, 65), (10, 0.25, 3), (10, 0.05, 1), (3, 0.01, 1), (75, 0.2, 15)],
)
def test_size_is_the_nearest_whole_number_halves_upwards(areas, share, size):
    assert worst_count(areas, share) == size


@pytest.mark.parametrize("share", [0.0, 1.0, -0.2, 20, float("nan")])
def test_impossible_shares_are_refused(share):
    with pytest.raises(InputError, match="between 0 and 1"):
        worst_count(10, share)


def test_ties_at_the_cut_are_settled_by_code_and_said():
    values = np.array([5, 3, 3, 3, 1.0])
    codes = np.array(["e", "d", "c", "b", "a"])
    found = worst_set(values, 0.4, codes=codes)
    assert codes[found.members].tolist() == ["e", "b"]
    assert (found.cut, found.tied_out) == (3.0, 2)
    assert worst_set(values, 0.2, codes=codes).tied_out == 0


def test_low_can_be_worse_and_missing_is_never_worst():
    values = np.array([np.nan, 10, 2, 7, np.nan, 1.0])
    found = worst_set(values, 0.5, worse="low")
    assert np.flatnonzero(found.members).tolist() == [2, 5]  # 2 of the 4 areas with a value
    with pytest.raises(InputError, match="no value"):
        worst_set([np.nan, np.nan], 0.5)
    with pytest.raises(InputError, match="worse is"):
        worst_set(values, 0.5, worse="bad")


def test_two_sets_give_fishers_exact_test():
    a = np.arange(30) < 8
    b = (np.arange(30) > 2) & (np.arange(30) < 11)
    found = set_overlap([a, b])
    assert found.both == 5
    table = [[5, 3], [3, 19]]
    assert found.p_ordinary == pytest.approx(stats.fisher_exact(table, "greater").pvalue)
    assert found.jaccard == pytest.approx(5 / 11)
    assert found.dice == pytest.approx(10 / 16)
    assert found.expected == pytest.approx(64 / 30)


@given(st.integers(2, 6), st.lists(st.integers(0, 6), min_size=2, max_size=3))
def test_blind_overlap_counts_every_draw(areas, sizes):
    sizes = [min(size, areas) for size in sizes]
    ways = [list(combinations(range(areas), size)) for size in sizes]
    counted = np.zeros(min(sizes) + 1)
    for drawn in product(*ways):
        counted[len(set.intersection(*map(set, drawn)))] += 1
    np.testing.assert_allclose(blind_overlap(areas, sizes), counted / counted.sum(), atol=1e-12)


def test_overlap_needs_sets_over_the_same_areas():
    with pytest.raises(InputError, match="two or more sets"):
        set_overlap([[True, False]])
    with pytest.raises(InputError, match="cannot be drawn"):
        blind_overlap(5, [6, 2])


def test_top_rows_takes_as_many_in_every_row():
    table = np.random.default_rng(0).normal(size=(7, 20))
    members = top_rows(table, 4)
    assert (members.sum(axis=1) == 4).all()
    for row, chosen in zip(table, members, strict=True):
        assert set(np.flatnonzero(chosen)) == set(np.argsort(-row)[:4])
