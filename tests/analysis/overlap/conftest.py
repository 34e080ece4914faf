"""Cornwall's 73 MSOAs as a committed table, so that the golden answer is tested without data."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from triservice.analysis.place.contiguity import Neighbours, from_pairs


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
