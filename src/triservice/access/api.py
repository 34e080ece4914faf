"""Operations about access itself: who the system is, the agreements, and what they would decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest
from ninja import Query, Router

from triservice.access import queries
from triservice.access.api_rules import operation, reader_of
from triservice.access.api_text import Asked, text_field
from triservice.access.rules import Item
from triservice.access.tokens.rules import Scope
from triservice.agencies.queries import agencies as all_agencies
from triservice.kernel.access_words import DataClass, Decision, Marking, Outcome

router = Router(tags=["Access"])


@dataclass(frozen=True, slots=True)
class Me:
    """The system that a token belongs to, and as what it reads."""

    system: str
    agency: str
    account: str
    roles: list[str]
    scopes: list[str]
    purposes: list[str]
    purpose: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency of the partnership. Its short name is how other operations name it."""

    short_name: str
    name: str
    kind: str


class Question(Asked):
    """What a system would like to read."""

    owner: str = text_field(40, "Short name of the agency that holds the data", shortest=1)
    data_class: DataClass
    field: str = text_field(60, "A field of the class; empty: any of it", default="")
    area: str = text_field(20, "Code of the area; empty: not known", default="")
    marking: Marking = Marking.OFFICIAL


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agreements decide: the outcome, why, and the term that says so."""

    outcome: Outcome
    reason: str
    code: str
    term: int | None
    version: int | None
    until: datetime | None
    small_number: int


@operation(router, "GET", "/me", title="Who am I", scope=None, purpose=False, response=Me)
def me(request: HttpRequest) -> Me:
    """Say which system the token belongs to, as what it reads, and when it expires."""
    reader, bearer = reader_of(request), request.bearer  # type: ignore[attr-defined]
    agency = next(row for row in all_agencies(reader) if row.pk == reader.agency)
    return Me(
        bearer.system,
        agency.short_name,
        reader.name,
        sorted(reader.roles),
        sorted(bearer.scopes),
        [str(purpose) for purpose in bearer.purposes],
        str(reader.purpose or ""),
        bearer.expires_at,
    )


@operation(
    router,
    "GET",
    "/agencies",
    title="The agencies of the partnership",
    scope=None,
    purpose=False,
    response=list[AgencyRow],
)
def agencies(request: HttpRequest) -> list[AgencyRow]:
    """List the agencies."""
    rows = all_agencies(reader_of(request))
    return [AgencyRow(row.short_name, row.name, row.kind) for row in rows]


@operation(
    router,
    "GET",
    "/decide",
    title="Would a read be allowed",
    scope=Scope.DECIDE,
    response=Answer,
)
def decide(request: HttpRequest, asked: Query[Question]) -> Answer:
    """Say what the agreements decide now about data of a class of an owner, for the purpose.

    It reads nobody's data. A row of its own may be closed by a restriction or opened by an
    approval, which only reading it tells.
    """
    reader = reader_of(request)
    held = next((row for row in all_agencies(reader) if row.short_name == asked.owner), None)
    if held is None:
        raise Http404
    item = Item("", None, held.pk, asked.data_class, asked.area, asked.marking)
    return answer_of(queries.decide(reader, item, asked.field or None))


def answer_of(decision: Decision) -> Answer:
    """Return a decision as the API says it."""
    return Answer(
        decision.outcome,
        str(decision.reason),
        decision.reason.name.lower(),
        decision.term,
        decision.version,
        decision.until,
        decision.small_number,
    )
