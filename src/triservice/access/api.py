"""Operations about access itself: who the system is, the agreements, and what they would decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime, StringConstraints

from triservice.access import queries
from triservice.access.agreements import queries as agreements
from triservice.access.agreements.queries import VersionRow
from triservice.access.agreements.rules import State
from triservice.access.agreements.text import VersionText
from triservice.access.api_rules import EARLIEST, LATEST, operation, reader_of
from triservice.access.api_text import Asked, text_field
from triservice.access.approvals import actions as approvals
from triservice.access.approvals.queries import RequestPage, request_page
from triservice.access.explorer.queries import OWNING, DisclosureRow, Filter, explore
from triservice.access.rules import READS, Item
from triservice.access.tokens.rules import Scope
from triservice.agencies.queries import agencies as all_agencies
from triservice.kernel.access_words import DataClass, Decision, Marking, Outcome

router = Router(tags=["Access"])
ASKS = frozenset(READS)
DataField = Annotated[str, StringConstraints(min_length=1, max_length=60)]


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
    owner = _agency(request, asked.owner)
    item = Item("", None, owner, asked.data_class, asked.area, asked.marking)
    return answer_of(queries.decide(reader, item, asked.field or None))


@operation(
    router,
    "GET",
    "/agreements",
    title="Agreements in force",
    scope=Scope.AGREEMENTS,
    purpose=False,
    response=list[VersionRow],
)
def in_force(request: HttpRequest) -> list[VersionRow]:
    """List the agreements that are in force and that the own agency is party to."""
    found = agreements.agreements(reader_of(request))
    return [row for row in found if row.standing == State.IN_FORCE]


@operation(
    router,
    "GET",
    "/agreements/{int:version}",
    title="What an agreement says",
    scope=Scope.AGREEMENTS,
    purpose=False,
    response=VersionText,
)
def agreement(request: HttpRequest, version: int) -> VersionText:
    """Read a version of an agreement that the own agency is party to: parties and terms."""
    found = agreements.version_page(reader_of(request), version) if version < 2**63 else None
    if found is None:
        raise Http404
    return found.text


@dataclass(frozen=True, slots=True)
class Disclosures:
    """A part of the record. `indexed` false: older rows are not yet found."""

    rows: list[DisclosureRow]
    page: int
    more: bool
    indexed: bool


class Pages(Asked):
    """Which part of the record to read."""

    page: int = Field(1, ge=1, le=100_000)
    since: date | None = None
    until: date | None = None


@operation(
    router,
    "GET",
    "/disclosures",
    title="Who read our data",
    scope=Scope.DISCLOSURES,
    roles=OWNING,
    response=Disclosures,
)
def disclosures(request: HttpRequest, asked: Query[Pages]) -> Disclosures:
    """Read the part of the record that is about data of the own agency, the latest first."""
    which = Filter(view="ours", since=asked.since, until=asked.until)
    found = explore(reader_of(request), which, asked.page)
    return Disclosures(list(found.rows), found.number, found.more, found.indexed)


class Wanted(Schema):
    """What an owner is asked to open, to whom it is about, and why."""

    owner: str = text_field(40, "Short name of the agency that holds the data", shortest=1)
    data_class: DataClass
    subject: UUID = Field(description="Key of the person or premises that it is about")
    fields: list[DataField] | None = Field(None, max_length=60, description="None: every field")
    case: str = text_field(120, "Number of the case", shortest=1)
    why: str = text_field(4_000, "Why it is needed", shortest=1)
    told: str = text_field(4_000, "What the person was told, or why nothing", shortest=1)
    until: AwareDatetime = Field(description="Until when", ge=EARLIEST, le=LATEST)


@dataclass(frozen=True, slots=True)
class Made:
    """A request that was made: its number."""

    request: int


@operation(
    router,
    "POST",
    "/requests",
    title="Ask an owner to open data",
    scope=Scope.REQUESTS,
    roles=ASKS,
    response=Made,
)
def ask(request: HttpRequest, wanted: Wanted) -> Made:
    """Ask for what the agreement opens on approval. It does not tell whether there is anything."""
    made = approvals.ask(
        reader_of(request),
        _agency(request, wanted.owner),
        wanted.data_class,
        subject=wanted.subject,
        fields=wanted.fields,
        case=wanted.case,
        why=wanted.why,
        told=wanted.told,
        until=wanted.until,
    )
    return Made(made)


@operation(
    router,
    "GET",
    "/requests/{int:number}",
    title="What became of a request",
    scope=Scope.REQUESTS,
    roles=ASKS,
    response=RequestPage,
)
def asked_for(request: HttpRequest, number: int) -> RequestPage:
    """Read a request that this system made, or that its agency decides."""
    found = request_page(reader_of(request), number) if number < 2**63 else None
    if found is None:
        raise Http404
    return found


def _agency(request: HttpRequest, short_name: str) -> int:
    """Return the key of an agency by its short name, or answer 404."""
    rows = all_agencies(reader_of(request))
    held = next((row.pk for row in rows if row.short_name == short_name), None)
    if held is None:
        raise Http404
    return held


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
