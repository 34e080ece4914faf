"""Pairs are those that brute force finds, each once, whatever the lie of the events."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.near_repeat.pairs import count_pairs, find_pairs, sort_events
from triservice.kernel.errors import InputError

Found = set[tuple[int, int, int]]


def brute_force(x: np.ndarray, y: np.ndarray, limits: list[float]) -> Found:
    apart = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    found = set()
    for i, j in zip(*np.nonzero(np.triu(apart <= limits[-1] ** 2, 1)), strict=True):
        band = next(k for k, limit in enumerate(limits) if apart[i, j] <= limit**2)
        found.add((int(i), int(j), band))
    return found


def by_grid(x: np.ndarray, y: np.ndarray, limits: list[float], stretch: int) -> Found:
    events = sort_events(x, y, limits[-1])
    counts = count_pairs(events)
    found = []
    for first in range(0, len(events), stretch):
        last = min(first + stretch, len(events))
        pairs = find_pairs(events, limits, counts, first, last)
        for k in range(last - first):
            for at in range(pairs.start[k], pairs.start[k + 1]):
                ends = sorted((events.order[first + k], events.order[pairs.other[at]]))
                found.append((int(ends[0]), int(ends[1]), int(pairs.band[at])))
    assert len(found) == len(set(found))
    return set(found)


@settings(max_examples=60, deadline=None)
@given(
    # Whole metres: exact distances, many ties, many events on one spot and on cell borders.
    places=st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), max_size=60),
    stretch=st.integers(1, 70),
)
def test_pairs_are_those_of_brute_force(places: list[tuple[int, int]], stretch: int) -> None:
    x, y = np.array(places, float).reshape(-1, 2).T
    limits = [0.0, 3.0, 5.0, 13.0]
    assert by_grid(x, y, limits, stretch) == brute_force(x, y, limits)


def test_one_stray_event_costs_nothing() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 900, (2, 80))
    x[7], y[7] = 9e9, -9e9
    assert by_grid(x, y, [50.0, 200.0], 80) == brute_force(x, y, [50.0, 200.0])


@pytest.mark.parametrize(
    ("x", "y", "radius", "sentence"),
    [
        ([1, 2], [1], 5, "same length"),
        ([1, np.nan], [1, 2], 5, "no coordinates"),
        ([1, 2], [1, 2], 0, "positive number of metres"),
    ],
)
def test_bad_input_is_refused(x: list[float], y: list[float], radius: float, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        sort_events(x, y, radius)


def test_distances_must_end_at_the_sorted_distance() -> None:
    events = sort_events([1.0], [1.0], 5)
    with pytest.raises(InputError, match="sorted for"):
        find_pairs(events, [1.0, 4.0], count_pairs(events))
