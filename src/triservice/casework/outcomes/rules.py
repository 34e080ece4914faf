"""Repeat demand: how often a service was concerned with somebody before a visit, and after. Pure.

Equal lengths on both sides; the day of the visit itself is in neither. A length that is not over
yet has no number after it: it would look like success. People are referred when things are at
their worst, so fewer afterwards is partly chance (regression to the mean); the page says so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

DAYS = (30, 90, 365)
DAY = 86_400_000  # milliseconds
GAP = DAY // 2
CHANCE = (
    "People are referred when things are at their worst, so that many would be better, and call "
    "less, afterwards without anyone's help (regression to the mean). None of these numbers says "
    "what a visit caused: that needs others, as badly off, who were not visited."
)
APRIL = 4


@dataclass(frozen=True, slots=True)
class Repeat:
    """How many records in so many days before and after; after is None while they last."""

    days: int
    before: int
    after: int | None


def repeats(
    moments: Iterable[datetime], visited: datetime, now: datetime, days: Iterable[int] = DAYS
) -> tuple[Repeat, ...]:
    """Count moments in each length before and after the visit, half a day off on either side."""
    known, lengths = [milliseconds(at) for at in moments], tuple(days)
    found = _counted(known, milliseconds(visited), milliseconds(now), lengths)
    return tuple(Repeat(number, *pair) for number, pair in zip(lengths, found, strict=True))


def milliseconds(at: datetime) -> int:
    """Return a moment (aware) as whole milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def _counted(
    moments: Iterable[int], visited: int, now: int, days: Iterable[int]
) -> Iterator[tuple[int, int | None]]:
    """Give how many moments are in each length before and after; all in milliseconds."""
    known, begin, end = sorted(moments), visited - GAP, visited + GAP
    before, after = bisect_left(known, begin), bisect_right(known, end)
    for number in days:
        span = number * DAY
        last = bisect_right(known, end + span) - after if now >= end + span else None
        yield before - bisect_left(known, begin - span), last


def compare(people: Iterable[tuple[Sequence[int], int]], now: int) -> dict[int, Compared]:
    """Return, by length, what became of people: of each the moments, and that of the visit."""
    made = [Compared() for _ in DAYS]
    for moments, visited in people:
        for one, (before, after) in zip(made, _counted(moments, visited, now, DAYS), strict=True):
            one.add(before, after)
    return dict(zip(DAYS, made, strict=True))


@dataclass(slots=True)
class Compared:
    """Of how many people there were fewer, as many or more records after than before.

    Those whose length is not over are left out of the records, and counted.
    """

    fewer: int = 0
    same: int = 0
    more: int = 0
    lasting: int = 0
    before: int = 0
    after: int = 0

    def add(self, before: int, after: int | None) -> None:
        """Take one person; None: the time after is not over."""
        if after is None:
            self.lasting += 1
            return
        self.before += before
        self.after += after
        self.fewer += after < before
        self.same += after == before
        self.more += after > before

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Return the people, those whose length is over first."""
        return self.fewer, self.same, self.more, self.lasting


def year_of(at: datetime) -> int:
    """Return the financial year (1 April to 31 March) of a moment, by the year it begins in.

    `at` is in the time of the place.
    """
    return at.year if at.month >= APRIL else at.year - 1


def span(year: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return when a financial year begins, and when the next does."""
    begin, end = (datetime(each, APRIL, 1, tzinfo=zone) for each in (year, year + 1))
    return begin, end


def year_name(year: int) -> str:
    """Return "April 2026 to March 2027"."""
    return f"April {year} to March {year + 1}"
