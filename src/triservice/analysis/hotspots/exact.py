"""The permutation null without permutations: exact tails of the sum of k values drawn at random.

For whole numbers (counts of events) the distribution of the sum of k values drawn without
replacement from n is a polynomial: the coefficient of yᵏzˢ in Π_v (1 + y·zᵛ)^(cells of value v)
counts the selections of k cells that sum to s. Multiplying it out over the distinct values, from
small to large, adds only positive terms, so even a tail of 10⁻³⁰ is right to many digits. This is
what conditional permutation tends to as permutations grow, with no Monte Carlo error and no
smallest possible p: with 999 permutations no q-value of 10,000 cells may be small at all.

Setting cell i aside (value v) needs no second polynomial: of the selections of k from n, a share
k/n holds i, so  n·F_k(s) = (n − k)·F_k⁻ⁱ(s) + k·F_{k−1}⁻ⁱ(s − v).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_STEPS = 2e9  # multiply-adds that may be spent: one to two seconds
MOST_TABLE = 40_000_000  # entries of the table: 320 MB


def exact_is_possible(values: Floats, largest: int, top: float) -> bool:
    """Say whether exact tails can be had: whole numbers, few neighbours, and sums that fit.

    `largest` is the number of values in the longest sum, `top` the largest observed sum.
    """
    n = len(values)
    if largest < 1 or largest > n // 2 or n < 3 or not np.array_equal(values, np.rint(values)):
        return False
    span = top - largest * min(float(values.min()), 0.0) + 2
    if math.lgamma(n + 1) - math.lgamma(largest + 1) - math.lgamma(n - largest + 1) > 650:
        return False  # more selections than a float64 can count
    distinct, many = np.unique(values, return_counts=True)
    # Selections per value: up to min(k, cells of that value) of each, into each of k sums, and
    # sums of values up to v reach no further than k·v.
    each = np.minimum(many, largest) * largest
    reach = np.minimum((distinct - min(float(values.min()), 0.0)) * largest + 1, span)
    return bool(float(each @ reach) <= MOST_STEPS and (largest + 1) * span <= MOST_TABLE)


def exact_tails(
    values: Floats, observed: Floats, size: Ints, *, conditional: bool
) -> tuple[Floats, Floats]:
    """Return P(sum ≥ observed) and P(sum ≤ observed) for sums of `size` values drawn at random.

    `values`, `observed` (n,) whole numbers, `size` (n,); cells of size 0 come back as NaN. When
    `conditional`, the draws of cell i leave out its own value. Ask `exact_is_possible` first.
    """
    shift = min(float(values.min()), 0.0)  # sums of shifted values shift by size · shift
    shifted = np.rint(values - shift).astype(np.int64)
    wanted = np.rint(observed - size * shift).astype(np.int64)
    top = int(wanted[size > 0].max(initial=0)) + 1  # the last place holds all sums from there on
    distinct, many = np.unique(shifted, return_counts=True)
    table = _selections(distinct, many.astype(np.int64), int(size.max()), top)
    low = np.cumsum(table, axis=1)
    high = np.cumsum(table[:, ::-1], axis=1)[:, ::-1].copy()
    total = low[:, -1:].copy()
    p_high, p_low = np.full(len(values), np.nan), np.full(len(values), np.nan)
    own = shifted if conditional else np.empty(0, dtype=np.int64)
    _look_up(low / total, high / total, own, wanted, size, len(values), p_high, p_low)
    return p_high, p_low


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _selections(distinct: Ints, many: Ints, largest: int, top: int) -> Floats:
    """Count selections: entry (k, s) is the number of ways in which k cells sum to s."""
    table = np.zeros((largest + 1, top + 1))
    table[0, 0] = 1.0
    for index in range(len(distinct)):
        value, cells = distinct[index], many[index]
        before = distinct[index - 1] if index else 0
        for k in range(largest, 0, -1):
            ways = 1.0
            for c in range(1, min(k, cells) + 1):
                ways *= (cells - c + 1) / c
                step = c * value
                reach = min((k - c) * before, top)  # sums of the smaller values end here
                inside = max(min(reach, top - step), -1)
                for s in range(inside + 1):
                    table[k, s + step] += ways * table[k - c, s]
                beyond = 0.0
                for s in range(inside + 1, reach + 1):
                    beyond += table[k - c, s]
                table[k, top] += ways * beyond
    return table


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _look_up(
    low: Floats,
    high: Floats,
    own: Ints,
    wanted: Ints,
    size: Ints,
    n: int,
    p_high: Floats,
    p_low: Floats,
) -> None:
    top = low.shape[1] - 1
    for i in range(len(wanted)):
        k = size[i]
        if k == 0:
            continue
        if len(own) == 0:
            s = wanted[i]
            p_high[i] = high[k, min(max(s, 0), top)] if s <= top else 0.0
            p_low[i] = low[k, s] if s >= 0 else 0.0
            continue
        s = wanted[i] - k * own[i]
        upper, lower = 1.0 * (s <= 0), 1.0 * (s >= 0)
        fewest = 1.0  # share of one selection among all: no tail that holds it is smaller
        for j in range(1, k + 1):
            s += own[i]
            above = high[j, s] if s > 0 else 1.0
            below = low[j, s] if s >= 0 else 0.0
            upper = min(max((n * above - j * upper) / (n - j), 0.0), 1.0)
            lower = min(max((n * below - j * lower) / (n - j), 0.0), 1.0)
            fewest *= j / (n - j)
        p_high[i] = max(upper, fewest)
        p_low[i] = max(lower, fewest)
