"""Counting pairs near in time under many permutations of the times at once.

The times of one event under 64 permutations lie side by side, so one pass over the pairs answers
64 permutations with whole vectors. The first permutation of all is the order as it came, so the
observed count goes through the same code as its rivals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from triservice.analysis.near_repeat.pairs import Pairs, SortedEvents, count_pairs, find_pairs

LANES = 64  # times side by side; a constant, so that the compiler makes whole vectors of it
_TILE = 16  # lanes shuffled before they are written side by side: one line of the cache
TILES = range(0, LANES, _TILE)
PAIRS_KEPT = 20_000_000  # 5 bytes each; with more, pairs are found again for every 64 lanes
PAIRS_IN_STRETCH = 500_000  # the work of one thread at a time; small enough to stay in its cache

Longs = NDArray[np.int64]


@dataclass(frozen=True)
class NearCounts:
    """Pairs by distance band and by limit of time (a pair within 7 days is within 14 too).

    `permuted` (permutations + 1, distances, limits): summed over draws, the observed first.
    `near` (n, distances, limits) and `close` (n, distances): pairs that each event is the first
    of, near in time (summed over draws) and at all, in the order of `events`.
    `degree` (n, distances): pairs that each event is part of.
    """

    permuted: Longs
    near: Longs
    close: Longs
    degree: Longs


class PairStore:
    """Pairs of sorted events in stretches, kept when they fit and found again when they do not."""

    def __init__(
        self,
        events: SortedEvents,
        limits_m: NDArray[np.float64],
        kept: int = PAIRS_KEPT,
        stretch: int = PAIRS_IN_STRETCH,
    ) -> None:
        """Count the pairs and divide the events into stretches of about `stretch` pairs."""
        self._events, self._limits = events, limits_m
        self._counts = count_pairs(events)
        ends = np.cumsum(self._counts)
        self.total = int(ends[-1]) if len(ends) else 0
        steps = np.searchsorted(ends, np.arange(stretch, self.total, stretch))
        edges = np.unique(np.concatenate(([0], steps, [len(events)]))).tolist()
        stretches = [partial(self._find, first, last) for first, last in pairwise(edges)]
        if self.total <= kept:
            found = [find() for find in stretches]
            stretches = [partial(_same, pairs) for pairs in found]
        self.stretches: Sequence[Callable[[], Pairs]] = stretches  # each may be called by a thread

    def _find(self, first: int, last: int) -> Pairs:
        return find_pairs(self._events, self._limits, self._counts, first, last)


def _same(pairs: Pairs) -> Pairs:
    return pairs


def count_near(
    events: SortedEvents,
    store: PairStore,
    distances: int,
    times: NDArray[Any],
    limits: NDArray[Any],
    permutations: int,
    seed: int,
    threads: int,
    tick: Callable[[float], None] | None = None,
) -> NearCounts:
    """Count pairs near in time, as observed and under `permutations` of the events' times.

    `times` (draws, n) of one integer type, in the order of `events`; the draws of one event stay
    together under permutation. draws divides 64. `limits` rises, of the same type. Exact; the
    answer depends on the seed and not on the number of threads.
    """
    draws = len(times)
    together = LANES // draws  # permutations in one block
    shape = (distances, len(limits), LANES)
    permuted = np.empty((permutations + 1, distances, len(limits)), np.int64)
    near = np.zeros((len(events), distances, len(limits)), np.int64)
    close = np.zeros((len(events), distances), np.int64)
    degree = np.zeros((len(events), distances), np.int64)
    seen = np.ascontiguousarray(times.T)
    for find in store.stretches:
        pairs = find()
        rows = pairs.start, pairs.other, pairs.band, pairs.first
        _describe(*rows, seen, limits, near, close, degree)
    side_by_side = np.empty((len(events), LANES), times.dtype)
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for first in range(0, permutations + 1, together):
            _run(pool, _shuffle, ((times, seed, first, tile, side_by_side) for tile in TILES))
            calls = ((side_by_side, find, limits, shape) for find in store.stretches)
            total = sum(_run(pool, _compare, calls), np.zeros(shape, np.int64))
            last = min(first + together, permutations + 1)
            by_permutation = total.reshape(distances, len(limits), together, draws).sum(-1)
            permuted[first:last] = np.moveaxis(by_permutation, -1, 0)[: last - first]
            if tick:
                tick(last / (permutations + 1))
    return NearCounts(permuted, near, close, degree)


def _run(pool: ThreadPoolExecutor, work: Callable[..., Any], calls: Iterable[Any]) -> list[Any]:
    return [done.result() for done in [pool.submit(work, *call) for call in calls]]


def _compare(
    times: NDArray[Any],
    find: Callable[[], Pairs],
    limits: NDArray[Any],
    shape: tuple[int, int, int],
) -> NDArray[np.int32]:
    pairs = find()
    near = np.zeros(shape, np.int32)  # one event has fewer partners than an int32 counts
    _compare_kernel(times, pairs.start, pairs.other, pairs.band, pairs.first, limits, near)
    return near


@njit(cache=True, nogil=True)
def _compare_kernel(times, start, other, band, first, limits, near):  # type: ignore[no-untyped-def]
    gap = np.empty(LANES, times.dtype)
    for k in range(len(start) - 1):
        s = first + k
        for at in range(start[k], start[k + 1]):
            o, d = other[at], band[at]
            for lane in range(LANES):
                gap[lane] = abs(times[s, lane] - times[o, lane])
            for t in range(len(limits)):
                limit = limits[t]
                for lane in range(LANES):
                    near[d, t, lane] += np.int32(gap[lane] <= limit)


@njit(cache=True, nogil=True)
def _describe(start, other, band, first, times, limits, near, close, degree):  # type: ignore[no-untyped-def]
    for k in range(len(start) - 1):
        s = first + k
        for at in range(start[k], start[k + 1]):
            o, d = other[at], band[at]
            close[s, d] += 1
            degree[s, d] += 1
            degree[o, d] += 1
            for m in range(times.shape[1]):
                gap = abs(times[s, m] - times[o, m])
                for t in range(len(limits)):
                    near[s, d, t] += gap <= limits[t]


@njit(cache=True, nogil=True)
def _mix(state):  # type: ignore[no-untyped-def]
    """SplitMix64's output function (Steele, Lea and Flood, 2014)."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


@njit(cache=True, nogil=True)
def _permutation(size, seed, number):  # type: ignore[no-untyped-def]
    """Return permutation `number` of range(size); number 0 is the order as it is.

    Fisher-Yates with Lemire's unbiased bounded numbers (2019).
    """
    order = np.arange(size).astype(np.int32)
    if number == 0:
        return order
    golden = np.uint64(0x9E3779B97F4A7C15)
    state = _mix(np.uint64(seed) + golden) ^ _mix(np.uint64(number) * golden)
    low_half = np.uint64(0xFFFFFFFF)
    for i in range(size - 1, 0, -1):
        bound = np.uint64(i + 1)
        while True:
            state += golden
            product = (_mix(state) >> np.uint64(32)) * bound
            rest = product & low_half
            if rest >= bound or rest >= (np.uint64(1 << 32) - bound) % bound:
                break
        j = np.int64(product >> np.uint64(32))
        order[i], order[j] = order[j], order[i]
    return order


@njit(cache=True, nogil=True)
def _shuffle(times, seed, first, tile, side_by_side):  # type: ignore[no-untyped-def]
    """Write one tile of lanes: lane = permutation x draws + draw."""
    draws, size = times.shape
    shuffled = np.empty((_TILE, size), times.dtype)
    number = -1
    order = np.empty(0, np.int32)
    for q in range(_TILE):
        lane = tile + q
        if number != first + lane // draws:
            number = first + lane // draws
            order = _permutation(size, seed, number)
        draw = times[lane % draws]
        for i in range(size):
            shuffled[q, i] = draw[order[i]]
    for i in range(size):
        for q in range(_TILE):
            side_by_side[i, tile + q] = shuffled[q, i]
