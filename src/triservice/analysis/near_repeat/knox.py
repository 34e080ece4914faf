"""The Knox test of near repeats, over several bands of distance and time in one pass.

Do events that are close in place also come close in time, more often than chance? Chance is what
remains when the events keep their places and their times are dealt out anew (Knox 1964). Events
whose time is a span (a burglary while the house stood empty) are dealt with by drawing several
times from each span; the draws of one event stay together when times are dealt out, so the test
stays valid and the count is the expected count of near pairs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.near_repeat.moments import graph, moments, upper_tail
from triservice.analysis.near_repeat.pairs import SortedEvents, sort_events
from triservice.analysis.near_repeat.permute import NearCounts, PairStore, count_near
from triservice.kernel.errors import InputError

SECONDS_IN_DAY = 86_400
DRAWS = 8  # times drawn from each span; divides LANES
MOST_PERMUTATIONS = 1_000_000
MOST_LIMIT = 1e12  # metres or days: their squares are still numbers
FEWEST_BLOCKS = 10  # below this an interval of the ratio would say little

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


@dataclass(frozen=True)
class Band:
    """Pairs in one band of distance and time, beside what chance would give.

    Distances are metres and times days, from (not included, except 0) to (included). `expected`
    is the exact mean under permutation, `ratio` = observed / expected, with a 95% interval that
    treats squares of land as the independent units; None where it cannot be known. `chance_low`
    and `chance_high` hold the middle 95% of the permuted counts. Both p-values ask for an excess:
    `p_permutation` = (1 + permutations with at least as many) / (permutations + 1).
    """

    distance_from: float
    distance_to: float
    days_from: float
    days_to: float
    observed: float
    expected: float
    expected_median: float | None
    chance_low: float | None
    chance_high: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    p_permutation: float | None
    p_moments: float


@dataclass(frozen=True)
class Knox:
    """The answer of the Knox test.

    `bands` exclude one another and together hold every pair up to the largest distance and time;
    the first begins at 0 m and so includes pairs at the same place. `cumulative` counts everything
    up to each limit. `same_place` are pairs at exactly one place (repeats rather than near
    repeats), `elsewhere` the first distance band without them; both empty when there are none.
    """

    events: int
    pairs: int
    permutations: int
    draws: int
    seed: int
    bands: tuple[Band, ...]
    cumulative: tuple[Band, ...]
    same_place: tuple[Band, ...]
    elsewhere: tuple[Band, ...]


def knox(
    easting: ArrayLike,
    northing: ArrayLike,
    time: ArrayLike,
    distances_m: Sequence[float] = (100, 200, 400),
    days: Sequence[float] = (7, 14),
    *,
    permutations: int = 999,
    seed: int = 1,
    time_to: ArrayLike | None = None,
    draws: int = DRAWS,
    threads: int | None = None,
    tick: Callable[[float], None] | None = None,
) -> Knox:
    """Test events for near repeats at rising `distances_m` (metres) and `days`.

    `easting`, `northing` (n,) metres; `time` (n,) datetime64, or days as numbers; `time_to` (n,)
    the end of each event's span where it is known only to lie between the two. Times are used to
    the second. `draws` (a power of two up to 16) are taken uniformly from each span when there is
    any. `permutations` = 0 gives the moments alone. `tick` is told the share done.

    Memory: 5 bytes for each pair, but at most 100 MB for pairs (beyond it they are found again),
    and about 400 bytes for each event. Raises InputError for input that cannot be tested.
    """
    distances, limits = rising("distance", distances_m), rising("number of days", days)
    if not 0 <= permutations <= MOST_PERMUTATIONS or draws not in (1, 2, 4, 8, 16):
        raise InputError(
            f"permutations must be from 0 to {MOST_PERMUTATIONS:,}, draws 1, 2, 4, 8 or 16"
        )
    events = sort_events(easting, northing, float(distances[-1]))
    start, end = _seconds(time, len(events)), None
    if time_to is not None:
        end = _seconds(time_to, len(events))
        if (end < start).any():
            raise InputError("a span ends before it begins", row=int(np.argmax(end < start)) + 1)
    drawn = _draw(start, end, draws, seed)
    times, near_limits = _shrink(drawn[:, events.order], limits)
    store = PairStore(events, np.concatenate(([0.0], distances)))
    counts = count_near(
        events,
        store,
        len(distances) + 1,
        times,
        near_limits,
        permutations,
        seed,
        threads or os.cpu_count() or 1,
        tick,
    )
    table = _Table(events, counts, times, near_limits, distances, limits)
    width, steps = range(1, len(distances) + 1), range(len(limits))
    same = bool(counts.close[:, 0].any())
    return Knox(
        events=len(events),
        pairs=store.total,
        permutations=permutations,
        draws=len(drawn),
        seed=seed,
        bands=tuple(table.band(d - 1 if d == 1 else d, d, t, t) for d in width for t in steps),
        cumulative=tuple(table.band(0, d, 0, t) for d in width for t in steps),
        same_place=tuple(table.band(0, 0, t, t) for t in steps) if same else (),
        elsewhere=tuple(table.band(1, 1, t, t) for t in steps) if same else (),
    )


def rising(what: str, values: Sequence[float]) -> Floats:
    """Return `values` as an array; raises InputError unless they are positive and rise."""
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or not len(array) or len(array) > 50:
        raise InputError(f"give from one to fifty values for the {what}")
    if not np.isfinite(array).all() or array[0] <= 0 or (np.diff(array) <= 0).any():
        raise InputError(f"each {what} must be above 0 and above the one before it")
    if array[-1] > MOST_LIMIT:
        raise InputError(f"a {what} of {array[-1]:g} is too large", do="Give a smaller one.")
    return array


def _seconds(time: ArrayLike, count: int) -> Longs:
    values = np.asarray(time)
    if values.shape != (count,):
        raise InputError(f"{count:,} places but {values.size:,} times: one time for each event")
    if values.dtype.kind == "M":
        if np.isnat(values).any():
            raise InputError("an event has no time", row=int(np.argmax(np.isnat(values))) + 1)
        return values.astype("datetime64[s]").astype(np.int64)
    days = values.astype(np.float64)
    if not np.isfinite(days).all():
        raise InputError("an event has no time", row=int(np.argmin(np.isfinite(days))) + 1)
    return np.round(days * SECONDS_IN_DAY).astype(np.int64)


def _draw(start: Longs, end: Longs | None, draws: int, seed: int) -> Longs:
    """Return (draws, n) whole seconds from each span; (1, n) when no event has one."""
    if end is None or (end == start).all():
        return start[None]
    rng = np.random.default_rng([seed, 1])
    # Spread over the span in `draws` equal parts, in an order of its own for each event.
    part = rng.permuted(np.tile(np.arange(draws), (len(start), 1)), axis=1).T
    within = (part + rng.random((draws, len(start)))) / draws
    return start + (within * (end - start)).astype(np.int64)


def _shrink(seconds: Longs, days: Floats) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    """Return times and limits in the largest unit that keeps every difference exact."""
    if seconds.size == 0:
        return seconds, (days * SECONDS_IN_DAY).astype(np.int64)
    since = seconds - seconds.min()
    unit = max(int(np.gcd.reduce(since, axis=None)), 1)
    limits = np.floor(np.round(days * SECONDS_IN_DAY, 3)).astype(np.int64) // unit
    since //= unit
    most = int(since.max())
    limits = np.minimum(limits, most)
    for kind in (np.int16, np.int32):
        if most <= np.iinfo(kind).max:
            return since.astype(kind), limits.astype(kind)
    return since, limits


class _Table:
    """Turns the counts of every band into Bands, alone or added up."""

    def __init__(
        self,
        events: SortedEvents,
        counts: NearCounts,
        times: NDArray[np.generic],
        near_limits: NDArray[np.generic],
        distances: Floats,
        days: Floats,
    ) -> None:
        self._events, self._draws = len(events), len(times)
        self._counts = counts
        self._to_m = np.concatenate(([0.0, 0.0], distances))  # edges of same place and the bands
        self._to_days = np.concatenate(([0.0], days))
        self._permuted = np.diff(counts.permuted, axis=2, prepend=0)
        self._near_in_time = np.diff(_near_in_time(times, near_limits), axis=1, prepend=0)
        self._block = _blocks(events)

    def band(self, d0: int, d1: int, t0: int, t1: int) -> Band:
        """Add up distance bands d0 … d1 (0 is the same place) and time bands t0 … t1."""
        draws = self._draws
        permuted = self._permuted[:, d0 : d1 + 1, t0 : t1 + 1].sum((1, 2)) / draws
        observed, chance = float(permuted[0]), permuted[1:]
        space = graph(self._counts.degree[:, d0 : d1 + 1].sum(1))
        time = graph(self._near_in_time[:, t0 : t1 + 1].sum(1), most=draws)
        mean, variance = moments(space, time, self._events)
        mean, variance = mean / draws, variance / draws**2
        ratio = observed / mean if mean else None
        low, high = self._ratio_interval(d0, d1, t0, t1, ratio)
        p = (1 + int((chance >= observed).sum())) / (len(chance) + 1) if len(chance) else None
        quantiles: list[float | None] = [None] * 3
        if len(chance):
            quantiles = np.quantile(chance, (0.5, 0.025, 0.975)).tolist()
        return Band(
            distance_from=float(self._to_m[d0]),
            distance_to=float(self._to_m[d1 + 1]),
            days_from=float(self._to_days[t0]),
            days_to=float(self._to_days[t1 + 1]),
            observed=observed,
            expected=mean,
            expected_median=quantiles[0],
            chance_low=quantiles[1],
            chance_high=quantiles[2],
            ratio=ratio,
            ratio_low=low,
            ratio_high=high,
            p_permutation=p,
            p_moments=upper_tail(observed, mean, variance),
        )

    def _ratio_interval(
        self, d0: int, d1: int, t0: int, t1: int, ratio: float | None
    ) -> tuple[float | None, float | None]:
        """Return a 95% interval by the linearised variance of a ratio over blocks of land."""
        near = np.diff(self._counts.near, axis=2, prepend=0)[:, d0 : d1 + 1, t0 : t1 + 1]
        each = np.bincount(self._block, near.sum((1, 2)) / self._draws)
        close = np.bincount(self._block, self._counts.close[:, d0 : d1 + 1].sum(1))
        each, close = each[close > 0], close[close > 0]
        if not ratio or len(close) < FEWEST_BLOCKS:
            return None, None
        from scipy import special

        rest = each - each.sum() / close.sum() * close
        blocks = len(close)
        error = np.sqrt(blocks / (blocks - 1) * (rest**2).sum()) / each.sum()
        reach = float(np.exp(special.stdtrit(blocks - 1, 0.975) * error))
        return ratio / reach, ratio * reach


def _near_in_time(times: NDArray[np.generic], limits: NDArray[np.generic]) -> Longs:
    """Return (n, limits): how many others are near each event in time, summed over draws."""
    near = np.zeros((times.shape[1], len(limits)), np.int64)
    for draw in times.astype(np.int64):
        ordered = np.sort(draw)
        for index, limit in enumerate(limits.astype(np.int64)):
            last = np.searchsorted(ordered, draw + limit, side="right")
            near[:, index] += last - np.searchsorted(ordered, draw - limit, side="left") - 1
    return near


def _blocks(events: SortedEvents) -> NDArray[np.intp]:
    """Return the number of the square of land, five reaches wide, that each event stands in."""
    side = 5 * events.radius_m
    column, row = (events.x // side).astype(np.int64), (events.y // side).astype(np.int64)
    wide = int(column.max(initial=0)) + 1
    block: NDArray[np.intp] = np.unique(row * wide + column, return_inverse=True)[1].ravel()
    return block
