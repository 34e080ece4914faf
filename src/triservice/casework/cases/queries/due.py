"""What an agency fitted that falls due: which rows those are, and how many."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from triservice.access.queries import visible_to
from triservice.access.record import Record
from triservice.casework.models import Equipment
from triservice.casework.visits.rules import REMIND_DAYS


def falling_due_rows(agency: int, at: datetime) -> QuerySet[Equipment]:
    """Return what an agency fitted that is to be looked at or replaced within sixty days."""
    until = timezone.localdate(at) + timedelta(days=REMIND_DAYS)
    return Equipment.objects.filter(
        Q(expires_on__lte=until) | Q(check_by__lte=until), owner=agency, removed_on__isnull=True
    )


def count_falling_due(record: Record) -> int:
    """Return how much falls due, of what the reader may read."""
    rows = falling_due_rows(record.reader.agency, record.reader.at)
    found = visible_to(record.reader, rows).count()
    record.counted("casework.equipment", found)
    return found
