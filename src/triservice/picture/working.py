"""The numbers of a picture, worked out in a background job with the analysis. No Django.

Every source is counted by itself, and what rests on several names them, so that a reader can be
shown what is open and nothing of what is not. Nothing is hidden here: see shown.py. Sentences made
here go to every reader of a source, so none of them says a number of events; and nothing fails
because there are none, for that would tell of sources that the asker may not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triservice.kernel.errors import InputError
from triservice.picture.rules import MOST_CELLS, WORST, Parameters
from triservice.picture.shown import FORMAT

if TYPE_CHECKING:
    from triservice.analysis.counts import Counts
    from triservice.analysis.lake.store import ImportRecord, Lake, Selection
    from triservice.analysis.place.cells import Cells

Tell = Callable[[int, str], None]
_FEWEST_CELLS = 3  # a local statistic needs so many
_DECIMALS = 5  # of a degree: about a metre
_DRAWN_M = 25.0  # outlines of areas are drawn no finer


@dataclass(frozen=True, slots=True)
class Source:
    """A source to count: its key and label, and how the lake names it."""

    key: int
    source: str
    service: str
    label: str


def work_out(
    root: Path, wanted: Parameters, sources: Sequence[Source], tell: Tell = lambda *_: None
) -> dict[str, Any]:
    """Return the result of a picture as plain values for JSON; "shapes" are to be kept apart.

    `tell` hears per cent and a step in words. Raises InputError, a sentence, when the lake cannot
    be read, knows no such area, or holds nothing to count.
    """
    from triservice.analysis.lake.store import Lake
    from triservice.analysis.overlap.period import read_period

    tell(5, "Reading the places")
    lake = Lake.open(root)
    period = read_period(wanted.since, wanted.until, lake.settings.time_zone)
    cells, region, notes = _places(lake, wanted)
    layers, counted = [], {}
    for number, source in enumerate(sources):
        tell(10 + 50 * number // len(sources), f"Counting {source.label}")
        chosen = _selection(source, wanted, period)
        counts = _count(lake, wanted, cells, region, chosen)
        counted[source.key] = counts.totals().astype(float)
        layers.append(_layer(lake, wanted, source, cells, counts))
    tell(65, "Comparing the services")
    pairs = _pairs(wanted, cells, counted)
    if wanted.zones:
        for number, (source, layer) in enumerate(zip(sources, layers, strict=True)):
            tell(75 + 15 * number // len(sources), f"Looking for near repeats: {source.label}")
            chosen = _selection(source, wanted, period)
            _near(lake, wanted, cells, source, layer, chosen)
    tell(92, "Drawing the map")
    return {
        "format": FORMAT,
        "unit": cells.unit,
        "unit_title": _title(cells.unit),
        "coded": not wanted.grid,
        "months": wanted.months,
        "cells": _named(lake, cells),
        "shapes": _drawn(lake, cells),
        "bounds": _bounds(cells),
        "layers": layers,
        "pairs": pairs,
        "notes": notes,
    }


# ---- Places -------------------------------------------------------------------------------------


def _places(lake: Lake, wanted: Parameters) -> tuple[Cells, Any, list[str]]:
    """Return the places, the land under a grid (None for areas), and what to note."""
    from triservice.analysis.lake.boundaries import place_outlines, read_boundaries, units
    from triservice.analysis.study_region import where_events_are

    within = wanted.area or None
    if not wanted.grid:
        cells = read_boundaries(lake, wanted.unit, within)
        _refuse_many(len(cells), "Choose a part of the area.")
        return cells, None, []
    notes: tuple[str, ...] = ()
    if within:
        region = place_outlines(lake, within)
    elif held := units(lake):
        region = min((read_boundaries(lake, unit) for unit in held), key=len).outlines()
    else:
        region, notes = where_events_are(lake, wanted.services, float(wanted.size_m))
    return _grid(lake, wanted, region), region, list(notes[1:])


def _grid(lake: Lake, wanted: Parameters, region: Any) -> Cells:
    from dataclasses import replace

    import numpy as np
    import shapely

    from triservice.analysis.place.grids import hex_grid, square_grid
    from triservice.analysis.place.point_names import point_names

    size = float(wanted.size_m)
    about = float(shapely.area(region).sum()) / size**2
    _refuse_many(int(about), "Choose larger cells or a smaller area.")
    bounds = tuple(shapely.total_bounds(region).tolist())
    grid = (square_grid if wanted.unit == "square" else hex_grid)(bounds, size)
    cells = grid.cells(grid.touching(region))
    points = cells.centroids - (size / 2 if wanted.unit == "square" else 0.0)
    return replace(cells, names=np.array(point_names(points, lake.settings.crs, size)))


def _refuse_many(number: int, do: str) -> None:
    if number > MOST_CELLS:
        raise InputError(
            f"that is {number:,} places, more than the {MOST_CELLS:,} a map can show", do=do
        )


def _title(unit: str) -> str:
    from triservice.analysis.picture.gather_overlap import unit_title

    if unit.startswith("hex-"):
        return f"hexagons {float(unit.removeprefix('hex-')) / 1000:g} km wide"
    return unit_title(unit)


def _named(lake: Lake, cells: Cells) -> dict[str, Any]:
    """Return codes, names and centres (degrees)."""
    from triservice.analysis.place.map_files import to_lonlat

    return {
        "codes": cells.ids.tolist(),
        "names": cells.names.tolist(),
        "centres": to_lonlat(cells.centroids, lake.settings.crs).round(_DECIMALS).tolist(),
    }


def _drawn(lake: Lake, cells: Cells) -> list[dict[str, Any]]:
    """Return outlines as GeoJSON geometries, no finer than a screen shows."""
    import json

    import shapely

    from triservice.analysis.place.map_files import geojson_shapes

    outlines = cells.outlines()
    if not cells.unit.startswith(("square-", "hex-")):
        if shapely.coverage_is_valid(outlines):
            outlines = shapely.coverage_simplify(outlines, _DRAWN_M)
        else:
            outlines = shapely.simplify(outlines, _DRAWN_M)
    shapes = [json.loads(text) for text in geojson_shapes(outlines, lake.settings.crs)]
    for shape in shapes:
        shape["coordinates"] = _rounded(shape["coordinates"])
    return shapes


def _rounded(numbers: Any) -> Any:
    if isinstance(numbers, list):
        return [_rounded(each) for each in numbers]
    return round(numbers, _DECIMALS)


def _bounds(cells: Cells) -> list[float]:
    """Return west, south, east, north of all places, metres."""
    import shapely

    bounds: list[float] = shapely.total_bounds(cells.outlines()).round(1).tolist()
    return bounds


# ---- One source ---------------------------------------------------------------------------------


def _selection(source: Source, wanted: Parameters, period: tuple[Any, Any]) -> Selection:
    from triservice.analysis.lake.store import Selection

    return Selection(
        services=(source.service,),
        sources=(source.source,),
        categories=wanted.categories,
        since=period[0],
        until=period[1],
    )


def _count(lake: Lake, wanted: Parameters, cells: Cells, region: Any, chosen: Selection) -> Counts:
    from triservice.analysis.counts import count_by_area, count_by_cell

    if wanted.unit == "square":
        return count_by_cell(lake, wanted.size_m, chosen, shape="square", region=region)
    if wanted.unit == "hex":
        return count_by_cell(lake, wanted.size_m, chosen, shape="hex", region=region)
    return count_by_area(lake, cells, chosen)


def _layer(
    lake: Lake, wanted: Parameters, source: Source, cells: Cells, counts: Counts
) -> dict[str, Any]:
    totals = counts.totals()
    hot, tested = _hot(totals, cells) if wanted.hotspots else ({}, 0)
    held = [r for r in lake.imports() if r.source == source.source and source.service in r.months]
    return {
        "source": source.key,
        "counts": totals.tolist(),
        "elsewhere": int(counts.elsewhere),
        "unplaced": int(counts.unplaced),
        "months": {m: int(counts.totals(month=m).sum()) for m in wanted.months},
        "categories": {
            name: int(counts.totals(category=name).sum())
            for name in wanted.categories or categories(lake.root, source.source, source.service)
        },
        "hot": hot,
        "tested": tested,
        "near": None,
        "zones": [],
        "imports": [_import(record) for record in held],
        "notes": [*_placing(counts), *_gaps(held, source.service, wanted)],
    }


def categories(root: Path, source: str, service: str) -> list[str]:
    """Return the categories that a source ever had: one listed is no word about any period.

    Raises InputError when the lake cannot be read.
    """
    from triservice.analysis.counts import tally
    from triservice.analysis.lake.store import Lake, Selection

    every = Selection(services=(service,), sources=(source,))
    found = tally(Lake.open(root), ["category"], every)["category"]
    return [str(name) for name in found.to_pylist()]


def _placing(counts: Counts) -> list[str]:
    """Say by which ways events were placed, without how many."""
    said = [note.split(":")[0] + "." for note in counts.notes if note.startswith("Codes of ")]
    ways = [way for way in counts.placed if way != "coordinates"]
    if ways:
        said.append(f"Places come from what the source states ({', '.join(ways)}).")
    return said


def _import(record: ImportRecord) -> dict[str, Any]:
    return {
        "file": record.file,
        "sha256": record.sha256,
        "imported_at": record.imported_at,
    }


def _gaps(held: Sequence[ImportRecord], service: str, wanted: Parameters) -> list[str]:
    """Say which months of the period the lake does not hold."""
    from triservice.analysis.picture import words

    there = {month for record in held for month in record.months.get(service, {})}
    missing = [month for month in wanted.months if month not in there]
    if not missing:
        return []
    return [f"The lake holds nothing of this source for {words.period(missing)}."]


def _hot(totals: Any, cells: Cells) -> tuple[dict[str, int], int]:
    """Return the hot places (Gi*, false discoveries 5%) with the events in and around each."""
    import numpy as np

    from triservice.analysis.hotspots.hotspots import find_hotspots

    if len(totals) < _FEWEST_CELLS or np.ptp(totals) == 0:
        return {}, 0
    table = find_hotspots(totals.astype(np.float64), cells.neighbours())
    found = table.ranked("hot").tolist()
    return {str(i): round(float(table.around[i])) for i in found}, len(totals)


def _near(
    lake: Lake,
    wanted: Parameters,
    cells: Cells,
    source: Source,
    layer: dict[str, Any],
    chosen: Selection,
) -> None:
    """Add near repeats and risk zones, or that they could not be tested."""
    import numpy as np

    from triservice.analysis.picture.gather_near import gather_near
    from triservice.analysis.picture.provenance import Sources
    from triservice.analysis.place.map_files import geojson_shapes

    select = {source.service: chosen}
    try:
        found = gather_near(
            Sources(lake), cells, [(source.service, ())], select, wanted.small_number
        )
    except InputError:
        found = None
    if found is None or not found.tested:
        layer["notes"].append(
            "Near repeats are not tested: too few events, or none whose time is known to the day "
            "and whose place is exact."
        )
        return
    for one in found.tested:
        layer["near"] = {
            "pairs": one.bands[0].observed or 0,
            "said": [each.text for each in one.findings],
        }
        if one.zones is None:
            continue
        shapes = [shape for _, shape in one.zones.shapes[: len(one.zones.patrols)]]
        drawn = geojson_shapes(np.array(shapes, dtype=object), lake.settings.crs)
        layer["near"] |= {"as_of": one.zones.as_of, "rule": one.zones.rule}
        layer["zones"] = [
            _zone(row, text) for row, text in zip(one.zones.patrols, drawn, strict=True)
        ]


def _zone(row: Any, shape: str) -> dict[str, Any]:
    import json

    names = ("rank", "where", "level", "km2", "events", "hours", "share")
    return {name: getattr(row, name) for name in names} | {"shape": json.loads(shape)}


# ---- Two sources --------------------------------------------------------------------------------


def _pairs(wanted: Parameters, cells: Cells, counted: dict[int, Any]) -> list[dict[str, Any]]:
    """Compare each two sources where either has events: empty places would make all alike."""
    if not wanted.overlap:
        return []
    pairs = []
    for a, b in combinations(counted, 2):
        used = (counted[a] + counted[b]) > 0
        try:
            pairs.append(_pair(cells.take(used), a, b, counted[a][used], counted[b][used]))
        except InputError:
            pairs.append({"a": a, "b": b, "r": None})
    return pairs


def _pair(cells: Cells, a: int, b: int, first: Any, second: Any) -> dict[str, Any]:
    from triservice.analysis.overlap.compare import compare_layers
    from triservice.analysis.overlap.model import Layer

    compared = compare_layers(
        [
            Layer(str(key), str(key), values, "high", "count", "events", demand=values)
            for key, values in ((a, first), (b, second))
        ],
        cells,
        share=WORST,
    )
    (pair,) = compared.pairs.values()
    return {
        "a": a,
        "b": b,
        "r": _number(pair.r),
        "low": _number(pair.low),
        "high": _number(pair.high),
        "p": None if pair.p is None else _number(pair.p),
        "both": int(pair.both),
        "expected": _number(pair.expected),
        "places": len(cells),
    }


def _number(value: float) -> float:
    return round(float(value), 6)
