"""One case: everything on its page, read in one recording."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from triservice.access.models import Kind
from triservice.access.queries import Seen, opened, seen
from triservice.access.record import Record, reading
from triservice.casework.answers.queries import answers_of, form_of, scheme_of
from triservice.casework.cases import rules
from triservice.casework.cases.queries import parts
from triservice.casework.cases.queries.lists import case_row
from triservice.casework.cases.queries.naming import Names, group_of, merged_with, officer_names
from triservice.casework.cases.queries.shown import CaseView, Joint, May, OtherCase, PartSeen
from triservice.casework.cases.queries.standing import judged_since
from triservice.casework.cases.rules import LEADS, WORKS
from triservice.casework.entries.queries import chronology
from triservice.casework.files.queries import files_of
from triservice.casework.models import (
    Action,
    Case,
    CaseAgency,
    CaseLink,
    CaseSubject,
    Concern,
    Consent,
    Need,
    OnwardReferral,
    Outcome,
    Visit,
)
from triservice.casework.outcomes.queries.of_case import repeat_demand
from triservice.casework.plans.queries import plans_of_cases
from triservice.kernel.access_words import Marking, Reader
from triservice.subjects.models import Link
from triservice.subjects.queries import gather


def case_view(reader: Reader, pk: int, before: datetime | None = None) -> CaseView:
    """Return one case, with the page of its chronology below `before`. Raises Refused."""
    with reading(reader, Kind.CONSULTATION, "open a case") as record:
        return _view(record, opened(record, Case.objects.all(), pk), before)


def _view(record: Record, row: Seen, before: datetime | None) -> CaseView:
    cases, names = merged_with(row.pk), gather.agency_names()

    def of(model: Any, order: str) -> list[Seen]:
        return seen(record, model.objects.filter(case__in=cases).order_by(order, "pk"))

    subjects = seen(record, CaseSubject.objects.filter(case__in=cases, until__isnull=True))
    concerns, consents = of(Concern, "-raised_at"), of(Consent, "-asked_on")
    called = Names(record, [row, *subjects, *concerns, *consents])
    actions, visits = of(Action, "due_at"), of(Visit, "planned_at")
    officers = officer_names(
        [row.get("officer_id"), *(each.get("officer_id") for each in (*actions, *visits))]
    )
    scheme = scheme_of(row.get("scheme") or "", row.version)
    people = group_of(part.person_id for part in subjects if part.person_id)
    assessed = _assessed(record, row, scheme)
    files = files_of(record, cases, names)
    at = record.reader.at
    return CaseView(
        row=case_row(row, called, names, officers, at, _first(subjects, called)),
        scheme=row.get("scheme") or "",
        version=row.version,
        opened_at=row.opened_at,
        contacted_at=row.contacted_at,
        visited_at=row.visited_at,
        contact_due_at=row.contact_due_at,
        visit_due_at=row.visit_due_at,
        reasons=(*judged_since(record, row.pk), *assessed.reasons),
        offered_to=names.get(row.offered_to_id, ""),
        offered_why=row.offered_why,
        outcome=row.get("outcome") or "",
        closed_why=row.get("closed_why") or "",
        closed_at=row.closed_at,
        merged_into=row.merged_into_id,
        subjects=_subjects(subjects, called),
        joint=_joint(row.pk, names),
        needs=tuple(map(parts.need, of(Need, "found_at"))),
        actions=tuple(parts.action(each, names, officers, at) for each in actions),
        visits=tuple(parts.visit(each, officers) for each in reversed(visits)),
        consents=parts.consents(consents, called, at),
        concerns=tuple(parts.concern(each, called, names) for each in concerns),
        onward=parts.onward(of(OnwardReferral, "-sent_at"), record),
        outcomes=tuple(parts.outcome(each, scheme) for each in of(Outcome, "-at")),
        repeats=repeat_demand(record, people, row.visited_at),
        fitted=parts.fitted(record, cases, scheme),
        files=files,
        others=_others(record, row.pk, cases),
        plans=plans_of_cases(record, cases),
        assessed=assessed,
        locked=(*assessed.locked, *_locked(record, people, names)),
        chronology=chronology(record, cases, people, before),
        may=_may(record.reader, row),
        sensitive=bool(concerns)
        or row.marking == str(Marking.OFFICIAL_SENSITIVE)
        or any(each.sensitive for each in files),
    )


def _first(subjects: list[Seen], called: Names) -> Any:
    """Return whom the case is first of all about."""
    order = {"subject": 0, "lives there": 1, "place": 2}
    ranked = sorted(subjects, key=lambda part: (order.get(part.get("part") or "", 3), part.pk))
    return called.about(ranked[0]) if ranked else called.about(_NOBODY)


class _Nobody:
    """A row that is about nobody that the reader may see."""

    def get(self, name: str) -> None:
        return None


_NOBODY = _Nobody()


def _subjects(subjects: list[Seen], called: Names) -> tuple[PartSeen, ...]:
    return tuple(PartSeen(part.pk, called.about(part), part.get("part") or "") for part in subjects)


def _assessed(record: Record, row: Seen, scheme: Any) -> Any:
    submission = row.assessed_id
    return answers_of(record, submission, scheme, form_of(submission) or "referral")


def _joint(pk: int, names: dict[int, str]) -> tuple[Joint, ...]:
    rows = CaseAgency.objects.filter(case=pk, until__isnull=True).select_related("officer")
    return tuple(
        Joint(row.agency_id, names[row.agency_id], row.officer.name if row.officer else "")
        for row in rows
    )


def _others(record: Record, pk: int, cases: list[int]) -> tuple[OtherCase, ...]:
    links = CaseLink.objects.filter(Q(left=pk) | Q(right=pk), undone_at__isnull=True)
    linked = {side for pair in links.values_list("left", "right") for side in pair} - {pk}
    how = dict.fromkeys(linked, "linked") | dict.fromkeys(set(cases) - {pk}, "merged into this one")
    rows = seen(record, Case.objects.filter(pk__in=how).order_by("pk"))
    return tuple(OtherCase(row.pk, row.reference, how[row.pk]) for row in rows)


def _locked(record: Record, people: list[int], names: dict[int, str]) -> Any:
    """Return what services know of the people of a case that the reader may know of, not see."""
    links = Link.objects.filter(person__in=people, ended_at__isnull=True, record__current=True)
    everything = gather.parts_of(links.values_list("record", flat=True))
    return gather.locked_of(record, everything, names)


def _may(reader: Reader, row: Seen) -> May:
    own, state = row.owner_id == reader.agency, row.state
    joint = CaseAgency.objects.filter(case=row.pk, agency=reader.agency, until__isnull=True)
    works = bool(WORKS & reader.roles)
    leads = bool(LEADS & reader.roles)
    return May(
        work=works and state in rules.AT_WORK and (own or joint.exists()),
        run=works and own and state == "open",
        lead=leads and own and state == "open",
        answer_offer=leads and row.offered_to_id == reader.agency,
        reopen=works and own and state == "closed",
        part=works and own and state == "merged",
    )
