"""Reading an officer's visits for their calendar, as the officer."""

from __future__ import annotations

from datetime import datetime, timedelta

from triservice.access.queries import seen
from triservice.access.readers import reader_for
from triservice.access.record import Kind, reading
from triservice.access.tokens.rules import digest
from triservice.casework.calendar.rules import Entry, calendar
from triservice.casework.cases.queries.joint import calendar_visits
from triservice.casework.models import CalendarAddress, Case
from triservice.kernel.access_words import Purpose, Reader

BEFORE, MOST = timedelta(days=28), 500


def feed(secret: str) -> bytes | None:
    """Return the calendar at a secret address; None where there is none any more.

    The officer reads, for the purpose that they named: what is closed to them is not in it, and
    without a live post there is no calendar. Recorded as their other reads are.
    """
    kept = CalendarAddress.objects.filter(CalendarAddress.LIVE, sha256=digest(secret))
    address = kept.select_related("officer").first()
    reader = address and reader_for(address.officer, Purpose(address.purpose), source="calendar")
    return calendar(_entries(reader), reader.at) if reader else None


def _entries(reader: Reader) -> list[Entry]:
    with reading(reader, Kind.CONSULTATION, "list visits for a calendar") as record:
        visits = calendar_visits(record, MOST, record.reader.at - BEFORE)
        cases = Case.objects.filter(pk__in={row.case_id for row in visits})
        named = {case.pk: case.reference for case in seen(record, cases)}
    return [Entry(row.key, row.planned_at, named.get(row.case_id, "")) for row in visits]


def made_at(reader: Reader) -> datetime | None:
    """Return since when the reader has a calendar; None for none."""
    own = CalendarAddress.objects.filter(CalendarAddress.LIVE, officer=reader.officer)
    return own.values_list("made_at", flat=True).first()
