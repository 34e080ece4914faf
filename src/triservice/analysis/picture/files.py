"""The picture as files: the page, every figure as JSON, and each layer for a map or a sheet.

index.html  picture.json
layers/<layer>.geojson (longitude, latitude)  .csv   picture.gpkg (all layers, metres)
images/<map>.png
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from triservice.analysis.picture.images_beside import drawing
from triservice.analysis.picture.model import Layer, Picture, plain
from triservice.analysis.picture.poster import overlap_poster
from triservice.analysis.picture.render import render
from triservice.analysis.picture.shapes import Shapes
from triservice.analysis.place.map_files import (
    Table,
    csv_of,
    geojson,
    geojson_shapes,
    rows_of,
    write_geopackage,
)
from triservice.files import refusing_the_disk, write_atomically
from triservice.kernel.errors import InputError


def write_files(
    picture: Picture, out: str | Path, tell: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Write the whole report into `out` and return the files. Needs picture.shapes.

    Nothing in `out` but these files is touched. Raises InputError when `out` is a file.
    """
    out = Path(out)
    if out.is_file():
        raise InputError(f"{out} is a file", do="Name a folder for the report with --out.")
    assert picture.shapes is not None
    written: list[Path] = []

    def write(name: str, content: str | bytes) -> None:
        with refusing_the_disk(out / name):
            write_atomically(out / name, content)
        written.append(out / name)

    with drawing(picture) as images:
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
                drawn[key] = geojson_shapes(table.outlines, picture.crs)
            write(f"layers/{table.name}.geojson", geojson(rows_of(table.columns), drawn[key]))
            # The byte-order mark tells Excel how to read the letters.
            write(f"layers/{table.name}.csv", csv_of(table.columns).encode("utf-8-sig"))
        write_geopackage(out / "layers" / "picture.gpkg", tables, picture.crs)
        written.append(out / "layers" / "picture.gpkg")
        tell("Drawing the maps")
        if picture.overlap:
            write("images/overlap.svg", overlap_poster(picture))
        for name, content in images():
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
    # Numbers as picture.json has them.
    return [Table(table.name, plain(table.columns), table.outlines) for table in tables]


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
