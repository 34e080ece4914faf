"""The only readers of plans: the list and what is found in it, one plan, those of a place or case.

Who may read a plan follows from the agreements, as of a case: that of the agency that leads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from triservice.access.models import Kind
from triservice.access.queries import Seen, opened, seen, visible_to
from triservice.access.record import Record, reading
from triservice.agencies.models import Holding, Team
from triservice.agencies.queries import codes_inside
from triservice.agencies.queries.scope import day_of, live
from triservice.casework import paging
from triservice.casework.cases.queries import parts
from triservice.casework.cases.queries.naming import Names, officer_names
from triservice.casework.cases.queries.shown import PlanRow
from triservice.casework.cases.rules import WORKS
from triservice.casework.entries.queries import history
from triservice.casework.models import Action, Case, Finding, Plan, PlanCase, PlanMeasure
from triservice.casework.plans import rules
from triservice.casework.plans.rules import Counted
from triservice.casework.plans.shown import (
    FindingSeen,
    LinkedCase,
    May,
    MeasureSeen,
    PlanView,
)
from triservice.casework.references import read_reference
from triservice.casework.words import PlanStage
from triservice.kernel.access_words import Reader
from triservice.subjects.models import Premises
from triservice.subjects.queries import gather
from triservice.subjects.queries.places import find_premises, premises_view

PAGE = 50  # plans of a list
WITHHELD = "Title withheld"
TEXTS = (
    "harm", "times", "victims", "offenders", "setting", "causes", "aims", "moved", "moved_what",
    "learned", "closed_why",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which plans are shown; or words of their problem or place, a reference or an address.

    `stage` blank: open ones at any. `area`: a code; what lies in it counts. `mine`: of the reader
    or their team. `after` is as the page before gave it.
    """

    stage: str = ""
    area: str = ""
    mine: bool = False
    due: bool = False
    text: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Plans:
    """Plans of a list, what is to be reviewed first coming first; `after` leads to those after."""

    rows: tuple[PlanRow, ...]
    more: bool = False
    after: str = ""
    place: str = ""  # whose plans these are


def plan_list(reader: Reader, asked: Asked = Asked(), most: int = PAGE) -> Plans:
    """Return the plans of every agency that the reader may see, narrowed as asked.

    At most `most`. What is found by words is not paged: say more to find others.
    """
    with reading(reader, Kind.CONSULTATION, "list plans") as record:
        if asked.text:
            found = seen(record, _found(reader, asked), most + 1)
            record.searched({"text": asked.text}, len(found))
            return Plans(_rows(record, found[:most]), len(found) > most)
        found = seen(record, _narrowed(reader, asked, record), most + 1)
        shown, more = found[:most], len(found) > most
        return Plans(_rows(record, shown), more, _mark(shown[-1]) if more else "")


def _mark(last: Seen) -> str:
    day = last.closed_at or datetime.combine(last.review_on, time(), UTC)
    return paging.mark(day, last.pk)


def _found(reader: Reader, asked: Asked) -> QuerySet[Plan]:
    if reference := read_reference(asked.text):
        return Plan.objects.filter(reference=reference)
    places = [one.key for one in find_premises(reader, asked.text)]
    about = Q(premises__in=Premises.objects.filter(key__in=places).values("pk"))
    words = Q(title__icontains=asked.text) | Q(place__icontains=asked.text)
    return Plan.objects.filter(words | about if places else words).order_by("-opened_at", "-pk")


def _narrowed(reader: Reader, asked: Asked, record: Record) -> QuerySet[Plan]:
    closed = asked.stage == PlanStage.CLOSED
    column, order = "closed_at" if closed else "review_on", "-" if closed else ""
    rows = Plan.objects.filter(closed_at__isnull=not closed)
    if asked.stage and not closed:
        rows = _at_stage(reader, rows, asked.stage)
    if asked.area:
        rows = rows.filter(area__in=codes_inside(asked.area))
    if asked.mine:
        teams = Holding.objects.filter(
            live(day_of(record.reader.at)), officer=reader.officer, post__team__isnull=False
        ).values("post__team")
        rows = rows.filter(Q(officer=reader.officer) | Q(team__in=teams))
    if asked.due:
        rows = rows.filter(review_on__lte=day_of(record.reader.at))
    rows = rows.filter(paging.after(asked.after, column, newest=closed))
    return rows.order_by(f"{order}{column}", f"{order}pk")


def _done(reader: Reader) -> tuple[QuerySet[PlanMeasure], QuerySet[Action], QuerySet[PlanMeasure]]:
    """Return by what it is known how far a plan is: counts, responses, counts afterwards.

    Only those that the reader may see, so that how far it is tells of no other.
    """
    measures, actions = PlanMeasure.objects.all(), Action.objects.filter(plan__isnull=False)
    again = measures.filter(after__isnull=False)
    return visible_to(reader, measures), visible_to(reader, actions), visible_to(reader, again)


def _at_stage(reader: Reader, rows: QuerySet[Plan], stage: str) -> QuerySet[Plan]:
    """Narrow open plans to a stage, as `rules.stage` does."""
    own = [Exists(each.filter(plan=OuterRef("pk"))) for each in _done(reader)]
    return rows.annotate(counted=own[0], responding=own[1], again=own[2]).filter(
        **rules.DONE[PlanStage(stage)]
    )


def _stages(record: Record, found: list[Seen]) -> dict[int, str]:
    """Return how far each plan is."""
    plans = [row.pk for row in found]
    counted, responding, again = (
        set(each.filter(plan__in=plans).values_list("plan", flat=True))
        for each in _done(record.reader)
    )
    return {
        row.pk: rules.stage(
            row.closed_at is not None,
            counted=row.pk in counted,
            responding=row.pk in responding,
            again=row.pk in again,
        )
        for row in found
    }


def _rows(record: Record, found: list[Seen]) -> tuple[PlanRow, ...]:
    names, officers = gather.agency_names(), officer_names(row.officer_id for row in found)
    teams = dict(
        Team.objects.filter(pk__in={row.team_id for row in found if row.team_id}).values_list(
            "pk", "name"
        )
    )
    today, stages = day_of(record.reader.at), _stages(record, found)
    return tuple(
        PlanRow(
            row.pk,
            row.reference,
            row.get("title") or WITHHELD,
            row.get("place") or "",
            row.state,
            stages[row.pk],
            row.outcome,
            names[row.owner_id],
            officers.get(row.officer_id or 0) or teams.get(row.team_id or 0, ""),
            row.review_on,
            row.review_on is not None and row.review_on <= today,
        )
        for row in found
    )


def plans_of_cases(record: Record, cases: Iterable[int]) -> tuple[PlanRow, ...]:
    """Return the plans that cases have to do with, of those that the reader may see."""
    linked = PlanCase.objects.filter(case__in=list(cases), until__isnull=True)
    plans = sorted(set(linked.values_list("plan", flat=True)))
    if not plans:
        return ()
    return _rows(record, seen(record, Plan.objects.filter(pk__in=plans).order_by("-opened_at")))


def plans_at(reader: Reader, key: UUID) -> Plans:
    """Return the plans about a place that the reader may open, open ones first."""
    with reading(reader, Kind.CONSULTATION, "list plans of a place") as record:
        place = premises_view(reader, key)
        rows = Plan.objects.filter(premises__key=key).order_by("closed_at", "-opened_at")
        found = seen(record, rows, PAGE, by=("premises",))
        first = sorted(found, key=lambda row: row.closed_at is not None)
        return Plans(_rows(record, first), place=place.address)


def address_of(reader: Reader, key: UUID) -> str:
    """Return how the form of a plan names a place: its UPRN, or else its address."""
    place = premises_view(reader, key)
    return place.uprn or f"{place.address}, {place.postcode}"


def plan_view(reader: Reader, pk: int, before: datetime | None = None) -> PlanView:
    """Return one plan, with the page of its history below `before`. Raises Refused."""
    with reading(reader, Kind.CONSULTATION, "open a plan") as record:
        return _view(record, opened(record, Plan.objects.all(), pk), before)


def plan_called(reader: Reader, reference: str) -> PlanView:
    """Return the plan with a reference. Raises Refused."""
    said = read_reference(reference) or ""
    pk = Plan.objects.filter(reference=said).values_list("pk", flat=True).first()
    return plan_view(reader, pk or 0)


def _view(record: Record, row: Seen, before: datetime | None) -> PlanView:
    def of(model: Any, order: str) -> list[Seen]:
        return seen(record, model.objects.filter(plan=row.pk).order_by(order, "pk"))

    names, reader = gather.agency_names(), record.reader
    actions, findings = of(Action, "due_at"), of(Finding, "at")
    officers = officer_names(
        [*(one.get("officer_id") for one in actions), *(one.by_id for one in findings)]
    )
    measures = tuple(map(_measure, of(PlanMeasure, "at")))
    moved, closed = row.get("moved") or "", row.closed_at is not None
    (shown,) = _rows(record, [row])
    return PlanView(
        row=shown,
        where=Names(record, [row]).place(row.get("premises_id")),
        texts={name: row.get(name) for name in TEXTS},
        withheld=any(name in row.withheld for name in (*TEXTS, "title", "place")),
        opened_at=row.opened_at,
        findings=tuple(
            FindingSeen(
                one.get("text") or "Withheld", one.data_class, names[one.owner_id],
                officers.get(one.by_id, ""), one.at,
            )
            for one in findings
        ),
        measures=measures,
        responses=tuple(parts.action(one, names, officers, reader.at) for one in actions),
        mine=frozenset(one.pk for one in actions if one.get("agency_id") == reader.agency),
        cases=_cases(record, row.pk),
        cautions=()
        if "moved" in row.withheld
        else rules.plan_cautions((one.after is not None for one in measures), moved, closed),
        closed_at=row.closed_at,
        history=history(record, before, plan=row.pk),
        may=_may(reader, row),
    )  # fmt: skip


def _measure(row: Seen) -> MeasureSeen:
    before = _counted(row.get("before"), row.before_from, row.before_to)
    after = _counted(row.get("after"), row.after_from, row.after_to)
    said, cautions = "", tuple[str, ...]()
    if before is not None and after is not None:
        said, cautions = rules.change_said(before, after), rules.cautions(before, after)
    return MeasureSeen(
        row.pk, row.get("what") or "Withheld", row.get("source") or "Withheld", before, after,
        said, cautions,
    )  # fmt: skip


def _counted(count: int | None, first: Any, last: Any) -> Counted | None:
    return None if count is None else Counted(count, first, last)


def _cases(record: Record, plan: int) -> tuple[LinkedCase, ...]:
    linked = PlanCase.objects.filter(plan=plan, until__isnull=True).values("case")
    rows = seen(record, Case.objects.filter(pk__in=linked).order_by("pk"))
    return tuple(LinkedCase(row.pk, row.reference) for row in rows)


def _may(reader: Reader, row: Seen) -> May:
    works, own = bool(WORKS & reader.roles), row.owner_id == reader.agency
    is_open = row.state == "open"
    return May(works and own and is_open, works and is_open, works and own and not is_open)


def takers(reader: Reader) -> list[tuple[str, str]]:
    """Return the officers and teams of the reader's agency that may have a plan, as choices."""
    held = Holding.objects.filter(
        live(timezone.localdate(reader.at)), post__agency=reader.agency, officer__is_active=True,
        post__role__in=[str(role) for role in WORKS],
    ).order_by("officer__name", "officer")  # fmt: skip
    officers = held.values_list("officer", "officer__name").distinct()
    teams = Team.objects.filter(agency=reader.agency).order_by("name").values_list("pk", "name")
    return [
        *((f"officer-{pk}", name) for pk, name in officers),
        *((f"team-{pk}", f"{name} (team)") for pk, name in teams),
    ]
