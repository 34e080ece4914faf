"""Turn the names a person types into layers aligned on one unit of place.

A name is an area statistic of the lake (`health`), a service (`police`), or a service with a
category of the common vocabulary (`police:burglary`). An area statistic comes first when a
service has the same name, and a note says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from triservice.analysis.lake import areas
from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.overlap.findings import label_for
from triservice.analysis.overlap.model import Floats, Layer
from triservice.kernel.errors import InputError
from triservice.kernel.month import months_between

if TYPE_CHECKING:
    from triservice.analysis.counts import Counts
    from triservice.analysis.lake.vintages import MovedLayer
    from triservice.analysis.place.cells import Cells
    from triservice.analysis.place.outlines import Outlines

POPULATION = "population"
PER = 1000  # rates are per thousand people
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip


@dataclass(frozen=True)
class Request:
    """Which layers of a lake, and over which period; `until` is exclusive.

    `region` (outlines in the lake's metres) is where squares lie when no place is named.
    """

    names: tuple[str, ...]
    rate: bool = False
    since: datetime | None = None
    until: datetime | None = None
    within: str | None = None
    region: Outlines | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class _Reader:
    """Reads layers onto one set of cells."""

    lake: Lake
    cells: Cells
    request: Request
    people: Floats | None
    counted: Counts | None  # on a grid: the events of all services, counted in one pass


def parse_names(text: str) -> tuple[str, ...]:
    """Return the layer names in "police,fires,health". Raises InputError for fewer than two."""
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    if len(names) < 2:
        raise InputError(
            f"--layers {text!r} names {len(names)} layer{'s' * (len(names) != 1)}; two are needed",
            do="Write them with commas: --layers police,fires,health.",
        )
    return names


def read_layers(
    lake: Lake, cells: Cells, request: Request, counted: Counts | None = None
) -> list[Layer]:
    """Return one layer for each name, its values aligned with `cells`.

    `cells` are areas from `read_boundaries`, or squares together with the events `counted` in
    them. With `request.rate` counts are divided by the people of each cell (per 1,000); scores
    and rates stay as they are. Raises InputError for a name the lake does not know and for rates
    without a population.
    """
    people = _people(lake, cells, request)
    reader = _Reader(lake, cells, request, people, counted)
    return [
        _event_layer(reader, name) if _is_events(lake, name) else _area_layer(reader, name)
        for name in request.names
    ]


def area_layers(lake: Lake, unit: str, request: Request) -> tuple[list[Layer], Cells]:
    """Return layers on the areas of a unit within `request.within`, and those areas.

    Raises InputError as `read_layers`, and for an unknown unit or place.
    """
    from triservice.analysis.lake.boundaries import read_boundaries

    cells = read_boundaries(lake, unit, request.within)
    return read_layers(lake, cells, request), cells


def grid_layers(lake: Lake, size_m: float, request: Request) -> tuple[list[Layer], Cells]:
    """Return one layer for each name on squares of `size_m`, and those squares.

    The squares are those that touch `request.within`, or the hull of the events. Area statistics
    are laid on squares by the ground in common. Raises InputError as `read_layers`, and when no
    layer is of events.
    """
    from triservice.analysis.counts import count_by_cell
    from triservice.analysis.lake.boundaries import place_outlines

    services = tuple(sorted({n.split(":")[0] for n in request.names if _is_events(lake, n)}))
    if not services:
        raise InputError(
            "no layer is of events, and a grid shows nothing new of values known by area",
            do="Compare them on areas: --unit in the place of --cell.",
        )
    region = place_outlines(lake, request.within) if request.within else request.region
    selection = Selection(services=services, since=request.since, until=request.until)
    counted = count_by_cell(lake, size_m, selection, region=region)
    return read_layers(lake, counted.cells, request, counted), counted.cells


def _is_events(lake: Lake, name: str) -> bool:
    """Say whether a name is a service (or service:category). Raises InputError for neither."""
    statistics = [s for s in areas.layers(lake) if s != POPULATION]
    services = lake.services()
    if name in statistics:
        return False
    if name.split(":")[0] in services:
        return True
    raise InputError(
        f"{name!r} is no layer of this lake",
        file=lake.root,
        do=f"It has events of {', '.join(services) or 'no service'} (also service:category) and "
        f"the area statistics {', '.join(statistics) or '(none)'}.",
    )


def _people(lake: Lake, cells: Cells, request: Request) -> Floats | None:
    """Return the population of each cell; None when the lake has none and none is needed."""
    if POPULATION in areas.layers(lake):
        return _moved(lake, areas.read_areas(lake, POPULATION), cells, request.within).values
    if not request.rate:
        return None
    raise InputError(
        "rates need people, and the lake has no area statistic called population",
        file=lake.root,
        do="Add one (triservice areas add FILE --as population --code … --value …), or leave out "
        "--rate.",
    )


def _moved(lake: Lake, layer: areas.AreaLayer, cells: Cells, within: str | None) -> MovedLayer:
    """Return an area statistic on areas or on a grid, in the order of the cells."""
    from triservice.analysis.lake.vintages import move_to_cells, move_values

    if cells.unit.startswith(("square-", "hex-")):
        return move_to_cells(lake, layer, cells)
    moved = move_values(lake, layer, cells.unit, within=within)
    if np.array_equal(moved.codes, cells.ids):
        return moved
    # The caller's cells are a part of the unit, or in another order.
    at = {code: i for i, code in enumerate(moved.codes.tolist())}
    if missing := set(cells.ids.tolist()) - set(at):
        raise InputError(f"{min(missing)} is no {cells.unit} area of this lake")
    order = [at[code] for code in cells.ids.tolist()]
    return replace(moved, codes=cells.ids, values=moved.values[order], covered=moved.covered[order])


def _area_layer(reader: _Reader, name: str) -> Layer:
    held = areas.read_areas(reader.lake, name)
    moved = _moved(reader.lake, held, reader.cells, reader.request.within)
    people = reader.people
    demand = moved.values if held.kind == "count" else None
    if held.kind == "rate" and held.worse == "high" and people is not None:
        demand = moved.values * people
    divide = reader.request.rate and held.kind == "count"
    notes = [*held.notes, *moved.notes]
    cautions = []
    if name in reader.lake.services():
        cautions.append(f"{name} is the area statistic here; the lake also has events of {name}.")
    return Layer(
        name=name,
        label=label_for(name, held.kind),
        values=_per_head(moved.values, people) if divide else moved.values,
        smoothed=_smoothed(moved.values, people) if divide else None,
        worse=held.worse,
        kind=held.kind,
        measure=f"per {PER:,} people" if divide else held.kind,
        demand=demand,
        people=people,
        source=held.source,
        vintage=held.vintage,
        moved_share=moved.moved_share,
        notes=tuple(notes),
        cautions=tuple(cautions),
    )


def _event_layer(reader: _Reader, name: str) -> Layer:
    service, _, category = name.partition(":")
    request = reader.request
    selection = Selection(
        services=(service,),
        categories=(category,) if category else (),
        since=request.since,
        until=request.until,
    )
    counts = reader.counted
    if counts is None:
        from triservice.analysis.counts import count_by_area

        counts = count_by_area(reader.lake, reader.cells, selection)
    totals = counts.totals(service, category or None).astype(np.float64)
    if not totals.any():
        raise _no_events(reader.lake, name, service, category)
    sources, snapped = _where_from(reader.lake, selection)
    months = _months(counts, service, category)
    return Layer(
        name=name,
        label=label_for(name, "count", _most_are(reader.lake, selection)),
        values=_per_head(totals, reader.people) if request.rate else totals,
        smoothed=_smoothed(totals, reader.people) if request.rate else None,
        worse="high",
        kind="count",
        measure=f"per {PER:,} people" if request.rate else "events",
        demand=totals,
        people=reader.people,
        source=", ".join(sources),
        period=_period(months),
        vintage=reader.cells.unit,
        moved_share=counts.moved_share,
        unplaced=counts.unplaced,
        snapped=snapped,
        notes=counts.notes,
        cautions=tuple(_gaps(name, months)),
    )


def _no_events(lake: Lake, name: str, service: str, category: str) -> InputError:
    from triservice.analysis.counts import tally

    if category:
        found = tally(lake, ["category"], Selection(services=(service,)))["category"].to_pylist()
        if category not in found:
            return InputError(
                f"{service} has no category {category!r} in this lake",
                do=f"It has {', '.join(sorted(found))}.",
            )
    return InputError(
        f"the lake has no events of {name} in that place and period",
        do="See `triservice lake` for the months it covers, or widen --since and --until.",
    )


def _where_from(lake: Lake, selection: Selection) -> tuple[list[str], bool]:
    """Return the sources of the events, and whether most of their points are snapped."""
    from triservice.analysis.counts import tally

    counted = tally(lake, ["source", "location_precision"], selection).to_pylist()
    snapped = sum(row["events"] for row in counted if row["location_precision"] == "snapped")
    everything = sum(row["events"] for row in counted)
    return sorted({row["source"] for row in counted}), 2 * snapped > everything


def _most_are(lake: Lake, selection: Selection) -> str:
    """Return the group of the common vocabulary that most of the events are of; "" when none."""
    from triservice.analysis.counts import tally
    from triservice.analysis.lake.categories import load_categories

    known, groups = load_categories(), Counter[str]()
    for row in tally(lake, ["category"], selection).to_pylist():
        found = known.get(row["category"])
        groups[found.group if found else ""] += row["events"]
    group, events = groups.most_common(1)[0]
    return group if 2 * events > groups.total() else ""


def _months(counts: Counts, service: str, category: str) -> list[str]:
    """Return the months that have an event of the layer, in order."""
    rows = counts.table.select(["service", "category", "month"]).to_pylist()
    return sorted(
        {
            row["month"]
            for row in rows
            if row["service"] == service and category in ("", row["category"])
        }
    )


def _period(months: Sequence[str]) -> str:
    """Return "October 2018 to February 2019"."""
    return " to ".join(dict.fromkeys([_month(months[0]), _month(months[-1])]))


def _gaps(name: str, months: Sequence[str]) -> list[str]:
    """Say when months between the first and the last have no event at all."""
    missing = len(months_between(months[0], months[-1])) - len(months)
    if not missing:
        return []
    return [
        f"There is no event of {name} in {missing} of the months from {_month(months[0])} to "
        f"{_month(months[-1])}: the figures add up the others (--since and --until keep to one "
        "stretch)."
    ]


def _month(text: str) -> str:
    year, month = text.split("-")
    return f"{_MONTHS[int(month) - 1]} {year}"


def _per_head(values: Floats, people: Floats | None) -> Floats:
    """Return values per 1,000 people; NaN where nobody lives."""
    assert people is not None  # rates were refused without people
    return np.asarray(values / np.where(people > 0, people, np.nan) * PER)


def _smoothed(counts: Floats, people: Floats | None) -> Floats | None:
    """Return smoothed rates per 1,000 as `triservice hotspots --rate` tests them.

    NaN where nothing is counted; None where nobody lives anywhere.
    """
    from triservice.analysis.hotspots.rates import smooth_rates

    assert people is not None  # rates were refused without people
    counted = np.isfinite(counts)
    base = np.where(counted & (people > 0), people, 0.0)
    if not base.any():
        return None
    rates = smooth_rates(np.where(counted, counts, 0.0), base).rate * PER
    return np.asarray(np.where(counted, rates, np.nan))
