"""Counts rounded so that no small one follows from all that is shown of the same rows. Pure.

Controlled rounding in one direction at a time (Cox and Ernst, "Controlled rounding", INFOR 20(4),
1982; Willenborg and de Waal, "Elements of statistical disclosure control", Springer 2001, chapter
9): running sums are rounded to a multiple of a base, and what is shown are their differences. So

- everything that is shown is a multiple of the base, less than the base away from the true number;
- what adds up in truth adds up as shown, and a column comes to one total by whatever it is grouped;
- numbers that are multiples already are shown as they are.

Therefore what is shown may itself be the truth: rows can be found that have exactly these counts,
in every grouping at once, and that would be shown so. Among them no count lies between 0 and the
base. Whoever knows all that is shown, and this rule, cannot prove that a count does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise


def nearest(count: int, base: int) -> int:
    """Return the nearest multiple of the base; the higher of two. A base below 2 changes nothing.

    A greater count never gets less: who is part of a whole stays part of it.
    """
    return (count + base // 2) // base * base if base > 1 else count


def running(counts: Sequence[int], base: int, offset: int | None = None) -> list[int]:
    """Round a line of counts that add up: its sums so far are each rounded to the nearest.

    `offset` (0 to base - 1; else half the base) is what is added before rounding down.
    """
    if base < 2:
        return list(counts)
    add = base // 2 if offset is None else offset
    return [
        after - before
        for before, after in pairwise(
            (total + add) // base * base for total in accumulate(counts, initial=0)
        )
    ]


def rounded(
    rows: Sequence[Sequence[int]], base: int, totals: Sequence[int] | None = None
) -> list[list[int]]:
    """Round a table whose columns are parts of one whole, and whose lines group the same rows.

    The columns' totals are rounded along their own line first, by `running`; then each column, so
    that it comes to its total. `totals` are such totals of the same columns in another table: each
    a multiple of the base next to the true total.
    """
    if base < 2 or not rows:
        return [list(row) for row in rows]
    columns = list(zip(*rows, strict=True))
    true = [sum(column) for column in columns]
    shown = running(true, base) if totals is None else totals
    made = [
        running(column, base, _offset(whole, total, base))
        for column, whole, total in zip(columns, true, shown, strict=True)
    ]
    return [list(row) for row in zip(*made, strict=True)]


def _offset(whole: int, shown: int, base: int) -> int:
    """Return the offset by which a sum of `whole` is rounded to `shown`, nearest to half."""
    rest = whole % base
    if shown > whole:
        return max(base // 2, base - rest)
    return min(base // 2, base - rest - 1)
