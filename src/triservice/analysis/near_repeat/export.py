"""Zones and patrol areas as a file for any map: GeoJSON (RFC 7946) or GeoPackage."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.store import write_atomically
from triservice.analysis.near_repeat.patrols import PatrolArea
from triservice.analysis.near_repeat.zones import Zones
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, grid_to_lonlat

DECIMALS = 7  # of a degree: about a centimetre
Convert = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def to_lonlat(crs: str) -> Convert:
    """Return a function from (n, 2) metres in `crs` to (n, 2) WGS84 longitude, latitude."""
    import pyproj

    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def convert(metres: NDArray[np.float64]) -> NDArray[np.float64]:
        if crs == BRITISH_NATIONAL_GRID:
            exact = np.column_stack(grid_to_lonlat(metres[:, 0], metres[:, 1]))
            if np.isfinite(exact).all():
                return exact
        # Other systems, and places out at sea, beyond the exact transformation of the grid.
        return np.column_stack(transformer.transform(metres[:, 0], metres[:, 1]))

    return convert


def features(zones: Zones, patrols: Sequence[PatrolArea]) -> list[tuple[Any, dict[str, Any]]]:
    """Return (polygon in metres, properties) of every zone and every patrol area.

    `layer` tells them apart: "zone" (one level of risk; these do not overlap) or "patrol area".
    """
    made: list[tuple[Any, dict[str, Any]]] = []
    as_of = _utc(zones.as_of)
    for level, (name, polygons) in zip(zones.rule.levels, zones.outlines(), strict=True):
        made += [
            (
                polygon,
                {
                    "layer": "zone",
                    "level": name,
                    "label": level.label,
                    "fill": level.colour,
                    "area_km2": round(polygon.area / 1e6, 6),
                    "as_of": as_of,
                },
            )
            for polygon in polygons
        ]
    made += [
        (
            area.polygon,
            {
                "layer": "patrol area",
                "rank": area.rank,
                "level": area.level,
                "score": round(area.score, 3),
                "events": len(area.events),
                "newest": _utc(area.newest),
                "peak_hours": f"{area.peak_from:02d}:00-{area.peak_to:02d}:00",
                "peak_share": round(area.peak_share, 3),
                "area_km2": round(area.area_km2, 6),
                "as_of": as_of,
            },
        )
        for area in patrols
    ]
    return made


def write_zones(path: Path, zones: Zones, patrols: Sequence[PatrolArea], crs: str) -> int:
    """Write zones and patrol areas to `path`; return the number of features.

    `.geojson` or `.json`: longitude and latitude as RFC 7946 asks. `.gpkg`: metres in `crs`.
    Raises InputError for another ending, or when the file cannot be written.
    """
    writers = {".geojson": _write_geojson, ".json": _write_geojson, ".gpkg": _write_geopackage}
    if path.suffix.lower() not in writers:
        raise InputError(
            f"zones cannot be written as '{path.suffix}'",
            file=path,
            do="End the name in .geojson or .gpkg.",
        )
    made = features(zones, patrols)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writers[path.suffix.lower()](path, made, crs)
    except OSError as error:
        raise InputError(f"the zones cannot be written: {error}", file=path) from None
    return len(made)


def geojson(made: Sequence[tuple[Any, dict[str, Any]]], crs: str) -> dict[str, Any]:
    """Return a FeatureCollection in longitude and latitude."""
    import shapely

    convert = to_lonlat(crs)
    polygons = np.array([polygon for polygon, _ in made], dtype=object)
    placed = shapely.transform(polygons, lambda metres: np.round(convert(metres), DECIMALS))
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": json.loads(shapely.to_geojson(polygon)),
            }
            for polygon, (_, properties) in zip(placed, made, strict=True)
        ],
    }


def _write_geojson(path: Path, made: list[tuple[Any, dict[str, Any]]], crs: str) -> None:
    write_atomically(path, json.dumps(geojson(made, crs), ensure_ascii=False))


def _write_geopackage(path: Path, made: list[tuple[Any, dict[str, Any]]], crs: str) -> None:
    import shapely
    from pyogrio.raw import write

    path.unlink(missing_ok=True)
    for layer in ("zone", "patrol area"):
        own = [(polygon, row) for polygon, row in made if row["layer"] == layer]
        if not own:
            continue
        names = [name for name in own[0][1] if name != "layer"]
        columns = [np.array([row[name] for _, row in own]) for name in names]
        write(
            path,
            geometry=np.array([shapely.to_wkb(polygon) for polygon, _ in own], dtype=object),
            field_data=[c.astype(object) if c.dtype.kind == "U" else c for c in columns],
            fields=names,
            layer=layer.replace(" ", "_"),
            driver="GPKG",
            geometry_type="Polygon",
            crs=crs,
        )


def _utc(moment: np.datetime64) -> str:
    return f"{moment.astype('datetime64[s]')}Z"
