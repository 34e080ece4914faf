"""What an agency fitted that falls due: which rows those are, and how many.

Nobody counts further than the first few hundred, so neither takes longer the more was ever fitted.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from triservice.access.queries import Seen, seen, visible_to
from triservice.access.record import Record
from triservice.casework.models import Equipment
from triservice.casework.visits.rules import REMIND_DAYS

MOST = 200
DAYS = ("expires_on", "check_by")


def falling_due(record: Record) -> list[Seen]:
    """Return what is to be looked at or replaced within sixty days, the soonest first."""
    found = {row.pk: row for rows in _by_day(record) for row in seen(record, rows, MOST)}
    return sorted(found.values(), key=lambda row: (soonest(row)[0], row.pk))[:MOST]


def soonest(row: Seen) -> tuple[date, str]:
    """Return the first day that something falls due, and its column."""
    return min((day, name) for name in DAYS if (day := row.get(name)) is not None)


def count_falling_due(record: Record) -> int:
    """Return how much falls due, of what the reader may read; past MOST only that it is more."""
    pks = {
        pk
        for rows in _by_day(record)
        for pk in visible_to(record.reader, rows).values_list("pk", flat=True)[: MOST + 1]
    }
    found = min(len(pks), MOST + 1)
    record.counted("casework.equipment", found)
    return found


def _by_day(record: Record) -> list[QuerySet[Equipment]]:
    """Return what falls due by each of its days, for an index each."""
    until = timezone.localdate(record.reader.at) + timedelta(days=REMIND_DAYS)
    there = Equipment.objects.filter(owner=record.reader.agency, removed_on__isnull=True)
    return [there.filter(**{f"{name}__lte": until}).order_by(name, "pk") for name in DAYS]
