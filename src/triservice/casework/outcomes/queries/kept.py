"""What was worked out for a reader and is kept: shown to them only, with the same rights only."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from triservice.access.record import Record
from triservice.casework.dashboards.rules import By
from triservice.casework.models import KeptYear
from triservice.casework.outcomes.shown import Year, from_json
from triservice.kernel import clock
from triservice.kernel.access_words import Reader

KEPT = timedelta(days=1)  # after it was asked for; then the clock lets it go
BEAT = timedelta(minutes=1)  # a job that works gives a sign of life as often
LOST_AFTER = 10 * BEAT  # a job that gave no sign for so long was lost with its process
State = KeptYear.State


class NotYetError(Exception):
    """There is nothing to show yet: a job is to work it out."""


def kept(reader: Reader, by: By, year: int) -> QuerySet[KeptYear]:
    """Return the one row of what the reader asks, if it is there and not too old."""
    asked = {"officer": reader.officer, "purpose": str(reader.purpose or ""), "by": str(by)}
    return KeptYear.objects.filter(**asked, year=year, asked_at__gt=clock.now() - KEPT)


def shown(record: Record, by: By, year: int, mark: str) -> Year:
    """Return what was worked out with the rights of this mark, noted in the record.

    Raises NotYetError when nothing was.
    """
    row = kept(record.reader, by, year).filter(state=State.DONE, mark=mark).first()
    if row is None or row.made_at is None or row.result is None:
        raise NotYetError
    found = from_json(row.result, row.made_at)
    record.note("worked out", row.made_at.isoformat())
    for one in found.tables:
        record.counted(one.title, sum(one.totals))
    return found


def standing(reader: Reader, by: By, year: int) -> str:
    """Return whether it is being worked out or failed; blank where it must be asked for.

    A job that has not begun waits in the queue, which loses none. No number is read, so nothing
    is recorded.
    """
    row = kept(reader, by, year).exclude(state=State.DONE).defer("result").first()
    if row is None:
        return ""
    silent = row.alive_at is not None and row.alive_at <= clock.now() - LOST_AFTER
    return "" if silent and row.state == State.WAITING else str(row.state)
