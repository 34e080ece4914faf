"""Risk zones as of a moment: where a recent event makes another nearby more likely.

Operation Insight's zones: discs round the events of the last days, coloured by age, raised where
they overlap. Only what was known at the moment counts: an event whose span ends later, or that
came later, gives no zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.near_repeat.presets import ZoneRule
from triservice.analysis.near_repeat.runs import Runs, discs
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Times = NDArray[np.datetime64]
DAY = np.timedelta64(86_400, "s")


@dataclass(frozen=True)
class Zones:
    """Zones as of `as_of` (UTC): the cells, and the events that gave them.

    `events` (k,) are indices of the events given to `risk_zones`, `band` (k,) the age band of each,
    `easting`, `northing` (k,) their places in metres.
    """

    rule: ZoneRule
    as_of: np.datetime64
    runs: Runs
    events: NDArray[np.intp]
    band: NDArray[np.int64]
    easting: Floats
    northing: Floats

    @property
    def weight(self) -> Floats:
        """Weight of each event, by its age band."""
        return np.array([band.weight for band in self.rule.bands])[self.band]

    def area_km2(self) -> dict[str, float]:
        """Return the area of each level in km², lowest level first; levels exclude one another."""
        cells = np.bincount(self.runs.level, self.runs.cells, minlength=len(self.rule.levels))
        areas = cells * self.runs.cell_m**2 / 1e6
        return {k.name: float(a) for k, a in zip(self.rule.levels, areas, strict=True)}

    def level_at(self, easting: ArrayLike, northing: ArrayLike) -> NDArray[np.int64]:
        """Return (n,) the level (index in rule.levels) at each point, -1 outside all zones."""
        at = self.runs.find(np.asarray(easting, float), np.asarray(northing, float))
        if not len(self.runs):
            return at
        return np.where(at >= 0, self.runs.level[at], -1).astype(np.int64)

    def outlines(self) -> list[tuple[str, NDArray[Any]]]:
        """Return each level with its polygons in metres, lowest level first.

        Polygons of different levels do not overlap; together they are the zones, exactly.
        """
        found = []
        for index, level in enumerate(self.rule.levels):
            own = self.runs.take(self.runs.level == index)
            found.append((level.name, own.polygons(*own.components())))
        return found


def risk_zones(
    easting: ArrayLike,
    northing: ArrayLike,
    start: ArrayLike,
    as_of: np.datetime64,
    rule: ZoneRule,
    end: ArrayLike | None = None,
) -> Zones:
    """Return the zones of the events known at `as_of`.

    `easting`, `northing` (n,) metres; `start`, `end` (n,) datetime64 UTC, the span in which each
    happened (`end` left out: exact). An event counts when its span has ended by `as_of`; its age is
    taken from the middle of the span. An age of exactly `days` still belongs to the band.
    Raises InputError when the arrays do not match or a value is missing.
    """
    x, y = np.asarray(easting, np.float64), np.asarray(northing, np.float64)
    first = np.asarray(start).astype("datetime64[s]")
    last = first if end is None else np.asarray(end).astype("datetime64[s]")
    if not x.ndim == 1 or not x.shape == y.shape == first.shape == last.shape:
        raise InputError("places and times of events must be lists of the same length")
    moment = as_of.astype("datetime64[s]")
    if np.isnat(first).any() or np.isnat(last).any() or np.isnat(moment):
        raise InputError("an event, or the moment of the zones, has no time")
    age = (moment - (first + (last - first) // 2)) / DAY
    chosen = np.flatnonzero((last <= moment) & (age <= rule.window_days))
    if not (np.isfinite(x[chosen]).all() and np.isfinite(y[chosen]).all()):
        raise InputError("an event has no coordinates", do="Leave it out before drawing zones.")
    band = np.searchsorted([b.days for b in rule.bands], age[chosen], side="left")
    needs, gives = rule.needs()
    runs = discs(x[chosen], y[chosen], band, rule.radius_m, rule.cell_m, needs, gives)
    return Zones(rule, moment, runs, chosen, band, x[chosen], y[chosen])
