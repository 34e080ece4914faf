"""Coordinates of a source → metres in the lake's projected system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.mapping import Mapping
from triservice.analysis.lake.schema import LOCATION_PRECISIONS
from triservice.analysis.lake.store import Settings
from triservice.kernel.grid import (
    BRITISH_NATIONAL_GRID,
    HEIGHT_M,
    WIDTH_M,
    grid_to_lonlat,
    lonlat_to_grid,
)

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
DEGREES = "EPSG:4326"


@dataclass
class Placed:
    """Where the rows (n,) are. NaN where there is no usable location.

    precision: index into LOCATION_PRECISIONS; half: only one coordinate is given; outside: not
    within the mapping's bounds, coordinates kept; impossible: not in the projected system.
    """

    easting: Floats
    northing: Floats
    precision: NDArray[np.uint8]
    half: Marks
    outside: Marks
    impossible: Marks


class Projector:
    """Places rows by the first pair of coordinate columns that is filled in."""

    def __init__(self, mapping: Mapping, settings: Settings) -> None:
        """Prepare the conversions from the mapping's systems to the lake's."""
        self.mapping, self.crs = mapping, settings.crs
        self._to_lake = [_conversion(rule.crs, settings.crs) for rule in mapping.locations]

    def place(self, n: int, pairs: list[tuple[Floats, Floats]]) -> Placed:
        """Place `n` rows by coordinate pairs in the order of the mapping's locations.

        A pair of zeros is a missing location: that is how systems write it.
        """
        nowhere = LOCATION_PRECISIONS.index("none")
        easting, northing = np.full(n, np.nan), np.full(n, np.nan)
        precision = np.full(n, nowhere, np.uint8)
        half = np.zeros(n, np.bool_)
        wanted = np.ones(n, np.bool_)
        for rule, convert, (x, y) in zip(self.mapping.locations, self._to_lake, pairs, strict=True):
            given = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
            half |= np.isfinite(x) ^ np.isfinite(y)
            use = wanted & given
            if use.all():
                easting, northing = convert(x, y)
            elif use.any():
                easting[use], northing[use] = convert(x[use], y[use])
            precision[use] = LOCATION_PRECISIONS.index(rule.precision)
            wanted &= ~given
        placed = ~wanted
        impossible = placed & ~self._covered(easting, northing)
        easting[impossible] = northing[impossible] = np.nan
        precision[impossible] = nowhere
        return Placed(
            easting, northing, precision, half & wanted,
            impossible | self._outside(easting, northing), impossible,
        )  # fmt: skip

    def _covered(self, easting: Floats, northing: Floats) -> Marks:
        covered: Marks = np.isfinite(easting) & np.isfinite(northing)
        if self.crs == BRITISH_NATIONAL_GRID:
            covered &= (easting >= 0) & (easting < WIDTH_M) & (northing >= 0)
            covered &= northing < HEIGHT_M
        return covered

    def _outside(self, easting: Floats, northing: Floats) -> Marks:
        if self.mapping.bounds is None:
            return np.zeros(len(easting), np.bool_)
        west, south, east, north = self.mapping.bounds
        # Comparisons with NaN are false: a row without a location is not outside.
        outside: Marks = (easting < west) | (easting > east)
        return outside | (northing < south) | (northing > north)


def _conversion(source: str, target: str) -> Any:
    """Return a function (x, y) → (easting, northing) between two coordinate systems.

    To and from the British grid it is always by OSTN15; pyproj alone would be metres out.
    """
    if source == target:
        return lambda x, y: (x.copy(), y.copy())
    if target == BRITISH_NATIONAL_GRID:
        if source == DEGREES:
            return lonlat_to_grid
        to_degrees = _pyproj(source, DEGREES)
        return lambda x, y: lonlat_to_grid(*to_degrees(x, y))
    if source == BRITISH_NATIONAL_GRID:
        from_degrees = _pyproj(DEGREES, target)
        return lambda x, y: from_degrees(*grid_to_lonlat(x, y))
    return _pyproj(source, target)


def _pyproj(source: str, target: str) -> Any:
    from pyproj import Transformer

    transformer = Transformer.from_crs(source, target, always_xy=True)

    def convert(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        east, north = transformer.transform(x, y)
        lost = ~(np.isfinite(east) & np.isfinite(north))
        return np.where(lost, np.nan, east), np.where(lost, np.nan, north)

    return convert
