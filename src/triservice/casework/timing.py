"""Due times and how they stand. Pure; every moment is aware, every length is elapsed time.

A target of 24 hours is 24 hours on a clock that nobody puts forward or back: the night on which
summer time begins or ends makes it neither shorter nor longer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from triservice.kernel.words import many

SOON = 4  # what is left is little when it is a quarter of the whole
UNSEEN_MOST = timedelta(hours=24)  # nothing waits longer than this for somebody to look at it
REVIEW_AFTER = timedelta(days=28)  # a case with nothing else to do is looked at again


class Standing(StrEnum):
    """How something that is due stands."""

    IN_TIME = "in time"
    SOON = "due soon"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Due:
    """The moments by which there must have been contact, and a visit."""

    contact: datetime
    visit: datetime


def due_times(received: datetime, first_contact: timedelta, visit: timedelta) -> Due:
    """Return when contact and visit are due after a referral was received (aware)."""
    if received.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    start = received.astimezone(UTC)
    return Due(start + first_contact, start + visit)


def standing(due: datetime, at: datetime, since: datetime) -> Standing:
    """Return how something due stands: late from the very second at which it is due."""
    if at >= due:
        return Standing.LATE
    return Standing.SOON if (due - at) * SOON <= due - since else Standing.IN_TIME


def left(due: datetime, at: datetime) -> str:
    """Return what is left as words: "3 hours left", "2 days late"; never "0 minutes left"."""
    length = abs(due - at)
    minutes = max(int(length.total_seconds() // 60), 1)
    if minutes < 120:
        said = many(minutes, "minute")
    elif minutes < 48 * 60:
        said = many(minutes // 60, "hour")
    else:
        said = many(minutes // (24 * 60), "day")
    return f"{said} {'late' if at >= due else 'left'}"


def look_by(received: datetime, due: datetime) -> datetime:
    """Return by when somebody must have looked at a referral: half its time, at most a day."""
    return min(received + (due - received) / 2, received + UNSEEN_MOST)


@dataclass(frozen=True, slots=True)
class Next:
    """What is next in a case, and by when."""

    what: str
    due: datetime


def next_step(
    *,
    contact: datetime | None,
    visit: datetime | None,
    planned: Iterable[datetime] = (),
    actions: Iterable[tuple[str, datetime]] = (),
    onward: Iterable[tuple[str, datetime]] = (),
    reviewed: datetime,
) -> Next:
    """Return the first thing that is due. None for what has been done already.

    A planned visit does not move the moment by which there must have been one: what counts is the
    earlier. With nothing to do, the case is looked at again in four weeks: none is forgotten.
    """
    found = [Next(what, due) for what, due in actions]
    found += [Next(f"Ask {name} for an answer", due) for name, due in onward]
    visits = sorted(planned)
    if contact is not None:
        found.append(Next("First contact", contact))
    if visits and (visit is None or visits[0] <= visit):
        found.append(Next("Visit", visits[0]))
    elif visit is not None:
        found.append(Next("Visit" if visits else "Plan the visit", visit))
    elif visits:
        found.append(Next("Visit", visits[0]))
    if not found:
        return Next("Look at the case again, or close it", reviewed + REVIEW_AFTER)
    return min(found, key=lambda one: (one.due, one.what))
