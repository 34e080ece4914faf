"""What was fitted is looked at again, or taken away."""

from __future__ import annotations

from datetime import date

from triservice.casework.answers.queries import scheme_of
from triservice.casework.cases.actions.acting import KEPT, working
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Case, Equipment
from triservice.casework.needs.actions import of_case
from triservice.casework.needs.actions.settling import open_again
from triservice.casework.visits import rules
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError


def check(
    reader: Reader, pk: int, equipment: int, on: date, expires_on: date | None = None
) -> None:
    """Say that something was looked at and works; a new battery may make it good until later."""
    with working(reader, pk, "check what was fitted") as (record, case):
        row = _there(of_case(record, Equipment, case, equipment, "visit__case"))
        if on < row.fitted_on:
            raise InputError("It was not fitted yet on that day", kept=KEPT)
        name, months = _known(case, row.kind)
        before, after = change(
            row, check_by=rules.check_by(on, months), expires_on=expires_on or row.expires_on
        )
        text = f"Looked at and works: {name}"
        note(record, "check", row, case=case, text=text, before=before, after=after)


def remove(reader: Reader, pk: int, equipment: int, on: date, why: str) -> None:
    """Say that something is no longer there; the needs that it settled are open again.

    A new one is fitted at a visit.
    """
    with working(reader, pk, "take away what was fitted") as (record, case):
        row = _there(of_case(record, Equipment, case, equipment, "visit__case"))
        if len(why.strip()) < 3:
            raise InputError("Say why it is taken away", kept=KEPT)
        if on < row.fitted_on:
            raise InputError("It was not fitted yet on that day", kept=KEPT)
        before, after = change(row, removed_on=on)
        text = f"No longer there: {_known(case, row.kind)[0]}"
        note(record, "remove", row, case=case, text=text, before=before, after=after, why=why)
        open_again(record, case, row, why)


def _there(row: Equipment) -> Equipment:
    if row.removed_on is not None:
        raise InputError("It was taken away already", kept=KEPT)
    return row


def _known(case: Case, kind: str) -> tuple[str, int]:
    """Return what a kind is called, and how many months pass until it is looked at again."""
    scheme = scheme_of(case.scheme, case.version)
    known = scheme.equipment.get(kind) if scheme else None
    return (known.name, known.check_months) if known else (kind, 0)
