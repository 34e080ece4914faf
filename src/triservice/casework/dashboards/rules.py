"""Tables of counts, small ones hidden, shares with their denominators and intervals. Pure.

The analysis is loaded by the first table: the web process starts without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from triservice.casework.cases.rules import WORKS
from triservice.kernel.access_words import Role

LOOKS = WORKS | {Role.ANALYST, Role.PROGRAMME_MANAGER, Role.BOARD_MEMBER}
AGES = ((7, "Under 7 days"), (28, "7 to 27 days"), (90, "28 to 89 days"))
OLDEST = "90 days and more"
MONTHS = (3, 6, 12, 24)


class By(StrEnum):
    """What the rows of a table are."""

    SCHEME = "scheme"
    AREA = "area"
    MONTH = "month"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, with the 95% Wilson interval; all None where it is hidden."""

    part: int | None = None
    whole: int | None = None
    low: float | None = None
    high: float | None = None

    @property
    def said(self) -> str:
        """Return it in words: "12% of 340 (9% to 16%)"."""
        if self.part is None or self.low is None or self.high is None:
            return "hidden"
        if not self.whole:
            return "none"
        return f"{self.part / self.whole:.0%} of {self.whole:,} ({self.low:.0%} to {self.high:.0%})"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; None is a count that is too small to show."""

    name: str
    counts: tuple[int | None, ...]
    share: Share | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Counts under a title. `share` names the share of each line; `note` says what is counted."""

    title: str
    note: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    share: str = ""
    hides: bool = False  # something is hidden because it is small

    @property
    def most(self) -> int:
        """Return the length of the longest bar: the greatest sum of what is shown in a line."""
        return max((sum(n or 0 for n in line.counts) for line in self.lines), default=0)

    def head(self, first: str) -> tuple[str, ...]:
        """Return the names of the columns; `first` is what the lines are."""
        return (first, *self.heads, *([f"{self.share}, of all"] if self.share else []))

    def cells(self) -> list[list[str | int]]:
        """Return the lines as they are written in a file."""
        return [
            [line.name, *("hidden" if n is None else n for n in line.counts)]
            + ([line.share.said] if line.share else [])
            for line in self.lines
        ]


def least_shown(roles: Iterable[Role], agreed: int) -> int:
    """Return the least count that is shown, besides 0.

    What the terms say holds for everyone. Who does not work on cases has no need of small numbers,
    so for them it is never less than the threshold of every table that leaves the house.
    """
    from triservice.analysis.hotspots.suppression import THRESHOLD

    return agreed if WORKS & frozenset(roles) else max(agreed, THRESHOLD)


def table(
    title: str,
    note: str,
    heads: Sequence[str],
    counted: Mapping[str, Sequence[int]],
    least: int,
    share: tuple[str, int] | None = None,
) -> Table:
    """Return a table of counts, by the name of each line, with small numbers hidden.

    `share`: its name, and of which column it is, of the sum of the line. The same cases are shown
    by scheme, area and month, so that totals along lines and columns are known to who compares.
    """
    import numpy as np

    from triservice.analysis.hotspots.suppression import suppressed

    names, rows = list(counted), np.array(list(counted.values()), dtype=np.int64)
    hidden = np.zeros(rows.shape, dtype=bool)
    if least > 1 and rows.size:
        hidden = suppressed(rows, least, ("rows", "columns"))
    lines = []
    for name, counts, hides in zip(names, rows, hidden, strict=True):
        shown = tuple(None if h else int(n) for n, h in zip(counts, hides, strict=True))
        lines.append(Line(name, shown, _share(shown, share[1]) if share else None))
    named = share[0] if share else ""
    return Table(title, note, tuple(heads), tuple(lines), named, bool(hidden.any()))


def _share(counts: Sequence[int | None], column: int) -> Share:
    if any(count is None for count in counts):
        return Share()
    from triservice.analysis.near_repeat.scores import wilson

    part, whole = counts[column] or 0, sum(count or 0 for count in counts)
    return Share(part, whole, *wilson(part, whole))
