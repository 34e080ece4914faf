"""One case: everything on its page, read in one recording."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Q, QuerySet

from triservice.access.models import Kind
from triservice.access.prepared import Given, Prepared, PreparedRows
from triservice.access.queries import Seen, opened, seen
from triservice.access.record import Record, reading
from triservice.casework.answers.queries import answers_of, form_of, scheme_of
from triservice.casework.cases import rules
from triservice.casework.cases.queries import parts
from triservice.casework.cases.queries.cautions import SUBJECTS, cautions_of, places_of
from triservice.casework.cases.queries.joint import who_comes
from triservice.casework.cases.queries.lists import case_row
from triservice.casework.cases.queries.naming import (
    CASES,
    Names,
    merged_with,
    officer_names,
    tops_of,
)
from triservice.casework.cases.queries.shown import CaseView, Joint, May, OtherCase, PartSeen
from triservice.casework.cases.queries.standing import (
    carried_reasons,
    judged_since,
    lower_found,
)
from triservice.casework.cases.rules import LEADS, WORKS
from triservice.casework.entries.queries import chronology
from triservice.casework.files.queries import files_of
from triservice.casework.models import (
    Action,
    Case,
    CaseAgency,
    CaseLink,
    Concern,
    Consent,
    Need,
    OnwardReferral,
    Outcome,
    Visit,
)
from triservice.casework.outcomes.queries.of_case import repeat_demand
from triservice.casework.plans.queries import plans_of_cases
from triservice.casework.words import LOOKED_AFTER, Part
from triservice.kernel.access_words import Reader
from triservice.subjects.models import Link
from triservice.subjects.queries import gather
from triservice.subjects.queries.cautions import Ahead


def _of(model: Any, order: str) -> PreparedRows:
    """Return what hangs on cases, in an order."""
    return PreparedRows(lambda: model.objects.filter(case__among=CASES).order_by(order, "pk"))


CASE = Given("case", BigIntegerField())
ROW = PreparedRows(lambda: Case.objects.filter(pk=CASE))
CONCERNS, CONSENTS = _of(Concern, "-raised_at"), _of(Consent, "-asked_on")
ACTIONS, VISITS, NEEDS = _of(Action, "due_at"), _of(Visit, "planned_at"), _of(Need, "found_at")
SENT_ON, OUTCOMES = _of(OnwardReferral, "-sent_at"), _of(Outcome, "-at")


def case_view(reader: Reader, pk: int, before: datetime | None = None) -> CaseView:
    """Return one case, with the page of its chronology below `before`. Raises Refused."""
    with reading(reader, Kind.CONSULTATION, "open a case") as record:
        row = next(iter(seen(record, ROW(case=pk))), None)
        row = row or opened(record, Case.objects.all(), pk)  # which refuses, with the reason
        return _view(record, row, before)


def _view(record: Record, row: Seen, before: datetime | None) -> CaseView:
    cases, names = merged_with(row.pk), gather.agency_names()

    def of(rows: PreparedRows) -> list[Seen]:
        return seen(record, rows(cases=cases))

    subjects, concerns, consents = of(SUBJECTS), of(CONCERNS), of(CONSENTS)
    actions, visits = of(ACTIONS), of(VISITS)
    joint = who_comes(visits)
    planned = [each for each in visits if each.state == "planned"]
    called = Names(record, [row, *subjects, *concerns, *consents, *planned])
    officers = officer_names(
        [row.get("officer_id"), *(each.get("officer_id") for each in (*actions, *visits))]
    )
    scheme = scheme_of(row.get("scheme") or "", row.version)
    tops = tops_of(part.person_id for part in subjects if part.person_id)
    places = places_of((row, *subjects, *planned))
    cautions = cautions_of(Ahead(record, list(tops), places, names), subjects, places, tops, called)
    about = {tops[each.person_id] for each in subjects if each.person_id and _is_about(row, each)}
    people = [person for person, top in tops.items() if top in about]
    assessed = _assessed(record, row, scheme)
    linked, merged = _others(record, row.pk, cases)
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
        reasons=(
            *judged_since(record, row),
            *dict.fromkeys((*assessed.reasons, *carried_reasons(record, row, merged))),
        ),
        lower=lower_found(record, row),
        offered_to=names.get(row.offered_to_id, ""),
        offered_why=row.offered_why,
        outcome=row.get("outcome") or "",
        closed_why=row.get("closed_why") or "",
        closed_at=row.closed_at,
        merged_into=row.merged_into_id,
        subjects=_subjects(row, subjects, called),
        cautions=cautions,
        joint=_joint(row.pk, names),
        needs=tuple(map(parts.need, of(NEEDS))),
        actions=tuple(parts.action(each, names, officers, at) for each in actions),
        visits=tuple(parts.visit(each, officers, joint) for each in reversed(visits)),
        consents=parts.consents(consents, called, at),
        concerns=tuple(parts.concern(each, called, names) for each in concerns),
        onward=parts.onward(of(SENT_ON), record),
        outcomes=tuple(parts.outcome(each, scheme) for each in of(OUTCOMES)),
        repeats=repeat_demand(record, people, row.visited_at),
        fitted=parts.fitted(record, cases, scheme),
        files=files,
        others=(
            *(OtherCase(one.pk, one.reference, "linked") for one in linked),
            *(
                OtherCase(
                    one.pk,
                    one.reference,
                    "merged into this one",
                    _first([s for s in subjects if s.case_id == one.pk], called).name,
                )
                for one in merged
            ),
        ),
        plans=plans_of_cases(record, cases),
        assessed=assessed,
        locked=(*assessed.locked, *_locked(record, people, names)),
        chronology=chronology(record, cases, people, before),
        may=_may(record.reader, row),
    )


def _first(subjects: list[Seen], called: Names) -> Any:
    """Return whom the case is first of all about."""
    ranked = sorted(subjects, key=lambda part: (_rank(part), part.pk))
    return called.about(ranked[0]) if ranked else called.about(_NOBODY)


def _is_about(row: Seen, part: Seen) -> bool:
    """Whether a case is about somebody who has a part in it; the part itself may be withheld."""
    return part.subject_key == row.subject_key or part.get("part") in LOOKED_AFTER


def _rank(part: Seen) -> int:
    """Return the place of a part among those that a case may be about: as referrals give them."""
    first = (part.get("part") == Part.SUBJECT, part.get("household_id"), part.get("premises_id"))
    return next((place for place, holds in enumerate(first) if holds), len(first))


class _Nobody:
    """A row that is about nobody that the reader may see."""

    def get(self, name: str) -> None:
        return None


_NOBODY = _Nobody()


def _subjects(row: Seen, subjects: list[Seen], called: Names) -> tuple[PartSeen, ...]:
    return tuple(
        PartSeen(
            part.pk, called.about(part), part.get("part") or "",
            ends=part.case_id == row.pk and part.subject_key != row.subject_key
            and (not part.premises_id or part.premises_id != row.get("premises_id")),
        )
        for part in subjects
    )  # fmt: skip


def _assessed(record: Record, row: Seen, scheme: Any) -> Any:
    submission = row.assessed_id
    return answers_of(record, submission, scheme, form_of(submission) or "referral")


@Prepared
def _agencies() -> QuerySet[Any, Any]:
    rows = CaseAgency.objects.filter(case=CASE, until__isnull=True)
    return rows.values_list("agency", "officer__name")


def _joint(pk: int, names: dict[int, str]) -> tuple[Joint, ...]:
    return tuple(Joint(one, names[one], officer or "") for one, officer in _agencies(case=pk))


@Prepared
def _links() -> QuerySet[Any, Any]:
    either = Q(left=CASE) | Q(right=CASE)
    return CaseLink.objects.filter(either, undone_at__isnull=True).values_list("left", "right")


def _others(record: Record, pk: int, cases: list[int]) -> tuple[list[Seen], list[Seen]]:
    """Return the cases that are linked, and those that were merged into this one."""
    linked = {side for pair in _links(case=pk) for side in pair} - {pk}
    parts = set(cases) - {pk}
    every = linked | parts
    rows = seen(record, Case.objects.filter(pk__in=every).order_by("pk")) if every else []
    return [one for one in rows if one.pk not in parts], [one for one in rows if one.pk in parts]


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
