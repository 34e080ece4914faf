"""On what: the areas that a picture compares, or squares where the lake holds no outlines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from triservice.analysis.counts import Counts, count_by_area, count_by_cell
from triservice.analysis.lake.areas import layers as statistic_names
from triservice.analysis.lake.boundaries import place_outlines, read_boundaries, units
from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.overlap.findings import unit_words
from triservice.analysis.picture import words
from triservice.analysis.picture.options import Options, sized, square_m
from triservice.analysis.picture.scope import choose_unit
from triservice.analysis.place.cells import Cells
from triservice.analysis.place.outlines import Outlines
from triservice.analysis.place.point_names import point_names
from triservice.analysis.study_region import where_events_are
from triservice.kernel.grid import BRITISH_NATIONAL_GRID

_INSET_M = 1e-3  # an outline touches the squares inside it, not those along its edge
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
    every = Selection(services=services)
    land, _ = where_events_are(lake, services, _STEP_M)
    width = max(square_m(float(shapely.area(land).sum())), options.cell_m or 0.0)
    first = count_by_cell(lake, width, every, region=land)
    # Empty squares may be sea, or another county: they would make all layers alike.
    land = shapely.buffer(first.cells.outlines()[first.totals() > 0], -_INSET_M, join_style="mitre")
    counts = count_by_cell(lake, width, every, region=land)
    british = lake.settings.crs == BRITISH_NATIONAL_GRID  # a reference is that of the corner
    points = counts.cells.centroids - (width / 2 if british else 0.0)
    names = point_names(points, lake.settings.crs, width)
    cells = replace(counts.cells, names=np.array(names))
    counts = replace(counts, cells=cells)
    ground = Ground(cells, land, counts, True, tuple(_caveats(lake, counts)))
    return ground, sized(options, float(cells.area_m2.sum()))


def _caveats(lake: Lake, counts: Counts) -> list[str]:
    """Say what squares cannot say, and which events and statistics take no part."""
    said = [
        "The lake holds no outlines of areas, so the places compared are the "
        f"{unit_words(counts.cells.unit)} that hold events of any service. Nobody's number of "
        "residents is known: there are counts and no rates, and layers agree already because more "
        "happens where more people are."
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
