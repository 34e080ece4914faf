"""How often a sum over k neighbours drawn at random reaches the observed one.

With binary weights the permutation null of cell i depends only on its number of neighbours k and
on its own value, which is set aside. So one set of ordered draws of kmax + 1 distinct cells serves
every cell: the first k of a draw are its k neighbours, and one sorted table of their sums per k
answers all cells with k neighbours by binary search. Where cell i is itself among the first k,
the (k + 1)th takes its place: by symmetry that is an exact draw of k from the other cells. Only
those few pairs (cell, draw), about k in n, are corrected one by one.

Ties are counted on both sides. Sums of the same values in another order may differ by rounding,
so sums within `tolerance` (a few units in the last place) count as equal; for integer values,
such as counts of events, sums are exact and the tolerance changes nothing.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Draws = NDArray[np.int32]


def draw_ordered(n: int, length: int, permutations: int, seed: int) -> Draws:
    """Draw `length` distinct cells of `n`, in order, `permutations` times: int32 (P, length).

    Every ordered selection is equally likely (a partial Fisher–Yates shuffle).
    """
    generator = np.random.default_rng(seed)
    low = np.arange(length, dtype=np.int32)
    swaps = generator.integers(low, n, size=(permutations, length), dtype=np.int32)
    _shuffle(swaps, np.arange(n, dtype=np.int32))
    return swaps


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _shuffle(swaps: Draws, cells: Draws) -> None:
    """Turn places to swap with into drawn cells, in place.

    `cells` is not put back between draws: a partial shuffle is uniform from any order.
    """
    for p in range(swaps.shape[0]):
        for t in range(swaps.shape[1]):
            other = swaps[p, t]
            drawn = cells[other]
            cells[other] = cells[t]
            cells[t] = drawn
            swaps[p, t] = drawn


def tie_tolerance(values: Floats, reach: float) -> float:
    """Return how far equal sums of values may lie apart by rounding; `reach` is Σ|weights|."""
    largest = float(np.abs(values).max(initial=0.0))
    return 4.0 * float(np.finfo(np.float64).eps) * max(reach, 1.0) * largest


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def sums_of_neighbours(values: Floats, indptr: Ints, indices: Draws, sums: Floats) -> None:
    """Fill `sums` (n,) with the sum of the neighbours' values."""
    for i in range(len(sums)):
        total = 0.0
        for link in range(indptr[i], indptr[i + 1]):
            total += values[indices[link]]
        sums[i] = total


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def weighted_sums(
    values: Floats, indptr: Ints, indices: Draws, weights: Floats, out: Floats
) -> None:
    """Fill `out` (3, n) with Σ w·x, Σ w and Σ w² over the neighbours of every cell."""
    for i in range(out.shape[1]):
        for link in range(indptr[i], indptr[i + 1]):
            weight = weights[link]
            out[0, i] += weight * values[indices[link]]
            out[1, i] += weight
            out[2, i] += weight * weight


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def count_sums(
    values: Floats,
    observed: Floats,
    size: Ints,
    draws: Draws,
    tolerance: float,
    at_least: Ints,
    at_most: Ints,
) -> None:
    """Count, per cell, the draws whose first `size` values sum to ≥ and ≤ the observed sum.

    Cells of size 0 stay at zero. Nothing is excluded from the draws: see `set_aside`.
    """
    permutations = draws.shape[0]
    largest = size.max()
    wanted = np.zeros(largest + 1, dtype=np.int64)
    for i in range(len(size)):
        wanted[size[i]] = 1
    row_of = np.full(largest + 1, -1, dtype=np.int64)
    rows = 0
    for k in range(1, largest + 1):
        if wanted[k]:
            row_of[k] = rows
            rows += 1
    tables = np.empty((rows, permutations))
    sums = np.zeros(permutations)
    for k in range(1, largest + 1):
        for p in range(permutations):
            sums[p] += values[draws[p, k - 1]]
        if wanted[k]:
            tables[row_of[k]] = np.sort(sums)
    for i in range(len(size)):
        if size[i] > 0:
            table = tables[row_of[size[i]]]
            at_least[i] = permutations - _below(table, observed[i] - tolerance)
            at_most[i] = _below(table, np.nextafter(observed[i] + tolerance, np.inf))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _below(table: Floats, bound: float) -> int:
    """Return how many of an ascending table lie below `bound`."""
    low, left = 0, len(table)
    while left > 0:  # no branch to mispredict: the compiler makes this a conditional move
        half = (left + 1) // 2
        low += half if table[low + half - 1] < bound else 0
        left -= half
    return low


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def set_aside(
    values: Floats,
    observed: Floats,
    size: Ints,
    draws: Draws,
    tolerance: float,
    at_least: Ints,
    at_most: Ints,
) -> None:
    """Correct the counts of `count_sums` to draws from the *other* cells of each cell."""
    permutations, length = draws.shape
    prefix = np.zeros(length)
    for p in range(permutations):
        for t in range(length - 1):
            prefix[t + 1] = prefix[t] + values[draws[p, t]]
        for t in range(length - 1):
            i = draws[p, t]
            k = size[i]
            if t < k:
                low, high = observed[i] - tolerance, observed[i] + tolerance
                was = prefix[k]
                now = was - values[i] + values[draws[p, k]]
                at_least[i] += np.int64(now >= low) - np.int64(was >= low)
                at_most[i] += np.int64(now <= high) - np.int64(was <= high)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def count_weighted(
    values: Floats,
    observed: Floats,
    indptr: Ints,
    weights: Floats,
    draws: Draws,
    tolerance: float,
    conditional: bool,
    self_weight: float,
    at_least: Ints,
    at_most: Ints,
) -> None:
    """Count as above for weights of any kind: the t-th neighbour's weight meets the t-th draw.

    Costs permutations · links, where binary weights cost a look-up per cell. When not
    `conditional`, the draw after the last neighbour stands for the cell itself with `self_weight`.
    """
    permutations, length = draws.shape
    drawn = np.empty((length, permutations))
    seen = np.zeros(len(observed) + 1, dtype=np.int64)  # in which draws, and where, each cell is
    for p in range(permutations):
        for t in range(length):
            drawn[t, p] = values[draws[p, t]]
            seen[draws[p, t] + 1] += 1
    seen = np.cumsum(seen)
    place = np.empty(permutations * length, dtype=np.int64)
    fill = seen[:-1].copy()
    for p in range(permutations):
        for t in range(length):
            cell = draws[p, t]
            place[fill[cell]] = p * length + t
            fill[cell] += 1
    sums = np.empty(permutations)
    for i in range(len(observed)):
        first, k = indptr[i], indptr[i + 1] - indptr[i]
        if k == 0:
            continue
        sums[:] = 0.0
        for t in range(k):
            weight = weights[first + t]
            for p in range(permutations):
                sums[p] += weight * drawn[t, p]
        if conditional:
            for at in range(seen[i], seen[i + 1]):
                p, t = place[at] // length, place[at] % length
                if t < k:
                    sums[p] += weights[first + t] * (drawn[k, p] - values[i])
        else:
            for p in range(permutations):
                sums[p] += self_weight * drawn[k, p]
        low, high = observed[i] - tolerance, observed[i] + tolerance
        for p in range(permutations):
            at_least[i] += np.int64(sums[p] >= low)
            at_most[i] += np.int64(sums[p] <= high)
