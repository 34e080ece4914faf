"""Somebody or somewhere gets a part in a case, and it ends; that they had it stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Q

from triservice.access.models import Restriction
from triservice.access.openings.queries import knows
from triservice.access.patterns import PUT_INTO_CASE
from triservice.access.record import Kind, Record, recording
from triservice.casework.cases.actions.acting import KEPT, own_of, working
from triservice.casework.cases.queries.naming import group_of
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Case, CaseSubject
from triservice.casework.needs.actions import of_case
from triservice.casework.referrals.actions import SYSTEM
from triservice.casework.words import Part
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.subjects.actions.handing import hand_over
from triservice.subjects.actions.joins import must_see
from triservice.subjects.models import Person, Premises
from triservice.subjects.queries.restricted import on_lists

ADDED = [part for part in Part if part not in {Part.SUBJECT, Part.PLACE}]  # what a person may be
SAID = 3  # letters of a reason, at least
ROLES = {Part.CARER: "carer", Part.LIVES_THERE: "resident"}  # in the record that tells of them


def add_person(
    reader: Reader, pk: int, part: str, told: Mapping[str, Any], why: str,
    person: UUID | None = None,
) -> int:  # fmt: skip
    """Give somebody a part in a case: somebody known whom the reader may see, or somebody new.

    Of somebody new a record of the agency that runs the case is kept, as of whom is referred; who
    they may be the same as is proposed for people to judge. Of whom the case is then about terms
    may open more; so the reason is kept. Raises InputError, or Refused for a person whom the reader
    may not see.
    """
    with working(reader, pk, "add somebody to a case", anew=True) as (record, case):
        if part not in ADDED:
            raise InputError("Choose what part they have", kept=KEPT)
        row = {"kind": "part in a case", "role": ROLES.get(Part(part), ""), **told}
        asked = Q(pk=_handed(record, case, row, "person")) if person is None else Q(key=person)
        found = Person.objects.filter(asked).first()
        if found is None:
            raise InputError("There is no such person any more", kept=KEPT)
        if person is not None:
            must_see(record, found.pk)
        there = Q(person__in=group_of([found.pk]))
        return _add(record, case, part, there, why, new=person is None, person=found)


def add_place(
    reader: Reader, pk: int, told: Mapping[str, Any], why: str, place: UUID | None = None
) -> int:
    """Let a case be about another place, one that is known or one at an address, for a reason."""
    with working(reader, pk, "add a place to a case", anew=True) as (record, case):
        row = {"kind": "place in a case", **told}
        asked = Q(pk=_handed(record, case, row, "premises")) if place is None else Q(key=place)
        found = Premises.objects.filter(asked).first()
        if found is None:
            raise InputError("There is no such place any more", kept=KEPT)
        same = Q(premises=found)
        return _add(record, case, str(Part.PLACE), same, why, new=place is None, premises=found)


def _handed(record: Record, case: Case, told: Mapping[str, Any], end: str) -> int:
    """Keep a record of the agency that runs the case; return the key of what it hangs on."""
    row = {name: value for name, value in told.items() if value}
    row |= {"source_key": str(new_key()), "data_class": str(DataClass.RISK)}
    found: int | None = getattr(hand_over(record.reader, case.owner, SYSTEM, row), end)
    if found is None:
        raise InputError("Write who or where it is", kept=KEPT)
    return found


def _add(
    record: Record, case: Case, part: str, same: Q, why: str, *, new: bool,
    **spine: Person | Premises,
) -> int:  # fmt: skip
    """Keep the part; of somebody on a need-to-know list of the agency, it is on that list too.

    Of whom the reader's agency held nothing before, it is a doing of its own in the record: unusual
    patterns are found by it.
    """
    if len(why.strip()) < SAID:
        raise InputError("Say why they are added", field="why", kept=KEPT)
    if CaseSubject.objects.filter(same, case=case, until__isnull=True).exists():
        raise InputError("They have a part in this case already", kept=KEPT)
    (whom,) = spine.values()
    new = new or not knows(record.reader.agency, whom.key)
    of = replace(own_of(case), subject_key=whom.key)
    listed = on_lists(case.owner_id).get(whom.key)
    if listed is not None:
        of = replace(of, restriction=Restriction.objects.get(pk=listed))
    row = CaseSubject.objects.create(
        case=case, part=part, since=record.reader.at, data_class=str(DataClass.RISK),
        **spine, **of.columns(),
    )  # fmt: skip
    text = f"Added to the case: {part}"
    note(record, "add", row, case=case, text=text, after={"part": part}, why=why.strip())
    if of.restriction is None:  # the record is read by others than a list
        record.note("added because", why.strip())
    if new:
        with recording(record.given, Kind.ALTERATION, PUT_INTO_CASE) as told:
            told.did(row._meta.label_lower, row.pk, row.data_class)
    return row.pk


def end_part(reader: Reader, pk: int, row: int, why: str) -> None:
    """End the part of somebody or somewhere in a case. Whom the case is about stays in it."""
    with working(reader, pk, "end somebody's part in a case") as (record, case):
        kept = of_case(record, CaseSubject, case, row)
        if kept.until is not None:
            raise InputError("Their part has ended already", kept=KEPT)
        if kept.case.subject_key == kept.subject_key or (
            kept.premises_id and kept.premises_id == kept.case.premises_id
        ):
            raise InputError("The case is about them", kept=KEPT, do="Close the case instead.")
        if len(why.strip()) < SAID:
            raise InputError("Say why it ends", kept=KEPT)
        before, after = change(kept, until=record.reader.at)
        text = f"No longer in the case: {kept.part}"
        note(record, "end part", kept, case=case, text=text, before=before, after=after, why=why)
