"""Which test keeps each layer's own spatial autocorrelation: one interface for both kinds of map.

Polygons: Moran spectral randomisation. Squares of a grid: torus shifts. A map that allows neither
gives None for every p, with a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triservice.analysis.overlap.shifts import (
    shift_correlation,
    shift_hotspots,
    shift_joint_hotspots,
)
from triservice.analysis.overlap.spectral import (
    LARGEST,
    MoranBasis,
    common_worst_p,
    correlation_p,
    moran_basis,
)

if TYPE_CHECKING:
    from triservice.analysis.place.cells import Cells

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_DRAWS_FOR_R = 10  # sign flips of a correlation cost little: ten times as many as asked for


@dataclass(frozen=True)
class CorrelationTest:
    """p of a correlation, and how many independent areas the null says there are."""

    p: float | None
    effective: float | None


@dataclass(frozen=True)
class Null:
    """A test that could not be done: every p is None."""

    permutations: int
    seed: int
    method: str = "none"
    notes: tuple[str, ...] = ()
    basis: MoranBasis | None = None

    def correlation(self, x: Floats, y: Floats) -> CorrelationTest:
        """Test the rank correlation of two layers, each (n,)."""
        return CorrelationTest(None, None)

    def sets(self, layers: Sequence[Floats], sets: Sequence[Bools], *, hot: bool) -> float | None:
        """Test how much the worst areas (or, with `hot`, the hotspots) of layers have in common."""
        return None


@dataclass(frozen=True)
class SpectralNull(Null):
    """Moran spectral randomisation on a map of areas."""

    gi: sparse.csr_array | None = None  # (n, n): Gi* of a standardised layer

    def correlation(self, x: Floats, y: Floats) -> CorrelationTest:
        """Test by flipping signs of products of spectral coefficients."""
        assert self.basis is not None
        draws = _DRAWS_FOR_R * self.permutations
        return CorrelationTest(
            correlation_p(self.basis, x, y, permutations=draws, seed=self.seed), None
        )

    def sets(self, layers: Sequence[Floats], sets: Sequence[Bools], *, hot: bool) -> float | None:
        """Test against the highest areas of randomised layers (of their Gi* for hotspots)."""
        assert self.basis is not None
        return common_worst_p(
            self.basis,
            layers,
            [int(members.sum()) for members in sets],
            common=int(np.logical_and.reduce(list(sets)).sum()),
            by_rank=not hot,
            smooth=self.gi if hot else None,
            permutations=self.permutations,
            seed=self.seed,
        ).p


@dataclass(frozen=True)
class ShiftNull(Null):
    """Torus shifts on squares; `at` holds the row and column of each cell."""

    at: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    def _table(self, values: Floats | Bools) -> NDArray[np.generic]:
        assert self.at is not None
        rows, columns = self.at
        blank = False if values.dtype == np.bool_ else np.nan
        table = np.full((int(rows.max()) + 1, int(columns.max()) + 1), blank, dtype=values.dtype)
        table[rows, columns] = values
        return table

    def correlation(self, x: Floats, y: Floats) -> CorrelationTest:
        """Test against every usable shift."""
        found = shift_correlation(self._table(x), self._table(y))
        return CorrelationTest(found.p if found.shifts else None, found.effective_cells)

    def sets(self, layers: Sequence[Floats], sets: Sequence[Bools], *, hot: bool) -> float | None:
        """Test pairs against every usable shift, more sets against drawn combinations."""
        tables = [self._table(members) for members in sets]
        county = self._table(np.ones(sets[0].size, dtype=np.bool_))
        if len(tables) == 2:
            found = shift_hotspots(tables[0], tables[1], county)
            return found.p if found.shifts else None
        return shift_joint_hotspots(tables, county, permutations=self.permutations, seed=self.seed)[
            2
        ]


def null_for(cells: Cells, permutations: int, seed: int) -> Null:
    """Return the test that suits a map."""
    if cells.unit.startswith("square-"):
        size = float(np.sqrt(np.median(cells.area_m2)))
        steps = np.rint((cells.centroids - cells.centroids.min(axis=0)) / size).astype(np.int64)
        method = "every torus shift of one layer over the other, the county's outline masked"
        return ShiftNull(permutations, seed, method, at=(steps[:, 1], steps[:, 0]))
    neighbours = cells.neighbours()
    if len(cells) > LARGEST or not len(neighbours.indices):
        why = f"more than {LARGEST:,}" if len(cells) > LARGEST else "without neighbours"
        note = (
            f"{len(cells):,} areas, {why}: no p-value that keeps spatial autocorrelation; the "
            "ordinary ones are too small."
        )
        return Null(permutations, seed, notes=(note,))
    n, near = len(cells), neighbours.with_self()
    counts = np.diff(near.indptr).astype(np.float64)
    scale = 1 / np.sqrt(np.maximum((n * counts - counts**2) / (n - 1), 1e-12))
    gi = sparse.csr_array((np.repeat(scale, np.diff(near.indptr)), near.indices, near.indptr))
    method = "Moran spectral randomisation: layers that keep their Moran's I, placed at random"
    return SpectralNull(permutations, seed, method, basis=moran_basis(neighbours), gi=gi)
