"""The picture as files: the page, every figure as JSON, and each layer for a map or a sheet.

index.html  picture.json
layers/<layer>.geojson (longitude, latitude)  .csv   picture.gpkg (all layers, metres)
images/<map>.png
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from triservice.analysis.lake.store import write_atomically
from triservice.analysis.picture.model import Layer, Picture, plain
from triservice.analysis.picture.poster import overlap_poster
from triservice.analysis.picture.render import render
from triservice.analysis.picture.shapes import Geometries, Shapes
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, grid_to_lonlat

Floats = NDArray[np.float64]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a text that starts so


@dataclass(frozen=True)
class Table:
    """One layer as rows with outlines in metres; every column has one value a row."""

    name: str
    columns: dict[str, list[Any]]
    outlines: Geometries


def write_files(
    picture: Picture, out: str | Path, tell: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Write the whole report into `out` and return the files. Needs picture.shapes.

    Nothing in `out` but these files is touched. Raises InputError when `out` is a file.
    """
    from triservice.analysis.picture.images import draw_images  # matplotlib: a second

    out = Path(out)
    if out.is_file():
        raise InputError(f"{out} is a file", do="Name a folder for the report with --out.")
    assert picture.shapes is not None
    written: list[Path] = []

    def write(name: str, content: str | bytes) -> None:
        write_atomically(out / name, content)
        written.append(out / name)

    tell("Writing the page")
    write("index.html", render(picture))
    text = json.dumps(plain(picture), indent=1, ensure_ascii=False, allow_nan=False)
    write("picture.json", text + "\n")
    tell("Writing the layers")
    tables = layer_tables(picture)
    drawn: dict[int, list[str]] = {}  # areas are turned to degrees once, for all layers
    for table in tables:
        key = id(table.outlines)
        if key not in drawn:
            drawn[key] = _degrees(table.outlines, picture.crs)
        write(f"layers/{table.name}.geojson", _geojson(table, drawn[key]))
        write(f"layers/{table.name}.csv", _csv(table))
    written.append(_geopackage(tables, picture.crs, out / "layers" / "picture.gpkg"))
    tell("Drawing the maps")
    if picture.overlap:
        write("images/overlap.svg", overlap_poster(picture))
    for name, content in draw_images(picture):
        write(f"images/{name}.png", content)
    return written


def file_name(key: str) -> str:
    """Return a layer's key as a file name, without anything a path could mean."""
    return re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-") or "layer"


def layer_tables(picture: Picture) -> list[Table]:
    """Return the overlap, every layer, and every layer's cells, as rows with outlines."""
    shapes = picture.shapes
    assert shapes is not None
    tables = [_overlap_table(picture, shapes)] if picture.overlap else []
    names: set[str] = {"overlap"}
    for layer in picture.layers:
        name = file_name(layer.key)
        while name in names:
            name += "-2"
        names.add(name)
        tables.append(Table(name, _layer_columns(picture, layer), shapes.outlines))
        if layer.cells:
            tables.append(_cell_table(layer, f"{name}-cells"))
    return tables


def _area_columns(picture: Picture) -> dict[str, list[Any]]:
    areas = picture.areas
    return {
        "code": [a.code for a in areas],
        "name": [a.name for a in areas],
        "near": [a.near for a in areas],
        "population": [a.population for a in areas],
    }


def _overlap_table(picture: Picture, shapes: Shapes) -> Table:
    columns = _area_columns(picture)
    columns["worst_in"] = [len(a.worst_in) for a in picture.areas]
    columns["worst_layers"] = [", ".join(a.worst_in) for a in picture.areas]
    if picture.officer:
        of = {b.code: b for b in picture.officer.ranking}
        found = [of.get(a.code) for a in picture.areas]
        columns["joint_burden"] = [b.joint if b else None for b in found]
        columns["joint_rank"] = [b.rank if b else None for b in found]
    sources = picture.overlap.sources if picture.overlap else ()
    columns["sources"] = [" ".join(sources)] * len(picture.areas)
    return Table("overlap", columns, shapes.outlines)


def _layer_columns(picture: Picture, layer: Layer) -> dict[str, list[Any]]:
    values = layer.values
    return {
        **_area_columns(picture),
        "value": [v.value for v in values],
        "low": [v.low for v in values],
        "high": [v.high for v in values],
        "count": [v.count for v in values],
        "rank": [v.rank for v in values],
        "worst": [v.worst for v in values],
        "cluster": [v.cluster for v in values],
        "suppressed": [v.hidden for v in values],
        "measure": [layer.measure] * len(values),
        "period": [layer.period] * len(values),
        "sources": [" ".join(layer.sources)] * len(values),
    }


def _cell_table(layer: Layer, name: str) -> Table:
    cells = layer.cells
    assert cells is not None
    rows = cells.cells
    west = np.array([r[0] for r in rows], dtype=np.float64)
    south = np.array([r[1] for r in rows], dtype=np.float64)
    size = cells.size_m
    columns: dict[str, list[Any]] = {
        "cell": [f"{size:g}m:E{r[0]}:N{r[1]}" for r in rows],
        "easting": [r[0] for r in rows],
        "northing": [r[1] for r in rows],
        "events": [r[2] for r in rows],
        "hot": [r[4] for r in rows],
        "suppressed": [r[2] is None for r in rows],
        "measure": [layer.noun] * len(rows),
        "period": [layer.period] * len(rows),
        "sources": [" ".join(cells.sources)] * len(rows),
    }
    return Table(name, columns, shapely.box(west, south, west + size, south + size))


def _degrees(outlines: Geometries, crs: str) -> list[str]:
    """Return each outline as GeoJSON text in longitude and latitude, seven decimals."""
    turned = shapely.transform(outlines, lambda points: to_lonlat(points, crs))
    turned = shapely.orient_polygons(turned)
    return [
        shapely.to_geojson(shape) for shape in shapely.set_precision(turned, 1e-7, mode="pointwise")
    ]


def to_lonlat(points: Floats, crs: str) -> Floats:
    """Return longitude and latitude of metres in `crs`, both (n, 2)."""
    if crs == BRITISH_NATIONAL_GRID:
        return np.column_stack(grid_to_lonlat(points[:, 0], points[:, 1]))
    from pyproj import Transformer

    turn = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return np.column_stack(turn.transform(points[:, 0], points[:, 1]))


def _geojson(table: Table, drawn: Sequence[str]) -> str:
    names, features = list(table.columns), []
    for row, shape in zip(zip(*table.columns.values(), strict=True), drawn, strict=True):
        properties = json.dumps(plain(dict(zip(names, row, strict=True))), ensure_ascii=False)
        features.append(f'{{"type": "Feature", "properties": {properties}, "geometry": {shape}}}')
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"


def _csv(table: Table) -> bytes:
    """Return CSV with a byte-order mark, so that Excel reads the letters right."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(table.columns)
    for row in zip(*table.columns.values(), strict=True):
        writer.writerow([_cell(plain(value)) for value in row])
    return stream.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _geopackage(tables: Sequence[Table], crs: str, path: Path) -> Path:
    """Write all tables as layers of one GeoPackage, in place of the one that was there."""
    from pyogrio.raw import write

    waiting = path.with_name(f".{path.name}")
    for stale in (waiting, *path.parent.glob(f".{path.name}-*")):
        stale.unlink(missing_ok=True)
    for table in tables:
        held = {name: _field(values) for name, values in table.columns.items()}
        fields = {name: pair for name, pair in held.items() if pair is not None}
        shapes = np.array(
            [
                shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
                for shape in table.outlines
            ],
            dtype=object,
        )
        write(
            str(waiting),
            geometry=shapely.to_wkb(shapes),
            field_data=[pair[0] for pair in fields.values()],
            field_mask=[pair[1] for pair in fields.values()],
            fields=list(fields),
            geometry_type="MultiPolygon",
            crs=crs,
            driver="GPKG",
            layer=table.name,
            append=waiting.exists(),
        )
    waiting.replace(path)
    return path


def _field(values: Sequence[Any]) -> tuple[NDArray[Any], NDArray[np.bool_] | None] | None:
    """Return a column and its mask of nulls; None when it has no value at all."""
    held = [plain(v) for v in values]
    empty = np.array([v is None for v in held], dtype=bool)
    if empty.all():
        return None
    first = next(v for v in held if v is not None)
    if isinstance(first, str):
        return np.array(held, dtype=object), None
    kind: Any = np.float64
    if isinstance(first, bool):
        kind = np.bool_
    elif all(isinstance(v, int) for v in held if v is not None):
        kind = np.int64
    filled: NDArray[Any] = np.array([0 if v is None else v for v in held], dtype=kind)
    return filled, (empty if empty.any() else None)
