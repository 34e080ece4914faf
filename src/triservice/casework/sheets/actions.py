"""Sending the rows of a sheet: each good one by the same action as the form, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from triservice.casework.answers.rules import together
from triservice.casework.models import AnswerPart, Referral, Submission
from triservice.casework.referrals.actions import FORM, NotFilled, refer
from triservice.casework.sheets.rules import (
    LONGEST_REFERENCE,
    REFERENCE,
    WRONG,
    column_of,
    columns_of,
    given_of,
    key_of,
)
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue
from triservice.schemes.forms import check
from triservice.schemes.scheme import Form


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row, in which column."""

    row: int
    column: str
    what: str


@dataclass(slots=True)
class SheetReceipt:
    """What became of a sheet: the sent as (row, own reference, reference), bad rows to put right.

    `again` had been received before, and nothing was added.
    """

    sent: list[tuple[int, str, str]] = field(default_factory=list)
    again: list[tuple[int, str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    bad: list[dict[str, str]] = field(default_factory=list)


def send_sheet(
    reader: Reader, scheme: str, to: int, rows: Iterable[tuple[int, Mapping[str, str]]]
) -> SheetReceipt:
    """Send each good row as a referral of its own; say row by row what is wrong with the others.

    A row is one referral by its own reference: sent again, in this sheet or another, it adds
    nothing; sent again with other answers, it is a fault. Raises Refused for a role.
    """
    form = catalogue.scheme(scheme).forms[FORM]
    columns = columns_of(form)
    receipt, met = SheetReceipt(), dict[str, int]()
    for number, row in rows:
        reference = row.get(REFERENCE, "")
        given = given_of(columns, row)
        faults = _of_reference(reference, number, met)
        if not faults:
            met[reference] = number
            key = key_of(reader.agency, to, scheme, reference)
            faults = _take(reader, scheme, to, form, key, reference, given, number, receipt)
        if faults:
            receipt.faults += [Fault(number, column, what) for column, what in faults.items()]
            wrong = " ".join(f"{column}: {what}" for column, what in faults.items())
            receipt.bad.append({**row, WRONG: wrong})
    return receipt


def _of_reference(reference: str, number: int, met: Mapping[str, int]) -> dict[str, str]:
    if not reference:
        return {REFERENCE: "Enter your own reference, so that the row is received once."}
    if len(reference) > LONGEST_REFERENCE:
        return {REFERENCE: f"Use {LONGEST_REFERENCE} characters or fewer."}
    if reference in met:
        return {REFERENCE: f"Row {met[reference]} has the same reference."}
    return {}


def _take(
    reader: Reader, scheme: str, to: int, form: Form, key: UUID, reference: str,
    given: Mapping[str, Any], number: int, receipt: SheetReceipt,
) -> dict[str, str]:  # fmt: skip
    """Send one row, or return what is wrong with it: column → sentence."""
    before = Referral.objects.filter(key=key, sender=reader.agency).first()
    if before is not None:
        if _told(before) != dict(check(form, given).values):
            said = f"{before.reference} was sent with this reference and other answers."
            return {REFERENCE: said}
        receipt.again.append((number, reference, before.reference))
        return {}
    try:
        made = refer(reader, key, scheme, given, to=to, door=Submission.Door.SHEET)
    except NotFilled as wrong:
        return {column_of(form, name, given): what for name, what in wrong.errors.items()}
    except InputError as wrong:
        return {REFERENCE: str(wrong)}
    receipt.sent.append((number, reference, made.reference))
    return {}


def _told(referral: Referral) -> dict[str, Any]:
    """Return the answers that were sent, to compare: they are not shown."""
    parts = AnswerPart.objects.filter(submission=referral.submission_id)
    return together(parts.values_list("answers", flat=True))
