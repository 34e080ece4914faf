"""Zones and patrol areas as a file for any map: GeoJSON (RFC 7946) or GeoPackage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from triservice.analysis.near_repeat.patrols import PatrolArea
from triservice.analysis.near_repeat.zones import Zones
from triservice.analysis.place import map_files
from triservice.files import check_ending, refusing_the_disk, write_atomically

ENDINGS = (".geojson", ".json", ".gpkg")


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
    kind = check_ending(path, *ENDINGS)
    made = features(zones, patrols)
    if kind == ".gpkg":
        map_files.write_geopackage(path, _layers(made), crs)
    else:
        with refusing_the_disk(path):
            write_atomically(path, geojson(made, crs))
    return len(made)


def geojson(made: Sequence[tuple[Any, dict[str, Any]]], crs: str) -> str:
    """Return a FeatureCollection in longitude and latitude, as text."""
    shapes = map_files.geojson_shapes(np.array([p for p, _ in made], dtype=object), crs)
    return map_files.geojson((row for _, row in made), shapes)


def _layers(made: Sequence[tuple[Any, dict[str, Any]]]) -> Iterator[map_files.Table]:
    """Yield zones and patrol areas as tables of their own; none without rows."""
    for layer in ("zone", "patrol area"):
        own = [(polygon, row) for polygon, row in made if row["layer"] == layer]
        if own:
            names = [name for name in own[0][1] if name != "layer"]
            yield map_files.Table(
                layer.replace(" ", "_"),
                {name: [row[name] for _, row in own] for name in names},
                np.array([polygon for polygon, _ in own], dtype=object),
            )


def _utc(moment: np.datetime64) -> str:
    return f"{moment.astype('datetime64[s]')}Z"
