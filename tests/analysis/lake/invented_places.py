"""An invented county on the national grid, small enough to reckon by hand.

Norland has 16 lower areas of one square kilometre in 2011, four to each of four middle areas
(Norland 001 holds 001A to 001D). By 2021 one had split in two, two had merged, and one has a new
code. Southam, next to it, has one middle area of four lower ones that never changed.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import shapely

from triservice.kernel.grid import grid_to_lonlat

WEST, SOUTH, KM = 200_000.0, 60_000.0, 1000.0


def square(column: float, row: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    return shapely.box(
        WEST + column * KM,
        SOUTH + row * KM,
        WEST + (column + width) * KM,
        SOUTH + (row + height) * KM,
    )


def _blocks() -> list[tuple[str, str, shapely.Polygon]]:
    """Lower areas of 2011: (code, name, outline), middle area by middle area."""
    areas = []
    for block, (across, up) in enumerate([(0, 0), (2, 0), (0, 2), (2, 2)], start=1):
        for letter, (dx, dy) in zip("ABCD", [(0, 0), (1, 0), (0, 1), (1, 1)], strict=True):
            code = f"E010000{len(areas) + 1:02d}"
            areas.append((code, f"Norland {block:03d}{letter}", square(across + dx, up + dy)))
    for letter, (dx, dy) in zip("ABCD", [(0, 0), (1, 0), (0, 1), (1, 1)], strict=True):
        code = f"E010000{len(areas) + 1:02d}"
        areas.append((code, f"Southam 001{letter}", square(4 + dx, dy)))
    return areas


LSOA11 = _blocks()
MSOA11 = [
    ("E02000001", "Norland 001", square(0, 0, 2, 2)),
    ("E02000002", "Norland 002", square(2, 0, 2, 2)),
    ("E02000003", "Norland 003", square(0, 2, 2, 2)),
    ("E02000004", "Norland 004", square(2, 2, 2, 2)),
    ("E02000005", "Southam 001", square(4, 0, 2, 2)),
]
# 2021: 01 split into a quarter (91) and the rest (92); 02 and 05 merged, across two middle areas,
# into 93; 03 has the new code 94.
LSOA21 = [
    ("E01000091", "Norland 001E", square(0, 0, 0.25, 1)),
    ("E01000092", "Norland 001F", square(0.25, 0, 0.75, 1)),
    ("E01000093", "Norland 001G", square(1, 0, 2, 1)),
    ("E01000094", "Norland 001H", square(0, 1)),
    *(area for area in LSOA11 if area[0][-2:] not in ("01", "02", "03", "05")),
]
LOOKUP = [
    ("E01000001", "E01000091", "S"),
    ("E01000001", "E01000092", "S"),
    ("E01000002", "E01000093", "M"),
    ("E01000005", "E01000093", "M"),
    ("E01000003", "E01000094", "U"),
    *((code, code, "U") for code, _, _ in LSOA11 if code[-2:] not in ("01", "02", "03", "05")),
]
UNITS = {"lsoa11": LSOA11, "lsoa21": LSOA21, "msoa11": MSOA11}


def geojson(areas, unit: str, degrees: bool = True) -> str:
    """Areas as GeoJSON with columns such as LSOA11CD and LSOA11NM."""
    features = []
    for code, name, outline in areas:
        points = shapely.get_coordinates(outline)
        if degrees:
            points = np.column_stack(grid_to_lonlat(points[:, 0], points[:, 1]))
        features.append(
            {
                "type": "Feature",
                "properties": {"FID": len(features), f"{unit}CD": code, f"{unit}NM": name},
                "geometry": {"type": "Polygon", "coordinates": [points.tolist()]},
            }
        )
    crs = "urn:ogc:def:crs:OGC:1.3:CRS84" if degrees else "urn:ogc:def:crs:EPSG::27700"
    return json.dumps(
        {
            "type": "FeatureCollection",
            "crs": {"type": "name", "properties": {"name": crs}},
            "features": features,
        }
    )


def write_outlines(folder: Path, unit: str, areas=None) -> Path:
    path = folder / f"{unit}.geojson.gz"
    path.write_bytes(gzip.compress(geojson(areas or UNITS[unit], unit.upper()).encode()))
    return path


def write_lookup(folder: Path) -> Path:
    names11 = {code: name for code, name, _ in LSOA11}
    names21 = {code: name for code, name, _ in LSOA21}
    rows = [f"{a},{names11[a]},{b},{names21[b]},{change}" for a, b, change in LOOKUP]
    path = folder / "lookup.csv"
    path.write_text("\ufeffF_LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND\n" + "\n".join(rows))
    return path


def write_values(folder: Path, values: dict[str, object], column: str = "people") -> Path:
    path = folder / f"{column.replace(' ', '_')}.csv"
    path.write_text(f"code,{column}\n" + "".join(f"{c},{v}\n" for c, v in values.items()))
    return path
