"""Pairs of events within a distance of each other, each found once.

Events are sorted into square cells as wide as the largest distance, so a pair lies in one cell or
in two that touch. Only occupied cells are kept: one stray event costs one cell, not a county of
empty ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


@dataclass(frozen=True)
class SortedEvents:
    """Events in the order of their cells, and where each may meet its partners.

    `order[s]` is the index of the caller's event in place s; `x`, `y` (n,) metres from the
    south-western event. Partners of s that are counted with s stand in the places
    s + 1 … near_end[s] - 1 and above_start[s] … above_end[s] - 1.
    """

    order: NDArray[np.int32]
    x: Floats
    y: Floats
    near_end: NDArray[np.int32]
    above_start: NDArray[np.int32]
    above_end: NDArray[np.int32]
    radius_m: float

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.x)


@dataclass(frozen=True)
class Pairs:
    """Pairs of places s < `other` in a stretch of SortedEvents, with the band of their distance.

    The pairs of place `first` + k are `other[start[k]:start[k + 1]]`; `band` holds the first index
    of the limits that the distance does not exceed.
    """

    first: int
    start: Longs
    other: NDArray[np.int32]
    band: NDArray[np.uint8]


def sort_events(easting: ArrayLike, northing: ArrayLike, radius_m: float) -> SortedEvents:
    """Sort events (n,), metres, for finding pairs up to `radius_m` apart.

    Raises InputError when a coordinate is missing or the arrays differ in length.
    """
    x, y = np.asarray(easting, np.float64), np.asarray(northing, np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise InputError("eastings and northings must be two lists of the same length")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("an event has no coordinates", do="Leave it out before pairing.")
    if not (np.isfinite(radius_m) and radius_m > 0):
        raise InputError(f"the distance {radius_m} is not a positive number of metres")
    if len(x) >= 2**31:
        raise InputError("more than two thousand million events cannot be paired")
    if len(x) == 0:
        none = np.empty(0, np.int32)
        return SortedEvents(none, x, y, none, none, none, radius_m)
    x, y = x - x.min(), y - y.min()
    column, row = (x // radius_m).astype(np.int64), (y // radius_m).astype(np.int64)
    width = int(column.max()) + 3  # a column free on either side: no cell is its row's neighbour
    key = row * width + column
    order = np.argsort(key, kind="stable").astype(np.int32)
    cells, start, member = np.unique(key[order], return_index=True, return_inverse=True)
    start = np.append(start, len(x))
    near = np.searchsorted(cells, cells + 1, side="right")
    above = np.searchsorted(cells, cells + width - 1, side="left")
    beyond = np.searchsorted(cells, cells + width + 1, side="right")
    near_end, above_start, above_end = (
        start[index][member].astype(np.int32) for index in (near, above, beyond)
    )
    return SortedEvents(order, x[order], y[order], near_end, above_start, above_end, radius_m)


def count_pairs(events: SortedEvents) -> Longs:
    """Return (n,) the number of pairs that each place of `events` is the first of."""
    places = events.x, events.y, events.near_end, events.above_start, events.above_end
    counts: Longs = _count(*places, events.radius_m**2)
    return counts


def find_pairs(
    events: SortedEvents,
    limits_m: ArrayLike,
    counts: Longs,
    first: int = 0,
    last: int | None = None,
) -> Pairs:
    """Return the pairs whose first place is in `first` … `last` - 1.

    `limits_m` are rising distances in metres, the greatest equal to the radius of `events`; a pair
    belongs to the first limit that its distance does not exceed. `counts` is `count_pairs(events)`.
    """
    limits = np.asarray(limits_m, np.float64)
    if limits[-1] != events.radius_m or (np.diff(limits) <= 0).any() or len(limits) > 255:
        raise InputError("distances must rise, and end at the distance that events were sorted for")
    last = len(events) if last is None else last
    start = np.zeros(last - first + 1, np.int64)
    np.cumsum(counts[first:last], out=start[1:])
    # One place more than there are pairs: the fill writes every candidate, then keeps or not.
    other, band = np.empty(start[-1] + 1, np.int32), np.empty(start[-1] + 1, np.uint8)
    places = events.x, events.y, events.near_end, events.above_start, events.above_end
    _fill(*places, limits**2, first, last, other, band)
    return Pairs(first, start, other[:-1], band[:-1])


@njit(cache=True, nogil=True)
def _count(x, y, near_end, above_start, above_end, reach):  # type: ignore[no-untyped-def]
    counts = np.zeros(len(x), np.int64)
    for s in range(len(x)):
        found = 0
        for o in range(s + 1, near_end[s]):
            found += (x[o] - x[s]) ** 2 + (y[o] - y[s]) ** 2 <= reach
        for o in range(above_start[s], above_end[s]):
            found += (x[o] - x[s]) ** 2 + (y[o] - y[s]) ** 2 <= reach
        counts[s] = found
    return counts


@njit(cache=True, nogil=True)
def _fill(x, y, near_end, above_start, above_end, limits, first, last, other, band):  # type: ignore[no-untyped-def]
    at = 0
    reach = limits[-1]
    for s in range(first, last):
        for part in range(2):
            low = s + 1 if part == 0 else above_start[s]
            high = near_end[s] if part == 0 else above_end[s]
            for o in range(low, high):
                apart = (x[o] - x[s]) ** 2 + (y[o] - y[s]) ** 2
                which = 0
                for limit in limits[:-1]:
                    which += apart > limit
                other[at] = o  # without a branch, which the processor would guess wrong
                band[at] = which
                at += apart <= reach
