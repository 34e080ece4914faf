"""What a calendar says of visits: when, and the case's reference. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event

PRODUCT = "-//triservice//visits//EN"
AGAIN = timedelta(hours=1)  # how often a calendar asks anew (RFC 7986, 5.7)


@dataclass(frozen=True, slots=True)
class Entry:
    """A visit in a calendar. Nobody, and no place, is named."""

    key: UUID
    at: datetime  # aware
    reference: str


def calendar(entries: Iterable[Entry], now: datetime) -> bytes:
    """Return the visits as a calendar, as RFC 5545 writes it.

    A visit has no length before it is made: an event without an end takes no time (3.6.1).
    """
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("x-wr-calname", "Visits")
    made.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.key}@triservice")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", entry.at.astimezone(UTC))
        event.add("summary", f"Visit {entry.reference}")
        event.add("class", "PRIVATE")
        made.add_component(event)
    written: bytes = made.to_ical()
    return written
