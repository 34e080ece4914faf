"""The table of hotspots: every cell with its count, z, p, q, neighbours and class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.hotspots.discovery import Rule, cells_needed, q_values
from triservice.analysis.hotspots.local import (
    SEED,
    LocalStatistic,
    Null,
    Permutations,
    getis_ord,
    local_moran,
)
from triservice.analysis.place.contiguity import Neighbours
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Strings = NDArray[np.str_]

_NUMBERS = (
    *("count", "value", "around", "expected", "z"),
    *("p", "p_exact", "p_conditional", "p_analytic", "q", "neighbours"),
)
FALLBACK_PERMUTATIONS = 9_999  # where exact tails cannot be had and no number was given


@dataclass(frozen=True)
class HotspotTable:
    """Cells and what Gi* says of them; every array is (n,), NaN where a cell has no neighbours.

    `count` is what was counted, `value` what was tested (the same, or harm, or a rate); `around`
    the sum of `value` over the cell and its neighbours and `expected` its expectation by chance;
    `z` is that of Gi*; `p` is two-sided, by permutation under the null of `method`; `p_exact` is
    its limit for endless permutations (NaN when it cannot be had); `p_conditional` the p with the
    cell's own value set aside; `p_analytic` that of z by the normal curve; `q` corrects `p_exact`
    (else `p`) for the number of cells.
    `kind` is hot, cold or none; `quadrant` is HH, LL, HL or LH where local Moran's I is
    significant after the same correction, else empty.
    """

    ids: Strings
    count: Floats
    value: Floats
    around: Floats
    expected: Floats
    z: Floats
    p: Floats
    p_exact: Floats
    p_conditional: Floats
    p_analytic: Floats
    q: Floats
    neighbours: Ints
    kind: Strings
    quadrant: Strings
    false_discovery: float
    method: dict[str, Any]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.ids)

    def ranked(self, kind: str = "hot") -> Ints:
        """Return the indices of hot (or cold) cells, the most extreme z first."""
        chosen = np.flatnonzero(self.kind == kind)
        order = np.lexsort((chosen, -np.abs(self.z[chosen])))
        return chosen[order]

    def columns(self) -> Mapping[str, NDArray[Any]]:
        """Return the table as named columns, for pandas or Arrow."""
        table = {"id": self.ids} | {name: getattr(self, name) for name in _NUMBERS}
        return table | {"class": self.kind, "quadrant": self.quadrant}


def find_hotspots(
    counts: ArrayLike,
    neighbours: Neighbours,
    *,
    values: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    permutations: Permutations = "exact",
    null: Null = "total",
    false_discovery: float = 0.05,
    correction: Rule = "benjamini-hochberg",
    seed: int = SEED,
) -> HotspotTable:
    """Return the table of hotspots of `counts` (n,), or of `values` (n,) when given.

    A cell is hot when q ≤ `false_discovery`, on the high side, with z above zero; cold likewise.
    `permutations` is a number, "exact", or 0 for the normal curve. `null` "total" draws cell and
    neighbours from all cells, as z does; "conditional" sets the cell's own value aside, as esda
    does, and of two hot cells side by side may find only the ring around them (local.py). For
    whole numbers q rests on exact tails, so that few permutations cannot hide what is there.
    Raises InputError as getis_ord does, and for a rate of false discoveries outside 0–1.
    """
    counted = np.asarray(counts, dtype=np.float64)
    tested = counted if values is None else np.asarray(values, dtype=np.float64)
    if not 0.0 < false_discovery < 1.0:
        raise InputError(f"a false discovery rate of {false_discovery} is not between 0 and 1")
    if counted.shape != tested.shape:
        raise InputError(f"{tested.size:,} values do not match {counted.size:,} counts")
    notes: list[str] = []
    exact = _exact(tested, neighbours, null) if permutations != 0 else None
    number: Permutations = permutations
    if permutations == "exact" and exact is None:
        number = FALLBACK_PERMUTATIONS
        notes.append(
            f"Exact p needs whole numbers and few neighbours: {number:,} permutations instead."
        )
    drawn = (
        exact
        if number == "exact" and exact is not None
        else getis_ord(tested, neighbours, permutations=number, null=null, seed=seed)
    )
    sides = exact or drawn
    p = drawn.p
    if permutations == 0:
        p = drawn.p_analytic
        notes.append(
            "p is that of z by the normal curve: too small where counts are skewed, as they are."
        )
    q = q_values(p if exact is None else exact.p, correction)
    significant = q <= false_discovery  # NaN is not
    above, below = _sides(sides)
    kind = np.full(len(tested), "none", dtype="<U4")
    kind[significant & above & (drawn.z > 0)] = "hot"
    kind[significant & below & (drawn.z < 0)] = "cold"
    conditional = _conditional(tested, neighbours, null, number, sides, seed)
    moran_q = q_values(conditional.p, correction)
    quadrant = np.where(
        moran_q <= false_discovery, local_moran(tested, neighbours, permutations=0).quadrant, ""
    )
    if exact is None:
        notes += _too_few(drawn.p, number, q, false_discovery)
    names = np.arange(len(tested)).astype(np.str_) if ids is None else np.asarray(ids, np.str_)
    if len(names) != len(tested):
        raise InputError(f"{len(names):,} ids do not match {len(tested):,} counts")
    return HotspotTable(
        names,
        counted,
        tested,
        drawn.statistic,
        drawn.expected,
        drawn.z,
        p,
        exact.p if exact else np.full(len(tested), np.nan),
        conditional.p,
        drawn.p_analytic,
        q,
        neighbours.counts,
        kind,
        quadrant,
        false_discovery,
        {
            "statistic": "Gi*",
            "permutations": number,
            "null": null,
            "sides": "two: twice the smaller tail, at most 1",
            "q_from": "p_exact" if exact else "p",
            "correction": correction,
            "false_discovery": false_discovery,
            "seed": seed,
            "weights": "binary",
        },
        (*drawn.notes, *notes),
    )


def _sides(found: LocalStatistic) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which cells lie on the high side and which on the low one; both when not drawn."""
    if found.permutations == 0:
        return np.ones(len(found.z), dtype=bool), np.ones(len(found.z), dtype=bool)
    return found.p_high < found.p_low, found.p_low < found.p_high


def _exact(values: Floats, neighbours: Neighbours, null: Null) -> LocalStatistic | None:
    """Return Gi* with exact tails, None when they cannot be had."""
    whole = np.array_equal(values, np.rint(values))  # NaN is not: refused with a sentence later
    if not whole:
        return None
    try:
        return getis_ord(values, neighbours, permutations="exact", null=null)
    except InputError:
        # Too many neighbours or too large sums. Input that is wrong in itself is refused again by
        # the permutations that follow.
        return None


def _conditional(
    values: Floats,
    neighbours: Neighbours,
    null: Null,
    permutations: Permutations,
    sides: LocalStatistic,
    seed: int,
) -> LocalStatistic:
    """Return the conditional test: it is at hand, exact, or drawn."""
    if null == "conditional" and permutations != 0:
        return sides
    exact = _exact(values, neighbours, "conditional")
    if exact is not None:
        return exact
    number = FALLBACK_PERMUTATIONS if permutations in ("exact", 0) else permutations
    return getis_ord(values, neighbours, permutations=number, seed=seed)


def _too_few(p: Floats, permutations: Permutations, q: Floats, rate: float) -> list[str]:
    """Return a note when no q can be small because the permutations are too few."""
    if permutations in ("exact", 0) or not isinstance(permutations, int):
        return []
    tested = p[~np.isnan(p)]
    least = 2.0 / (permutations + 1)
    needed = cells_needed(least, len(tested), rate)
    reached = int((tested <= least * (1 + 1e-9)).sum())
    if (q <= rate).any() or not 0 < reached < needed:
        return []
    return [
        f"With {permutations:,} permutations no p is below {least:g}, so of {len(tested):,} cells "
        f"{needed:,} would have to reach it together ({reached:,} do) before any q is {rate:g} or "
        "less. No hotspot here may mean too few permutations."
    ]
