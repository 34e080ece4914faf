"""The order of a day's visits by distance. Pure.

A day has as many times as visits. A visit whose time is fixed keeps it; the others share out the
rest so that the way from each to the next is short: the nearest comes next (from every first one
that may be), then stretches are turned round while that makes the way shorter (2-opt; Croes, A
method for solving traveling-salesman problems, Operations Research 6(6), 1958).

Distances are straight lines in metres of the national grid, never roads: an estuary between two
villages is not seen. What has no point keeps its time and adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit: its key, where it is, and whether its time may not change."""

    key: int
    east: float | None = None
    north: float | None = None
    fixed: bool = False

    @property
    def stays(self) -> bool:
        """Whether it keeps its place in the day."""
        return self.fixed or self.east is None or self.north is None


def metres(one: Stop, other: Stop) -> float:
    """Return the straight line between two stops; 0 where one has no point."""
    if one.east is None or one.north is None or other.east is None or other.north is None:
        return 0.0
    return hypot(one.east - other.east, one.north - other.north)


def length(stops: Sequence[Stop]) -> float:
    """Return the metres from the first to the last, past what has no point."""
    placed = [stop for stop in stops if stop.east is not None and stop.north is not None]
    return sum(metres(a, b) for a, b in pairwise(placed))


def shorter(stops: Sequence[Stop]) -> tuple[Stop, ...]:
    """Return the stops in a shorter order, each once; never longer than the order given.

    The n-th stop has the n-th time of the day, and a stop that stays is where it was.
    """
    free = [stop for stop in stops if not stop.stays]
    if len(free) < 2:
        return tuple(stops)
    found = [list(stops), *(_nearest(stops, free, first) for first in free)]
    best = min(found, key=length)
    return tuple(_two_opt(best))


def _nearest(stops: Sequence[Stop], free: Sequence[Stop], first: Stop) -> list[Stop]:
    """Fill the times that are not fixed: `first`, then always the nearest to the one before."""
    left = [stop for stop in free if stop is not first]
    order: list[Stop] = []
    for stop in stops:
        if stop.stays:
            order.append(stop)
            continue
        before = next((one for one in reversed(order) if one.east is not None), None)
        taken = first
        if first in order:
            taken = min(left, key=lambda one: metres(before, one) if before else 0.0)
            left.remove(taken)
        order.append(taken)
    return order


def _two_opt(order: list[Stop]) -> list[Stop]:
    """Turn round stretches of the stops that may move, while the way gets shorter."""
    places = [n for n, stop in enumerate(order) if not stop.stays]
    best, least = order, length(order)
    improved = True
    while improved:
        improved = False
        for low in range(len(places)):
            for high in range(low + 1, len(places)):
                tried = list(best)
                stretch = places[low : high + 1]
                for place, other in zip(stretch, reversed(stretch), strict=True):
                    tried[place] = best[other]
                if (new := length(tried)) < least - 1e-6:
                    best, least, improved = tried, new, True
    return best
