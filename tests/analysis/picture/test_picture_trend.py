"""Months and categories: gaps, breaks, and small numbers that no total gives away."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from triservice.analysis.counts import Counts
from triservice.analysis.picture.gather_trend import gather_trend, name_category
from triservice.analysis.picture.model import Trend
from triservice.analysis.picture.trends import nice_step, trend_view
from triservice.analysis.place.grids import square_grid
from triservice.kernel.month import months_between


def counted(rows: list[tuple[str, str, int]]) -> Counts:
    """Counts of one service in one cell: (month, category, events)."""
    cells = square_grid((0, 0, 1000, 1000), 1000).cells()
    months, categories, events = zip(*rows, strict=True)
    table = pa.table(
        {
            "unit": pa.array([0] * len(rows)),
            "service": ["police"] * len(rows),
            "category": list(categories),
            "month": list(months),
            "events": pa.array(events, pa.int64()),
        }
    )
    return Counts(cells, table, {}, 0, 0)


def trend_of(rows: list[tuple[str, str, int]], inside: set[str], below: int = 5) -> Trend:
    held = sorted({month for month, _, _ in rows})
    found = gather_trend(counted(rows), "police", held, inside, below, ("S1",))
    assert found is not None
    return found


def test_a_month_that_is_not_held_is_not_a_month_without_events() -> None:
    trend = trend_of([("2025-01", "burglary", 9), ("2025-04", "burglary", 8)], {"2025-01"}, 0)
    assert [m.events for m in trend.months] == [9, None, None, 8]
    assert [m.inside for m in trend.months] == [True, False, False, False]
    view = trend_view(trend, "l0")
    assert [(s.first, s.last) for s in view.stretches] == [
        ("2025-01", "2025-01"),
        ("2025-04", "2025-04"),
    ]


def test_a_change_of_level_is_flagged_with_its_month() -> None:
    months = months_between("2023-01", "2024-12")
    rows = [(m, "burglary", 1000 + i % 3 if i < 11 else 1600 + i % 3) for i, m in enumerate(months)]
    trend = trend_of(rows, set(months))
    assert trend.break_months == ("2023-12",)
    assert "December 2023" in trend.breaks[0]
    assert "change of recording" in trend.breaks[0]


@pytest.mark.parametrize("seed", range(12))
def test_no_hidden_month_of_a_category_follows_from_the_totals_shown(seed: int) -> None:
    """Whoever knows a category's total over the period's months must have two hidden or none."""
    random = np.random.default_rng(seed)
    months = months_between("2025-01", "2025-06")
    inside = set(months[:3])
    rows = [
        (month, category, int(random.integers(1, 30)))
        for month in months
        for category in ("burglary", "robbery", "drugs")
    ]
    trend = trend_of(rows, inside)
    real = {(m, name_category(c)): n for m, c, n in rows}
    for category in trend.categories:
        shown = dict(zip(months, category.events, strict=True))
        for month, value in shown.items():
            n = real[month, category.category]
            assert value in (n, None)
            assert value is None or value >= 5
        gone = [m for m in inside if shown[m] is None]
        assert len(gone) != 1, (category, gone)
        assert category.total == sum(real[m, category.category] for m in inside)


@pytest.mark.parametrize(("most", "step"), [(0, 1), (5, 1), (9, 2), (4_200, 1_000), (620, 200)])
def test_the_scale_is_round(most: int, step: int) -> None:
    assert nice_step(most) == step
