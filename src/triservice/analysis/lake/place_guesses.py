"""Which columns of a sample hold coordinates, in which system, and around which place."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.rules import LocationRule
from triservice.analysis.lake.sampling import Sample
from triservice.analysis.lake.time_guesses import words_of
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, HEIGHT_M, WIDTH_M, lonlat_to_grid

Floats = NDArray[np.float64]
Bounds = tuple[int, int, int, int]  # west, south, east, north in metres
DEGREES, MERCATOR = "EPSG:4326", "EPSG:3857"
_EAST = {"easting", "eastings", "east", "oseast", "x", "lon", "lng", "long", "longitude", "e",
         "xcoord", "coordx", "geox", "oseasting"}  # fmt: skip
_NORTH = {"northing", "northings", "north", "osnorth", "y", "lat", "latitude", "n",
          "ycoord", "coordy", "geoy", "osnorthing"}  # fmt: skip
_DEGREE_WORDS = {"lon", "lng", "long", "longitude", "lat", "latitude"}
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?([eE][-+]?\d+)?")
_COMMA = re.compile(r"[-+]?\d+,\d+")

# Rough boxes: west, south, east, north → time zone; the first that holds the centre.
_ZONES = [
    ((-8.7, 49.8, 2.1, 61.1), "Europe/London"),
    ((-11.0, 51.2, -5.3, 55.5), "Europe/Dublin"),
    ((-10.0, 36.8, -6.2, 42.2), "Europe/Lisbon"),
    ((-9.4, 35.9, 3.4, 43.8), "Europe/Madrid"),
    ((-5.0, 42.3, 8.3, 51.2), "Europe/Paris"),
    ((2.5, 50.7, 7.2, 53.6), "Europe/Amsterdam"),
    ((5.8, 47.2, 15.1, 55.1), "Europe/Berlin"),
    ((4.5, 57.9, 31.2, 71.3), "Europe/Oslo"),
    ((-67.5, 43.0, -59.5, 47.2), "America/Halifax"),
    ((-87.0, 24.0, -66.8, 47.5), "America/New_York"),
    ((-102.0, 25.5, -87.0, 49.5), "America/Chicago"),
    ((-115.0, 31.0, -109.0, 37.0), "America/Phoenix"),
    ((-114.5, 31.0, -102.0, 49.5), "America/Denver"),
    ((-125.5, 32.0, -114.0, 49.5), "America/Los_Angeles"),
    ((166.0, -47.5, 179.0, -34.0), "Pacific/Auckland"),
    ((140.5, -44.0, 154.0, -28.2), "Australia/Sydney"),
    ((137.9, -29.2, 154.0, -9.0), "Australia/Brisbane"),
    ((112.5, -36.0, 129.0, -13.0), "Australia/Perth"),
]


@dataclass
class Places:
    """The proposal: pairs of columns, the lake's system and clock, bounds in its metres."""

    locations: list[LocationRule] = field(default_factory=list)
    crs: str = BRITISH_NATIONAL_GRID
    time_zone: str = "Europe/London"
    bounds: Bounds | None = None
    decimal: str = "."
    notes: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    american: bool = False


def numbers_of(sample: Sample, name: str) -> Floats:
    """Return the numbers (n,) of a column, NaN where a value is none; a comma may be the point."""
    return np.array(
        [float(v.replace(",", ".")) if _NUMBER.fullmatch(v) else math.nan
         for v in sample.values[name]]
    )  # fmt: skip


def guess_places(sample: Sample) -> Places:
    """Propose the coordinates of a sample."""
    places = Places()
    for x, y in _pairs(sample):
        east, north = numbers_of(sample, x), numbers_of(sample, y)
        given = np.isfinite(east) & np.isfinite(north) & ~((east == 0) & (north == 0))
        if (
            given.sum() < 0.3 * max(1, len(set(_both(sample, x, y)) - {("", "")}))
            or not given.any()
        ):
            continue
        system, swapped = _system(x, y, east[given], north[given], places)
        if not system:
            continue
        if swapped:
            x, y, east, north = y, x, north, east
            places.notes.append(f"{x} and {y} look exchanged: {x} is taken for the easting.")
        precision = _precision(x, east[given], north[given], system)
        places.locations.append(LocationRule(x, y, system, precision))
        places.used |= {x, y}
        if any(_COMMA.fullmatch(v) for v in sample.values[x] + sample.values[y]):
            places.decimal = ","
        if len(places.locations) == 1:
            _centre(places, east[given], north[given], system)
    places.locations.sort(key=lambda rule: rule.precision != "exact")
    return places


def _both(sample: Sample, x: str, y: str) -> list[tuple[str, str]]:
    return list(zip(sample.values[x], sample.values[y], strict=True))


def _pairs(sample: Sample) -> list[tuple[str, str]]:
    """Return (easting, northing) columns that share the rest of their names."""

    def split(name: str, marks: set[str]) -> frozenset[str] | None:
        words = words_of(name)
        return frozenset(words) - marks if marks & set(words) else None

    pairs = []
    norths = {name: rest for name in sample.values if (rest := split(name, _NORTH)) is not None}
    for name in sample.values:
        rest = split(name, _EAST)
        same = [n for n, other in norths.items() if other == rest and n != name]
        degrees = [bool(_DEGREE_WORDS & set(words_of(n))) for n in same]
        mine = bool(_DEGREE_WORDS & set(words_of(name)))
        match = [n for n, d in zip(same, degrees, strict=True) if d == mine]
        if rest is not None and match:
            pairs.append((name, match[0]))
    return pairs


def _inside(east: Floats, north: Floats, box: tuple[float, float, float, float]) -> float:
    """Return the share of points in a box: west, south, east, north."""
    west, south, most_east, most_north = box
    held = (east >= west) & (east <= most_east) & (north >= south) & (north <= most_north)
    return float(held.mean())


def _system(x: str, y: str, east: Floats, north: Floats, places: Places) -> tuple[str, bool]:
    """Return (coordinate system, are the columns exchanged); "" when it cannot be known."""
    britain = (-9.0, 49.0, 2.5, 61.5)
    if _inside(north, east, britain) > 0.8 and _inside(east, north, britain) < 0.2:
        return DEGREES, True
    if _inside(east, north, (-180, -90, 180, 90)) > 0.8:
        return DEGREES, False
    if _inside(east, north, (0, 0, WIDTH_M, HEIGHT_M)) > 0.6:
        return BRITISH_NATIONAL_GRID, False
    if _inside(east, north, (-1.1e6, 6.2e6, 3e5, 8.8e6)) > 0.8:
        return MERCATOR, False
    places.notes.append(
        f"{x} and {y} hold coordinates in a system that is not known from their values (around "
        f"{np.median(east):.0f}, {np.median(north):.0f}). FILL IN a [location] with its crs."
    )
    return "", False


def _precision(x: str, east: Floats, north: Floats, system: str) -> str:
    if system == DEGREES:
        return "exact"
    for step in (10, 25):
        if (east % step == 0).mean() > 0.99 and (north % step == 0).mean() > 0.99 and len(east) > 5:
            return "grid"
    return "grid" if re.search("round|grid", x.lower()) else "exact"


def _centre(places: Places, east: Floats, north: Floats, system: str) -> None:
    """Choose the lake's system and clock by the middle of the points; wild ones do not matter."""
    if system == BRITISH_NATIONAL_GRID:
        return
    from pyproj import Transformer

    if system == MERCATOR:
        east, north = Transformer.from_crs(MERCATOR, DEGREES, always_xy=True).transform(east, north)
    lon, lat = float(np.median(east)), float(np.median(north))
    places.american = -170 < lon < -60 and 15 < lat < 50
    grid = lonlat_to_grid(np.array([lon]), np.array([lat]))
    if not np.isfinite(grid).all():
        places.crs = _projected(lon, lat)
        places.time_zone = _time_zone(lon, lat, places)


def _projected(lon: float, lat: float) -> str:
    """Return the metres to use: Irish Transverse Mercator, or the UTM zone of the place."""
    if -11 < lon < -5.3 and 51.2 < lat < 55.5:
        return "EPSG:2157"
    zone = int((lon + 180) // 6) % 60 + 1
    if 1 <= zone <= 23 and 7 < lat < 84:
        return f"EPSG:{26900 + zone}"  # NAD83
    if 28 <= zone <= 38 and 34 < lat < 82 and lon < 40:
        return f"EPSG:{25800 + zone}"  # ETRS89
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"  # WGS 84


def _time_zone(lon: float, lat: float, places: Places) -> str:
    for (west, south, east, north), zone in _ZONES:
        if west <= lon <= east and south <= lat <= north:
            places.notes.append(f"The time zone {zone} was guessed from the coordinates. CHECK it.")
            return zone
    places.notes.append(
        f"No time zone is known to us for {lat:.1f}, {lon:.1f}: UTC was written. FILL IN yours."
    )
    return "UTC"


def bounds_around(east: Floats, north: Floats) -> Bounds | None:
    """Return whole kilometres around all points that lie near the bulk of them.

    Near: within a quarter of the width of the middle 98% of the points, and at least 10 km.
    """
    sides = []
    for metres in (east[np.isfinite(east)], north[np.isfinite(north)]):
        if not len(metres):
            return None
        low, high = np.quantile(metres, [0.01, 0.99])
        reach = max((high - low) / 4, 10_000.0)
        near = metres[(metres >= low - reach) & (metres <= high + reach)]
        sides.append((math.floor(near.min() / 1000) * 1000 - 1000,
                      math.ceil(near.max() / 1000) * 1000 + 1000))  # fmt: skip
    (west, most_east), (south, most_north) = sides
    return west, south, most_east, most_north
