"""The only readers of plans: the list and what is found in it, one plan, those of a place or case.

Who may read a plan follows from the agreements, as of a case: that of the agency that leads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from triservice.access.models import Kind
from triservice.access.queries import Seen, opened, seen
from triservice.access.record import Record, reading
from triservice.agencies.models import Holding, Team
from triservice.agencies.queries.scope import day_of, live
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
from triservice.kernel.access_words import Reader
from triservice.subjects.models import Premises
from triservice.subjects.queries import gather
from triservice.subjects.queries.places import find_premises, premises_view

SHOWN = 100  # plans of a list
WITHHELD = "Title withheld"
TEXTS = (
    "harm", "times", "victims", "offenders", "setting", "causes", "aims", "moved", "moved_what",
    "learned", "closed_why",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which plans are shown, and words of their problem or place, a reference or an address."""

    which: str = "open"  # open, mine, due, closed
    text: str = ""


@dataclass(frozen=True, slots=True)
class Plans:
    """Plans of a list, what is to be reviewed first coming first; whether there are more."""

    rows: tuple[PlanRow, ...]
    more: bool = False
    place: str = ""  # whose plans these are


def plan_list(reader: Reader, asked: Asked = Asked()) -> Plans:
    """Return the plans of every agency that the reader may see, narrowed as asked."""
    with reading(reader, Kind.CONSULTATION, "list plans") as record:
        found = seen(record, _narrowed(reader, asked, record), SHOWN + 1)
        if asked.text:
            record.searched({"text": asked.text}, len(found))
        return Plans(_rows(record, found[:SHOWN]), len(found) > SHOWN)


def _narrowed(reader: Reader, asked: Asked, record: Record) -> QuerySet[Plan]:
    if reference := read_reference(asked.text):
        return Plan.objects.filter(reference=reference)
    if asked.text:
        places = [one.key for one in find_premises(reader, asked.text)]
        about = Q(premises__in=Premises.objects.filter(key__in=places).values("pk"))
        words = Q(title__icontains=asked.text) | Q(place__icontains=asked.text)
        return Plan.objects.filter(words | about if places else words).order_by("-opened_at", "-pk")
    if asked.which == "closed":
        return Plan.objects.filter(closed_at__isnull=False).order_by("-closed_at", "-pk")
    rows = Plan.objects.filter(closed_at__isnull=True)
    if asked.which == "mine":
        teams = Holding.objects.filter(
            live(day_of(record.reader.at)), officer=reader.officer, post__team__isnull=False
        ).values("post__team")
        rows = rows.filter(Q(officer=reader.officer) | Q(team__in=teams))
    if asked.which == "due":
        rows = rows.filter(review_on__lte=day_of(record.reader.at))
    return rows.order_by("review_on", "pk")


def _rows(record: Record, found: list[Seen]) -> tuple[PlanRow, ...]:
    names, officers = gather.agency_names(), officer_names(row.officer_id for row in found)
    teams = dict(
        Team.objects.filter(pk__in={row.team_id for row in found if row.team_id}).values_list(
            "pk", "name"
        )
    )
    today = day_of(record.reader.at)
    return tuple(
        PlanRow(
            row.pk,
            row.reference,
            row.get("title") or WITHHELD,
            row.get("place") or "",
            row.state,
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
        found = seen(record, rows, SHOWN, by=("premises",))
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
