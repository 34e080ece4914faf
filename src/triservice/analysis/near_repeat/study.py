"""The land on which methods are compared: a grid of cells, those with any demand marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.place.grids import SquareGrid, robust_bounds, square_grid

Floats = NDArray[np.float64]

BLOCK_M = 1000.0  # a block with any event at all belongs to the study area
CELL_M = 200.0  # cell of the rival methods; divides BLOCK_M


@dataclass(frozen=True)
class StudyArea:
    """Cells of `grid` that belong to the study area: `inside` (rows, columns)."""

    grid: SquareGrid
    inside: NDArray[np.bool_]

    @property
    def cells(self) -> int:
        """Number of cells inside."""
        return int(self.inside.sum())

    @property
    def cell_km2(self) -> float:
        """Area of one cell in km²."""
        return self.grid.size_m**2 / 1e6

    @property
    def km2(self) -> float:
        """Area of the study area in km²."""
        return self.cells * self.cell_km2

    def holds(self, easting: ArrayLike, northing: ArrayLike) -> NDArray[np.bool_]:
        """Return (n,) whether each point lies in the study area."""
        cell = self.grid.cell_of(easting, northing)
        held: NDArray[np.bool_] = (cell >= 0) & self.inside.ravel()[cell]
        return held

    def count(self, easting: ArrayLike, northing: ArrayLike) -> Floats:
        """Return (cells,) how many points lie in each cell inside."""
        cell = self.grid.cell_of(easting, northing)
        counts = np.bincount(cell[cell >= 0], minlength=self.inside.size)
        return counts[self.inside.ravel()].astype(np.float64)

    def centres(self) -> tuple[Floats, Floats]:
        """Return the centres of the cells inside, metres."""
        west, south = self.grid.corners(np.flatnonzero(self.inside))
        return west + self.grid.size_m / 2, south + self.grid.size_m / 2


def study_area(
    easting: ArrayLike, northing: ArrayLike, block_m: float = BLOCK_M, cell_m: float = CELL_M
) -> StudyArea:
    """Return the blocks of `block_m` with at least one of the points, divided into cells.

    Empty land (sea, moor, farmland where nothing was ever recorded) would flatter every method:
    whoever names the towns would seem to foresee. Far strays are left out.
    """
    kept = robust_bounds(easting, northing)
    blocks = square_grid(kept.bounds, block_m)
    cell = blocks.cell_of(easting, northing)
    taken = np.bincount(cell[cell >= 0], minlength=blocks.rows * blocks.columns) > 0
    fine = round(block_m / cell_m)
    inside = taken.reshape(blocks.rows, blocks.columns).repeat(fine, 0).repeat(fine, 1)
    rows, columns = inside.shape
    return StudyArea(SquareGrid(cell_m, blocks.west, blocks.south, columns, rows), inside)
