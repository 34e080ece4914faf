"""What to show when nobody says: the layers a lake holds of a place, and the unit they share."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from typing import TypeGuard

import numpy as np

from triservice.analysis.counts import tally
from triservice.analysis.lake.areas import layers as statistic_names
from triservice.analysis.lake.areas import read_areas
from triservice.analysis.lake.boundaries import names_by_code, place_of, read_boundaries, units
from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.picture.options import Options
from triservice.analysis.picture.provenance import held_months
from triservice.kernel.month import parse_month

POPULATION = "population"


def months_inside(lake: Lake, service: str, options: Options) -> tuple[str, ...]:
    """Return the months of a service that the lake holds and the period touches."""
    first, last = (options.since or "")[:7], (options.until or "9999-12")[:7]
    return tuple(m for m in held_months(lake, service) if first <= m <= last)


def years_inside(months: Sequence[str], options: Options) -> float:
    """Return how much of a year the months are; a month cut by a day of the period in part."""
    whole = 0.0
    for month in months:
        year, number = parse_month(month)
        days = monthrange(year, number)[1]
        start = int(options.since[8:]) if _is_day_of(options.since, month) else 1
        end = int(options.until[8:]) if _is_day_of(options.until, month) else days
        whole += (end - start + 1) / days
    return whole / 12


def _is_day_of(text: str | None, month: str) -> TypeGuard[str]:
    return text is not None and len(text) == 10 and text.startswith(month)


def choose_unit(lake: Lake, options: Options) -> str:
    """Return the unit of place to compare on: the one asked for, else the finest all share.

    An area statistic cannot be seen finer than it is published, so the coarsest statistic decides;
    without statistics it is the unit of which most events state a code, or the finest one held.
    Raises InputError when the lake holds no outlines of the place.
    """
    if options.unit:
        return options.unit
    areas = areas_within(lake, options.within)
    if not areas:
        # Refuses in the words of the reader of boundaries: no outlines, or no such place.
        held = units(lake)
        read_boundaries(lake, held[0] if held else "lsoa11", options.within)
    names = [n for n in _statistics(lake, options) if read_areas(lake, n).vintage in areas]
    if names:
        vintages: list[str] = [read_areas(lake, name).vintage for name in names]
        return min(vintages, key=lambda unit: areas[unit])
    stated = tally(lake, ["area_vintage"], Selection(services=tuple(lake.services())))
    rows: dict[str, int] = {
        str(row["area_vintage"]): int(row["events"])
        for row in stated.to_pylist()
        if row["area_vintage"] in areas
    }
    if rows:
        return max(rows, key=lambda unit: (rows[unit], areas[unit]))
    return max(areas, key=lambda unit: areas[unit])


def areas_within(lake: Lake, within: str | None) -> dict[str, int]:
    """Return {unit: areas} of every unit that has outlines of the place."""
    wanted = None if within is None else {p.strip().casefold() for p in within.split(";")}
    found = {}
    for unit in units(lake):
        names = names_by_code(lake, unit).values()
        inside = [n for n in names if wanted is None or place_of(n).casefold() in wanted]
        if inside:
            found[unit] = len(inside)
    return found


def _statistics(lake: Lake, options: Options) -> list[str]:
    held = [name for name in statistic_names(lake) if name != POPULATION]
    return [name for name in held if not options.layers or name in options.layers]


def choose_layers(
    lake: Lake, options: Options, placed: set[str], *, statistics: bool = True
) -> tuple[str, ...]:
    """Return the layers to compare: those asked for, else services with events, then statistics.

    `placed` are the services with events in the place; without `statistics` only these count. A
    service whose name a statistic carries gives way to it, because a name can mean one thing only.
    """
    if options.layers:
        return options.layers
    held = _statistics(lake, options) if statistics else []
    known = [name for name in held if _touches(lake, name)]
    order = ("police", "fire", "ambulance", "health", "council")
    services = sorted(
        (s for s in placed if s not in known),
        key=lambda s: (order.index(s) if s in order else len(order), s),
    )
    # A statistic of fires belongs beside the fire service, one of health at the end.
    known.sort(key=lambda name: (name in order, name))
    return (*services, *known)


def _touches(lake: Lake, name: str) -> bool:
    layer = read_areas(lake, name)
    return bool(np.isfinite(layer.values).any() and np.ptp(layer.values) > 0)
