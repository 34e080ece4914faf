"""Rank correlation of two or more layers, with an interval and with the ordinary p-value.

The ordinary p-value and the ordinary interval take every area for an independent witness. Areas
beside each other are not, so these are carried only to be labelled as ordinary; the p-value to
quote comes from `spectral` (polygons) or `shifts` (grids), the interval from the effective number
of areas.

Missing values (NaN) are left out area by area; `n` says how many areas were used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import atanh, inf, log10, sqrt, tanh

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SMALLEST = 4  # areas: the variance of Fisher's z divides by n - 3


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation of two layers over `n` areas that have both values."""

    r: float
    low: float
    high: float
    p_ordinary: float  # two-sided; areas taken as independent
    n: int
    level: float = 0.95


@dataclass(frozen=True)
class Concordance:
    """Kendall's W over `layers` rankings of `n` areas: 0 no agreement, 1 the same order."""

    w: float
    mean_spearman: float
    p_ordinary: float
    layers: int
    n: int


def spearman(x: ArrayLike, y: ArrayLike, *, level: float = 0.95) -> Correlation:
    """Return Spearman's correlation of `x` and `y`, both (n,), ties given their average rank.

    The interval is Fisher's z with the variance of Bonett and Wright (2000), (1 + r²/2)/(n - 3).
    Raises InputError for different lengths, fewer than four areas with both values, or a layer
    with the same value everywhere.
    """
    a, b = _pair(x, y)
    r = pearson(ranks(a), ranks(b))
    low, high = interval(r, a.size, level)
    return Correlation(r, low, high, ordinary_p(r, a.size), a.size, level)


def spearman_pairs(
    layers: Mapping[str, ArrayLike], *, level: float = 0.95
) -> dict[tuple[str, str], Correlation]:
    """Return `spearman` for every pair of named layers, in the order of the mapping.

    Each pair uses the areas that have both its values. Raises InputError naming the layer.
    """
    found: dict[tuple[str, str], Correlation] = {}
    for a, b in combinations(layers, 2):
        try:
            found[a, b] = spearman(layers[a], layers[b], level=level)
        except InputError as refusal:
            raise InputError(f"{a} and {b}: {refusal}") from None
    return found


def concordance(layers: Sequence[ArrayLike]) -> Concordance:
    """Return Kendall's coefficient of concordance W of k layers, each (n,), corrected for ties.

    With ties each layer's ranks are standardised, so W = (1 + (k - 1)·mean Spearman)/k holds
    exactly. The ordinary p-value is Friedman's chi-squared, k(n - 1)W on n - 1 degrees.
    """
    table = np.array([np.asarray(layer, dtype=np.float64) for layer in layers])
    if table.ndim != 2 or table.shape[0] < 2:
        raise InputError("agreement needs two or more layers of the same length")
    table = table[:, complete(table)]
    k, n = table.shape
    _enough(n)
    ranked = [standardise(ranks(row)) for row in table]
    mean_r = float(np.mean([a @ b / n for a, b in combinations(ranked, 2)]))
    w = (1 + (k - 1) * mean_r) / k
    return Concordance(w, mean_r, float(special.chdtrc(n - 1, k * (n - 1) * w)), k, n)


def ranks(values: ArrayLike) -> Floats:
    """Return ranks from 1, ties given their average. (n,) -> (n,); values must not be missing."""
    _, group, size = np.unique(
        np.asarray(values, dtype=np.float64), return_inverse=True, return_counts=True
    )
    last = np.cumsum(size)
    return np.asarray((last - (size - 1) / 2)[group.ravel()])


def standardise(values: ArrayLike) -> Floats:
    """Return `values` less their mean, over their population standard deviation.

    Raises InputError when every value is the same.
    """
    array = np.asarray(values, dtype=np.float64)
    centred = array - array.mean()
    spread = float(np.sqrt(np.mean(centred**2)))
    if spread <= 1e-12 * max(1.0, float(np.abs(array).max())):
        raise InputError("a layer has the same value in every area, so it cannot be ranked")
    return np.asarray(centred / spread)


def pearson(x: Floats, y: Floats) -> float:
    """Return the product-moment correlation of two layers without missing values."""
    return float(np.clip(standardise(x) @ standardise(y) / x.size, -1.0, 1.0))


def interval(r: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a Spearman correlation `r` seen on `n` (effective) areas.

    Fisher's z with variance (1 + r²/2)/(n - 3): Bonett and Wright, Psychometrika 65 (2000).
    """
    if not 0 < level < 1:
        raise InputError(f"an interval's level lies between 0 and 1, not {level}")
    if n <= 3:
        return -1.0, 1.0
    if abs(r) >= 1:
        return r, r
    half = float(special.ndtri(0.5 + level / 2)) * sqrt((1 + r * r / 2) / (n - 3))
    return tanh(atanh(r) - half), tanh(atanh(r) + half)


def bootstrap_interval(
    x: ArrayLike, y: ArrayLike, *, draws: int = 2000, level: float = 0.95, seed: int = 20181
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of Spearman's r, areas drawn with replacement.

    It takes areas as independent, as `interval` with the plain n does; it helps where there are
    many ties or few areas. Draws in which a layer turns out constant are left out.
    """
    a, b = _pair(x, y)
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, a.size, size=(draws, a.size))
    ra = np.array([ranks(row) for row in a[chosen]])
    rb = np.array([ranks(row) for row in b[chosen]])
    ra -= ra.mean(axis=1, keepdims=True)
    rb -= rb.mean(axis=1, keepdims=True)
    below = np.sqrt((ra**2).sum(axis=1) * (rb**2).sum(axis=1))
    r = (ra * rb).sum(axis=1)[below > 0] / below[below > 0]
    low, high = np.quantile(r, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def ordinary_p(r: float, n: int) -> float:
    """Return the two-sided p of a correlation of n independent areas (Student's t on n - 2)."""
    if abs(r) >= 1:
        return 0.0
    t = abs(r) * sqrt((n - 2) / (1 - r * r))
    return float(2 * special.stdtr(n - 2, -t))


def effective_areas(x: ArrayLike, y: ArrayLike, centroids: ArrayLike) -> float:
    """Return how many independent areas two layers are worth, given their own autocorrelation.

    x, y (n,), centroids (n, 2) in metres, nothing missing. 1 + 1/var(r), where var(r) follows
    from both layers' autocovariance by distance class: Dutilleul, Biometrics 49 (1993), after
    Clifford, Richardson and Hémon (1989); Sturges' number of classes of equal width, self-pairs
    a class of their own. Never more than n. Memory grows as n²: meant for up to ~5,000 areas.
    """
    a, b = standardise(x), standardise(y)
    places = np.asarray(centroids, dtype=np.float64)
    n = a.size
    if places.shape != (n, 2):
        raise InputError(f"{n} areas need centroids of shape ({n}, 2), not {places.shape}")
    gaps = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    furthest = float(gaps.max())
    if furthest == 0:
        raise InputError("all areas lie on one point, so distance says nothing about them")
    classes = max(2, round(1 + 3.3 * log10(n * (n - 1) / 2)))
    of = np.minimum((gaps / furthest * classes).astype(np.int64), classes - 1) + 1
    np.fill_diagonal(of, 0)
    flat = of.ravel()
    pairs = np.maximum(np.bincount(flat, minlength=classes + 1), 1)
    covered = [np.bincount(flat, np.outer(v, v).ravel(), classes + 1) / pairs for v in (a, b)]
    first, second = (_centred(c[of]) for c in covered)
    below = float(np.trace(first) * np.trace(second))
    variance = float(np.sum(first * second)) / below if below > 0 else inf
    return float(min(n, 1 + 1 / variance)) if variance > 0 else float(n)


def complete(table: Floats) -> Bools:
    """Return which areas, the columns of (k, n), have every value."""
    return np.asarray(np.isfinite(table).all(axis=0))


def _centred(matrix: Floats) -> Floats:
    """Take row and column means out of a symmetric matrix."""
    means = matrix.mean(axis=0)
    return np.asarray(matrix - means[:, None] - means[None, :] + means.mean())


def _pair(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return the areas with both values; refuse what cannot be correlated."""
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise InputError(f"layers need one value per area each; shapes are {a.shape}, {b.shape}")
    used = np.isfinite(a) & np.isfinite(b)
    _enough(int(used.sum()))
    return a[used], b[used]


def _enough(n: int) -> None:
    if n < SMALLEST:
        raise InputError(
            f"only {n} areas have a value in every layer, and a correlation needs {SMALLEST}",
            do="Choose a smaller unit of place or a larger county.",
        )
