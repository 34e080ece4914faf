"""Repeat demand: how often a service was concerned with somebody before a visit, and after. Pure.

Equal lengths on both sides; the day of the visit itself is in neither. A length that is not over
yet has no number after it: it would look like success. People are referred when things are at
their worst, so fewer afterwards is partly chance (regression to the mean); the page says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = (30, 90, 365)


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
                sum(begin - span <= at < begin for at in known),
                sum(end < at <= end + span for at in known) if over else None,
            )
        )
    return tuple(found)
