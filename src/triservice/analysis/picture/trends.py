"""Bars by month: heights, scale, and the cuts where the lake holds no months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triservice.analysis.picture import words
from triservice.analysis.picture.model import Trend


@dataclass(frozen=True)
class Bar:
    """A month's bar: height in per cent, or a gap when there is none."""

    month: str
    events: int | None
    height: float
    style: str


@dataclass(frozen=True)
class Stretch:
    """Months without a gap between them."""

    first: str
    last: str
    bars: list[Bar]

    @property
    def style(self) -> str:
        """Return its share of the width; a bar is never wider than a thumb."""
        return f"flex-grow:{len(self.bars)};max-width:{len(self.bars) * 84}px"


@dataclass(frozen=True)
class TrendView:
    """Bars by month in unbroken stretches, the ticks of the scale, and one row per category."""

    stretches: list[Stretch]
    ticks: list[tuple[float, str]]
    categories: list[tuple[str, int, list[Stretch]]]
    most: int


def trend_view(trend: Trend, slot: str) -> TrendView:
    """Work out the bars of a layer and of each of its categories; `slot` names its colour."""
    most = max((m.events or 0 for m in trend.months), default=0)
    step = nice_step(most)
    top = max(step * -(-most // step), 1)
    ticks = [(100.0 * v / top, words.number(v)) for v in range(0, top + 1, step)]
    categories = []
    for category in trend.categories:
        peak = max((e or 0 for e in category.events), default=0) or 1
        stretches = _stretches(trend, list(category.events), peak, slot)
        categories.append((category.category, category.total, stretches))
    events = [m.events for m in trend.months]
    return TrendView(_stretches(trend, events, top, slot), ticks, categories, most)


def _stretches(trend: Trend, events: Sequence[int | None], top: float, slot: str) -> list[Stretch]:
    """Cut the months where the lake holds none, and say how high each bar stands."""
    found: list[list[Bar]] = [[]]
    for month, n in zip(trend.months, events, strict=True):
        absent = month.events is None and not month.hidden
        if absent:
            if found[-1]:
                found.append([])
            continue
        style = f"bar-{slot}" if month.inside else "bar-outside"
        if month.month in trend.break_months:
            style += " bar-break"
        height = 0.0 if n is None else 100.0 * n / top
        found[-1].append(Bar(month.month, n, height, style))
    return [Stretch(bars[0].month, bars[-1].month, bars) for bars in found if bars]


def nice_step(most: int) -> int:
    """Return a round step that gives a scale of `most` two to six marks."""
    for power in (1, 10, 100, 1000, 10_000, 100_000, 1_000_000):
        for lead in (1, 2, 5):
            if most <= lead * power * 5:
                return lead * power
    return max(most // 4, 1)
