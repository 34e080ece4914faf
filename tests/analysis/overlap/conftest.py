"""Cornwall's 73 MSOAs as a committed table, so that the golden answer is tested without data."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from triservice.analysis.lake.areas import add_areas
from triservice.analysis.lake.boundaries import add_boundaries
from triservice.analysis.place.contiguity import Neighbours, from_pairs
from triservice.kernel.grid import grid_to_lonlat


@dataclass(frozen=True)
class Cornwall:
    """One row per MSOA; rates per person; health ranks with 1 the worst."""

    codes: np.ndarray
    names: np.ndarray
    population: np.ndarray
    crimes: np.ndarray
    fires: np.ndarray
    health_rank: np.ndarray
    centroids: np.ndarray
    neighbours: Neighbours

    @property
    def badness(self) -> dict[str, np.ndarray]:
        """Return the three layers, high is worse."""
        return {
            "police": self.crimes / self.population,
            "fires": self.fires / self.population,
            "health": -self.health_rank,
        }


@pytest.fixture(scope="session")
def cornwall() -> Cornwall:
    with (Path(__file__).parent / "cornwall_msoa.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    codes = [row["code"] for row in rows]
    number = {code: at for at, code in enumerate(codes)}
    pairs = [(number[r["code"]], number[c]) for r in rows for c in r["neighbours"].split(";")]

    def column(name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in rows])

    return Cornwall(
        np.array(codes),
        np.array([row["name"] for row in rows]),
        column("population"),
        column("crimes"),
        column("dwelling_fires"),
        column("health_rank"),
        np.column_stack([column("easting"), column("northing")]),
        from_pairs(*np.array(pairs).T, len(codes)),
    )


SIDE, WIDTH = 6, 2_000.0  # Testshire: 6 × 6 squares of 2 km, each cut in four
WEST, SOUTH = 200_000.0, 50_000.0


def _square(west: float, south: float, width: float) -> list[list[float]]:
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    east = [west + x * width for x, _ in corners]
    north = [south + y * width for _, y in corners]
    return [list(pair) for pair in zip(*grid_to_lonlat(east, north), strict=True)]


def _outlines(path: Path, unit: str, rows: list[tuple[str, str, list[list[float]]]]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {f"{unit.upper()}CD": code, f"{unit.upper()}NM": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for code, name, ring in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture
def testshire(tmp_path, lake_of):
    """A lake of 36 MSOAs in 144 LSOAs, people, a health rank, fires by MSOA, and crimes.

    Crime per head rises eastwards and so does bad health; fires per head rise northwards.
    """
    rng = np.random.default_rng(3)
    msoas, lsoas, people, ranks, fires, events = [], [], [], [], [], []
    for number in range(SIDE * SIDE):
        row, column = divmod(number, SIDE)
        west, south = WEST + column * WIDTH, SOUTH + row * WIDTH
        msoa, name = f"E0200{number:04d}", f"Testshire {number + 1:03d}"
        msoas.append((msoa, name, _square(west, south, WIDTH)))
        fires.append((msoa, 20 + 10 * row + int(rng.integers(5))))
        for part in range(4):
            lsoa = f"E0100{number * 4 + part:04d}"
            corner = west + part % 2 * WIDTH / 2, south + part // 2 * WIDTH / 2
            lsoas.append((lsoa, f"{name}{'ABCD'[part]}", _square(*corner, WIDTH / 2)))
            people.append((lsoa, 1000 + 10 * part))
            ranks.append((lsoa, 1 + int(100 * (SIDE - 1 - column) + rng.integers(60))))
            for at in range(4 + 3 * column + int(rng.integers(3))):
                spot = rng.uniform(0, WIDTH / 2, 2)
                events.append(
                    {
                        "category": "burglary" if at % 3 else "drugs",
                        "easting": float(corner[0] + spot[0]),
                        "northing": float(corner[1] + spot[1]),
                        "location_precision": "snapped",
                        "area_code": lsoa if at % 2 else None,
                        "area_vintage": "lsoa11" if at % 2 else None,
                    }
                )
    events += [{"service": "fire", "category": "dwelling-fire", "easting": WEST + 900.0 * i,
                "northing": SOUTH + 700.0 * (i % 17)} for i in range(13)]  # fmt: skip
    events.append({"category": "drugs"})  # nowhere
    lake = lake_of(events, "police-uk")
    add_boundaries(lake, [_outlines(tmp_path / "m.geojson", "msoa11", msoas)], "msoa11")
    add_boundaries(lake, [_outlines(tmp_path / "l.geojson", "lsoa11", lsoas)], "lsoa11")
    for name, rows, vintage, more in (
        ("population", people, "lsoa11", {"kind": "count"}),
        ("health", ranks, "lsoa11", {"kind": "score", "worse": "low"}),
        ("fires", fires, "msoa11", {"kind": "count"}),
    ):
        table = tmp_path / f"{name}.csv"
        table.write_text("code,value\n" + "".join(f"{code},{n}\n" for code, n in rows))
        add_areas(lake, table, name, "code", vintage, "value", **more)
    return lake
