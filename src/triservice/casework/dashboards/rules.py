"""Tables of counts, rounded where small ones must not be told; shares with intervals. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from triservice.casework.cases.rules import WORKS
from triservice.casework.dashboards.rounding import rounded
from triservice.kernel.access_words import Role

LOOKS = WORKS | {Role.ANALYST, Role.PROGRAMME_MANAGER, Role.BOARD_MEMBER, Role.FINANCE}
AGES = ((7, "Under 7 days"), (28, "7 to 27 days"), (90, "28 to 89 days"))
OLDEST = "90 days and more"
YEAR = 12
MONTHS = (3, 6, YEAR, 24)


class By(StrEnum):
    """What the rows of a table are."""

    SCHEME = "scheme"
    AREA = "area"
    MONTH = "month"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, with the 95% Wilson interval."""

    part: int
    whole: int
    low: float
    high: float

    @property
    def said(self) -> str:
        """Return it in words: "12% of 340 (9% to 16%)"."""
        if not self.whole:
            return "none"
        return f"{self.part / self.whole:.0%} of {self.whole:,} ({self.low:.0%} to {self.high:.0%})"


def about(what: str, least: int, own: bool) -> str:
    """Return in sentences what is counted, and how small numbers are told, for page and file."""
    said = [what]
    if least > 1:
        said.append(
            f"{'Numbers of what other agencies hold are' if own else 'Numbers are'} rounded to a "
            f"multiple of {least}, so that none tells of a few people: each is less than {least} "
            f"away from the true one, and 0 may be up to {least - 1}. Lines that come to nothing "
            "so are left out."
        )
    return " ".join([*said, "In brackets stands the 95% interval of a share (Wilson)."])


def share_of(part: int, whole: int) -> Share:
    """Return a share with its interval (Wilson, "Probable inference", JASA 22, 1927).

    The analysis is loaded by the first: the web process starts without it.
    """
    from triservice.analysis.near_repeat.scores import wilson

    return Share(part, whole, *wilson(part, whole))


class Part(NamedTuple):
    """Which share stands in a table: its name, of which columns, and of what (of which columns)."""

    name: str
    columns: slice
    whole: slice = slice(None)
    of: str = "all"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; `more` is what stands beside its counts in words."""

    name: str
    counts: tuple[int, ...]
    share: Share | None = None
    more: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Counts under a title. `note` says what is counted; `share` and `more` head what is beside.

    The lines are what was asked for, or else `first`. The columns are parts of a whole, as a bar
    shows them, unless they `overlap`.
    """

    title: str
    note: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    share: str = ""
    more: str = ""
    first: str = ""
    overlap: bool = False

    @property
    def most(self) -> int:
        """Return the length of the longest bar: the greatest sum of a line."""
        return max((sum(line.counts) for line in self.lines), default=0)

    @property
    def totals(self) -> tuple[int, ...]:
        """Return the sum of each column, as shown."""
        return tuple(map(sum, zip(*(line.counts for line in self.lines), strict=True))) or (
            (0,) * len(self.heads)
        )

    def head(self, by: str) -> tuple[str, ...]:
        """Return the names of the columns; `by` is what was asked for."""
        return (self.first or by, *self.heads, *filter(None, (self.share, self.more)))

    def cells(self) -> list[list[str | int]]:
        """Return the lines as they are written in a file."""
        return [list(self._cells(line)) for line in self.lines]

    def _cells(self, line: Line) -> Iterator[str | int]:
        yield line.name
        yield from line.counts
        if line.share:
            yield line.share.said
        if self.more:
            yield line.more


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts by the name of a line: of rows that are told as they are, and of those that are not.

    What the reader's own agency holds is told exactly to those who work on it; of the rest no small
    number is told.
    """

    plain: Mapping[str, Sequence[int]]
    guarded: Mapping[str, Sequence[int]]

    def totals(self) -> list[int]:
        """Return the true sums of the columns of what is guarded."""
        return [sum(column) for column in zip(*self.guarded.values(), strict=True)]


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
    counted: Counted,
    least: int,
    part: Part | None = None,
    totals: Sequence[int] | None = None,
    first: str = "",
) -> Table:
    """Return a table of counts, with small numbers rounded away (`dashboards.rounding`).

    `totals`: as the guarded columns come to in another table of the same rows. A line of which
    nothing is left is not shown: that it is there would tell of somebody.
    """
    guarded = dict(zip(counted.guarded, rounded(list(counted.guarded.values()), least, totals),
                       strict=True))  # fmt: skip
    nothing = [0] * len(heads)
    lines = []
    for name in dict.fromkeys([*counted.plain, *counted.guarded]):
        pair = counted.plain.get(name, nothing), guarded.get(name, nothing)
        counts = tuple(map(sum, zip(*pair, strict=True)))
        if any(counts) or least < 2:
            lines.append(Line(name, counts, _share(counts, part)))
    return Table(title, note, tuple(heads), tuple(lines), headed(part), first=first)


def headed(part: Part | None) -> str:
    """Return what a column of shares is called."""
    return f"{part.name}, of {part.of}" if part else ""


def _share(counts: Sequence[int], part: Part | None) -> Share | None:
    return share_of(sum(counts[part.columns]), sum(counts[part.whole])) if part else None
