"""Do two layers lie high and low in the same neighbourhoods? Lee's L and bivariate Moran's I.

`neighbours` gives binary weights, standardised by row. Lee's L counts every area as a neighbour
of its own, as Lee does, so it smooths both layers and correlates what is left.

Ordinary permutation p-values shuffle values over areas and so destroy each layer's own
clustering; they are labelled so. The p-values from `MoranBasis` keep it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from triservice.analysis.overlap.correlation import standardise
from triservice.analysis.overlap.spectral import MoranBasis, draw_null, randomise
from triservice.kernel.errors import InputError

if TYPE_CHECKING:
    from triservice.analysis.place.contiguity import Neighbours

Floats = NDArray[np.float64]
_TIE = 1e-12


@dataclass(frozen=True)
class Bivariate:
    """A bivariate statistic of a whole map."""

    value: float
    p_ordinary: float  # two-sided about the mean of the shuffles
    p_spatial: float | None  # two-sided; keeps both layers' autocorrelation


@dataclass(frozen=True)
class LocalLee:
    """Lee's L area by area; its mean is the value of the whole map."""

    values: Floats  # (n,)
    quadrant: NDArray[np.str_]  # (n,) "high-high", "low-low", "high-low", "low-high" (smoothed)
    p_spatial: Floats  # (n,) two-sided, both layers keeping their autocorrelation


def lee(
    x: ArrayLike,
    y: ArrayLike,
    neighbours: Neighbours,
    *,
    basis: MoranBasis | None = None,
    permutations: int = 999,
    seed: int = 20181,
) -> Bivariate:
    """Return Lee's L of x and y, both (n,): Lee, Journal of Geographical Systems 3 (2001).

    L = n/Σᵢ(Σⱼwᵢⱼ)² · Σᵢ x̃ᵢỹᵢ / (n·sx·sy), x̃ the mean over an area and its neighbours.
    The ordinary p shuffles areas with both their values, as Lee's test does: it asks whether
    neighbourhoods agree more than the areas' own correlation makes them. The spatial p asks
    whether they agree more than two unrelated layers that cluster like these.
    """
    a, b = standardise(_known(x, neighbours)), standardise(_known(y, neighbours))
    smooth = row_standardised(neighbours, with_self=True)
    value = float((smooth @ a) @ (smooth @ b)) / a.size

    def shuffle(rng: np.random.Generator, count: int) -> Floats:
        order = rng.permuted(np.tile(np.arange(a.size), (count, 1)), axis=1).T
        return np.asarray(((smooth @ a[order]) * (smooth @ b[order])).sum(axis=0) / a.size)

    ordinary = _two_sided(value, draw_null(shuffle, permutations, seed))
    if basis is None:
        return Bivariate(value, ordinary, None)
    moved = randomise(basis, a, permutations, seed)
    null = (smooth @ moved.T).T @ (smooth @ b) / a.size
    return Bivariate(value, ordinary, _two_sided(value, null))


def local_lee(
    x: ArrayLike,
    y: ArrayLike,
    neighbours: Neighbours,
    basis: MoranBasis,
    *,
    permutations: int = 999,
    seed: int = 20181,
) -> LocalLee:
    """Return Lee's L of each area, x̃ᵢỹᵢ, and how often randomised layers are as extreme there."""
    a, b = standardise(_known(x, neighbours)), standardise(_known(y, neighbours))
    smooth = row_standardised(neighbours, with_self=True)
    high, wide = smooth @ a, smooth @ b
    values = np.asarray(high * wide)
    moved = (smooth @ randomise(basis, a, permutations, seed).T).T * wide
    more = (np.abs(moved) >= np.abs(values) - _TIE).sum(axis=0)
    sides = np.array(["low", "high"])
    quadrant = np.char.add(
        np.char.add(sides[(high > 0).astype(int)], "-"), sides[(wide > 0).astype(int)]
    )
    return LocalLee(values, quadrant, np.asarray((1 + more) / (1 + permutations)))


def bivariate_moran(
    x: ArrayLike,
    y: ArrayLike,
    neighbours: Neighbours,
    *,
    basis: MoranBasis | None = None,
    permutations: int = 999,
    seed: int = 20181,
) -> Bivariate:
    """Return bivariate Moran's I: x here against the mean of y next door, Σ zx·(W zy)/n.

    Anselin, Syabri and Smirnov (2002). The ordinary p shuffles y over the areas.
    """
    a, b = standardise(_known(x, neighbours)), standardise(_known(y, neighbours))
    weights = row_standardised(neighbours)
    below = float(weights.sum())  # areas with a neighbour
    if below == 0:
        raise InputError("no area has a neighbour")
    seen_from = np.asarray(weights.T @ a)  # Σᵢ aᵢwᵢⱼ: the statistic is its product with b
    value = float(seen_from @ b) / below

    def shuffle(rng: np.random.Generator, count: int) -> Floats:
        return np.asarray(rng.permuted(np.tile(b, (count, 1)), axis=1) @ seen_from / below)

    ordinary = _two_sided(value, draw_null(shuffle, permutations, seed))
    if basis is None:
        return Bivariate(value, ordinary, None)
    null = randomise(basis, b, permutations, seed) @ seen_from / below
    return Bivariate(value, ordinary, _two_sided(value, null))


def row_standardised(neighbours: Neighbours, *, with_self: bool = False) -> sparse.csr_array:
    """Return the weights as a sparse (n, n) array whose rows sum to one (zero for islands)."""
    if with_self:
        neighbours = neighbours.with_self()
    counts = np.diff(neighbours.indptr)
    data = np.repeat(1.0 / np.maximum(counts, 1), counts)
    n = counts.size
    return sparse.csr_array((data, neighbours.indices, neighbours.indptr), shape=(n, n))


def _two_sided(value: float, null: Floats) -> float:
    """Return how often the null lies as far from its own mean as `value` does."""
    centre = float(null.mean())
    more = int(np.count_nonzero(np.abs(null - centre) >= abs(value - centre) - _TIE))
    return (1 + more) / (1 + null.size)


def _known(values: ArrayLike, neighbours: Neighbours) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    n = len(neighbours.indptr) - 1
    if array.shape != (n,) or not np.isfinite(array).all():
        raise InputError(f"a layer needs a value in each of the {n} areas")
    return array
