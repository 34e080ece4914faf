"""What every action on a case begins and ends with: who may, and what is due next."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import datetime

from triservice.access.errors import Refused
from triservice.access.queries import require
from triservice.access.record import Kind, Record, recording
from triservice.access.restrictions.actions import share_lists_of
from triservice.access.rules import NO_ROLE, UNKNOWN
from triservice.agencies.models import Agency, Holding, Officer
from triservice.agencies.queries.scope import day_of, live
from triservice.casework import timing
from triservice.casework.answers.actions import Of
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
from triservice.casework.words import ActionState, Part, VisitState
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.subjects.models import Person

KEPT = "Nothing was changed"


@contextmanager
def working(
    reader: Reader,
    pk: int,
    doing: str,
    *,
    step: Step = Step.WORK,
    roles: AbstractSet[Role] = WORKS,
    kind: Kind = Kind.ALTERATION,
) -> Iterator[tuple[Record, Case]]:
    """Lock a case for somebody who works on it; afterwards work out what is due next.

    That is who may read the case, in one of the roles, of the agency that runs it or one that
    joined it; steps other than working on it are for the agency that runs it. Raises Refused,
    hidden where the reader must not know of the case, and InputError for a step out of turn.
    """
    with recording(reader, kind, doing) as record:
        case = locked_case(record, pk)
        theirs = case.owner_id == reader.agency
        theirs = theirs or (step is Step.WORK and joined(case, reader.agency))
        if not (roles & reader.roles and theirs):
            raise Refused(NO_ROLE, f"casework.case {pk}")
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


def joined(case: Case, agency: int) -> bool:
    """Whether an agency works on the case jointly."""
    return CaseAgency.objects.filter(case=case, agency=agency, until__isnull=True).exists()


def person_about(case: Case) -> Person | None:
    """Return the person whom a case is about; where its subject is no person, the first named."""
    named = CaseSubject.objects.filter(case=case, until__isnull=True, person__isnull=False)
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
    """Work out what is next in a case and by when; a case that is not worked on has neither."""
    if case.state not in AT_WORK:
        case.next_step, case.next_due_at = "", None
    else:
        found = _next(case, at)
        case.next_step, case.next_due_at = found.what[:120], found.due
    case.save(update_fields=["next_step", "next_due_at"])


def _next(case: Case, at: datetime) -> timing.Next:
    open_actions = Action.objects.filter(case=case, state=ActionState.OPEN)
    planned = Visit.objects.filter(case=case, state=VisitState.PLANNED)
    chased = OnwardReferral.objects.filter(case=case, chase_at__isnull=False)
    touched = Entry.objects.filter(case=case).order_by("-at").values_list("at", flat=True)
    return timing.next_step(
        contact=None if case.contacted_at else case.contact_due_at,
        visit=case.return_due_at if case.visited_at else case.visit_due_at,
        planned=[at for at in planned.values_list("planned_at", flat=True) if at],
        actions=open_actions.values_list("what", "due_at"),
        onward=[(name, at) for name, at in chased.values_list("to_name", "chase_at") if at],
        reviewed=touched.first() or at,
    )
