"""Read outlines from the files people have: GeoJSON (also .gz), GeoPackage, shapefiles.

Reading is GDAL's, through pyogrio; what is decided here is which columns hold the code and the
name, and how coordinates come into the metres of the lake.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.place.outlines import CROSSED, areas_only
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, lonlat_to_grid
from triservice.kernel.words import many

SUFFIXES = (".geojson", ".json", ".geojson.gz", ".json.gz", ".gpkg", ".shp", ".zip", ".fgb")
_DO = "Give polygons as GeoJSON (plain or .gz), GeoPackage or a shapefile."
_GENERIC = {
    "code": ("code", "areacode", "geocode", "gsscode", "geographycode", "id"),
    "name": ("name", "areaname", "geographyname"),
}
_ENDINGS = {"code": ("cd", "code"), "name": ("nm", "name")}
_DEGREES = ("EPSG:4326", "EPSG:4258", "OGC:CRS84")  # degrees that OSTN15 takes as they are


@dataclass
class OutlineRows:
    """What one file holds: equal-length columns, outlines valid and in metres of the lake."""

    file: Path
    codes: list[str]
    names: list[str]
    outlines: NDArray[np.object_]
    read: int
    skipped: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def expand(paths: Iterable[str | Path]) -> list[Path]:
    """Return the outline files that `paths` name; folders give all they hold, in order of name.

    Raises InputError for a path that does not exist or a folder without such files.
    """
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.name.lower().endswith(SUFFIXES))
            if not inside:
                raise InputError("the folder holds no outlines", file=path, do=_DO)
            files += inside
        elif path.exists():
            files.append(path)
        else:
            raise InputError("there is no such file or folder", file=path)
    return files


def read_outline_file(
    path: Path, unit: str, crs: str, code: str | None = None, name: str | None = None
) -> OutlineRows:
    """Read one file of outlines of `unit` into the projected system `crs`.

    Rows without a code or without an area are left out and counted in `skipped`; parts of one
    code are joined; outlines that cross themselves are made valid. Raises InputError when the
    file cannot be read, the columns cannot be told, or nothing usable is in it.
    """
    import shapely

    meta, shapes, columns = _read(path)
    names = list(columns)
    code_column = code or find_column(names, columns, unit, "code", path)
    name_column = name or find_column(names, columns, unit, "name", path)
    for given in (code_column, name_column):
        if given is not None and given not in columns:
            raise InputError(
                f"there is no column {given}", file=path, do=f"The columns are {', '.join(names)}."
            )
    assert code_column is not None
    rows = OutlineRows(path, [], [], np.empty(0, dtype=object), len(shapes))
    codes = [_text(value) for value in columns[code_column]]
    labels = [_text(v) for v in columns[name_column]] if name_column else list(codes)
    if name_column is None:
        rows.notes.append(f"{path.name}: no column holds names; the codes serve as names.")
    shapes, invalid = _areas(shapely.force_2d(shapes))
    if invalid:
        rows.notes.append(f"{path.name}: {many(invalid, *CROSSED)}; made valid.")
    present = np.array([bool(c) for c in codes], dtype=bool)
    area = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    for reason, bad in (("no code", ~present), ("no area", present & ~area)):
        if bad.any():
            rows.skipped[reason] = int(bad.sum())
    keep = np.flatnonzero(present & area)
    if not len(keep):
        raise InputError(
            f"none of its {many(len(shapes), 'row')} has a code and an area", file=path
        )
    rows.codes = [codes[i] for i in keep]
    rows.names = [labels[i] or codes[i] for i in keep]
    rows.outlines = _to_lake(shapes[keep], meta.get("crs"), crs, rows)
    _join_parts(rows)
    return rows


def _read(path: Path) -> tuple[dict[str, Any], NDArray[np.object_], dict[str, Any]]:
    import shapely
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import read

    source: Any = path
    try:
        if path.name.lower().endswith(".gz"):
            source = gzip.decompress(path.read_bytes())
        meta, _, geometry, fields = read(source)
    except (DataSourceError, DataLayerError, OSError, EOFError, ValueError, zlib.error) as error:
        said = re.split(r"[;\n]", str(error))[0]
        said = re.sub(r"'?(/vsimem/\w+|" + re.escape(str(path)) + ")'?", "it is", said).strip(". ")
        raise InputError(f"cannot be read as outlines ({said})", file=path, do=_DO) from None
    if geometry is None:
        raise InputError("holds a table without outlines", file=path, do=_DO)
    shapes = shapely.from_wkb(geometry, on_invalid="fix")
    return meta, shapes, dict(zip(meta["fields"], fields, strict=True))


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def find_column(
    names: Sequence[str], columns: dict[str, Any], unit: str, what: str, path: Path
) -> str | None:
    """Return the column with the code or the name (`what`) of `unit`; None when no name is found.

    First the unit's own (LSOA11CD, "LSOA code (2011)"), then a general word (code, name), then
    the only column that ends like a code and differs on every row. Raises InputError when no code
    column is found, or when the file is plainly of another vintage.
    """
    plain = {_plain(n): n for n in names}
    letters, year = re.fullmatch(r"(.*?)(\d\d)?", _plain(unit)).groups()  # type: ignore[union-attr]
    for ending in _ENDINGS[what]:
        for form in (f"{letters}{year or ''}{ending}", f"{letters}{ending}20{year}"):
            if form in plain:
                return plain[form]
    if what == "code" and year:
        _refuse_other_vintage(plain, letters, year, path)
    for form in (*(f"{letters}{ending}" for ending in _ENDINGS[what]), *_GENERIC[what]):
        if form in plain:
            return plain[form]
    ending_so = [n for p, n in plain.items() if p.endswith(_ENDINGS[what])]
    distinct = [n for n in ending_so if len({_text(v) for v in columns[n]}) == len(columns[n])]
    if len(distinct) == 1:
        return distinct[0]
    if what == "name":
        return None
    raise InputError(
        f"no column can be told to hold the codes of {unit}",
        file=path,
        do=f"Name it with --code; the columns are {', '.join(names)}.",
    )


def _refuse_other_vintage(plain: dict[str, str], letters: str, year: str, path: Path) -> None:
    for form, column in plain.items():
        match = re.fullmatch(rf"{letters}(\d\d)(cd|code)", form)
        if match and match[1] != year:
            raise InputError(
                f"its codes are in {column}, so these are {letters}{match[1]} outlines, not "
                f"{letters}{year}",
                file=path,
                do=f"Add it with --unit {letters}{match[1]}, or name the codes with --code.",
            )


def _areas(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], int]:
    """Return shapes valid and as areas only (None where there is none), and how many changed."""
    import shapely

    shapes = shapes.copy()
    shapes[~np.isin(shapely.get_type_id(shapes), (3, 6, 7))] = None
    finite = np.array([bool(np.isfinite(shapely.get_coordinates(s)).all()) for s in shapes])
    shapes[~finite] = None
    invalid = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    if invalid.any():
        shapes[invalid] = areas_only(shapely.make_valid(shapes[invalid]))
    mixed = shapely.get_type_id(shapes) == 7
    if mixed.any():
        shapes[mixed] = areas_only(shapes[mixed])
    return shapes, int(invalid.sum())


def _to_lake(
    shapes: NDArray[np.object_], source: str | None, crs: str, rows: OutlineRows
) -> NDArray[np.object_]:
    """Bring every vertex into the metres of the lake; OSTN15 where the lake is in OSGB36."""
    import shapely

    if source is None:
        west, south, east, north = shapely.total_bounds(shapes)
        degrees = max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90
        source = "EPSG:4326" if degrees else crs
        rows.notes.append(
            f"{rows.file.name}: no coordinate system is stated; read as "
            + ("longitude and latitude." if degrees else f"{crs}.")
        )
    vertices, owner = shapely.get_coordinates(shapes, return_index=True)
    placed = _mover(source, crs)(vertices)
    if lost := sorted(set(owner[~np.isfinite(placed).all(axis=1)].tolist())):
        raise InputError(
            f"{many(len(lost), 'outline')} (the first is {rows.codes[lost[0]]}) outside {crs}",
            file=rows.file,
            do="Keep outlines of other countries in a lake of their own projected system.",
        )
    moved: NDArray[np.object_] = shapely.set_coordinates(shapes.copy(), placed)
    return areas_only(shapely.make_valid(moved)) if not shapely.is_valid(moved).all() else moved


def _mover(source: str, target: str) -> Any:
    """Return a function that moves (n, 2) coordinates from `source` to `target`."""
    from pyproj import CRS, Transformer

    start, end = CRS.from_user_input(source), CRS.from_user_input(target)
    if start == end:
        return lambda points: points
    if end != CRS.from_user_input(BRITISH_NATIONAL_GRID):
        change = Transformer.from_crs(start, end, always_xy=True)
        return lambda points: np.column_stack(change.transform(points[:, 0], points[:, 1]))
    degrees = None
    if not any(start == CRS.from_user_input(known) for known in _DEGREES):
        degrees = Transformer.from_crs(start, "EPSG:4326", always_xy=True)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = points[:, 0], points[:, 1]
        if degrees is not None:
            lon, lat = degrees.transform(lon, lat)
        return np.column_stack(lonlat_to_grid(lon, lat))

    return move


def _join_parts(rows: OutlineRows) -> None:
    """Join the parts of a code that a file lists on several rows. Raises InputError on overlaps."""
    import shapely

    places: dict[str, list[int]] = {}
    for at, code in enumerate(rows.codes):
        places.setdefault(code, []).append(at)
    if len(places) == len(rows.codes):
        return
    joined = np.empty(len(places), dtype=object)
    parts_of = 0
    for at, (code, parts) in enumerate(places.items()):
        joined[at] = rows.outlines[parts[0]]
        for part in parts[1:]:
            other = rows.outlines[part]
            if shapely.equals(joined[at], other):
                continue
            shared = shapely.area(shapely.intersection(joined[at], other))
            if shared > 0.01 * min(shapely.area(joined[at]), shapely.area(other)):
                raise InputError(
                    f"code {code} has two outlines that overlap",
                    file=rows.file,
                    row=part + 1,
                    do="Keep one row for each area.",
                )
            joined[at] = shapely.union(joined[at], other)
        parts_of += len(parts) > 1
    rows.notes.append(
        f"{rows.file.name}: {many(parts_of, 'code comes', 'codes come')} in several rows; joined."
    )
    rows.names = [rows.names[parts[0]] for parts in places.values()]
    rows.codes, rows.outlines = list(places), joined
