"""A lone officer says when they go in and by when they are out, and that they are safe.

So do those who go in together: one time holds for all of them, until all are out.

From the very second of `safe_by` on, `triservice due` tells the officer's team leaders until they
have said so (casework/triage/jobs.py).
"""

from __future__ import annotations

from datetime import datetime

from triservice.access.notices.actions import deal_with
from triservice.access.record import Record
from triservice.casework.cases.actions.acting import KEPT, working
from triservice.casework.cases.rules import VISITS
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Visit
from triservice.casework.needs.actions import of_case
from triservice.casework.visits.rules import LONGEST_ALONE
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError


def go_in(reader: Reader, pk: int, visit: int, safe_by: datetime) -> None:
    """Begin a planned visit alone: somebody looks for the officer when `safe_by` has passed."""
    with working(reader, pk, "go in to a visit") as (record, case):
        row = of_case(record, Visit, case, visit)
        VISITS.after("record", row.state)
        _in_time(record, safe_by)
        before, after = change(
            row, began_at=row.began_at or record.reader.at, safe_by=safe_by, safe_at=None,
            officer_id=row.officer_id or reader.officer,
        )  # fmt: skip
        text = "Went in together" if row.joint.filter(until__isnull=True) else "Went in alone"
        note(record, "go in", row, case=case, text=text, before=before, after=after)


def stay_longer(reader: Reader, pk: int, visit: int, safe_by: datetime) -> None:
    """Put off the moment at which somebody looks for the officer."""
    with working(reader, pk, "stay longer at a visit") as (record, case):
        row = _inside(of_case(record, Visit, case, visit))
        _in_time(record, safe_by)
        _heard(reader, row)
        before, after = change(row, safe_by=safe_by)
        text = "Stays longer"
        note(record, "stay longer", row, case=case, text=text, before=before, after=after)


def safe(reader: Reader, pk: int, visit: int) -> None:
    """Say that the officer is out and safe. Whoever of the agency has spoken with them may."""
    with working(reader, pk, "say that an officer is safe") as (record, case):
        row = _inside(of_case(record, Visit, case, visit))
        _heard(reader, row)
        before, after = change(row, safe_at=record.reader.at)
        note(record, "safe", row, case=case, text="Out and safe", before=before, after=after)


def _inside(row: Visit) -> Visit:
    if row.safe_by is None or row.safe_at is not None:
        raise InputError("Nobody is at this visit now", kept=KEPT)
    return row


def _in_time(record: Record, safe_by: datetime) -> None:
    if not record.reader.at < safe_by <= record.reader.at + LONGEST_ALONE:
        raise InputError("Say a time within the next twelve hours", kept=KEPT)


def _heard(reader: Reader, row: Visit) -> None:
    """Take back the notice of this alarm: somebody has heard of the officer."""
    deal_with(reader, f"alone:{row.pk}:{row.safe_by}")
