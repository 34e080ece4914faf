"""A visit's form that is not finished: kept, continued, and gone once the visit is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triservice.access.record import Record
from triservice.casework.answers.actions import keep
from triservice.casework.cases.actions.acting import working, written_by
from triservice.casework.cases.rules import VISITS
from triservice.casework.entries.actions import change
from triservice.casework.models import AnswerPart, Submission, Visit
from triservice.casework.needs.actions import of_case
from triservice.kernel.access_words import Reader
from triservice.kernel.keys import new_key
from triservice.schemes import catalogue, forms

FORM = "visit"


def keep_draft(
    reader: Reader, pk: int, visit: int, given: Mapping[str, Any], *, finished: bool = False
) -> dict[str, str]:
    """Keep the answers so far in place of those kept before; return what is wrong, by question.

    What is wrong is not kept, all else is. `finished`: what must be answered counts as wrong when
    it is missing. A draft belongs to the agency of who writes it, so that they can go on with it.
    """
    with working(reader, pk, "keep a visit's draft") as (record, case):
        row = of_case(record, Visit, case, visit)
        VISITS.after("record", row.state)
        scheme = catalogue.scheme(row.case.scheme, row.case.version)
        form = scheme.forms[FORM]
        checked = forms.check(form, given, draft=not finished)
        old = row.draft
        kept = keep(
            record, scheme, form, checked.values, written_by(reader, row.case), key=new_key(),
            door=Submission.Door.PAGE,
        )  # fmt: skip
        change(row, draft=kept)
        _drop(record, old)
        return dict(checked.errors)


def drop_draft(record: Record, row: Visit) -> None:
    """Let go of the draft of a visit that is recorded: its answers are kept in the form now."""
    old = row.draft
    if old is not None:
        change(row, draft=None)
        _drop(record, old)


def _drop(record: Record, old: Submission | None) -> None:
    if old is None:
        return
    for part in AnswerPart.objects.filter(submission=old):
        record.did(AnswerPart._meta.label_lower, part.pk, part.data_class)
        part.delete()
    old.delete()
