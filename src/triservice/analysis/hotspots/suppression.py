"""Small numbers hidden before a table leaves the house, also from those who can subtract."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.kernel.errors import InputError

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]

THRESHOLD = 5


def suppressed(
    counts: ArrayLike, threshold: int = THRESHOLD, totals: tuple[str, ...] = ("columns",)
) -> Mask:
    """Return which counts to hide: True where a cell of the table must not be shown.

    `counts` is (n,) or (rows, columns) of whole numbers. Primary: counts of 1 to threshold − 1.
    Secondary: where a total is published beside them — "columns": down each column (the total of
    an (n,) table), "rows": along each row — the hidden ones of a line must not follow from the
    total: neither a single hidden count, nor several that must all be 1 or all threshold − 1. The
    smallest count shown is then hidden too, until nothing follows. Zeros are shown, and are hidden
    only when a line has nothing else to hide behind.
    """
    table = np.asarray(counts)
    if table.ndim not in (1, 2) or not np.array_equal(table, np.rint(table)):
        raise InputError("counts must be whole numbers in one or two dimensions")
    if table.size and table.min() < 0:
        raise InputError("counts must not be below zero")
    if threshold < 1 or not set(totals) <= {"rows", "columns"}:
        raise InputError("the threshold must be at least 1 and totals be rows or columns")
    flat = table.reshape(len(table), -1).astype(np.int64)
    hidden: Mask = (flat > 0) & (flat < threshold)
    lines = [(flat[:, c], hidden[:, c]) for c in range(flat.shape[1]) if "columns" in totals]
    lines += [(flat[r], hidden[r]) for r in range(flat.shape[0]) if "rows" in totals]
    while sum(_hide_one_more(values, mask, threshold) for values, mask in lines):
        pass  # a count hidden for its row may give away a column
    return hidden.reshape(table.shape)


def _hide_one_more(values: Counts, hidden: Mask, threshold: int) -> bool:
    """Hide one more count of a line when the total would give a hidden one away."""
    if not hidden.any() or hidden.all() or not _follows(values[hidden], threshold):
        return False
    shown = np.flatnonzero(~hidden)
    order = np.lexsort((values[shown], values[shown] == 0))  # zeros last
    hidden[shown[order[0]]] = True  # a view: the table changes with it
    return True


def _follows(values: Counts, threshold: int) -> bool:
    """Say whether a small count among the hidden ones follows from their sum.

    The reader knows the sum and how many are hidden; a count of `threshold` or more was hidden to
    cover for others, which nobody can tell from outside.
    """
    if len(values) == 1:
        return True
    if (values >= threshold).any() or (values == 0).any():
        return False
    total, many = int(values.sum()), len(values)
    return total in (many, many * (threshold - 1))
