"""What a service may be told of a case: read as who sends it, cut to what may go there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from triservice.access.errors import Refused
from triservice.access.models import Kind
from triservice.access.queries import Seen, decide, seen
from triservice.access.record import Record, recording
from triservice.access.rules import NO_ROLE, UNKNOWN, Item
from triservice.agencies.models import Agency
from triservice.casework.answers.queries import scheme_of
from triservice.casework.answers.rules import question_of, together
from triservice.casework.cases.queries.consents import by_person, consents_on
from triservice.casework.cases.queries.naming import merged_with, officer_names
from triservice.casework.cases.queries.parts import consent_facts
from triservice.casework.models import (
    AnswerPart,
    Case,
    DirectoryService,
    Need,
    OnwardReferral,
    Submission,
)
from triservice.casework.onward import rules
from triservice.casework.onward.rules import Sheet, Told
from triservice.kernel.access_words import Marking, Reader, Role
from triservice.kernel.errors import InputError
from triservice.schemes import answers as said
from triservice.schemes.scheme import Form, Route, Scheme
from triservice.schemes.words import Kind as Asks

CHANGED_HANDS = "This service has changed hands since it was sent on"
NOT_BY_YOU = "You cannot send this on"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, and what stays back: the data classes of which something would have gone."""

    sheet: Sheet
    kept_back: tuple[str, ...]
    handed_on: Any


def letter(reader: Reader, pk: int, onward: int) -> Letter:
    """Return the letter of an onward referral, recorded as disclosed to the service.

    For the agency whose referral it is. Raises Refused, and InputError where it rests on nothing.
    """
    with recording(reader, Kind.DISCLOSURE, "make the letter of an onward referral") as record:
        rows = OnwardReferral.objects.filter(pk=onward, case__in=merged_with(pk))
        row = _one(record, rows, f"casework.onwardreferral {onward}")
        case = _one(record, Case.objects.filter(pk=row.case_id), f"casework.case {row.case_id}")
        sheet, kept_back = sheet_of(record, case, row)
        told = {"to": sheet.to, "classes": sheet.classes, "how": row.how}
        record.note("disclosed", told)
        return Letter(sheet, kept_back, row.handed_on)


def sheet_of(record: Record, case: Seen, row: Seen) -> tuple[Sheet, tuple[str, ...]]:
    """Return what the service of an onward referral is told, and the classes kept back."""
    if row.owner_id != record.reader.agency:
        raise Refused(NO_ROLE, f"casework.onwardreferral {row.pk}")
    scheme = scheme_of(case.get("scheme") or "", case.version)
    route = scheme.routes.get(row.get("route") or "") if scheme else None
    service = DirectoryService.objects.select_related("agency").filter(pk=row.service_id).first()
    if service is not None and service.agency_id != row.agency_id:
        raise InputError(CHANGED_HANDS, kept="Nothing was sent", do="Send it on again")
    rests = _rests_on(record, case, scheme, route)
    passing = Passing(record, row, _shares(route, service))
    gathered = _Gathered(record, passing, case, row, scheme)
    agency = Agency.objects.filter(pk=row.agency_id).first()
    sender = Agency.objects.get(pk=row.owner_id)
    of = agency.name if agency else service.organisation if service else ""
    post_to = service.post_to.splitlines() if service else []
    sheet = Sheet(
        key=str(row.key),
        reference=case.reference,
        scheme=case.get("scheme") or "",
        sender=sender.name,
        sender_short=sender.short_name,
        officer=officer_names([row.sent_by_id]).get(row.sent_by_id, ""),
        to=route.service if route else row.get("to_name") or "",
        to_of=of,
        to_short=agency.short_name if agency else "",
        post_to=tuple(post_to),
        at=row.sent_at,
        why=row.get("why") or "",
        need=gathered.need,
        reasons=gathered.reasons,
        person=gathered.person,
        address=gathered.address,
        told=tuple(gathered.told),
        rests_on=rests,
        classes=tuple(sorted(passing.gone)),
    )
    return sheet, tuple(sorted(passing.kept - passing.gone))


class Passing:
    """Decides what of a row goes to the service, and remembers of which classes.

    To an agency of the partnership goes what the agreements open to its officers, whatever their
    vetting, training and duty: so no term that asks for those opens it. To an organisation outside
    it, what the sending agency holds itself, marks OFFICIAL and has not closed to all but a list.
    """

    def __init__(self, record: Record, row: Seen, shares: Iterable[str]) -> None:
        """Say who sends, who receives, and what the service may be told at most."""
        reader, self.shares, self.sender = record.reader, set(shares), row.owner_id
        self.gone, self.kept, self.inside = set[str](), set[str](), row.agency_id is not None
        self.recipient = (
            Reader(0, row.agency_id, frozenset({Role.OFFICER}), reader.purpose, reader.at)
            if row.agency_id not in (None, row.owner_id)
            else None
        )

    def goes(self, label: str, row: Seen, name: str) -> bool:
        """Whether a field of a row goes along."""
        if name in row.withheld or row.data_class not in self.shares:
            return False
        may = self._may(label, row, name)
        (self.gone if may else self.kept).add(row.data_class)
        return may

    def _may(self, label: str, row: Seen, name: str) -> bool:
        if self.recipient is None:
            ours = row.owner_id == self.sender and row.restriction_id is None
            return bool(ours and (self.inside or row.marking == str(Marking.OFFICIAL)))
        subject = str(row.subject_key) if row.subject_key is not None else None
        item = Item(
            label, str(row.pk), row.owner_id, row.data_class, row.area, row.marking,
            row.restriction_id, subject,
        )  # fmt: skip
        return decide(self.recipient, item, name).allowed


class _Gathered:
    """The need, the person, the address and the answers that go along."""

    def __init__(
        self, record: Record, passing: Passing, case: Seen, row: Seen, scheme: Scheme | None
    ) -> None:
        self.need, self.reasons = "", tuple[str, ...]()
        self.person, self.address = dict[str, str](), dict[str, str]()
        self.told: list[Told] = []
        submissions = [case.assessed_id]
        for need in seen(record, Need.objects.filter(pk=row.need_id)):
            submissions.append(need.submission_id)
            if passing.goes("casework.need", need, "label"):
                self.need = need.get("label") or ""
            if passing.goes("casework.need", need, "reasons"):
                self.reasons = tuple(need.get("reasons") or ())
        for filled in Submission.objects.filter(pk__in=[s for s in submissions if s]):
            known = scheme_of(filled.scheme, filled.version)
            form = known.forms.get(filled.form) if known else None
            parts = seen(record, AnswerPart.objects.filter(submission=filled).order_by("pk"))
            go = [part for part in parts if passing.goes("casework.answerpart", part, "answers")]
            if form is not None:
                self._answers(form, together(part.get("answers") or {} for part in go))

    def _answers(self, form: Form, values: dict[str, Any]) -> None:
        who, where = question_of(form, Asks.PERSON), question_of(form, Asks.ADDRESS)
        for question in form.questions:
            value = values.get(question.id)
            if value is None:
                continue
            if question.kind is Asks.SIGNATURE:  # that they signed, not how it looks
                value = {name: each for name, each in value.items() if name != "drawing"}
            if question is who:
                self.person = dict(value) | self.person
            elif question is where:
                self.address = dict(value) | self.address
            else:
                self.told.append(
                    Told(question.id, question.name, value, said.said(question, value))
                )


def _one(record: Record, rows: Any, what: str) -> Seen:
    found = seen(record, rows)
    if not found:
        raise Refused(UNKNOWN, what, hidden=True)
    return found[0]


def _shares(route: Route | None, service: DirectoryService | None) -> Iterable[str]:
    if route is not None:
        return map(str, route.shares)
    return service.shares if service is not None else ()


def _rests_on(record: Record, case: Seen, scheme: Scheme | None, route: Route | None) -> str:
    """Return on what passing it on rests, in words. Raises InputError where consent lacks.

    What was said on a case counts for all that are one with it, before the merge and after; what
    the reader may not see may be a no, so then they pass nothing on.
    """
    if route is not None and not route.consent:
        return "The scheme asks no consent for this"
    recorded = consents_on(case.pk)
    rows = seen(record, recorded)
    if len(rows) < recorded.count():
        raise InputError(NOT_BY_YOU, kept="Nothing was sent", do="Ask a colleague to send it on.")
    facts = by_person((row.person_id, row.get("scope") or "", consent_facts(row)) for row in rows)
    today = timezone.localdate(record.reader.at)
    known = rules.scopes(scheme, route.consent if route else "") if scheme else rules.Scopes()
    standing = rules.rests_on(facts, known, today)
    if standing not in rules.LETS:
        raise InputError(
            str(standing), kept="Nothing was sent",
            do="Record on the case that they agree to being referred on, or the lawful reason.",
        )  # fmt: skip
    return str(standing)
