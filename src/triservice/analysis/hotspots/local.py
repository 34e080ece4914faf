"""Local statistics: where high values stand among high ones, and low among low.

Getis-Ord Gi* (and Gi) and local Moran's I, each with its analytic z and its permutation p.

**Which null.** *Conditional*: the cell's own value stays, its neighbours' values are drawn from
the other cells (Anselin 1995; what esda does). Under it Gi, Gi* and local Moran's I are all
monotone in the sum of the neighbours, so they share one p; two high cells side by side can be
ringed by significant cells without being significant themselves. *Total*: the cell and its
neighbours are drawn from all cells, the null of the analytic z of Gi* (Ord and Getis 1995).

**Which side.** `p_high` = P(sum ≥ observed) and `p_low` = P(sum ≤ observed), each (1 + #)/(1 + P);
`p` is two-sided: twice the smaller of the two, at most 1. (esda's `p_sim` is one-sided on the side
it saw: about half of `p`.)

Sources: Getis and Ord, Geographical Analysis 24 (1992); Ord and Getis, Geographical Analysis 27
(1995); Anselin, Geographical Analysis 27 (1995); Sokal, Oden and Thomson, Geographical Analysis
30 (1998); Phipson and Smyth, Statistical Applications in Genetics 9 (2010) for the 1 + in p.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.hotspots import exact, permutation
from triservice.analysis.place.contiguity import Neighbours
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Null = Literal["conditional", "total"]
Permutations = int | Literal["exact"]

PERMUTATIONS = 999
SEED = 20160423


@dataclass(frozen=True)
class LocalStatistic:
    """A local statistic of n cells; every array is (n,), NaN where a cell has no neighbours.

    `statistic` is the sum over the neighbourhood (Gi, Gi*) or Iᵢ (local Moran, row-standardised
    weights); `expected` and `z` belong to the analytic null named in the function that made it;
    `quadrant` is HH, LL, HL or LH for local Moran and empty otherwise.
    """

    name: str
    statistic: Floats
    expected: Floats
    z: Floats
    p_high: Floats
    p_low: Floats
    neighbours: Ints
    quadrant: NDArray[np.str_]
    permutations: Permutations
    null: Null
    seed: int
    notes: tuple[str, ...]

    @property
    def p(self) -> Floats:
        """Two-sided p: twice the smaller side, at most 1."""
        both: Floats = np.minimum(1.0, 2.0 * np.minimum(self.p_high, self.p_low))
        return both

    @property
    def p_analytic(self) -> Floats:
        """Two-sided p of z by the normal distribution: rough where counts are small."""
        from scipy.special import ndtr

        both: Floats = 2.0 * ndtr(-np.abs(self.z))
        return both

    @property
    def islands(self) -> int:
        """Cells without neighbours, which have no p."""
        return int((self.neighbours == 0).sum())


def getis_ord(
    values: ArrayLike,
    neighbours: Neighbours,
    *,
    star: bool = True,
    permutations: Permutations = PERMUTATIONS,
    null: Null = "conditional",
    weights: ArrayLike | None = None,
    self_weight: float = 1.0,
    seed: int = SEED,
) -> LocalStatistic:
    """Return Gi* (with the cell itself) or Gi (`star=False`) of `values` (n,).

    z of Gi* uses mean and variance of all cells, z of Gi those of the other cells (Ord and Getis
    1995). Row-standardising binary weights changes neither z nor p, so `neighbours` alone, with
    weights of one, serve both; other weights (links,) in the order of `neighbours.indices` take
    the slower way. `permutations` is a number, 0 for none, or "exact" for their limit (whole
    numbers and binary weights only). Raises InputError when the values are all the same, not
    finite, or of another length than the neighbours; when "exact" cannot be had.
    """
    x, w = _checked(values, neighbours, weights)
    if null == "total" and not star:
        raise InputError(
            "Gi leaves the cell itself out, so it has only a conditional null",
            do="Use star=True for the total null.",
        )
    sums = _Sums.of(x, neighbours, w)
    if star:
        statistic, expected, z = sums.with_self(self_weight)
    else:
        statistic, expected, z = sums.of_others()
    p_high, p_low = _tails(x, neighbours, w, sums, permutations, null, self_weight, seed)
    return LocalStatistic(
        "Gi*" if star else "Gi",
        statistic,
        expected,
        z,
        p_high,
        p_low,
        neighbours.counts,
        np.full(len(x), "", dtype="<U2"),
        permutations,
        null,
        seed,
        _notes(neighbours),
    )


def local_moran(
    values: ArrayLike,
    neighbours: Neighbours,
    *,
    permutations: Permutations = PERMUTATIONS,
    weights: ArrayLike | None = None,
    seed: int = SEED,
) -> LocalStatistic:
    """Return local Moran's I of `values` (n,), with row-standardised weights.

    Iᵢ = (n − 1) zᵢ Σⱼ wᵢⱼ zⱼ / Σ z², as esda has it. `expected` and `z` are those of conditional
    randomisation (Sokal et al. 1998, with the variance of the other cells exact), `p_high` the
    share of draws with Iᵢ as high. A cell with exactly the mean value has I = 0 and p = 1. The
    quadrant is own value, then neighbours' mean, each above the mean of all cells (H) or not (L).
    """
    x, w = _checked(values, neighbours, weights)
    sums = _Sums.of(x, neighbours, w)
    lag, expected_lag, z_lag = sums.of_others()
    deviation = x - x.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = (len(x) - 1) * deviation / (deviation @ deviation) / sums.weight
        statistic = scale * (lag - sums.weight * x.mean())
        expected = scale * (expected_lag - sums.weight * x.mean())
        above = lag > sums.weight * x.mean()
    p_high, p_low = _tails(x, neighbours, w, sums, permutations, "conditional", 0.0, seed)
    low_cell = deviation < 0  # the statistic falls as the neighbours' sum rises
    p_high, p_low = np.where(low_cell, p_low, p_high), np.where(low_cell, p_high, p_low)
    at_mean = (deviation == 0) & (neighbours.counts > 0)
    p_high[at_mean] = p_low[at_mean] = 1.0
    quadrant = np.where(
        deviation > 0, np.where(above, "HH", "HL"), np.where(above, "LH", "LL")
    ).astype("<U2")
    quadrant[neighbours.counts == 0] = ""
    return LocalStatistic(
        "local Moran's I",
        statistic,
        expected,
        np.sign(deviation) * z_lag,
        p_high,
        p_low,
        neighbours.counts,
        quadrant,
        permutations,
        "conditional",
        seed,
        _notes(neighbours),
    )


@dataclass(frozen=True)
class _Sums:
    """Sums over the neighbours of each cell: w·x, w and w², (n,)."""

    values: Floats
    lag: Floats
    weight: Floats
    squares: Floats

    @classmethod
    def of(cls, x: Floats, neighbours: Neighbours, weights: Floats | None) -> _Sums:
        if weights is None:
            lag, count = np.empty(len(x)), neighbours.counts.astype(np.float64)
            permutation.sums_of_neighbours(x, neighbours.indptr, neighbours.indices, lag)
            return cls(x, lag, count, count)
        out = np.zeros((3, len(x)))
        permutation.weighted_sums(x, neighbours.indptr, neighbours.indices, weights, out)
        return cls(x, *out)

    def of_others(self) -> tuple[Floats, Floats, Floats]:
        """Return sum, expected sum and z when neighbours are drawn from the other cells."""
        x = self.values
        n = len(x) - 1
        deviation = x - x.mean()  # centred, so that squares do not cancel
        mean = -deviation / n
        variance = np.maximum((deviation @ deviation - deviation**2) / n - mean**2, 0.0)
        # All others equal leaves rounding where nothing is.
        variance[variance <= 1e-12 * (deviation @ deviation) / n] = 0.0
        return _standardise(self.lag, self.weight, self.squares, mean + x.mean(), variance, n)

    def with_self(self, own: float) -> tuple[Floats, Floats, Floats]:
        """Return sum, expected sum and z when cell and neighbours are drawn from all cells."""
        x = self.values
        none = self.weight == 0
        sums = self.lag + own * x, self.weight + own, self.squares + own**2
        lag, weight, squares = (np.where(none, np.nan, part) for part in sums)
        mean, variance = np.full(len(x), x.mean()), np.full(len(x), x.var())
        return _standardise(lag, weight, squares, mean, variance, len(x))


def _standardise(
    lag: Floats, weight: Floats, squares: Floats, mean: Floats, variance: Floats, n: int
) -> tuple[Floats, Floats, Floats]:
    """Return sum, its expectation and z for weights meeting draws without replacement from n."""
    expected = weight * mean
    spread = variance * np.maximum(n * squares - weight**2, 0.0) / (n - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(spread > 0, (lag - expected) / np.sqrt(spread), np.nan)
    empty = ~(squares > 0)
    return np.where(empty, np.nan, lag), np.where(empty, np.nan, expected), z


def _tails(
    x: Floats,
    neighbours: Neighbours,
    weights: Floats | None,
    sums: _Sums,
    permutations: Permutations,
    null: Null,
    self_weight: float,
    seed: int,
) -> tuple[Floats, Floats]:
    """Return the upper and lower tail of the neighbourhood sum under the null, NaN for islands."""
    n, counts = len(x), neighbours.counts
    conditional = null == "conditional"
    nothing = np.full(n, np.nan)
    if permutations == 0 or counts.max(initial=0) == 0:
        return nothing, nothing.copy()
    binary = weights is None and (conditional or self_weight == 1.0)
    size = np.where(counts > 0, counts + (not conditional), 0)
    own = 0.0 if conditional else self_weight
    observed = sums.lag + own * x
    if permutations == "exact":
        top = float(observed[counts > 0].max())
        if not binary or not exact.exact_is_possible(x, int(size.max()), top):
            raise InputError(
                "the exact null needs whole numbers, binary weights and few neighbours",
                do="Give a number of permutations instead.",
            )
        return exact.exact_tails(x, observed, size, conditional=conditional)
    draws = permutation.draw_ordered(n, int(counts.max()) + 1, permutations, seed)
    at_least, at_most = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    if binary:
        tolerance = permutation.tie_tolerance(x, float(size.max()))
        permutation.count_sums(x, observed, size, draws, tolerance, at_least, at_most)
        if conditional:
            permutation.set_aside(x, observed, size, draws, tolerance, at_least, at_most)
    else:
        w = np.ones(len(neighbours.indices)) if weights is None else weights
        reach = float(np.abs(w).max(initial=0.0) * counts.max() + abs(own))
        tolerance = permutation.tie_tolerance(x, reach)
        permutation.count_weighted(
            x, observed, neighbours.indptr, w, draws, tolerance, conditional, own, at_least, at_most
        )
    there = counts > 0
    p_high = np.where(there, (1.0 + at_least) / (1.0 + permutations), np.nan)
    p_low = np.where(there, (1.0 + at_most) / (1.0 + permutations), np.nan)
    return p_high, p_low


def _checked(
    values: ArrayLike, neighbours: Neighbours, weights: ArrayLike | None
) -> tuple[Floats, Floats | None]:
    """Return values and weights as float64 arrays. Raises InputError where they cannot be used."""
    x = np.ascontiguousarray(values, dtype=np.float64)
    if x.ndim != 1 or len(x) != len(neighbours):
        raise InputError(
            f"{x.size:,} values do not match the neighbours of {len(neighbours):,} cells"
        )
    if len(x) < 3:
        raise InputError(f"{len(x)} cells are too few for a local statistic", do="Use at least 3.")
    if not np.isfinite(x).all():
        raise InputError(
            f"{int((~np.isfinite(x)).sum()):,} of {len(x):,} values are not finite numbers",
            do="Leave those cells out, with their neighbours, or give them a value.",
        )
    if x.min() == x.max():
        raise InputError(
            f"all {len(x):,} cells have the same value ({x[0]:g}), so no cell can stand out",
            do="Choose more events, larger cells or another measure.",
        )
    if weights is None:
        return x, None
    w = np.ascontiguousarray(weights, dtype=np.float64)
    if w.shape != neighbours.indices.shape or not np.isfinite(w).all():
        raise InputError(
            f"weights must be {len(neighbours.indices):,} finite numbers, one for each link"
        )
    return x, w


def _notes(neighbours: Neighbours) -> tuple[str, ...]:
    islands = int((neighbours.counts == 0).sum())
    if not islands:
        return ()
    said = "cell has" if islands == 1 else "cells have"
    return (f"{islands:,} {said} no neighbours and so no z or p.",)
