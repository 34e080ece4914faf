"""On what: the areas that a picture compares, or squares where the lake holds no outlines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from triservice.analysis.counts import Counts, count_by_area, count_by_cell
from triservice.analysis.lake.areas import layers as statistic_names
from triservice.analysis.lake.boundaries import place_outlines, read_boundaries, units
from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.picture import words
from triservice.analysis.picture.options import Options, sized, square_m
from triservice.analysis.picture.scope import choose_unit
from triservice.analysis.place.cells import Cells
from triservice.analysis.place.map_files import to_lonlat
from triservice.analysis.place.outlines import Outlines
from triservice.analysis.study_region import where_events_are
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, grid_reference

_STEP_M = 250.0  # every width that a picture chooses by itself is a multiple of it


@dataclass(frozen=True)
class Ground:
    """Where a picture is: its areas, its land, and all events of all months by area.

    `squares` says that the areas are squares, made of the places of the events alone.
    """

    cells: Cells
    land: Outlines
    counts: Counts | None
    squares: bool = False
    caveats: tuple[str, ...] = ()


def find_ground(lake: Lake, services: tuple[str, ...], options: Options) -> tuple[Ground, Options]:
    """Return where the picture is, and the options with sizes that suit it.

    A lake with events and no outlines at all gives squares, as long as no place is named. Raises
    InputError when the lake holds no outlines of the place, or no events with coordinates.
    """
    if not options.within and not options.unit and services and not units(lake):
        return _squares(lake, services, options)
    cells = read_boundaries(lake, choose_unit(lake, options), options.within)
    land = place_outlines(lake, options.within) if options.within else cells.outlines()
    counts = count_by_area(lake, cells, Selection(services=services)) if services else None
    return Ground(cells, land, counts), sized(options, float(cells.area_m2.sum()))


def _squares(lake: Lake, services: tuple[str, ...], options: Options) -> tuple[Ground, Options]:
    land, _ = where_events_are(lake, services, _STEP_M)
    area_m2 = float(shapely.area(land).sum())
    options = sized(options, area_m2)
    width = max(square_m(area_m2), options.cell_m or 0.0)
    counts = count_by_cell(lake, width, Selection(services=services), region=land)
    cells = replace(counts.cells, names=np.array(_names(counts.cells, width, lake.settings.crs)))
    counts = replace(counts, cells=cells)
    return Ground(cells, land, counts, True, tuple(_caveats(lake, counts, len(land)))), options


def _names(cells: Cells, width: float, crs: str) -> list[str]:
    """Return what a reader can find on another map: grid references, else degrees."""
    if crs == BRITISH_NATIONAL_GRID:
        try:
            corners = cells.centroids - width / 2
            digits = 2 if width % 1000 == 0 else 3
            return [grid_reference(float(e), float(n), digits) for e, n in corners]
        except InputError:
            return [str(id) for id in cells.ids]  # squares that reach beyond the lettered grid
    digits = 2 if width >= 2_000 else 3 if width >= 200 else 4
    return [
        f"{abs(lat):.{digits}f}° {'N' if lat >= 0 else 'S'}, "
        f"{abs(lon):.{digits}f}° {'E' if lon >= 0 else 'W'}"
        for lon, lat in to_lonlat(cells.centroids, crs)
    ]


def _caveats(lake: Lake, counts: Counts, blocks: int) -> list[str]:
    """Say what squares cannot say, and which events and statistics take no part."""
    said = [
        "The lake holds no outlines of areas, so the places compared are squares laid over the "
        f"{blocks:,} blocks of 5 km that hold events. A square has no name and no known number of "
        "residents: there are counts and no rates, and where more people are, more happens."
    ]
    if counts.elsewhere:
        said.append(
            f"{counts.elsewhere:,} of {counts.events:,} events of all services and months lie far "
            "from all others and are left out: their coordinates are probably wrong."
        )
    if counts.unplaced:
        said.append(
            f"{counts.unplaced:,} of {counts.events:,} events have no coordinates and are on no "
            "square."
        )
    if held := statistic_names(lake):
        said.append(
            f"The area statistics {words.listing(held)} take no part: without the outlines of "
            "their areas nobody can say where they lie."
        )
    return said
