"""Units of place with columns of figures as a file: CSV, GeoJSON or GeoPackage."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.store import write_atomically
from triservice.analysis.place.cells import Cells
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, grid_to_lonlat

Columns = Mapping[str, NDArray[Any]]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a text that starts so


def to_lonlat(points: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Return longitude, latitude (n, 2) of points (n, 2) in metres of `crs`."""
    if crs == BRITISH_NATIONAL_GRID:
        return np.column_stack(grid_to_lonlat(points[:, 0], points[:, 1]))
    from pyproj import Transformer

    transform = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
    return np.column_stack(transform(points[:, 0], points[:, 1]))


def check_ending(path: Path) -> str:
    """Return the kind of file that a name asks for. Raises InputError for one not written here."""
    kind = path.suffix.lower()
    if kind not in _WRITERS:
        raise InputError(
            f"{path.name} ends in {kind or 'nothing'}",
            do=f"Write --out FILE{' or FILE'.join(_WRITERS)}.",
        )
    return kind


def write_cells(path: Path, columns: Columns, cells: Cells, crs: str) -> None:
    """Write one row a unit: `columns` (n,) each, with outlines unless it is a CSV.

    GeoJSON is in longitude and latitude, GeoPackage in the metres of `crs`. Raises InputError for
    another ending or a folder that cannot be written.
    """
    kind = check_ending(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _WRITERS[kind](path, columns, cells, crs)
    except OSError as error:
        raise InputError(f"the file cannot be written: {error.strerror}", file=path) from None


def _csv(path: Path, columns: Columns, cells: Cells, crs: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*(_listed(values) for values in columns.values()), strict=True):
        writer.writerow(["" if value is None else _harmless(value) for value in row])
    write_atomically(path, out.getvalue())


def _harmless(value: Any) -> Any:
    risky = isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{value}" if risky else value


def _geojson(path: Path, columns: Columns, cells: Cells, crs: str) -> None:
    import shapely

    turned = shapely.transform(cells.outlines(), lambda points: to_lonlat(points, crs))
    drawn = shapely.to_geojson(shapely.set_precision(turned, 1e-6))
    rows = zip(*(_listed(values) for values in columns.values()), strict=True)
    features = [
        f'{{"type": "Feature", "properties": {json.dumps(properties, ensure_ascii=False)}, '
        f'"geometry": {outline}}}'
        for properties, outline in zip(
            (dict(zip(columns, row, strict=True)) for row in rows), drawn, strict=True
        )
    ]
    body = ",\n".join(features)
    write_atomically(path, f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n')


def _geopackage(path: Path, columns: Columns, cells: Cells, crs: str) -> None:
    import shapely
    from pyogrio.raw import write as write_layer

    outlines = cells.outlines()
    waiting = path.with_name(f".{path.stem}.{os.getpid()}.gpkg")  # a reader sees all or nothing
    waiting.unlink(missing_ok=True)
    write_layer(
        waiting,
        shapely.to_wkb(shapely.multipolygons([shapely.get_parts(o) for o in outlines])),
        [
            np.asarray(_listed(v), dtype=object) if v.dtype.kind in "U" else v
            for v in columns.values()
        ],
        list(columns),
        layer=path.stem,
        driver="GPKG",
        geometry_type="MultiPolygon",
        crs=crs,
    )
    os.replace(waiting, path)


def _listed(values: NDArray[Any]) -> list[Any]:
    """Return plain values; a number that is not one (NaN) is None."""
    plain: list[Any] = values.tolist()
    return [None if isinstance(v, float) and not np.isfinite(v) else v for v in plain]


_WRITERS = {".csv": _csv, ".geojson": _geojson, ".gpkg": _geopackage}
