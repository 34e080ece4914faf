"""Do the layers name the same worst areas? Sets of the worst x%, and what chance would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import floor

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class WorstSet:
    """The worst areas of one layer."""

    members: Bools  # (n,)
    size: int
    cut: float  # the mildest value inside the set
    tied_out: int  # areas left out although their value equals the cut: the code decided


@dataclass(frozen=True)
class SetOverlap:
    """Areas common to two or more sets, against sets of those sizes drawn blindly."""

    both: int
    expected: float  # n · Π(size/n)
    p_ordinary: float  # chance of at least `both`: exact, areas exchangeable
    jaccard: float  # common / any
    dice: float  # k · common / sum of sizes: the share of a set that is common when sizes agree
    areas: int


def worst_count(areas: int, share: float) -> int:
    """Return how many areas are the worst `share` (0–1) of `areas`.

    The nearest whole number, halves upwards, at least one: 20% of 73 is 14.6, so 15.
    Raises InputError unless 0 < share < 1.
    """
    if not 0 < share < 1:
        raise InputError(
            f"the worst share is {share:g}, and must lie between 0 and 1 (0% and 100%)",
            do="Write --worst 20 for the worst fifth.",
        )
    return min(areas, max(1, floor(areas * share + 0.5 + 1e-9)))


def worst_set(
    values: ArrayLike,
    share: float,
    *,
    codes: ArrayLike | None = None,
    worse: str = "high",
    nothing: float | None = None,
) -> WorstSet:
    """Return the worst `share` of the areas, values (n,), NaN never worst.

    `worse` is "high" or "low". A value equal to `nothing` (no demand at all) is never among the
    worst, so a layer that is empty nearly everywhere gives a smaller set. Equal values at the
    cut are taken in the order of `codes` (of position when there are none), so the answer is the
    same on every machine; `tied_out` counts those that lost on their code alone. Raises
    InputError when no area has a value.
    """
    array = np.asarray(values, dtype=np.float64)
    if worse not in ("high", "low"):
        raise InputError(f"worse is {worse!r}", do='Write "high" or "low".')
    usable = np.flatnonzero(np.isfinite(array))
    if usable.size == 0:
        raise InputError("a layer has no value in any area")
    badness = array if worse == "high" else -array
    by_code = np.asarray(codes) if codes is not None else np.arange(array.size)
    size = worst_count(usable.size, share)
    if nothing is not None:
        usable = usable[array[usable] != nothing]
        size = min(size, usable.size)
    order = usable[np.lexsort((by_code[usable], -badness[usable]))]
    members = np.zeros(array.size, dtype=np.bool_)
    members[order[:size]] = True
    cut = array[order[size - 1]] if size else np.nan
    return WorstSet(members, size, float(cut), int(np.sum(array[order[size:]] == cut)))


def top_rows(table: Floats, size: int) -> Bools:
    """Return the `size` highest of each row of (rows, n); ties by position. For null draws."""
    chosen = np.argpartition(-table, size - 1, axis=1)[:, :size]
    members = np.zeros(table.shape, dtype=np.bool_)
    np.put_along_axis(members, chosen, True, axis=1)
    return members


def set_overlap(sets: Sequence[ArrayLike]) -> SetOverlap:
    """Return the overlap of two or more sets of areas, each bool (n,)."""
    table = np.asarray([np.asarray(one, dtype=np.bool_) for one in sets])
    if table.ndim != 2 or table.shape[0] < 2:
        raise InputError("overlap needs two or more sets over the same areas")
    n = table.shape[1]
    sizes = [int(size) for size in table.sum(axis=1)]
    common = int(table.all(axis=0).sum())
    union = int(table.any(axis=0).sum())
    distribution = blind_overlap(n, sizes)
    return SetOverlap(
        both=common,
        expected=n * float(np.prod([size / n for size in sizes])),
        p_ordinary=float(min(1.0, distribution[common:].sum())),
        jaccard=common / union if union else 0.0,
        dice=len(sizes) * common / sum(sizes) if sum(sizes) else 0.0,
        areas=n,
    )


def pair_overlaps(sets: Mapping[str, ArrayLike]) -> dict[tuple[str, str], SetOverlap]:
    """Return `set_overlap` of every pair of named sets, in the order of the mapping."""
    return {(a, b): set_overlap([sets[a], sets[b]]) for a, b in combinations(sets, 2)}


def blind_overlap(areas: int, sizes: Sequence[int]) -> Floats:
    """Return the chance of 0, 1, 2 … common areas when sets of `sizes` are drawn blindly.

    Exact: what is common to the first j sets is itself a set that the next one hits
    hypergeometrically, so the distribution is carried through set by set. With two sets this is
    Fisher's exact test. Returns (min(sizes) + 1,), summing to 1.
    """
    if not sizes or any(not 0 <= size <= areas for size in sizes):
        raise InputError(f"sets of {list(sizes)} areas cannot be drawn from {areas}")
    most = min(sizes)
    chance = np.zeros(most + 1)
    ordered = sorted(sizes)
    chance[ordered[0]] = 1.0
    counts = np.arange(most + 1)
    for size in ordered[1:]:
        # column m: the chance of 0…most hits in a set of m
        chance = _hits(counts[:, None], areas, counts[None, :], size) @ chance
    return np.asarray(chance)


def _hits(hits: Ints, areas: int, marked: Ints, drawn: int) -> Floats:
    """Return the hypergeometric chance of `hits` among `drawn` of `areas`, `marked` of them hit."""
    missed = marked - hits
    possible = (missed >= 0) & (hits <= drawn) & (drawn - hits <= areas - marked)
    held = np.where(possible, hits, 0), np.where(possible, marked, 0)
    ways = _choose(held[1], held[0]) + _choose(areas - held[1], drawn - held[0])
    return np.where(possible, np.exp(ways - _choose(np.asarray(areas), np.asarray(drawn))), 0.0)


def _choose(n: Ints, k: Ints) -> Floats:
    """Return the logarithm of n over k; minus infinity is never asked for."""
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
