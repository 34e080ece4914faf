"""Patrol areas: zones cut into places that a crew can pass through, ranked, with their hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.near_repeat.incidents import Incidents
from triservice.analysis.near_repeat.rhythm import busiest_window, by_hour, week_profile
from triservice.analysis.near_repeat.runs import Runs
from triservice.analysis.near_repeat.zones import Zones

Floats = NDArray[np.float64]

LARGEST_KM2 = 3.0
WINDOW_HOURS = 4
PROFILE_DAYS = 365
PRIOR_EVENTS = 20  # weight of the whole area's hours, in events, in the hours of one patrol area


@dataclass(frozen=True)
class PatrolArea:
    """One place to pass through.

    `score` is the summed weight of the events whose zone reaches into it (`events`, indices of the
    incidents). `hours` (24,) is the share of demand in each local hour: the `history` events of
    the past year inside the area, drawn towards the hours of all zones by a weight of 20 events,
    so that few events do not make a peak. `peak_from` to `peak_to` are local hours.
    """

    rank: int
    level: str
    polygon: Any
    area_km2: float
    score: float
    events: tuple[int, ...]
    newest: np.datetime64
    centre: tuple[float, float]
    hours: tuple[float, ...]
    history: int
    peak_from: int
    peak_to: int
    peak_share: float


def patrol_areas(
    zones: Zones,
    incidents: Incidents,
    *,
    largest_km2: float = LARGEST_KM2,
    window_hours: int = WINDOW_HOURS,
    profile_days: float = PROFILE_DAYS,
) -> list[PatrolArea]:
    """Return the patrol areas of `zones` (drawn from `incidents`), the first to visit first.

    An area is a connected part of the zones; one larger than `largest_km2` is cut down to its
    parts of the next higher level, as long as there are such. They rank by their highest level,
    then by score. Only incidents known at zones.as_of are used.
    """
    import shapely

    polygons, levels = _cut(zones, largest_km2)
    if not len(polygons):
        return []
    tree = shapely.STRtree(polygons)
    reach = zones.rule.radius_m
    discs_at = shapely.points(zones.easting, zones.northing)
    event, area = tree.query(discs_at, predicate="dwithin", distance=reach)
    score = np.bincount(area, zones.weight[event], minlength=len(polygons))
    hours, history = _hours(zones, incidents, tree, len(polygons), profile_days)
    order = np.lexsort((-score, -levels))
    middles = shapely.get_coordinates(shapely.point_on_surface(polygons))
    areas = []
    for rank, index in enumerate(order, start=1):
        behind = zones.events[event[area == index]]
        first, share = busiest_window(hours[index], window_hours)
        areas.append(
            PatrolArea(
                rank=rank,
                level=zones.rule.levels[levels[index]].name,
                polygon=polygons[index],
                area_km2=float(shapely.area(polygons[index])) / 1e6,
                score=float(score[index]),
                events=tuple(behind.tolist()),
                newest=incidents.middle[behind].max(),
                centre=(float(middles[index, 0]), float(middles[index, 1])),
                hours=tuple((hours[index] / hours[index].sum()).tolist()),
                history=int(history[index]),
                peak_from=first,
                peak_to=(first + window_hours) % 24,
                peak_share=share,
            )
        )
    return areas


def _cut(zones: Zones, largest_km2: float) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the polygons of the areas and the highest level in each."""
    outlines: list[NDArray[Any]] = []
    highest: list[NDArray[np.int64]] = []
    left: Runs = zones.runs
    while len(left):
        label, count = left.components()
        cells = np.bincount(label, left.cells, minlength=count)
        top = np.full(count, -1)
        np.maximum.at(top, label, left.level)
        lowest = np.full(count, len(zones.rule.levels))
        np.minimum.at(lowest, label, left.level)
        kept = (cells * left.cell_m**2 <= largest_km2 * 1e6) | (lowest == top)
        own = left.take(kept[label]).merged()
        own_label, own_count = own.components()
        outlines.append(own.polygons(own_label, own_count))
        highest.append(_highest(own_label, own.level, own_count))
        left = left.take(~kept[label] & (left.level > lowest[label]))
    if not outlines:
        return np.empty(0, object), np.empty(0, np.int64)
    return np.concatenate(outlines), np.concatenate(highest)


def _highest(label: NDArray[Any], level: NDArray[Any], count: int) -> NDArray[np.int64]:
    top = np.full(count, -1, np.int64)
    np.maximum.at(top, label, level)
    return top


def _hours(
    zones: Zones, incidents: Incidents, tree: Any, count: int, days: float
) -> tuple[Floats, NDArray[np.int64]]:
    """Return (areas, 24) hours drawn towards those of all zones, and the events in each area."""
    import shapely

    since = zones.as_of - np.timedelta64(round(days * 86_400), "s")
    known = np.flatnonzero((incidents.end <= zones.as_of) & (incidents.start >= since))
    inside = zones.level_at(incidents.easting[known], incidents.northing[known]) >= 0
    known = known[inside]
    points = shapely.points(incidents.easting[known], incidents.northing[known])
    point, area = tree.query(points, predicate="intersects")
    _, once = np.unique(point, return_index=True)  # a point on a border counts in one area
    point, area = point[once], area[once]
    start, end = incidents.start[known], incidents.end[known]
    overall = by_hour(week_profile(start, end, incidents.time_zone))[0]
    own = by_hour(
        week_profile(start[point], end[point], incidents.time_zone, area, count)
    )  # fmt: skip
    total = overall.sum()
    prior = overall / total if total else np.full(24, 1 / 24)
    return own + PRIOR_EVENTS * prior, np.bincount(area, minlength=count)


def crowding(areas: Sequence[PatrolArea]) -> float:
    """Return the share of the score held by the first tenth of the areas (at least one)."""
    if not areas:
        return 0.0
    first = max(1, len(areas) // 10)
    total = sum(area.score for area in areas)
    return sum(area.score for area in areas[:first]) / total if total else 0.0
