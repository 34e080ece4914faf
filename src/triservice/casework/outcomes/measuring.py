"""How much a measure changed: the first known value before, the last known after. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

EXACT = 1_000  # from here on the binomial is near enough to the normal distribution
Z95 = 1.959963984540054
HEADS = ("Better", "Same", "Worse", "Not known")


@dataclass(slots=True)
class Pair:
    """A measure of one case: the first value before and the last after; None is not known."""

    before: float | None = None
    after: float | None = None

    def add(self, before: float | None, after: float | None) -> None:
        """Take what was measured next, in the order of time."""
        if self.before is None:
            self.before = before
        if after is not None:
            self.after = after

    @property
    def change(self) -> float | None:
        """Return by how much it rose; None when either side is not known."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


def compared(changes: Iterable[float | None], better: str) -> list[int]:
    """Count changes as better, same, worse and not known; `better` is lower or higher."""
    sign = -1 if better == "lower" else 1
    counts = [0] * len(HEADS)
    for change in changes:
        counts[3 if change is None else 1 if not change else 0 if change * sign > 0 else 2] += 1
    return counts


def median_interval(changes: Sequence[float]) -> tuple[float, float] | None:
    """Return the 95% interval of a median by order statistics; None for fewer than six values.

    It lies between the k-th lowest and the k-th highest value, k the largest for which a sign test
    would not refuse them: nothing is supposed of how the values are spread, and ties make it wider
    (Conover, "Practical nonparametric statistics", 3rd edition, Wiley 1999, section 3.2).
    """
    place = _place(len(changes))
    if not place:
        return None
    ordered = sorted(changes)
    return ordered[place - 1], ordered[-place]


def _place(many: int) -> int:
    """Return the largest k with P(Binomial(many, 1/2) < k) of at most 2.5%; 0: there is none."""
    if many > EXACT:
        return math.floor((many + 1 - Z95 * math.sqrt(many)) / 2)
    most, chance, below = 0.025 * 2**many, 1, 0
    for place in range(many + 1):
        below += chance
        if below > most:
            return place
        chance = chance * (many - place) // (place + 1)
    return 0


def said(changes: Sequence[float], many: int) -> str:
    """Return the median in words, "1 lower (2 lower to no change), of 34"; `many` as it is told."""
    if not changes:
        return "not known"
    interval = median_interval(changes)
    between = " to ".join(map(_moved, interval)) if interval else "too few for an interval"
    return f"{_moved(median(changes))} ({between}), of {many:,}"


def _moved(value: float) -> str:
    return f"{abs(value):.3g} {'lower' if value < 0 else 'higher'}" if value else "no change"
