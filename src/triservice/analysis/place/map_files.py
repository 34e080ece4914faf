"""Units of place with columns of figures as a file for a map or a sheet.

CSV without outlines; GeoJSON in longitude and latitude (RFC 7946); GeoPackage in metres.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.place.outlines import Outlines
from triservice.files import check_ending, csv_text, refusing_the_disk, write_atomically
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, grid_to_lonlat

if TYPE_CHECKING:
    from triservice.analysis.place.cells import Cells

Floats = NDArray[np.float64]
Columns = Mapping[str, Sequence[Any] | NDArray[Any]]

ENDINGS = (".csv", ".geojson", ".json", ".gpkg")
DECIMALS = 7  # of a degree: about a centimetre


@dataclass(frozen=True)
class Table:
    """Rows with outlines in metres (n,); every column has one value a row."""

    name: str
    columns: Columns
    outlines: Outlines


def write_cells(path: Path, columns: Columns, cells: Cells, crs: str) -> None:
    """Write one row a unit: `columns` (n,) each, with outlines unless it is a CSV.

    GeoJSON is in longitude and latitude, GeoPackage in the metres of `crs`. Raises InputError for
    another ending or a folder that cannot be written.
    """
    kind = check_ending(path, *ENDINGS)
    if kind == ".gpkg":
        write_geopackage(path, [Table(path.stem, columns, cells.outlines())], crs)
        return
    text = (
        csv_of(columns)
        if kind == ".csv"
        else geojson(rows_of(columns), geojson_shapes(cells.outlines(), crs))
    )
    with refusing_the_disk(path):
        write_atomically(path, text)


def to_lonlat(points: Floats, crs: str) -> Floats:
    """Return longitude, latitude (n, 2) in WGS84 of points (n, 2) in metres of `crs`.

    The national grid by OSTN15; places beyond it, out at sea, and other systems by pyproj.
    """
    degrees = np.full(points.shape, np.nan)
    if crs == BRITISH_NATIONAL_GRID:
        degrees = np.column_stack(grid_to_lonlat(points[:, 0], points[:, 1]))
    missed = ~np.isfinite(degrees).all(axis=1)
    if missed.any():
        from pyproj import Transformer

        transform = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
        degrees[missed] = np.column_stack(transform(points[missed, 0], points[missed, 1]))
    return degrees


def geojson_shapes(outlines: Outlines, crs: str) -> list[str]:
    """Return each outline (metres in `crs`) as GeoJSON text: degrees, outer rings to the left."""
    import shapely

    turned = shapely.transform(
        np.asarray(outlines, dtype=object),
        lambda points: np.round(to_lonlat(points, crs), DECIMALS),
    )
    drawn: list[str] = shapely.to_geojson(shapely.orient_polygons(turned)).tolist()
    return drawn


def geojson(rows: Iterable[Mapping[str, Any]], shapes: Iterable[str]) -> str:
    """Return a FeatureCollection, one line a feature, of properties and `geojson_shapes`."""
    features = [
        f'{{"type": "Feature", "properties": '
        f'{json.dumps(dict(row), ensure_ascii=False, allow_nan=False)}, "geometry": {shape}}}'
        for row, shape in zip(rows, shapes, strict=True)
    ]
    body = ",\n".join(features)
    return f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n'


def csv_of(columns: Columns) -> str:
    """Return columns as CSV text."""
    return csv_text(columns, zip(*(_listed(v) for v in columns.values()), strict=True))


def rows_of(columns: Columns) -> Iterator[dict[str, Any]]:
    """Yield each row as plain values by name; a number that is not finite is None."""
    listed = [_listed(values) for values in columns.values()]
    for row in zip(*listed, strict=True):
        yield dict(zip(columns, row, strict=True))


def write_geopackage(path: Path, tables: Iterable[Table], crs: str) -> None:
    """Write tables as layers of one GeoPackage, in place of the one that was there.

    Outlines are multipolygons in the metres of `crs`; what has no value is null. A reader sees
    all or nothing. Raises InputError when it cannot be written.
    """
    from pyogrio.errors import DataSourceError

    waiting = path.with_name(f".{path.stem}.{os.getpid()}.gpkg")
    try:
        with refusing_the_disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            waiting.unlink(missing_ok=True)
            for table in tables:
                _add_layer(waiting, table, crs)
            if waiting.exists():
                os.replace(waiting, path)
            else:
                path.unlink(missing_ok=True)  # no layer: an older answer must not stand
    except DataSourceError as error:
        raise InputError(f"the file cannot be written: {error}", file=path) from None
    finally:
        for left in path.parent.glob(f"{escape(waiting.name)}*"):
            left.unlink(missing_ok=True)


def _add_layer(path: Path, table: Table, crs: str) -> None:
    import shapely
    from pyogrio.raw import write

    fields = {name: _field(values) for name, values in table.columns.items()}
    parts, rows = shapely.get_parts(table.outlines, return_index=True)
    shapes = np.full(len(table.outlines), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(parts, indices=rows, out=shapes)
    write(
        str(path),
        geometry=shapely.to_wkb(shapes),
        field_data=[values for values, _ in fields.values()],
        field_mask=[empty for _, empty in fields.values()],
        fields=list(fields),
        geometry_type="MultiPolygon",
        crs=crs,
        driver="GPKG",
        layer=table.name,
        append=path.exists(),
    )


def _field(values: Sequence[Any] | NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return a column of one type, and which rows are null (None when none is)."""
    held = _listed(values)
    empty = np.array([v is None for v in held], dtype=np.bool_)
    known = [v for v in held if v is not None]
    if any(isinstance(v, str) for v in known):
        return np.array(held, dtype=object), None
    kind: Any = np.float64
    if known and all(isinstance(v, bool) for v in known):
        kind = np.bool_
    elif known and all(isinstance(v, int) for v in known):
        kind = np.int64
    filled = np.array([0 if v is None else v for v in held], dtype=kind)
    return filled, empty if empty.any() else None


def _listed(values: Sequence[Any] | NDArray[Any]) -> list[Any]:
    """Return plain values; a number that is not finite is None."""
    plain = (
        values.tolist()
        if isinstance(values, np.ndarray)
        else [v.item() if isinstance(v, np.generic) else v for v in values]
    )
    return [None if isinstance(v, float) and not np.isfinite(v) else v for v in plain]
