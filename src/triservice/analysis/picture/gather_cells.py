"""Events by square cell: counts in classes, small ones hidden, significant hot spots outlined."""

from __future__ import annotations

import numpy as np

from triservice.analysis.counts import count_by_cell
from triservice.analysis.hotspots.hotspots import find_hotspots
from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.picture.model import EMPTY, CellMap
from triservice.analysis.picture.suppress import hide_small
from triservice.analysis.place.outlines import Outlines
from triservice.kernel.errors import InputError

_FEWEST_CELLS = 3  # a local statistic needs so many
_MOST_CELLS = 40_000  # a page draws no more; larger places get larger cells
CLASSES = 5


def gather_cells(
    lake: Lake,
    outlines: Outlines,
    selection: Selection,
    size_m: float,
    below: int,
    sources: tuple[str, ...],
) -> CellMap | None:
    """Count one service's events in squares and find the hot ones; None without coordinates."""
    try:
        counts = count_by_cell(lake, size_m, selection, region=outlines)
    except InputError:
        return None
    totals = counts.totals().astype(np.float64)
    if not _FEWEST_CELLS <= len(totals) <= _MOST_CELLS or np.ptp(totals) == 0:
        return None
    table = find_hotspots(totals, counts.cells.neighbours())
    hot = table.kind == "hot"
    hidden = hide_small(totals, below)
    breaks = round_breaks(totals[~hidden & (totals > 0)], max(below, 1))
    corner = np.rint(counts.cells.centroids - size_m / 2).astype(np.int64)
    drawn = np.flatnonzero((totals > 0) | hot)
    classes = np.searchsorted(np.asarray(breaks[1:-1]), totals, side="right") + 1
    classes[totals == 0] = EMPTY
    cells = tuple(
        (
            int(corner[i, 0]),
            int(corner[i, 1]),
            None if hidden[i] else int(totals[i]),
            0 if hidden[i] else int(classes[i]),
            bool(hot[i]),
        )
        for i in drawn
    )
    placed = int(totals.sum())
    note = (
        f"{int((totals == 0).sum()):,} of {len(totals):,} squares have no event. "
        f"Hot spots: Gi* over {len(totals):,} squares, false-discovery rate 5%."
    )
    return CellMap(
        size_m, breaks, cells, int(hot.sum()), len(totals), placed, counts.unplaced, sources, note
    )


def round_breaks(values: np.ndarray, least: int) -> tuple[float, ...]:
    """Return class limits at round numbers (1, 2, 5, 10, …) from `least` to above the largest.

    Counts in cells are so uneven that classes of equal size would show towns and nothing else.
    """
    if not values.size:
        return (float(least), float(least + 1))
    top = float(values.max())
    steps = [lead * 10**power for power in range(8) for lead in (1, 2, 5)]
    inner = [s for s in steps if least < s <= top]
    if len(inner) > CLASSES - 1:
        at = np.linspace(0, len(inner) - 1, CLASSES - 1).round().astype(int)
        inner = [inner[i] for i in sorted(set(at.tolist()))]
    return (float(least), *(float(s) for s in inner), top + (top == least))
