"""A set of units of place: the cells of a grid, or areas with outlines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.place.contiguity import Neighbours
from triservice.analysis.place.outlines import Outlines

Floats = NDArray[np.float64]
Strings = NDArray[np.str_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Units of place, in one order that every result about them keeps.

    `unit` names the kind ("square-500", "hex-250", "lsoa11", "msoa11"); `ids` (n,) are stable and
    readable, `names` (n,) are for people; `centroids` (n, 2) and `area_m2` (n,) are in metres.
    Outlines, neighbours and the search for points are made when first asked for, and kept.
    """

    unit: str
    ids: Strings
    names: Strings
    centroids: Floats
    area_m2: Floats
    draw: Callable[[], Outlines] = field(repr=False, compare=False)
    link: Callable[[], Neighbours] = field(repr=False, compare=False)
    find: Callable[[Floats, Floats], Numbers] = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.ids)

    def outlines(self) -> Outlines:
        """Return the outlines as shapely polygons, object (n,)."""
        return self._outlines

    def neighbours(self) -> Neighbours:
        """Return queen neighbours (six for hexagons)."""
        return self._neighbours

    def locate(self, easting: ArrayLike, northing: ArrayLike) -> Numbers:
        """Return the index of the unit that holds each point, −1 where none does, int64 (n,)."""
        east = np.ascontiguousarray(easting, dtype=np.float64)
        north = np.ascontiguousarray(northing, dtype=np.float64)
        return self.find(east, north)

    def take(self, units: ArrayLike) -> Cells:
        """Return some of the units, in the order of `units` (indices, or a mask of booleans)."""
        chosen = np.asarray(units)
        chosen = np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(np.int64)
        number = np.full(len(self) + 1, -1, dtype=np.int64)  # the last one stands for "nowhere"
        number[chosen] = np.arange(len(chosen))
        return Cells(
            self.unit,
            self.ids[chosen],
            self.names[chosen],
            self.centroids[chosen],
            self.area_m2[chosen],
            draw=lambda: self.outlines()[chosen],
            link=lambda: self.neighbours().take(chosen),
            find=lambda east, north: number[self.locate(east, north)],
            notes=self.notes,
        )

    @cached_property
    def _outlines(self) -> Outlines:
        return self.draw()

    @cached_property
    def _neighbours(self) -> Neighbours:
        return self.link()


def polygon_cells(
    unit: str, ids: ArrayLike, names: ArrayLike, outlines: Outlines, notes: tuple[str, ...] = ()
) -> Cells:
    """Make cells of areas with outlines (shapely polygons or multipolygons, (n,))."""
    import shapely

    from triservice.analysis.place.contiguity import queen
    from triservice.analysis.place.polygons import PolygonIndex

    index: list[PolygonIndex] = []

    def find(east: Floats, north: Floats) -> Numbers:
        if not index:
            index.append(PolygonIndex.build(outlines))
        return index[0].locate(east, north)

    centres = shapely.get_coordinates(shapely.centroid(outlines))
    return Cells(
        unit,
        np.asarray(ids, dtype=np.str_),
        np.asarray(names, dtype=np.str_),
        centres.reshape(-1, 2),
        shapely.area(outlines),
        draw=lambda: outlines,
        link=lambda: queen(outlines),
        find=find,
        notes=notes,
    )
