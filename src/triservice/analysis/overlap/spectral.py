"""Significance between layers of polygons that keeps each layer's own spatial autocorrelation.

Moran spectral randomisation (Wagner and Dray, "Generating spatially constrained null models for
irregularly spaced data using Moran spectral randomization methods", Methods in Ecology and
Evolution 6 (2015)), singleton procedure. A layer is written as a sum of the Moran eigenvectors
of the map; flipping the sign of each term at random gives a layer with the same mean, the same
variance and *exactly* the same Moran's I, placed independently of every other layer.

Correlation needs no randomised maps: with x = Σ aᵢvᵢ and y = Σ bᵢvᵢ, flipping signs in x (in y,
or in both) turns r ∝ Σ aᵢbᵢ into Σ ±aᵢbᵢ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from triservice.analysis.overlap.correlation import ranks, standardise
from triservice.analysis.overlap.worst import top_rows
from triservice.kernel.errors import InputError

if TYPE_CHECKING:
    from triservice.analysis.place.contiguity import Neighbours

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LARGEST = 5000  # areas: the eigenvectors are dense, 8·n² bytes, and take n³ steps
_TIE = 1e-9
_BLOCK = 250  # randomisations at a time, to bound memory


@dataclass(frozen=True)
class MoranBasis:
    """Moran eigenvectors of a map of n areas: an orthonormal basis of all layers of mean zero."""

    vectors: Floats  # (n, n - 1), columns of unit length, each summing to zero
    values: Floats  # (n - 1,), ascending; Moran's I of column i is values[i]·n / links
    links: float  # sum of all weights

    @property
    def areas(self) -> int:
        """Number of areas."""
        return int(self.vectors.shape[0])

    def coefficients(self, values: ArrayLike) -> Floats:
        """Return the standardised layer in this basis, (n - 1,)."""
        array = np.asarray(values, dtype=np.float64)
        if array.shape != (self.areas,) or not np.isfinite(array).all():
            raise InputError(f"a layer needs a value in each of the {self.areas} areas")
        return np.asarray(self.vectors.T @ standardise(array))

    def moran(self, values: ArrayLike) -> float:
        """Return Moran's I of a layer (n,) with the weights of this map."""
        spectrum = self.coefficients(values)
        return float(spectrum**2 @ self.values / self.links)


def moran_basis(neighbours: Neighbours) -> MoranBasis:
    """Return the Moran eigenvectors of a map, binary weights made symmetric where they are not.

    The weights are centred by rows and columns; the constant is kept out exactly by a Householder
    reflection, so areas without neighbours and disconnected maps are no trouble. Raises
    InputError for fewer than four or more than LARGEST areas, or when no area has a neighbour.
    """
    n = len(neighbours.indptr) - 1
    if not 4 <= n <= LARGEST:
        raise InputError(
            f"a test that keeps spatial autocorrelation works on 4 to {LARGEST:,} areas, not {n:,}",
            do="Use larger areas, or a grid (--cell), whose test has no such limit.",
        )
    weights = np.zeros((n, n))
    weights[np.repeat(np.arange(n), np.diff(neighbours.indptr)), neighbours.indices] = 1.0
    np.fill_diagonal(weights, 0.0)
    weights = (weights + weights.T) / 2
    links = float(weights.sum())
    if links == 0:
        raise InputError("no area has a neighbour, so nothing can be said of autocorrelation")
    mirror = np.full(n, 1 / np.sqrt(n))  # I - 2uuᵀ maps the constant onto the first axis
    mirror[0] -= 1.0
    mirror /= np.linalg.norm(mirror)
    reflected = _reflect(_reflect(weights, mirror).T, mirror)
    values, inner = np.linalg.eigh(reflected[1:, 1:])
    vectors = _reflect(np.vstack([np.zeros(n - 1), inner]), mirror)
    return MoranBasis(vectors, values, links)


def randomise(basis: MoranBasis, values: ArrayLike, count: int, seed: int) -> Floats:
    """Return `count` spatially constrained randomisations of a layer, (count, n).

    Each has the layer's mean, variance and Moran's I; its values are new, not a permutation.
    """
    layer = np.asarray(values, dtype=np.float64)
    spectrum = basis.coefficients(layer) * layer.std()
    moved = _flipped(basis, spectrum, count, np.random.default_rng(seed))
    return np.asarray(layer.mean() + moved)


def correlation_p(
    basis: MoranBasis,
    x: ArrayLike,
    y: ArrayLike,
    *,
    permutations: int = 9999,
    seed: int = 20181,
    by_rank: bool = True,
) -> float:
    """Return the two-sided p of the (rank) correlation of x and y, both (n,), nothing missing.

    (1 + randomisations as extreme) / (1 + permutations), both layers keeping their Moran's I.
    """
    given = (ranks(x), ranks(y)) if by_rank else (x, y)
    terms = basis.coefficients(given[0]) * basis.coefficients(given[1])
    bar = abs(float(terms.sum())) - _TIE * basis.areas
    rng = np.random.default_rng(seed)
    more = 0
    for count in _blocks(permutations):
        more += int(np.count_nonzero(np.abs(_signs(rng, count, terms.size) @ terms) >= bar))
    return (1 + more) / (1 + permutations)


@dataclass(frozen=True)
class SpatialSetTest:
    """Areas in the worst set of every layer, against layers randomised in space."""

    common: int
    expected: float  # mean over the randomisations
    p: float  # one-sided: as many in common, or more


def common_worst_p(
    basis: MoranBasis,
    layers: Sequence[ArrayLike],
    sizes: int | Sequence[int],
    *,
    common: int | None = None,
    by_rank: bool = True,
    smooth: sparse.csr_array | None = None,
    permutations: int = 999,
    seed: int = 20181,
) -> SpatialSetTest:
    """Test how many of the highest areas of k layers (each (n,), high is bad) are common.

    `sizes` says how many areas are the highest, the same or one number a layer. All layers but
    the first are randomised, their ranks unless `by_rank` is false. `smooth` (n, n) is applied
    before the highest are taken, for sets that come from a linear local statistic such as Gi*.
    `common` is the count to test when the sets were settled elsewhere (ties by area code, or
    significance); by default it is counted here, ties by position.
    """
    given = [standardise(ranks(x) if by_rank else x) for x in layers]
    take = [sizes] * len(given) if isinstance(sizes, int) else list(sizes)

    def highest(maps: Floats, size: int) -> Bools:
        return top_rows(maps if smooth is None else (smooth @ maps.T).T, size)

    fixed = [highest(x[None, :], size) for x, size in zip(given, take, strict=True)]
    seen = int(np.logical_and.reduce(fixed).sum()) if common is None else common
    spectra = [basis.coefficients(x) for x in given[1:]]

    def draw(rng: np.random.Generator, count: int) -> Floats:
        together = np.repeat(fixed[0], count, axis=0)
        for spectrum, size in zip(spectra, take[1:], strict=True):
            together &= highest(_flipped(basis, spectrum, count, rng), size)
        return np.asarray(together.sum(axis=1), dtype=np.float64)

    null = draw_null(draw, permutations, seed)
    return SpatialSetTest(
        seen, float(null.mean()), float((1 + np.sum(null >= seen)) / (1 + permutations))
    )


def draw_null(
    draw: Callable[[np.random.Generator, int], Floats], permutations: int, seed: int
) -> Floats:
    """Return the statistic of `permutations` randomisations, drawn in blocks of bounded size."""
    rng = np.random.default_rng(seed)
    return np.concatenate([draw(rng, count) for count in _blocks(permutations)])


def _flipped(basis: MoranBasis, spectrum: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Return `count` maps (count, n) with the signs of a layer's coefficients flipped."""
    return np.asarray((_signs(rng, count, spectrum.size) * spectrum) @ basis.vectors.T)


def _signs(rng: np.random.Generator, count: int, terms: int) -> Floats:
    """Return random signs (count, terms), one bit of the generator each."""
    bits = np.unpackbits(rng.integers(0, 256, (count, -(-terms // 8)), dtype=np.uint8), axis=1)
    return np.asarray(1.0 - 2.0 * bits[:, :terms])


def _blocks(permutations: int) -> list[int]:
    if permutations < 1:
        raise InputError(f"{permutations} permutations cannot give a p-value", do="Use 999.")
    full, rest = divmod(permutations, _BLOCK)
    return [_BLOCK] * full + ([rest] if rest else [])


def _reflect(matrix: Floats, mirror: Floats) -> Floats:
    """Return (I - 2uuᵀ)·matrix."""
    return np.asarray(matrix - 2.0 * np.outer(mirror, mirror @ matrix))
