"""Rates of events per population, how sure we are of them, and smoothing where few people live.

A rate of 2 events among 50 people says little. Here it gets an interval, a funnel to stand in, and
a smoothed value that borrows from all areas (or the neighbouring ones) as far as its own
population is too small to speak for itself.

Sources: Garwood, Biometrika 28 (1936); Breslow and Day, Statistical Methods in Cancer Research II
(1987) for Byar's formula; Marshall, Applied Statistics 40 (1991); Clayton and Kaldor, Biometrics
43 (1987); Spiegelhalter, Statistics in Medicine 24 (2005) for funnels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from triservice.analysis.hotspots.permutation import sums_of_neighbours
from triservice.analysis.place.contiguity import Neighbours
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
IntervalMethod = Literal["exact", "byar"]
Intervals = tuple[Floats, Floats]


def count_interval(
    counts: ArrayLike, level: float = 0.95, method: IntervalMethod = "exact"
) -> Intervals:
    """Return the interval for the expected number behind each count (n,), low and high.

    "exact" is Garwood's: it holds its level for every expected number. "byar" is the formula
    public health tables use: within 0.2% of exact from 10 events upwards. Raises InputError for
    a negative count or another method; the level lies between 0 and 1.
    """
    y = np.asarray(counts, dtype=np.float64)
    if y.size and not (np.isfinite(y).all() and y.min() >= 0):
        raise InputError("counts must be finite numbers, not below zero")
    tail = _tail(level)
    if method == "exact":
        low = special.gammaincinv(np.maximum(y, 1e-300), tail)
        return np.where(y > 0, low, 0.0), np.asarray(special.gammaincinv(y + 1.0, 1.0 - tail))
    if method != "byar":
        raise InputError(f"{method!r} is not an interval", do="Choose exact or byar.")
    z = float(special.ndtri(1.0 - tail))

    def byar(events: Floats, side: float) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            root = 1 - 1 / (9 * events) + side * z / (3 * np.sqrt(events))
            limit: Floats = np.where(events > 0, events * np.maximum(root, 0.0) ** 3, 0.0)
        return limit

    return byar(y, -1.0), byar(y + 1.0, 1.0)


@dataclass(frozen=True)
class Rates:
    """Rates (n,) and their intervals, NaN where nobody lives."""

    rate: Floats
    low: Floats
    high: Floats


def rates(
    counts: ArrayLike,
    population: ArrayLike,
    *,
    per: float = 1.0,
    level: float = 0.95,
    method: IntervalMethod = "exact",
) -> Rates:
    """Return counts (n,) per `per` of population (n,), with the interval of the count.

    An area with nobody in it has no rate (NaN). Raises InputError for negative or missing input.
    """
    y, people = _counts_and_people(counts, population)
    low, high = count_interval(y, level, method)
    with np.errstate(divide="ignore", invalid="ignore"):
        divided = [np.where(people > 0, v * per / people, np.nan) for v in (y, low, high)]
    return Rates(*divided)


@dataclass(frozen=True)
class Smoothed:
    """Smoothed rates (n,), and the share (n,) that each area's own rate has in its own.

    `mean` is what rates are drawn to, `variance` the true variance between areas: scalars, or
    (n,) for local smoothing.
    """

    rate: Floats
    own_share: Floats
    mean: Floats
    variance: Floats
    notes: tuple[str, ...] = ()


def smooth_rates(
    counts: ArrayLike, population: ArrayLike, neighbours: Neighbours | None = None
) -> Smoothed:
    """Return empirical-Bayes rates by Marshall's moments, towards all areas or the neighbours.

    rᵢ' = m + Cᵢ (rᵢ − m), Cᵢ = A / (A + m / nᵢ), A = s² − m / n̄ (0 when negative: nothing but
    chance between areas). With `neighbours`, m and A are those of the area and its neighbours.
    """
    y, people = _counts_and_people(counts, population)
    if not people.sum() > 0:
        raise InputError("nobody lives in any of the areas, so there are no rates")
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.where(people > 0, y / people, 0.0)
    if neighbours is None:
        total, areas = np.full(1, people.sum()), np.full(1, float((people > 0).sum()))
        mean = y.sum() / total
        squares = (people @ (raw - mean) ** 2) / total
    else:
        if len(neighbours) != len(y):
            raise InputError(f"{len(y):,} areas do not match {len(neighbours):,} neighbours")
        around = neighbours.with_self()

        def sum_around(values: Floats) -> Floats:
            out = np.empty(len(values))
            sums_of_neighbours(values, around.indptr, around.indices, out)
            return out

        total, areas = sum_around(people), sum_around((people > 0).astype(np.float64))
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(total > 0, sum_around(y) / total, np.nan)
            # Σ n (r − m)² = Σ n r² − m Σ y, each sum over the area and its neighbours
            squares = np.maximum(sum_around(people * raw**2) / total - mean**2, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.maximum(squares - mean * areas / total, 0.0)
        spread = variance + mean / people
        share = np.where(people > 0, np.where(spread > 0, variance / spread, 0.0), 0.0)
        rate = np.where(people > 0, mean + share * (raw - mean), mean + 0.0 * raw)
    notes: tuple[str, ...] = ()
    if neighbours is None and variance[0] == 0:
        notes = ("The areas differ no more than chance explains: all smoothed rates are equal.",)
    return Smoothed(rate, share, np.squeeze(mean), np.squeeze(variance), notes)


@dataclass(frozen=True)
class GammaPoisson:
    """Posterior mean and interval of each area's rate (n,) under rates ~ Gamma(shape, 1/scale)."""

    rate: Floats
    low: Floats
    high: Floats
    shape: float
    population: float  # the prior weighs as much as this population

    def exceeds(self, counts: ArrayLike, population: ArrayLike, rate: float) -> Floats:
        """Return the posterior probability that each area's rate lies above `rate`."""
        y, people = _counts_and_people(counts, population)
        above: Floats = special.gammaincc(self.shape + y, rate * (self.population + people))
        return above


def gamma_poisson(counts: ArrayLike, population: ArrayLike, level: float = 0.95) -> GammaPoisson:
    """Return empirical-Bayes rates with intervals: counts Poisson, rates Gamma over areas.

    The prior (shape a, population b: mean a / b) maximises the negative-binomial likelihood of
    the counts; the posterior of area i is Gamma(a + yᵢ, b + nᵢ). Where areas differ no more than
    by chance, a grows to its bound (10⁶) and all rates become one.
    """
    from scipy.optimize import minimize

    y, people = _counts_and_people(counts, population)
    y_used, people_used = y[people > 0], people[people > 0]
    if not y_used.sum() > 0:
        raise InputError("there are no events with a population, so there are no rates to smooth")
    mean = y_used.sum() / people_used.sum()
    scaled = people_used * mean  # expected counts: the search is then free of units

    def loss(place: Floats) -> tuple[float, Floats]:
        a, b = np.exp(place)
        both = b + scaled
        value = special.gammaln(y_used + a) - special.gammaln(a)
        value = value + a * (math.log(b) - np.log(both)) - y_used * np.log(both)
        by_a = special.digamma(y_used + a) - special.digamma(a) + math.log(b) - np.log(both)
        by_b = a / b - (a + y_used) / both
        return -float(value.sum()), -np.array([a * by_a.sum(), b * by_b.sum()])

    limits = (math.log(1e-3), math.log(1e6))
    found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=(limits, limits))
    a, b = (float(v) for v in np.exp(found.x))
    shape, after = a + y, b / mean + people
    tail = _tail(level)
    return GammaPoisson(
        shape / after,
        special.gammaincinv(shape, tail) / after,
        special.gammaincinv(shape, 1.0 - tail) / after,
        a,
        b / mean,
    )


@dataclass(frozen=True)
class Funnel:
    """Limits of a rate by chance alone: low and high, (levels, n)."""

    rate: float
    levels: tuple[float, ...]
    low: Floats
    high: Floats


def funnel(
    counts: ArrayLike, population: ArrayLike, levels: tuple[float, ...] = (0.95, 0.998)
) -> Funnel:
    """Return between which limits each area's rate would lie if all shared the overall rate.

    Poisson quantiles interpolated as Spiegelhalter (2005, A.1.1) has it, so that limits are smooth
    in the population; about two and three standard deviations by default.
    """
    y, people = _counts_and_people(counts, population)
    if not people.sum() > 0:
        raise InputError("nobody lives in any of the areas, so there are no rates")
    overall = float(y.sum() / people.sum())
    expected = overall * people
    limits = [
        [_poisson_quantile(side, expected) for side in (_tail(level), 1.0 - _tail(level))]
        for level in levels
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        both = np.where(people > 0, np.array(limits) / people, np.nan)
    return Funnel(overall, tuple(levels), both[:, 0], both[:, 1])


def _poisson_quantile(p: float, expected: Floats) -> Floats:
    """Return the Poisson quantile at `p`, interpolated between whole counts, not below zero."""
    count = np.ceil(special.pdtrik(p, np.maximum(expected, 1e-12)) - 1e-9)
    count = np.maximum(count, 0.0)
    upto = special.pdtr(count, expected)
    here = upto - np.where(count > 0, special.pdtr(np.maximum(count - 1, 0), expected), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        back = np.where(here > 0, (upto - p) / here, 0.0)
    limit: Floats = np.where(expected > 0, np.maximum(count - back, 0.0), 0.0)
    return limit


def _tail(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise InputError(f"{level} is not a level", do="Give a share between 0 and 1, say 0.95.")
    return (1.0 - level) / 2.0


def _counts_and_people(counts: ArrayLike, population: ArrayLike) -> tuple[Floats, Floats]:
    y = np.asarray(counts, dtype=np.float64)
    people = np.asarray(population, dtype=np.float64)
    if y.ndim != 1 or y.shape != people.shape:
        raise InputError(f"{y.size:,} counts do not match {people.size:,} populations")
    for what, values in (("counts", y), ("populations", people)):
        if values.size and not (np.isfinite(values).all() and values.min() >= 0):
            raise InputError(f"{what} must be finite numbers, not below zero")
    return y, people
