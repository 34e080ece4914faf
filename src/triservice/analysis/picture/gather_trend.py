"""Events by month and category within the areas of the picture, and breaks in their recording."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from triservice.analysis.counts import Counts
from triservice.analysis.lake.breaks import Break, find_breaks
from triservice.analysis.lake.categories import load_categories
from triservice.analysis.picture import words
from triservice.analysis.picture.model import CategoryTrend, Month, Trend
from triservice.analysis.picture.suppress import hide_small
from triservice.kernel.month import months_between

CATEGORIES = 8  # small charts


def gather_trend(
    counts: Counts,
    service: str,
    held: list[str],
    inside: set[str],
    below: int,
    sources: tuple[str, ...],
) -> Trend | None:
    """Return the trend of one service in `counts`, which holds all months; None without events.

    `held` are the months that the lake has of the service, ascending; `inside` those of the
    picture.
    """
    table = counts.table.filter(pc.equal(counts.table["service"], service))
    if not table.num_rows:
        return None
    months = months_between(held[0], held[-1])
    place = {month: i for i, month in enumerate(months)}
    names = sorted(set(table["category"].to_pylist()))
    row = {name: i for i, name in enumerate(names)}
    grid = np.zeros((len(names), len(months)), dtype=np.int64)
    at = (
        [row[n] for n in table["category"].to_pylist()],
        [place[m] for m in table["month"].to_pylist()],
    )
    np.add.at(grid, at, table["events"].to_numpy())
    total = grid.sum(axis=0)
    within = np.array([month in inside for month in months])
    # Months × categories with totals both ways: nothing may follow by subtraction. The months of
    # the picture and the others have totals of their own.
    hidden, month_hidden = np.zeros(grid.shape, dtype=bool), np.zeros(len(months), dtype=bool)
    for block in (within, ~within):
        hidden[:, block] = hide_small(grid[:, block], below, ("rows", "columns"))
        month_hidden[block] = hide_small(total[block], below)
    known = set(held)
    listed = tuple(
        Month(m, None if hide or m not in known else int(n), m in inside, bool(hide and m in known))
        for m, n, hide in zip(months, total, month_hidden, strict=True)
    )
    found = find_breaks(held, [int(total[place[m]]) for m in held])
    return Trend(
        listed,
        tuple(_sentence(found_break) for found_break in found),
        tuple(found_break.month for found_break in found),
        sources,
        tuple(_categories(names, months, grid, hidden, known, inside, below)),
    )


def _categories(
    names: list[str],
    months: list[str],
    grid: np.ndarray,
    hidden: np.ndarray,
    known: set[str],
    inside: set[str],
    below: int,
) -> list[CategoryTrend]:
    within = np.array([m in inside for m in months])
    totals = grid[:, within].sum(axis=1)
    unseen = hide_small(totals, below)
    order = [int(i) for i in np.argsort(-totals, kind="stable") if not unseen[i]][:CATEGORIES]
    return [
        CategoryTrend(
            name_category(names[i]),
            tuple(
                int(grid[i, j]) if m in known and not hidden[i, j] else None
                for j, m in enumerate(months)
            ),
            int(totals[i]),
        )
        for i in order
        if totals[i] > 0
    ]


def name_category(category: str) -> str:
    """Return what a category of the common vocabulary is called."""
    known = load_categories().get(category)
    if known:
        return known.label
    return words.capital(category.replace("-", " ").replace("_", " "))


def _sentence(found: Break) -> str:
    """Say a break in words; the levels are those of a typical month."""
    return (
        f"From {words.month_name(found.month)} on about {found.after:,.0f} in a typical month, "
        f"before about {found.before:,.0f} ({found.ratio - 1:+.0%}). Take it for a change of "
        "recording until shown otherwise, and do not compare across it."
    )
