"""Writing notes, consent and safeguarding concerns on a case."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from triservice.access.errors import Refused
from triservice.access.models import Notice
from triservice.access.notices.actions import To, deal_with, tell
from triservice.access.record import Kind, recording
from triservice.access.rules import NO_ROLE, Use
from triservice.casework.cases import rules
from triservice.casework.cases.actions.acting import (
    KEPT,
    locked_case,
    own_of,
    with_agreement,
    working,
    written_by,
)
from triservice.casework.cases.actions.life import contact_made
from triservice.casework.cases.queries.naming import merged_with
from triservice.casework.entries.actions import change, note
from triservice.casework.entries.queries import CORRECTED, WRITTEN
from triservice.casework.models import Case, CaseSubject, Concern, Consent, Note
from triservice.casework.needs.actions import of_case
from triservice.kernel.access_words import DataClass, Marking, Reader, Role
from triservice.kernel.errors import InputError
from triservice.subjects.models import Person

LONGEST = 10_000  # letters of a note


def add_note(reader: Reader, pk: int, text: str, data_class: str, *, contact: bool = False) -> int:
    """Write a note of a class that the writer's own role reads; `contact`: they were spoken to."""
    with working(reader, pk, "write a note", kind=Kind.COLLECTION, anew=True) as (record, case):
        said = text.strip()
        if not 3 <= len(said) <= LONGEST:
            raise InputError(f"Write a note of 3 to {LONGEST:,} letters", kept=KEPT)
        if data_class not in record.grants.own[Use.READ]:
            raise InputError("Choose what the note tells of", kept=KEPT)
        row = Note.objects.create(
            case=case,
            text=said,
            at=record.reader.at,
            by_id=reader.officer,
            data_class=data_class,
            **written_by(reader, case).columns(),
        )
        note(record, WRITTEN, row, case=case, text=said)
        if contact:
            contact_made(record, case)
        return row.pk


def correct_note(reader: Reader, pk: int, row: int, text: str, why: str) -> None:
    """Correct one's own note. What it said before stays in the history."""
    with working(reader, pk, "correct a note") as (record, case):
        kept = of_case(record, Note, case, row)
        if kept.by_id != reader.officer:
            raise InputError("Who wrote a note corrects it; write another", kept=KEPT)
        if not 3 <= len(text.strip()) <= LONGEST or len(why.strip()) < 3:
            raise InputError("Write the note as it should be, and why", kept=KEPT)
        if text.strip() == kept.text:
            raise InputError("The note says so already", kept=KEPT)
        before, after = change(kept, text=text.strip())
        said = f"Note corrected: {text.strip()}"
        note(record, CORRECTED, kept, case=case, text=said, before=before, after=after, why=why)


def person_in(case: Case, key: str) -> Person:
    """Return a person of a case, or of one merged into it, by key. Raises InputError."""
    row = (
        CaseSubject.objects.filter(
            case__in=merged_with(case.pk), until__isnull=True, person__key=key
        )
        .select_related("person")
        .first()
    )
    if row is None or row.person is None:
        raise InputError("Choose somebody of this case", kept=KEPT)
    return row.person


def record_consent(
    reader: Reader, pk: int, person: str, scope: str, *, given: bool, capacity: str,
    given_by: str = "", asked_on: date, expires_on: date | None = None, override: str = "",
    why: str = "",
) -> int:  # fmt: skip
    """Record what somebody agreed to or refused, or the lawful reason to do without."""
    with working(reader, pk, "record consent", anew=True) as (record, case):
        faults = rules.consent_faults(given, capacity, given_by, override, why)
        if len(scope.strip()) < 5:
            faults.append("Say what the consent is for")
        if expires_on is not None and expires_on <= asked_on:
            faults.append("It would have expired already")
        if faults:
            raise InputError(". ".join(faults), kept=KEPT)
        who = person_in(case, person)
        row = Consent.objects.create(
            case=case,
            person=who,
            scope=scope.strip()[: rules.SCOPE],
            given=given,
            capacity=capacity,
            given_by=given_by.strip()[:120],
            asked_on=asked_on,
            expires_on=expires_on,
            override=override,
            why=why.strip(),
            made_at=record.reader.at,
            made_by_id=reader.officer,
            data_class=str(DataClass.RISK),
            **(own_of(case).columns() | {"subject_key": who.key}),
        )
        said = "given" if given else "overridden" if override else "refused"
        note(record, "consent", row, case=case, text=f"Consent {said}: {row.scope}", why=why)
        return row.pk


def withdraw_consent(reader: Reader, pk: int, consent: int, why: str) -> None:
    """Record that somebody has taken their consent back."""
    with working(reader, pk, "withdraw consent") as (record, case):
        row = of_case(record, Consent, case, consent)
        if row.withdrawn_at is not None or not row.given:
            raise InputError("There is no consent here to withdraw", kept=KEPT)
        before, after = change(row, withdrawn_at=record.reader.at, withdrawn_by_id=reader.officer)
        text = f"Consent withdrawn: {row.scope}"
        note(record, "withdraw consent", row, case=case, text=text, before=before, after=after,
             why=why)  # fmt: skip


def raise_concern(
    reader: Reader, pk: int, person: str, what: str, *, kinds: Collection[str],
    care_needs: bool | None, at_risk: bool | None, cannot_protect: bool | None,
    own_view: str = "", child: bool = False, danger_now: bool = False, sent_to: int | None = None,
) -> int:  # fmt: skip
    """Raise a safeguarding concern. It is the writer's agency's, and never less marked.

    The agency it is sent to, and the team leaders of the writer's own, get notice. Whether the
    other reads it here the agreement decides; the council's own procedure is followed besides.
    """
    with working(reader, pk, "raise a concern", kind=Kind.COLLECTION, anew=True) as (record, case):
        if len(what.strip()) < 20:
            raise InputError("Say what you saw or were told, in a sentence or two", kept=KEPT)
        if not child and not set(kinds) <= set(rules.ABUSE):
            raise InputError("Choose kinds of abuse or neglect from the list", kept=KEPT)
        other = sent_to if sent_to in {None, reader.agency} else with_agreement(record, sent_to).pk
        who = person_in(case, person)
        columns = written_by(reader, case).columns()
        row = Concern.objects.create(
            case=case,
            person=who,
            child=child,
            kinds=sorted(kinds),
            what=what.strip(),
            own_view=own_view.strip(),
            care_needs=care_needs,
            at_risk=at_risk,
            cannot_protect=cannot_protect,
            danger_now=danger_now,
            raised_at=record.reader.at,
            raised_by_id=reader.officer,
            sent_to_id=other,
            data_class=str(DataClass.SAFEGUARDING),
            **(columns | {"subject_key": who.key, "marking": str(Marking.OFFICIAL_SENSITIVE)}),
        )
        found = "A child" if child else rules.section_42((care_needs, at_risk, cannot_protect))
        note(record, "raise concern", row, case=case, text=f"Safeguarding concern raised. {found}")
        tell(
            [To(each, role=Role.TEAM_LEADER) for each in sorted({reader.agency, other} - {None})],  # type: ignore[type-var, arg-type]
            Notice.Kind.CASEWORK,
            f"A safeguarding concern was raised in case {case.reference}",
            f"/casework/cases/{pk}",
            f"concern:{row.pk}",
        )
        return row.pk


def decide_concern(reader: Reader, pk: int, concern: int, decision: str) -> None:
    """Record what was decided about a concern: by the agency that raised it, or that it went to.

    That may be after the case is closed: a concern does not end with it.
    """
    with recording(reader, Kind.ALTERATION, "record the decision on a concern") as record:
        case = locked_case(record, pk)
        row = of_case(record, Concern, case, concern)
        if not rules.WORKS & reader.roles or reader.agency not in {row.owner_id, row.sent_to_id}:
            raise Refused(NO_ROLE, f"casework.concern {concern}")
        if row.decided_at is not None:
            raise InputError("This concern has its decision", kept=KEPT)
        if len(decision.strip()) < 10:
            raise InputError("Say who decided what", kept=KEPT)
        before, after = change(
            row, result=decision.strip(), decided_at=record.reader.at,
            decided_by_id=reader.officer,
        )  # fmt: skip
        text = f"Decision on the safeguarding concern: {decision.strip()}"
        note(record, "decide concern", row, case=case, text=text, before=before, after=after)
        deal_with(reader, f"concern:{row.pk}")
