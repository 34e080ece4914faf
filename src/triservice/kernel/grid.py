"""Ordnance Survey national grid (EPSG:27700), the one system of metres inside the house."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.kernel.errors import InputError

BRITISH_NATIONAL_GRID = "EPSG:27700"
WIDTH_M, HEIGHT_M = 700_000, 1_300_000  # the lettered squares of the grid
_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # no I

Floats = NDArray[np.float64]


def lonlat_to_grid(longitude: ArrayLike, latitude: ArrayLike) -> tuple[Floats, Floats]:
    """Convert WGS84/ETRS89 degrees to easting, northing in metres by OSTN15.

    Shapes (n,) and (n,). Points outside the transformation, and NaN, come back as NaN.
    Source: Ordnance Survey, OSTN15 (through the convertbng library; exact to a millimetre).
    """
    easting, northing = _convert("convert_bng", longitude, latitude)
    lon, lat = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    missed = np.isnan(easting) & np.isfinite(lon) & np.isfinite(lat)
    if missed.any():  # the library's box leaves out land that OSTN15 covers: the Isles of Scilly
        easting[missed], northing[missed] = _by_projection(lon[missed], lat[missed])
    return easting, northing


def _by_projection(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Project to the grid on ETRS89's own ellipsoid, then shift by OSTN15; NaN outside it."""
    from pyproj import Transformer

    near = (np.abs(lon + 3) < 8) & (np.abs(lat - 55) < 7)  # projections fold the far side back
    lon, lat = np.where(near, lon, np.nan), np.where(near, lat, np.nan)
    plane = "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=GRS80"
    project = Transformer.from_crs("EPSG:4258", plane, always_xy=True)
    east, north = project.transform(lon, lat)
    covered = near & (east >= 0) & (east <= WIDTH_M) & (north >= 0) & (north <= 1_250_000)
    east, north = np.where(covered, east, np.nan), np.where(covered, north, np.nan)
    return _convert("convert_etrs89_to_osgb36", east, north)


def grid_to_lonlat(easting: ArrayLike, northing: ArrayLike) -> tuple[Floats, Floats]:
    """Convert easting, northing in metres to WGS84/ETRS89 longitude, latitude in degrees."""
    return _convert("convert_lonlat", easting, northing)


def _convert(function: str, first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
    from convertbng import cutil  # loads a shared library: only when asked

    a = np.ascontiguousarray(first, dtype=np.float64)
    b = np.ascontiguousarray(second, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise InputError("coordinates must be two one-dimensional arrays of the same length")
    out_a, out_b = np.full(a.shape, np.nan), np.full(b.shape, np.nan)
    usable = np.isfinite(a) & np.isfinite(b)
    if usable.any():
        converted: Any = getattr(cutil, function)(a[usable], b[usable])
        out_a[usable], out_b[usable] = converted[0], converted[1]
    return out_a, out_b


def grid_reference(easting: float, northing: float, digits: int = 3) -> str:
    """Return the lettered reference of a point, `digits` figures each way: 'SW 826 448'.

    Raises InputError outside the lettered squares.
    """
    if not (0 <= easting < WIDTH_M and 0 <= northing < HEIGHT_M):
        raise InputError(f"({easting:.0f}, {northing:.0f}) lies outside the national grid")
    east, north = int(easting) // 100_000, int(northing) // 100_000
    first = _LETTERS[(3 - north // 5) * 5 + (east // 5) + 2]
    second = _LETTERS[(4 - north % 5) * 5 + east % 5]
    step = 10 ** (5 - digits)
    e, n = int(easting) % 100_000 // step, int(northing) % 100_000 // step
    return f"{first}{second} {e:0{digits}d} {n:0{digits}d}" if digits else f"{first}{second}"
