"""Places where a base could stand, and which areas are in reach of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.table_files import read_columns
from triservice.analysis.overlap.bases import Bools, Floats, within_reach
from triservice.analysis.place.cells import Cells
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, lonlat_to_grid

_COLUMNS = {
    "name": ("name", "station", "station_name", "base", "site", "place"),
    "easting": ("easting", "station_easting", "x"),
    "northing": ("northing", "station_northing", "y"),
    "longitude": ("longitude", "long", "lon", "lng"),
    "latitude": ("latitude", "lat"),
}


@dataclass(frozen=True)
class Candidates:
    """Places for a base: `names` (c,), `places` (c, 2) in metres, and what was left out."""

    names: NDArray[np.str_]
    places: Floats
    notes: tuple[str, ...] = ()

    def find(self, wanted: Sequence[str]) -> list[int]:
        """Return the index of each named candidate, by its whole name or by how it alone begins.

        Raises InputError for a name that fits none, or several.
        """
        return [self._find(name.strip()) for name in wanted]

    def _find(self, wanted: str) -> int:
        folded = [name.casefold() for name in self.names.tolist()]
        whole = [at for at, name in enumerate(folded) if name == wanted.casefold()]
        begin = [at for at, name in enumerate(folded) if name.startswith(wanted.casefold())]
        found = whole or begin
        if len(found) == 1:
            return found[0]
        shown = self.names[found] if found else self.names
        raise InputError(
            f"{len(found) or 'no'} candidates are called {wanted!r}",
            do=f"There are {', '.join(shown[:12])}"
            + (f" and {len(shown) - 12:,} more." if len(shown) > 12 else "."),
        )


def area_candidates(cells: Cells) -> Candidates:
    """Return the centroid of every area as a candidate, by the area's name."""
    return Candidates(cells.names, cells.centroids)


def read_candidates(path: Path, cells: Cells, reach_m: float, crs: str) -> Candidates:
    """Return the candidates in a table with a name and coordinates (metres of `crs`, or degrees).

    Rows without usable coordinates, and rows from which no area is in reach, are left out and
    counted. Raises InputError when the columns or all rows are of no use.
    """
    table = read_columns(path, {}, _COLUMNS)
    held = table.values
    metres = "easting" in held and "northing" in held
    if "name" not in held or not (metres or ("longitude" in held and "latitude" in held)):
        raise InputError(
            "needs a column name, and easting and northing (or longitude and latitude)",
            file=path,
            do=f"Its columns are {', '.join(table.header)}.",
        )
    if metres:
        places = np.column_stack([_numbers(held["easting"]), _numbers(held["northing"])])
    else:
        places = _in_metres(_numbers(held["longitude"]), _numbers(held["latitude"]), crs)
    names = np.array([str(name or "").strip() for name in held["name"]])
    usable = np.isfinite(places).all(axis=1) & (names != "")
    near = usable.copy()
    near[usable] = within_reach(places[usable], cells.centroids, reach_m).any(axis=1)
    notes = []
    if unusable := int((~usable).sum()):
        notes.append(f"{unusable:,} rows of {path.name} have no name or no usable coordinates.")
    if far := int((usable & ~near).sum()):
        notes.append(f"{far:,} places in {path.name} have no area in reach and are left out.")
    if not near.any():
        raise InputError(
            f"none of its {table.rows:,} places has an area in reach",
            file=path,
            do="Check that its coordinates are in the lake's system, or allow a longer way.",
        )
    return Candidates(names[near], places[near], tuple(notes))


def read_times(path: Path, cells: Cells, minutes: float) -> tuple[Candidates, Bools]:
    """Return the bases named in a table of travel times, and which areas each reaches in time.

    Columns base, area (code or name of an area) and minutes; pairs that are not there are out of
    reach. Bases have no coordinates. Raises InputError when no row names an area of `cells`.
    """
    table = read_columns(path, {"base": "base", "area": "area", "minutes": "minutes"})
    area = {str(name).casefold(): at for at, name in enumerate(cells.names)}
    area |= {str(code).casefold(): at for at, code in enumerate(cells.ids)}
    bases: dict[str, int] = {}
    pairs = []
    times = _numbers(table.values["minutes"])
    rows = zip(table.values["base"], table.values["area"], times, strict=True)
    for base, place, time in rows:
        at = area.get(str(place).strip().casefold())
        if at is not None and str(base or "").strip():
            pairs.append((bases.setdefault(str(base).strip(), len(bases)), at, time))
    if not pairs:
        raise InputError(
            f"no row names one of the {len(cells):,} {cells.unit} areas",
            file=path,
            field="area",
            do=f"Write area codes or names, such as {cells.ids[0]} or {cells.names[0]}.",
        )
    reach = np.zeros((len(bases), len(cells)), dtype=np.bool_)
    for base, at, time in pairs:
        reach[base, at] |= time <= minutes
    missing = table.rows - len(pairs)
    notes = (f"{missing:,} rows of {path.name} name no area here.",) if missing else ()
    places = np.full((len(bases), 2), np.nan)
    return Candidates(np.array(list(bases)), places, notes), reach


def _in_metres(longitude: Floats, latitude: Floats, crs: str) -> Floats:
    if crs == BRITISH_NATIONAL_GRID:
        return np.column_stack(lonlat_to_grid(longitude, latitude))
    from pyproj import Transformer

    transform = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    return np.column_stack(transform(longitude, latitude))


def _numbers(values: Sequence[Any]) -> Floats:
    """Return numbers, NaN for what is none (a sentence where an easting should be)."""

    def number(value: Any) -> float:
        try:
            return float(str(value).replace(",", ""))
        except ValueError:
            return float("nan")

    return np.array([number(value) for value in values], dtype=np.float64)
