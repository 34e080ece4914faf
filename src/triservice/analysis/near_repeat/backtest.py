"""Would the zones have held what came next? Week after week, against simpler methods.

At the start of each week every method marks the same area, knowing only what was known then; the
events of that week are then counted inside. Sources: Chainey, Tompson and Uhlig (2008), "The
utility of hotspot mapping for predicting spatial patterns of crime" (hit rate, predictive accuracy
index); Hunt (2016), "Do crime hot spots move?" (predictive efficiency index).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.near_repeat.incidents import Incidents, local_times
from triservice.analysis.near_repeat.presets import ZoneRule
from triservice.analysis.near_repeat.scores import Score, capture, score
from triservice.analysis.near_repeat.study import StudyArea, study_area
from triservice.analysis.near_repeat.zones import Zones, risk_zones
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Times = NDArray[np.datetime64]

HOTSPOT_DAYS, DENSITY_DAYS = 28, 365
METHODS = ("zones", "kde", "last_month", "chance")
MOST_DAYS = 100_000


@dataclass(frozen=True)
class Mark:
    """What was marked in one period and what fell inside; hits are expected where equals tied."""

    area_km2: float
    hits: dict[str, float]  # by method
    ideal: float  # most events that any choice of cells of that area would have held


@dataclass(frozen=True)
class Period:
    """One period of the back-test, in UTC, with a mark for each depth of Backtest.depths."""

    start: np.datetime64
    end: np.datetime64
    events: int
    marks: tuple[Mark, ...]
    ring_km2: float
    ring_hits: int


@dataclass(frozen=True)
class Depth:
    """How deep down the levels of risk land was marked, and how each of METHODS scored there."""

    levels: tuple[str, ...]  # highest first
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Ring:
    """The ring round the zones, where displaced events would be expected to go."""

    width_m: float
    area_km2: float
    hits: int
    expected: float
    ratio: float | None


@dataclass(frozen=True)
class Backtest:
    """The answer of the back-test.

    `depths` mark the highest level only, then the two highest, and so on; the last marks all zones.
    At each depth every method marks as much land as the zones do.
    """

    rule: ZoneRule
    study_km2: float
    cell_m: float
    bandwidth_m: float
    events: int
    periods: tuple[Period, ...]
    depths: tuple[Depth, ...]
    ring: Ring
    ever_flagged_km2: float
    often_flagged_km2: float  # in at least half of the periods
    notes: tuple[str, ...]

    @property
    def scores(self) -> tuple[Score, ...]:
        """Scores of METHODS where all zones are marked."""
        return self.depths[-1].scores


def backtest(
    incidents: Incidents,
    rule: ZoneRule,
    periods: int = 12,
    *,
    days: int = 7,
    study: StudyArea | None = None,
    ring_m: float | None = None,
    seed: int = 1,
    tick: Callable[[float], None] | None = None,
) -> Backtest:
    """Back-test zones by `rule` over the last `periods` whole periods of `days` local days.

    The rivals at equal area, on the cells of `study` (by default every square kilometre that holds
    an incident): "kde", the kernel density of the year before, its bandwidth chosen once from
    what was known before the first period; "last_month", the cells with most incidents in the 28
    days before; "chance". `ring_m` is the width of the displacement ring (default: the radius).
    Raises InputError when the incidents are too few or cover too short a time.
    """
    if periods < 1 or days < 1:
        raise InputError("a back-test needs at least one period of at least one day")
    if periods * days > MOST_DAYS:
        raise InputError(f"{periods} periods of {days} days are longer than any record of events")
    if ring_m is not None and not ring_m >= 0:
        raise InputError(f"a displacement ring of {ring_m:g} m is no ring", do="Give it a width.")
    starts = _starts(incidents, periods, days, rule)
    area = study or study_area(incidents.easting, incidents.northing)
    inside = area.holds(incidents.easting, incidents.northing)
    notes = list(incidents.notes)
    if lost := int((~inside).sum()):
        notes.append(f"Incidents far from all others, outside the study area: {lost:,}.")
    kept = incidents.take(inside)
    ring_m = rule.radius_m if ring_m is None else ring_m
    run = _Run(kept, rule, area, ring_m, starts[0])
    found = []
    for index, (start, end) in enumerate(pairwise(starts)):
        found.append(run.period(start, end))
        if tick:
            tick((index + 1) / periods)
    if not sum(period.events for period in found):
        raise InputError("no incident fell into the periods of the back-test")
    return _answer(run, tuple(found), notes, seed)


def _starts(incidents: Incidents, periods: int, days: int, rule: ZoneRule) -> Times:
    """Return the (periods + 1) local midnights that bound the periods, in UTC."""
    if len(incidents) < 2:
        raise InputError("a back-test needs at least two incidents")
    zone = ZoneInfo(incidents.time_zone)
    ends = np.array([incidents.start.min(), incidents.end.max()])
    first, last = (t.astype(datetime) for t in local_times(ends, incidents.time_zone))
    midnight = datetime(last.year, last.month, last.day)
    steps = [midnight - timedelta(days=days * k) for k in range(periods, -1, -1)]
    covered = max(0, (midnight - first).days)
    needed = periods * days + rule.window_days
    if covered < needed:
        most = int((covered - rule.window_days) // days)
        raise InputError(
            f"the incidents cover {covered} whole days; {periods} periods of {days} days after "
            f"{rule.window_days:g} days to draw the first zones from need {needed:g}",
            do=f"Ask for at most {most}." if most > 0 else "Import a longer time.",
        )
    aware = [moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) for moment in steps]
    return np.array(aware, "datetime64[s]")


class _Run:
    """What stays the same from period to period."""

    def __init__(
        self,
        incidents: Incidents,
        rule: ZoneRule,
        area: StudyArea,
        ring_m: float,
        first: np.datetime64,
    ) -> None:
        self.incidents, self.rule, self.area, self.ring_m = incidents, rule, area, ring_m
        self._wide = ZoneRule(**{**rule.__dict__, "radius_m": rule.radius_m + ring_m})
        self._centres = area.centres()
        self.flagged = np.zeros(area.cells)
        self.bandwidth_m = self._bandwidth(first)

    def period(self, start: np.datetime64, end: np.datetime64) -> Period:
        """Mark areas at `start` and count what came until `end`."""
        incidents, area = self.incidents, self.area
        when = incidents.middle
        came = (when >= start) & (when < end) & (incidents.end > start)
        x, y = incidents.easting[came], incidents.northing[came]
        zones = self._zones(start, self.rule)
        levels = zones.level_at(x, y)
        self.flagged += zones.level_at(*self._centres) >= 0
        worth = {"kde": self._density(start), "last_month": self._last_month(start)}
        actual = area.count(x, y)
        marks = []
        for lowest in range(len(self.rule.levels) - 1, -1, -1):
            km2 = zones.runs.take(zones.runs.level >= lowest).area_m2() / 1e6
            cells = min(km2 / area.cell_km2, float(area.cells))
            hits = {"zones": float((levels >= lowest).sum())}
            hits |= {name: capture(value, actual, cells) for name, value in worth.items()}
            hits["chance"] = len(x) * cells / area.cells
            marks.append(Mark(km2, hits, capture(actual, actual, cells)))
        wide = self._zones(start, self._wide)
        return Period(
            start=start,
            end=end,
            events=len(x),
            marks=tuple(marks),
            ring_km2=wide.runs.area_m2() / 1e6 - marks[-1].area_km2,
            ring_hits=int((wide.level_at(x, y) >= 0).sum() - (levels >= 0).sum()),
        )

    def _zones(self, as_of: np.datetime64, rule: ZoneRule) -> Zones:
        i = self.incidents
        return risk_zones(i.easting, i.northing, i.start, as_of, rule, i.end)

    def _known(self, as_of: np.datetime64, days: int) -> NDArray[np.bool_]:
        i = self.incidents
        known: NDArray[np.bool_] = (i.end <= as_of) & (
            i.middle >= as_of - np.timedelta64(days, "D")
        )
        return known

    def _last_month(self, as_of: np.datetime64) -> Floats:
        known = self._known(as_of, HOTSPOT_DAYS)
        return self.area.count(self.incidents.easting[known], self.incidents.northing[known])

    def _bandwidth(self, as_of: np.datetime64) -> float:
        from triservice.analysis.hotspots.density import choose_bandwidth

        known = self._known(as_of, DENSITY_DAYS)
        place = self.incidents.easting[known], self.incidents.northing[known]
        if not known.any():
            raise InputError("no incident was known before the first period")
        return choose_bandwidth(*place, self.area.grid, region=self.area.inside)[0]

    def _density(self, as_of: np.datetime64) -> Floats:
        from triservice.analysis.hotspots.density import kernel_density

        known = self._known(as_of, DENSITY_DAYS)
        surface = kernel_density(
            self.incidents.easting[known],
            self.incidents.northing[known],
            self.area.grid,
            region=self.area.inside,
            bandwidth=self.bandwidth_m,
        )
        density: Floats = surface.per_km2[self.area.inside]
        return density


def _answer(run: _Run, periods: tuple[Period, ...], notes: list[str], seed: int) -> Backtest:
    area = run.area
    events = np.array([p.events for p in periods], float)
    names = [level.name for level in reversed(run.rule.levels)]
    depths = tuple(
        Depth(tuple(names[: k + 1]), _scores([p.marks[k] for p in periods], events, area.km2, seed))
        for k in range(len(names))
    )
    ring_km2 = np.array([p.ring_km2 for p in periods])
    ring_hits = sum(p.ring_hits for p in periods)
    expected = float((events * ring_km2).sum() / area.km2)
    share = run.flagged / len(periods)
    return Backtest(
        rule=run.rule,
        study_km2=area.km2,
        cell_m=area.grid.size_m,
        bandwidth_m=run.bandwidth_m,
        events=int(events.sum()),
        periods=periods,
        depths=depths,
        ring=Ring(
            run.ring_m,
            float(ring_km2.mean()),
            ring_hits,
            expected,
            ring_hits / expected if expected else None,
        ),
        ever_flagged_km2=float((share > 0).sum() * area.cell_km2),
        often_flagged_km2=float((share >= 0.5).sum() * area.cell_km2),
        notes=tuple(notes),
    )


def _scores(marks: list[Mark], events: Floats, study_km2: float, seed: int) -> tuple[Score, ...]:
    flagged = np.array([mark.area_km2 for mark in marks])
    ideal = np.array([mark.ideal for mark in marks])
    hits = {method: np.array([mark.hits[method] for mark in marks]) for method in METHODS}
    scores = [
        score(m, hits[m], events, flagged, study_km2, ideal=ideal, beside=hits["zones"], seed=seed)
        for m in METHODS
    ]
    return (*scores[:-1], scores[-1].without_interval())  # chance is known, not estimated
