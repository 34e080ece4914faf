from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.overlap import bases
from triservice.analysis.overlap.bases import (
    agency_gains,
    choose_bases,
    joint_burden,
    within_reach,
)
from triservice.kernel.errors import InputError


def test_joint_burden_by_hand():
    demand = {"police": [60, 30, 10], "fire": [0, 1, 1]}
    np.testing.assert_allclose(joint_burden(demand), [0.3, 0.4, 0.3])
    weighted = joint_burden(demand, {"police": 3})
    np.testing.assert_allclose(weighted, [0.45, 0.35, 0.2])
    np.testing.assert_allclose(joint_burden(demand, {"police": 0}), [0, 0.5, 0.5])


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"ambulance": 1}, "ambulance, which is no layer"),
        ({"police": -1}, "from zero up"),
        ({"police": 0, "fire": 0}, "not all zero"),
        ({"police": float("nan")}, "from zero up"),
    ],
)
def test_impossible_weights_are_refused(weights, words):
    with pytest.raises(InputError, match=words):
        joint_burden({"police": [1, 2], "fire": [2, 1]}, weights)


def test_demand_must_be_amounts():
    with pytest.raises(InputError, match="demand of police"):
        joint_burden({"police": [-1, 2]})


def test_reach_counts_its_edge():
    reach = within_reach([[0, 0], [10, 0]], [[3, 4], [10, 5.1]], 5.0)
    assert reach.tolist() == [[True, False], [False, False]]
    with pytest.raises(InputError, match="reaches nothing"):
        within_reach([[0, 0]], [[0, 0]], 0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.booleans())
def test_the_choice_is_the_best_of_all(seed, k, keep_one):
    rng = np.random.default_rng(seed)
    reach = rng.random((9, 25)) < 0.25
    burden = rng.gamma(0.5, size=25)
    keep = [3] if keep_one else []
    found = choose_bases(burden, reach, k, keep=keep)
    best = max(
        burden[reach[list(c)].any(axis=0)].sum()
        for c in combinations(range(9), k)
        if set(keep) <= set(c)
    )
    assert found.covered == pytest.approx(best / burden.sum())
    assert found.proven
    assert found.gap == pytest.approx(0, abs=1e-6)
    assert list(found.bases[: len(keep)]) == keep
    assert len(set(found.bases)) == k
    assert sum(found.added) == pytest.approx(found.covered)
    free = found.added[len(keep) :]
    assert all(a >= b - 1e-12 for a, b in pairwise(free))


def test_greedy_alone_would_miss_this_one():
    # The middle candidate reaches most alone, but the outer two together reach everything.
    reach = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]], dtype=bool)
    burden = np.array([1.0, 1.0, 2.0, 2.0, 1.0, 1.0])
    assert set(choose_bases(burden, reach, 2).bases) == {0, 2}


def test_without_a_proof_the_gap_is_stated(monkeypatch):
    monkeypatch.setattr(bases, "EXACT_LIMIT", 0)
    rng = np.random.default_rng(1)
    reach = rng.random((30, 200)) < 0.1
    burden = rng.gamma(0.5, size=200)
    rough = choose_bases(burden, reach, 5)
    monkeypatch.undo()
    sure = choose_bases(burden, reach, 5)
    assert sure.proven
    assert rough.covered <= sure.covered + 1e-9 <= rough.bound + 2e-9
    assert rough.gap == pytest.approx(rough.bound - rough.covered)
    assert not rough.proven


def test_agencies_see_what_sharing_costs_them():
    reach = np.eye(3, dtype=bool)
    demand = {"police": [8, 1, 1], "fire": [1, 1, 8]}
    choice = choose_bases(joint_burden(demand, {"police": 2}), reach, 1)
    assert choice.bases == (0,)
    police, fire = agency_gains(demand, reach, choice, weights={"police": 2})
    assert (police.covered, police.best_alone, police.weight) == (0.8, 0.8, 2.0)
    assert (fire.covered, fire.best_alone, fire.bases_alone) == (0.1, 0.8, (2,))


@pytest.mark.parametrize(
    ("k", "keep", "words"),
    [(0, [], "cannot be chosen"), (4, [], "cannot be chosen"), (1, [0, 1], "cannot be chosen"),
     (2, [0, 0], "named twice"), (2, [7], "not among")],
)  # fmt: skip
def test_impossible_choices_are_refused(k, keep, words):
    with pytest.raises(InputError, match=words):
        choose_bases([1, 2, 3], np.eye(3, dtype=bool), k, keep=keep)


def test_shapes_and_burden_are_checked():
    with pytest.raises(InputError, match="do not fit"):
        choose_bases([1, 2], np.eye(3, dtype=bool), 1)
    with pytest.raises(InputError, match="not all zero"):
        choose_bases([0, 0, 0], np.eye(3, dtype=bool), 1)
