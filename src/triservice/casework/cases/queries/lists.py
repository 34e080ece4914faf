"""Lists of cases: my day, and what a team or agency has open by what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField
from django.utils import timezone

from triservice.access.models import Kind
from triservice.access.prepared import Given, PreparedRows
from triservice.access.queries import Seen, seen
from triservice.access.record import Record, reading
from triservice.agencies.queries import codes_inside, teams_of
from triservice.casework import paging, timing
from triservice.casework.answers.queries import scheme_name
from triservice.casework.cases.queries import parts
from triservice.casework.cases.queries.cautions import SUBJECTS, cautions_of_visits
from triservice.casework.cases.queries.due import MOST, count_falling_due
from triservice.casework.cases.queries.joint import planned_visits, who_comes
from triservice.casework.cases.queries.naming import (
    CASES,
    NOBODY,
    OFFICER,
    Named,
    Names,
    officer_names,
)
from triservice.casework.cases.queries.shown import ActionSeen, CaseRow, VisitSeen
from triservice.casework.cases.queries.works_on import joint_cases
from triservice.casework.models import Action, Case, Plan
from triservice.kernel.access_words import Reader
from triservice.subjects.queries.gather import agency_names

PAGE = 50
MINE = "mine"


@dataclass(frozen=True, slots=True)
class MyDay:
    """What an officer has before them: visits of today, actions that are due, cases."""

    visits: tuple[VisitSeen, ...]
    actions: tuple[ActionSeen, ...]
    cases: tuple[CaseRow, ...]
    offered: tuple[CaseRow, ...]  # to the agency, for who may answer
    fitted: int  # things that the agency fitted and that fall due

    @property
    def fitted_most(self) -> int:
        """Return how many things are counted at most; 0 when that is all of them."""
        return MOST if self.fitted > MOST else 0


def case_row(
    row: Seen, called: Names, names: dict[int, str], officers: dict[int, str], at: datetime,
    about: Named,
) -> CaseRow:  # fmt: skip
    """Return a case as a row."""
    due = row.next_due_at
    return CaseRow(
        row.pk,
        row.reference,
        scheme_name(row.get("scheme") or ""),
        row.get("tier") or "",
        row.state,
        about,
        called.place(row.get("premises_id")),
        officers.get(row.get("officer_id") or 0, ""),
        row.get("next_step") or "",
        due,
        timing.left(due, at) if due else "",
        timing.standing(due, at, row.opened_at) if due else timing.Standing.IN_TIME,
        names[row.owner_id],
    )


def rows_of(record: Record, found: list[Seen]) -> tuple[CaseRow, ...]:
    """Return cases seen as rows, each with whom it is first of all about."""
    cases = [row.pk for row in found]
    parts_seen = seen(record, SUBJECTS(cases=cases)) if cases else []
    called = Names(record, [*found, *parts_seen])
    first: dict[int, Seen] = {}
    for part in sorted(parts_seen, key=lambda part: part.pk):
        if part.person_id or part.case_id not in first:
            first.setdefault(part.case_id, part)
    names, officers = agency_names(), officer_names(row.get("officer_id") for row in found)
    return tuple(
        case_row(
            row, called, names, officers, record.reader.at,
            called.about(first[row.pk]) if row.pk in first else NOBODY,
        )
        for row in found
    )  # fmt: skip


AGENCY = Given("agency", BigIntegerField())


def _by_due(**which: Any) -> PreparedRows:
    """Return open cases, or those that are offered, by what is due first."""
    return PreparedRows(lambda: Case.objects.filter(**which).order_by("next_due_at", "pk"))


OWN = _by_due(officer=OFFICER, next_due_at__isnull=False)
SHARED = _by_due(pk__among=CASES, next_due_at__isnull=False)
OFFERED = _by_due(offered_to=AGENCY)
ACTIONS = PreparedRows(
    lambda: Action.objects.filter(officer=OFFICER, ended_at__isnull=True).order_by("due_at", "pk")
)
SOME_CASES = PreparedRows(lambda: Case.objects.filter(pk__among=CASES))


def my_day(reader: Reader, most: int = PAGE) -> MyDay:
    """Return the visits, actions and cases of the officer who reads, what is due first.

    Of each kind at most `most`.
    """
    with reading(reader, Kind.CONSULTATION, "list my day") as record:
        at, me = record.reader.at, reader.officer
        # Asked for inside the next statement, they would have all open cases read.
        joint = [case for (case,) in joint_cases(officer=me)]
        shared = seen(record, SHARED(cases=joint), most) if joint else []
        offered = seen(record, OFFERED(agency=reader.agency), most)
        return MyDay(
            _visits(record, at, most),
            _actions(record, at, most),
            rows_of(record, [*seen(record, OWN(officer=me), most), *shared]),
            rows_of(record, offered),
            count_falling_due(record),
        )


def _visits(record: Record, at: datetime, most: int) -> tuple[VisitSeen, ...]:
    """Return the visits planned until the end of today, with those before that are not recorded."""
    local = timezone.localtime(at)
    tomorrow = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    found = planned_visits(record, most, tomorrow)
    called, references = Names(record, found), _references(record, found)
    officers = officer_names(row.get("officer_id") for row in found)
    cautions, joint = cautions_of_visits(record, found), who_comes(found)
    return tuple(
        parts.visit(row, officers, joint, called.place(row.get("premises_id")),
                    references.get(row.case_id, ""), cautions.get(row.pk, ()))
        for row in found
    )  # fmt: skip


def _actions(record: Record, at: datetime, most: int) -> tuple[ActionSeen, ...]:
    found = seen(record, ACTIONS(officer=record.reader.officer), most)
    references, plans = _references(record, found), plan_references(record, found)
    names = agency_names()
    officers = officer_names(row.get("officer_id") for row in found)
    return tuple(
        parts.action(
            row, names, officers, at,
            references.get(row.case_id, "") if row.case_id else plans.get(row.plan_id, ""),
        )
        for row in found
    )  # fmt: skip


def _references(record: Record, rows: list[Seen]) -> dict[int, str]:
    cases = {row.case_id for row in rows if row.case_id}
    found = seen(record, SOME_CASES(cases=cases)) if cases else ()
    return {case.pk: case.reference for case in found}


def plan_references(record: Record, rows: list[Seen]) -> dict[int, str]:
    """Return the references of the plans that actions are responses of."""
    pks = {row.plan_id for row in rows if row.plan_id}
    found = seen(record, Plan.objects.filter(pk__in=pks)) if pks else ()
    return {plan.pk: plan.reference for plan in found}


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the cases is shown; `reference` finds one. `after` is as the page before gave it."""

    reference: str = ""
    scheme: str = ""
    tier: str = ""
    officer: int = 0
    area: str = ""  # a code: what lies in it counts
    team: str = ""  # its number; MINE: the reader's, or where they have none the whole agency
    nobody: bool = False  # without an officer
    late: bool = False
    closed: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class Cases:
    """A page of cases."""

    rows: tuple[CaseRow, ...]
    after: str


def case_list(reader: Reader, asked: Filter, most: int = PAGE) -> Cases:
    """Return the cases that the reader's agency runs, what is due first; or one by reference.

    At most `most`; `after` of what is returned leads to those that follow.
    """
    with reading(reader, Kind.CONSULTATION, "list cases") as record:
        if asked.reference:
            rows = Case.objects.filter(reference=asked.reference)
            found = seen(record, rows, 1)
            record.searched({"reference": asked.reference}, len(found))
            return Cases(rows_of(record, found), "")
        found = seen(record, _narrowed(reader, asked, record.reader.at), most + 1)
        shown = found[:most]
        last = shown[-1] if len(found) > most else None
        return Cases(rows_of(record, shown), _mark(last, asked.closed))


def _mark(last: Seen | None, closed: bool) -> str:
    if last is None:
        return ""
    moment = last.closed_at if closed else last.next_due_at
    return paging.mark(moment, last.pk)


def _narrowed(reader: Reader, asked: Filter, at: datetime) -> Any:
    column = "closed_at" if asked.closed else "next_due_at"
    rows = Case.objects.filter(owner=reader.agency, **{f"{column}__isnull": False})
    for name in ("scheme", "tier", "officer"):
        if said := getattr(asked, name):
            rows = rows.filter(**{name: said})
    if asked.area:
        rows = rows.filter(area__in=list(codes_inside(asked.area)))
    if asked.team:
        mine = asked.team == MINE
        teams = [team.pk for team in teams_of(reader)] if mine else [int(asked.team)]
        rows = rows.filter(team__in=teams) if teams else rows
    if asked.nobody:
        rows = rows.filter(officer__isnull=True)
    if asked.late and not asked.closed:
        rows = rows.filter(next_due_at__lte=at)
    return rows.filter(paging.after(asked.after, column)).order_by(column, "pk")
