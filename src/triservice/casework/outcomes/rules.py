"""Repeat demand: how often a service was concerned with somebody before a visit, and after. Pure.

Equal lengths on both sides; the day of the visit itself is in neither. A length that is not over
yet has no number after it: it would look like success. People are referred when things are at
their worst, so fewer afterwards is partly chance (regression to the mean); the page says so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

DAYS = (30, 90, 365)
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
    known, gap = sorted(moments), timedelta(hours=12)
    begin, end = visited - gap, visited + gap
    found = []
    for number in days:
        span = timedelta(days=number)
        over = now >= end + span
        found.append(
            Repeat(
                number,
                bisect_left(known, begin) - bisect_left(known, begin - span),
                bisect_right(known, end + span) - bisect_right(known, end) if over else None,
            )
        )
    return tuple(found)


def compare(found: Iterable[Sequence[Repeat]]) -> dict[int, Compared]:
    """Return, by length, what became of people: each has a Repeat of every length."""
    made = {days: Compared() for days in DAYS}
    for person in found:
        for one in person:
            made[one.days].add(one)
    return made


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

    def add(self, one: Repeat) -> None:
        """Take one person."""
        if one.after is None:
            self.lasting += 1
            return
        self.before += one.before
        self.after += one.after
        self.fewer += one.after < one.before
        self.same += one.after == one.before
        self.more += one.after > one.before

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
