"""Emerging hotspots: which cells are newly hot, always hot, or hot no more.

Each month is judged against its own map: a cell is hot in a month when Gi* of that month says so
after correction for the number of cells. A change in recording that lifts the whole county
therefore makes no hotspots. The z-values of a cell over the months are tested for a trend by
Mann–Kendall, and the two together give the class. After the idea of emerging hot spot analysis
(Esri), with classes defined below so that each cell is in exactly one.

Sources: Mann, Econometrica 13 (1945); Kendall, Rank Correlation Methods (1975).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.hotspots.discovery import q_values
from triservice.analysis.hotspots.local import PERMUTATIONS, SEED, Null, getis_ord
from triservice.analysis.place.contiguity import Neighbours
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# In order: the first that applies is the class. "Recent" is the last `recent` months.
CLASSES = {
    "no pattern": "hot in no month",
    "new": "hot in the last month, and never before the recent months",
    "historical": "not hot in the recent months, but in at least half of the months before",
    "intensifying": "hot in at least nine months of ten, and z rising (Mann–Kendall, p ≤ 0.05)",
    "diminishing": "hot in at least nine months of ten, and z falling (Mann–Kendall, p ≤ 0.05)",
    "persistent": "hot in at least nine months of ten, without trend",
    "sporadic": "hot in some months, none of the above",
}
PERSISTENT_SHARE = 0.9
HISTORICAL_SHARE = 0.5
TREND_LEVEL = 0.05
SHORT_SERIES = 12
EXACT_UP_TO = 30  # months for which the Mann–Kendall distribution is counted out


@dataclass(frozen=True)
class EmergingHotspots:
    """Class of each cell (n,), and what it rests on.

    `hot` and `z` are (n, months); `trend_p` (two-sided) and `tau` (n,) are Mann–Kendall's of z,
    NaN for cells that were never hot.
    """

    classes: NDArray[np.str_]
    hot: Mask
    z: Floats
    hot_share: Floats
    tau: Floats
    trend_p: Floats
    recent: int
    notes: tuple[str, ...]


def emerging_hotspots(
    counts: ArrayLike,
    neighbours: Neighbours,
    *,
    false_discovery: float = 0.05,
    months_together: int = 1,
    recent: int | None = None,
    null: Null = "total",
    breaks: Sequence[str] = (),
    seed: int = SEED,
) -> EmergingHotspots:
    """Classify cells by their hotness over the months; `counts` is (n, months), oldest first.

    `months_together` > 1 judges each month with the ones before it (neighbours in space and
    time), where single months hold too few events. `recent` is how many last months count as
    recent: by default one in six. `breaks` names months at which recording changed, for the note.
    Raises InputError for fewer than three months or shapes that do not match.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or len(table) != len(neighbours):
        raise InputError(f"counts must be months for each of {len(neighbours):,} cells")
    if not 1 <= months_together <= max(table.shape[1] - 2, 1):
        raise InputError(f"{months_together} months cannot be judged together here")
    sums = np.cumsum(np.pad(table, ((0, 0), (1, 0))), axis=1)
    slices = sums[:, months_together:] - sums[:, :-months_together]
    months = slices.shape[1]
    if months < 3:
        raise InputError(
            f"{table.shape[1]} months are too few for a trend", do="Use at least three months."
        )
    recent = max(1, months // 6) if recent is None else recent
    if not 1 <= recent < months:
        raise InputError(f"{recent} recent months do not fit into {months}")
    z, hot = np.zeros(slices.shape), np.zeros(slices.shape, dtype=bool)
    for month in range(months):
        z[:, month], hot[:, month] = _hot_cells(
            slices[:, month], neighbours, false_discovery, null, seed + month
        )
    tau, trend_p = np.full(len(table), np.nan), np.full(len(table), np.nan)
    ever = hot.any(axis=1)
    if ever.any():
        tau[ever], trend_p[ever] = mann_kendall(z[ever])
    return EmergingHotspots(
        _classify(hot, tau, trend_p, recent),
        hot,
        z,
        hot.mean(axis=1),
        tau,
        trend_p,
        recent,
        _notes(months, months_together, breaks),
    )


def _hot_cells(
    values: Floats, neighbours: Neighbours, rate: float, null: Null, seed: int
) -> tuple[Floats, Mask]:
    """Return z of Gi* and which cells are hot in one month; nothing is in a month of equals."""
    if values.min() == values.max():
        return np.zeros(len(values)), np.zeros(len(values), dtype=bool)
    try:
        found = getis_ord(values, neighbours, permutations="exact", null=null)
    except InputError:  # not whole numbers, or too many neighbours
        found = getis_ord(values, neighbours, permutations=PERMUTATIONS, null=null, seed=seed)
    with np.errstate(invalid="ignore"):
        hot = (q_values(found.p) <= rate) & (found.p_high < found.p_low) & (found.z > 0)
    return np.nan_to_num(found.z), hot


def _classify(hot: Mask, tau: Floats, trend_p: Floats, recent: int) -> NDArray[np.str_]:
    """Return the first class of CLASSES that applies to each cell."""
    share = hot.mean(axis=1)
    lately, before = hot[:, -recent:].any(axis=1), hot[:, :-recent]
    steady = share >= PERSISTENT_SHARE
    with np.errstate(invalid="ignore"):
        trending = trend_p <= TREND_LEVEL
        rising, falling = trending & (tau > 0), trending & (tau < 0)
    applies = {
        "no pattern": share == 0,
        "new": hot[:, -1] & ~before.any(axis=1),
        "historical": ~lately & (before.mean(axis=1) >= HISTORICAL_SHARE),
        "intensifying": steady & rising,
        "diminishing": steady & falling,
        "persistent": steady,
        "sporadic": share > 0,
    }
    return np.select(list(applies.values()), list(applies), default="no pattern")


def _notes(months: int, together: int, breaks: Sequence[str]) -> tuple[str, ...]:
    notes = []
    if months < SHORT_SERIES:
        notes.append(
            f"{months} months are a short series: a class can turn on a single month. Treat new, "
            "fading and sporadic cells as questions, not findings."
        )
    elif months < 2 * SHORT_SERIES:
        notes.append(
            f"{months} months cannot tell a season from a trend: that takes two years or more."
        )
    if together > 1:
        notes.append(
            f"Each month is judged together with the {together - 1} before it, so neighbouring "
            "months share events and trends look more certain than they are."
        )
    if breaks:
        notes.append(
            f"Recording changed in {', '.join(breaks)}. Each month is judged against its own map, "
            "but a change that touched only some places or categories would look like a trend."
        )
    return tuple(notes)


def mann_kendall(series: ArrayLike) -> tuple[Floats, Floats]:
    """Return Kendall's τ with time (tau-b) and its two-sided p for each row of series (n, times).

    Up to 30 times the distribution of S over all orders of the values, ties included, is counted
    out; beyond, S is normal with the variance corrected for ties, less one for continuity. A row
    without any change has τ NaN and p = 1.
    """
    x = np.asarray(series, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] < 3 or not np.isfinite(x).all():
        raise InputError("a trend needs rows of at least three finite values")
    times = x.shape[1]
    s = np.zeros(len(x), dtype=np.int64)
    for first in range(times - 1):
        s += np.sign(x[:, first + 1 :] - x[:, first : first + 1]).sum(axis=1).astype(np.int64)
    tau, p = np.full(len(x), np.nan), np.ones(len(x))
    for row, ordered in enumerate(np.sort(x, axis=1)):
        ends = np.flatnonzero(np.diff(ordered)) + 1
        ties = tuple(sorted(np.diff(np.concatenate([[0], ends, [times]])).tolist()))
        if len(ties) == 1:
            continue
        pairs = times * (times - 1) // 2
        untied = pairs - sum(t * (t - 1) // 2 for t in ties)
        tau[row] = s[row] / math.sqrt(pairs * untied)
        p[row] = _kendall_p(abs(int(s[row])), ties)
    return tau, p


@lru_cache(maxsize=100_000)
def _kendall_p(s: int, ties: tuple[int, ...]) -> float:
    """Return P(|S| ≥ s) when every order of values with these ties is equally likely."""
    times = sum(ties)
    if times <= EXACT_UP_TO:
        orders = _orders_by_inversions(ties)
        untied = len(orders) - 1  # pairs; S = untied − 2 · inversions
        within = sum(n for inv, n in enumerate(orders) if abs(untied - 2 * inv) >= s)
        return within / sum(orders)

    def spread(t: int) -> int:
        return t * (t - 1) * (2 * t + 5)

    variance = (spread(times) - sum(spread(t) for t in ties)) / 18
    return math.erfc(max(s - 1, 0) / math.sqrt(2 * variance))


@lru_cache(maxsize=10_000)
def _orders_by_inversions(ties: tuple[int, ...]) -> tuple[int, ...]:
    """Count the distinct orders of values with these ties by their number of inversions.

    The Gaussian multinomial coefficient Π(1 − qⁱ) / Π Π(1 − qⁱ), in whole numbers.
    """
    orders = [1]
    placed = 0
    for tie in ties:
        for step in range(1, tie + 1):  # times (1 − q^(placed + step)), over (1 − q^step)
            factor = placed + step
            up = orders + [0] * factor
            for at in range(len(up) - 1, factor - 1, -1):
                up[at] -= orders[at - factor]
            for at in range(step, len(up)):
                up[at] += up[at - step]
            orders = up[: len(up) - step]
        placed += tie
    return tuple(orders)
