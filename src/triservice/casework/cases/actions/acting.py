"""What every action on a case begins and ends with: who may, and what is due next."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from triservice.access.errors import Refused
from triservice.access.prepared import Prepared
from triservice.access.queries import require
from triservice.access.record import Kind, Record, recording
from triservice.access.restrictions.actions import share_lists_of
from triservice.access.rules import NO_ROLE, UNKNOWN
from triservice.agencies.models import Agency, Holding, Officer
from triservice.agencies.queries.scope import day_of, live
from triservice.casework import timing
from triservice.casework.answers.actions import Of
from triservice.casework.cases.actions import timed
from triservice.casework.cases.queries.naming import CASES, merged_with
from triservice.casework.cases.rules import AT_WORK, LIFE, WORKS, Step
from triservice.casework.models import (
    Action,
    Case,
    CaseAgency,
    CaseSubject,
    Entry,
    OnwardReferral,
    Visit,
)
from triservice.casework.words import LOOKED_AFTER, ActionState, Part, VisitState
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.subjects.models import Person

KEPT = "Nothing was changed"
# What is called by no name on a case that others read than the one merged into it.
SOMETHING = "Something in a case merged into this one"


@contextmanager
def working(
    reader: Reader,
    pk: int,
    doing: str,
    *,
    step: Step = Step.WORK,
    roles: AbstractSet[Role] = WORKS,
    kind: Kind = Kind.ALTERATION,
    anew: bool = False,
) -> Iterator[tuple[Record, Case]]:
    """Lock a case for somebody who works on it; afterwards work out what is due next.

    That is who may read the case, in one of the roles, of the agency that runs it or one that
    joined it; steps other than working on it are for the agency that runs it. Who works on what
    there is in a case that was merged works on the one that stands; what is made `anew` is made in
    that one itself, for it may have other readers. Raises Refused, hidden where the reader must not
    know of the case, and InputError for a step out of turn.
    """
    with recording(reader, kind, doing) as record:
        case = standing_case(record, pk) if step is Step.WORK else locked_case(record, pk)
        theirs = case.owner_id == reader.agency
        theirs = theirs or (step is Step.WORK and joined(case, reader.agency))
        if not (roles & reader.roles and theirs):
            raise Refused(NO_ROLE, f"casework.case {case.pk}")
        if anew and case.pk != pk:
            raise InputError(f"This case was merged into case {case.reference}", kept=KEPT)
        LIFE.after(str(step), case.state)
        yield record, case
        refresh(case, record.reader.at)


def locked_case(record: Record, pk: int) -> Case:
    """Return a case that the reader may read, locked, with its list. Raises Refused."""
    share_lists_of(Case, pk)
    case = Case.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if case is None:
        raise Refused(UNKNOWN, f"casework.case {pk}", hidden=True)
    require(record, case)
    return case


def standing_case(record: Record, pk: int) -> Case:
    """Return a case as `locked_case`; of one that was merged, the one that stands."""
    case = locked_case(record, pk)
    while case.merged_into_id:
        case = locked_case(record, case.merged_into_id)
    return case


def joined(case: Case, agency: int) -> bool:
    """Whether an agency works on the case jointly."""
    return CaseAgency.objects.filter(case=case, agency=agency, until__isnull=True).exists()


def person_about(case: Case) -> Person | None:
    """Return the person whom a case is about; where its subject is no person, who lives there."""
    named = CaseSubject.objects.filter(
        case=case, until__isnull=True, person__isnull=False, part__in=LOOKED_AFTER
    )
    ranked = sorted(
        named.select_related("person"), key=lambda one: (one.part != Part.SUBJECT, one.pk)
    )
    return ranked[0].person if ranked else None


def own_of(case: Case) -> Of:
    """Return what the rows of a case have in common that belong to the agency that runs it."""
    return Of(case.owner, case.area, case.subject_key, case.restriction, case.marking)


def written_by(reader: Reader, case: Case) -> Of:
    """Return the same of what somebody writes: it belongs to the writer's agency."""
    writer = Agency.objects.get(pk=reader.agency)
    return Of(writer, case.area, case.subject_key, case.restriction, case.marking)


def worker(officer: int, agency: int) -> Officer:
    """Return an officer who may take a case of an agency: with a live post there."""
    found = Officer.objects.filter(pk=officer, is_active=True).first()
    posts = Holding.objects.filter(
        live(day_of(clock.now())), officer=officer, post__agency=agency,
        post__role__in=[str(role) for role in WORKS],
    )  # fmt: skip
    if found is None or not posts.exists():
        raise InputError("This officer holds no post for casework at the agency", kept=KEPT)
    return found


def with_agreement(record: Record, agency: int) -> Agency:
    """Return another agency with which an agreement is in force. Raises InputError."""
    found = Agency.objects.filter(pk=agency).first()
    if found is None or agency == record.reader.agency:
        raise InputError("Choose another agency of the partnership", kept=KEPT)
    if record.grants.pact_with(agency) is None:
        raise InputError(f"No agreement with {found.name} is in force", kept=KEPT)
    return found


def refresh(case: Case, at: datetime) -> None:
    """Work out what is next in a case and by when; a case that is not worked on has neither.

    What is next in one that was merged is so in the one that stands.
    """
    if case.state not in AT_WORK:
        case.next_step, case.next_due_at = "", None
    else:
        found = _next(case, at)
        case.next_step, case.next_due_at = found.what[:120], found.due
    case.save(update_fields=["next_step", "next_due_at"])
    if case.merged_into_id:
        refresh(Case.objects.select_for_update(of=("self",)).get(pk=case.merged_into_id), at)


def _next(case: Case, at: datetime) -> timing.Next:
    cases = merged_with(case.pk)
    contact, visit = timed.owed(case, cases[1:])
    same = Case.objects.filter(
        pk__in=cases[1:], restriction=case.restriction_id, marking=case.marking, area=case.area
    )
    plain = {case.pk, *same.values_list("pk", flat=True)} if cases[1:] else {case.pk}
    return timing.next_step(
        contact=contact,
        visit=visit,
        planned=[at for (at,) in _planned(cases=cases) if at],
        actions=[
            (what if of in plain else SOMETHING, at) for of, what, at in _open_actions(cases=cases)
        ],
        onward=[
            (name if of in plain else "somebody", at) for of, name, at in _chased(cases=cases) if at
        ],
        reviewed=next((last for (last,) in _touched(cases=cases)), at),
    )


@Prepared
def _open_actions() -> QuerySet[Any, Any]:
    rows = Action.objects.filter(case__among=CASES, state=ActionState.OPEN)
    return rows.values_list("case", "what", "due_at")


@Prepared
def _planned() -> QuerySet[Any, Any]:
    rows = Visit.objects.filter(case__among=CASES, state=VisitState.PLANNED)
    return rows.values_list("planned_at")


@Prepared
def _chased() -> QuerySet[Any, Any]:
    rows = OnwardReferral.objects.filter(case__among=CASES, chase_at__isnull=False)
    return rows.values_list("case", "to_name", "chase_at")


@Prepared
def _touched() -> QuerySet[Any, Any]:
    return Entry.objects.filter(case__among=CASES).order_by("-at").values_list("at")[:1]
