"""Operations about plans: the list, page by page, and one plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest
from ninja import Query, Router

from triservice.access.api_rules import operation, reader_of
from triservice.access.api_text import Asked, text_field
from triservice.access.tokens.rules import Scope
from triservice.casework.cases.queries.shown import PlanRow
from triservice.casework.plans import queries
from triservice.casework.plans.shown import FindingSeen, MeasureSeen
from triservice.casework.words import PlanStage
from triservice.kernel.access_words import DataClass
from triservice.subjects.views import READERS

router = Router(tags=["Plans"])
SHOWN = frozenset({DataClass.RISK, DataClass.IDENTITY, DataClass.LOCATION})


class Which(Asked):
    """Which plans to list, and where the page before ended."""

    stage: PlanStage | None = None
    area: str = text_field(40, "Code of an area; what lies in it counts", default="")
    due: bool = False
    after: str = text_field(60, "As the page before gave it", default="")


@dataclass(frozen=True, slots=True)
class ListedPlan:
    """A plan in the list; a text that is withheld is empty."""

    reference: str
    title: str
    place: str
    stage: str
    outcome: str
    agency: str
    review_on: date | None


@dataclass(frozen=True, slots=True)
class ListedPlans:
    """A page of plans, what is to be reviewed first; `after` leads to the next, if there is one."""

    plans: list[ListedPlan]
    after: str


@dataclass(frozen=True, slots=True)
class PlanFinding:
    """What an agency knows of the problem."""

    text: str
    data_class: str
    agency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PlanCount:
    """A count before and after with what its reader must know; null: withheld, or not yet."""

    what: str
    source: str
    before: int | None
    after: int | None
    change: str
    cautions: list[str]


@dataclass(frozen=True, slots=True)
class PlanResponse:
    """Something that is done about the problem."""

    what: str
    agency: str
    due_at: datetime
    state: str
    result: str


@dataclass(frozen=True, slots=True)
class WholePlan:
    """One plan. In `texts` null is withheld; `withheld`: whether anything is."""

    plan: ListedPlan
    texts: dict[str, str | None]
    withheld: bool
    findings: list[PlanFinding]
    counts: list[PlanCount]
    responses: list[PlanResponse]
    cautions: list[str]


@operation(
    router, "GET", "/plans", title="List plans", scope=Scope.PLANS, roles=READERS, data=SHOWN,
    response=ListedPlans,
)  # fmt: skip
def plans(request: HttpRequest, which: Query[Which]) -> ListedPlans:
    """List the plans for problems at a place that the system may see, 50 at a time."""
    asked = queries.Asked(str(which.stage or ""), which.area, due=which.due, after=which.after)
    found = queries.plan_list(reader_of(request), asked)
    return ListedPlans([_listed(row) for row in found.rows], found.after)


@operation(
    router, "GET", "/plans/{slug:reference}", title="Read a plan", scope=Scope.PLANS,
    roles=READERS, data=SHOWN, response=WholePlan,
)  # fmt: skip
def plan(request: HttpRequest, reference: str) -> WholePlan:
    """Read one plan, as far as the agreements open it."""
    found = queries.plan_called(reader_of(request), reference)
    return WholePlan(
        _listed(found.row),
        found.texts,
        found.withheld,
        [_finding(one) for one in found.findings],
        [_count(one) for one in found.measures],
        [
            PlanResponse(one.what, one.agency, one.due_at, one.state, one.result)
            for one in found.responses
        ],
        list(found.cautions),
    )


def _listed(row: PlanRow) -> ListedPlan:
    return ListedPlan(
        row.reference, row.title, row.place, row.stage, row.outcome, row.agency, row.review_on
    )


def _finding(one: FindingSeen) -> PlanFinding:
    return PlanFinding(one.text, one.data_class, one.agency, one.at)


def _count(one: MeasureSeen) -> PlanCount:
    before, after = (side.count if side else None for side in (one.before, one.after))
    return PlanCount(one.what, one.source, before, after, one.change, list(one.cautions))
