"""Breaks in a monthly series that look like changes of recording, and months that are missing.

Method: the logarithm of the counts is cut into stretches of constant level (least absolute
deviations by dynamic programming, so that one odd month moves nothing); from two years on, a
season and a steady trend are given the chance to explain the series instead. A cut is called a
break when the level changes by a quarter (by 40% in series shorter than two years, where a season
cannot be told from a change), when it changes by far more than the series wavers, and when the
change comes within one month: people change gradually, recording changes overnight. At least
three months are needed on either side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.compiled import compiled
from triservice.analysis.lake.store import ImportRecord
from triservice.kernel.errors import InputError
from triservice.kernel.month import months_between, next_month

Floats = NDArray[np.float64]

SHORTEST = 3  # months on either side of a break
SEASONAL_MONTHS = 24  # from here on seasons are estimated
LEAST_CHANGE, LEAST_CHANGE_SHORT = math.log(1.25), math.log(1.4)
LEAST_ABRUPT = 0.6  # of the change has to come between two neighbouring months
LEAST_SIGMAS = 4.0
SEASON_CUTS = 2  # cuts that a season has to save
SMALLEST_NOISE = 0.04  # relative; no real series wavers less


@dataclass(frozen=True)
class Break:
    """The level changes at `month`: from `before` to `after`, events in a typical month."""

    month: str
    before: float
    after: float
    series: str = ""
    service: str = ""

    @property
    def ratio(self) -> float:
        """After, as a multiple of before."""
        return self.after / self.before

    def sentence(self) -> str:
        """Say it in words."""
        what = f"{self.series} ({self.service})" if self.series else "the series"
        return (
            f"{what}: from {self.month} on about {self.after:,.0f} a month, before about "
            f"{self.before:,.0f} ({self.ratio - 1:+.0%}). Treat it as a change of recording until "
            "shown otherwise, and do not compare across it."
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "series": self.series,
            "service": self.service,
            "month": self.month,
            "before": round(self.before, 1),
            "after": round(self.after, 1),
            "ratio": round(self.ratio, 3),
            "says": self.sentence(),
        }


@dataclass(frozen=True)
class Gap:
    """Months, first and last included, in which a series has no events between others."""

    first: str
    last: str
    series: str = ""
    service: str = ""

    def sentence(self) -> str:
        """Say it in words."""
        what = f"{self.series} ({self.service})" if self.series else "the series"
        span = self.first if self.first == self.last else f"{self.first} to {self.last}"
        return f"{what}: nothing for {span}."

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "series": self.series,
            "service": self.service,
            "first": self.first,
            "last": self.last,
            "says": self.sentence(),
        }


@dataclass(frozen=True)
class Series:
    """Monthly counts of one service in files of one kind, e.g. one police force's."""

    name: str
    service: str
    counts: dict[str, int]


def find_breaks(months: Sequence[str], counts: Sequence[float]) -> list[Break]:
    """Return the breaks of a monthly series, in order.

    `months` (n,) as YYYY-MM in order, `counts` (n,) of events. Stretches between missing months
    are looked at each by itself. Raises InputError when the two differ in length, months are not
    in order, or a count is negative.
    """
    values = np.asarray(counts, np.float64)
    if len(months) != len(values):
        raise InputError(f"{len(months)} months and {len(values)} counts do not go together")
    if (values < 0).any() or not np.isfinite(values).all():
        raise InputError("counts must be numbers that are not negative")
    if any(later <= earlier for earlier, later in pairwise(months)):
        raise InputError("months must be in order, each once")
    found: list[Break] = []
    start = 0
    for stop in range(1, len(months) + 1):
        if stop == len(months) or months[stop] != next_month(months[stop - 1]):
            found += _breaks(list(months[start:stop]), values[start:stop])
            start = stop
    return found


def find_gaps(months: Sequence[str]) -> list[Gap]:
    """Return the stretches of months that are missing between the first and the last."""
    gaps = []
    for earlier, later in pairwise(months):
        missing = months_between(next_month(earlier), next_month(later, -1))
        if missing:
            gaps.append(Gap(missing[0], missing[-1]))
    return gaps


def _breaks(months: list[str], counts: Floats) -> list[Break]:
    n = len(counts)
    if n < 2 * SHORTEST or counts.sum() == 0:
        return []
    logs = np.log(counts + 0.5)
    noise = _noise(logs, counts)
    price = 2 * noise * math.log(n)
    if n >= SEASONAL_MONTHS:
        cuts, explained = _explain(months, logs, price)
        least, rest = LEAST_CHANGE, logs - explained
    else:
        cuts, least, rest = _cut(logs, price), LEAST_CHANGE_SHORT, logs
    edges = [0, *cuts, n]
    found = []
    for i, cut in enumerate(cuts):
        left, right = slice(edges[i], cut), slice(cut, edges[i + 2])
        if _is_break(rest[left], rest[right], noise, least):
            before, after = (float(np.median(counts[part])) for part in (left, right))
            found.append(Break(months[cut], max(before, 0.5), after))
    return found


def _explain(months: list[str], logs: Floats, price: float) -> tuple[list[int], Floats]:
    """Return the cuts and the rest (month-of-year effects) that explain a series best.

    Cuts and season are fitted each to what the other leaves, from either beginning; the third
    way is a season on a steady trend without any cut. The cheapest wins: a season costs as much
    as SEASON_CUTS cuts, a trend as much as one.
    """
    n = len(logs)
    slope = float(np.median(logs[12:] - logs[:-12])) / 12
    flat = logs - slope * (np.arange(n) - n / 2)
    steady = logs - flat + _season(months, flat - np.median(flat))
    best = _deviation(logs - steady, []) + price * (SEASON_CUTS + 1), list[int](), steady
    for season in (np.zeros(n), _season(months, logs - np.median(logs))):
        for _ in range(3):
            cuts = _cut(logs - season, price)
            extra = SEASON_CUTS * bool(season.any())
            cost = _deviation(logs - season, cuts) + price * (len(cuts) + extra)
            if cost < best[0]:
                best = cost, cuts, season
            season = _season(months, logs - _levels(logs - season, cuts))
    return best[1], best[2]


def _deviation(values: Floats, cuts: list[int]) -> float:
    return float(np.abs(values - _levels(values, cuts)).sum())


def _noise(logs: Floats, counts: Floats) -> float:
    """Return how much a month differs from its neighbour, robustly, as one standard deviation.

    Never less than chance makes it: 1/√count for events that come independently.
    """
    steps = np.abs(np.diff(logs))
    wavering = float(np.median(steps)) / (0.6745 * math.sqrt(2))
    chance = 1 / math.sqrt(max(float(np.median(counts)), 0.5))
    return max(wavering, chance, SMALLEST_NOISE)


def _cut(values: Floats, price: float) -> list[int]:
    """Return the cuts that make the least absolute deviations plus a price for each cut."""
    n = len(values)
    costs = _deviations(values)
    best = np.full(n + 1, np.inf)
    best[0] = -price
    came = np.zeros(n + 1, np.int64)
    for stop in range(SHORTEST, n + 1):
        through = best[: stop - SHORTEST + 1] + costs[: stop - SHORTEST + 1, stop]
        came[stop] = np.argmin(through)
        best[stop] = through[came[stop]] + price
    cuts, stop = [], n
    while came[stop]:
        stop = int(came[stop])
        cuts.append(stop)
    return cuts[::-1]


@compiled
def _deviations(values: Floats) -> Floats:
    """Return the sum of absolute deviations from the median of values[i:j], at (i, j)."""
    n = len(values)
    costs = np.zeros((n + 1, n + 1))
    ordered = np.empty(n)
    for start in range(n):
        for stop in range(start, n):
            size = stop - start
            place = size
            while place > 0 and ordered[place - 1] > values[stop]:
                ordered[place] = ordered[place - 1]
                place -= 1
            ordered[place] = values[stop]
            total = 0.0
            for index in range((size + 1) // 2):  # pairs from the outside in: no median needed
                total += ordered[size - index] - ordered[index]
            costs[start, stop + 1] = total
    return costs


def _levels(values: Floats, cuts: list[int]) -> Floats:
    levels = np.empty(len(values))
    edges = [0, *cuts, len(values)]
    for a, b in pairwise(edges):
        levels[a:b] = np.median(values[a:b])
    return levels


def _season(months: list[str], rest: Floats) -> Floats:
    """Return the effect of each month's place in the year: median, shrunk when seldom seen."""
    of_year = np.array([int(month[5:]) for month in months])
    effect: Floats = np.zeros(len(months))
    for number in range(1, 13):
        same = of_year == number
        seen = int(same.sum())
        if seen >= 2:
            effect[same] = np.median(rest[same]) * seen / (seen + 1)
    centred: Floats = effect - effect.mean()
    return centred


def _is_break(left: Floats, right: Floats, noise: float, least: float) -> bool:
    change = float(np.median(right) - np.median(left))
    # A median varies 1.25 times as much as a mean.
    doubt = 1.25 * noise * math.sqrt(1 / len(left) + 1 / len(right))
    if abs(change) < max(least, LEAST_SIGMAS * doubt):
        return False
    # The first month of a change may be half in it: look one further as well.
    step = max((right[0] - left[-1]) / change, (right[1] - left[-1]) / change / 1.5)
    return bool(step >= LEAST_ABRUPT)


_DATE = re.compile(
    r"(?<!\d)(19|20)\d\d([-_. ]?(0[1-9]|1[0-2])([-_. ]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
    r"|(?<![a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?![a-z])",
    re.IGNORECASE,
)


def family(file: str) -> str:
    """Return the name of a file without dates and suffixes: what its series is called.

    >>> family("2025-06-devon-and-cornwall-street.csv.gz")
    'devon-and-cornwall-street'
    """
    name = Path(file).name
    name = re.sub(r"(\.(csv|tsv|txt|xlsx|gz))+$", "", name, flags=re.IGNORECASE)
    plain = re.sub(r"[-_. ]{2,}", "-", _DATE.sub("", name)).strip("-_. ")
    return plain or name


def series_of(records: Iterable[ImportRecord], source: str | None = None) -> list[Series]:
    """Return the monthly series of imports, one for each source, service and family of files."""
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for record in records:
        if source is None or record.source == source:
            for service, months in record.months.items():
                counts = found.setdefault((record.source, family(record.file), service), {})
                for month, count in months.items():
                    counts[month] = counts.get(month, 0) + count
    return [
        Series(f"{source} {name}", service, dict(sorted(counts.items())))
        for (source, name, service), counts in sorted(found.items())
    ]


def unusual(series: Iterable[Series]) -> tuple[list[Break], list[Gap]]:
    """Return the breaks and the missing months of several series."""
    breaks: list[Break] = []
    gaps: list[Gap] = []
    for one in series:
        months = list(one.counts)
        found = find_breaks(months, list(one.counts.values()))
        breaks += [replace(b, series=one.name, service=one.service) for b in found]
        gaps += [replace(g, series=one.name, service=one.service) for g in find_gaps(months)]
    return breaks, gaps
