"""Operations about people and places: search, read, and send records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from triservice.access.api_rules import operation, reader_of
from triservice.access.api_text import text_field
from triservice.access.tokens.rules import Scope
from triservice.agencies.models import Agency
from triservice.agencies.queries import handle
from triservice.kernel.access_words import DataClass
from triservice.kernel.errors import InputError
from triservice.subjects.actions.records import AT_ONCE, receive_records
from triservice.subjects.queries.organisations import find_organisations, organisation_view
from triservice.subjects.queries.people import person_view
from triservice.subjects.queries.places import PlaceFound, find_premises, premises_view
from triservice.subjects.queries.search import Found, search_people
from triservice.subjects.queries.shown import (
    OrganisationSeen,
    OrganisationView,
    PersonView,
    PremisesView,
)
from triservice.subjects.views import READERS

router = Router(tags=["People and places"])
OF_PEOPLE = frozenset(DataClass) - {DataClass.WORKFORCE}


class Asked(Schema):
    """Whom or what to look for."""

    text: str = text_field(200, "Name, alias, address, postcode, UPRN, number …", shortest=1)
    born: date | None = Field(None, description="Date of birth")


class Place(Schema):
    """Which place to look for."""

    text: str = text_field(200, "UPRN, postcode, or the beginning of an address", shortest=1)


class Body(Schema):
    """Which organisation to look for."""

    text: str = text_field(200, "Words of its name", shortest=1)


class Rows(Schema):
    """Rows of one system; the reference page of the layout says which columns there are."""

    system: str = text_field(60, "The system that keeps the rows", shortest=1)
    first_row: int = Field(1, ge=1, le=2**31 - 1 - AT_ONCE, description="Number of the first row")
    rows: list[dict[str, Any]] = Field(min_length=1, max_length=AT_ONCE)


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """People whom the system may find. `more`: there are others; say more to find them."""

    people: list[Found]
    more: bool


@dataclass(frozen=True, slots=True)
class PutAside:
    """A row that could not be read, with what was wrong in sentences. It is kept, apart."""

    row: int
    wrong: list[str]


@dataclass(frozen=True, slots=True)
class Received:
    """What became of the rows."""

    new: int
    corrected: int
    same: int
    put_aside: list[PutAside]


@operation(
    router,
    "POST",
    "/people/search",
    title="Search people",
    scope=Scope.PEOPLE,
    roles=READERS,
    data=OF_PEOPLE,
    response=FoundPeople,
)
def search(request: HttpRequest, asked: Asked) -> FoundPeople:
    """Find people among what the system may see. What is withheld takes no part in it.

    It is a POST so that no name stands in an address that a proxy may keep.
    """
    results = search_people(reader_of(request), asked.text, asked.born)
    return FoundPeople(list(results.people), results.more)


@operation(
    router,
    "GET",
    "/people/{uuid:key}",
    title="Read a person",
    scope=Scope.PEOPLE,
    roles=READERS,
    data=OF_PEOPLE,
    response=PersonView,
)
def person(request: HttpRequest, key: UUID) -> PersonView:
    """Read what the services know of a person, as far as the agreements open it.

    `locked` says which agencies hold something that is not open, why, and whom to call.
    """
    return person_view(reader_of(request), key)


@operation(
    router,
    "POST",
    "/premises/search",
    title="Search premises",
    scope=Scope.PREMISES,
    roles=READERS,
    data=OF_PEOPLE,
    response=list[PlaceFound],
)
def find(request: HttpRequest, asked: Place) -> list[PlaceFound]:
    """Find places. Addresses are reference data; who is there is for the next operation."""
    return list(find_premises(reader_of(request), asked.text))


@operation(
    router,
    "GET",
    "/premises/{uuid:key}",
    title="Read a premises",
    scope=Scope.PREMISES,
    roles=READERS,
    data=OF_PEOPLE,
    response=PremisesView,
)
def premises(request: HttpRequest, key: UUID) -> PremisesView:
    """Read what and who is known at a place, as far as the agreements open it."""
    return premises_view(reader_of(request), key)


@operation(
    router,
    "POST",
    "/organisations/search",
    title="Search organisations",
    scope=Scope.PREMISES,
    roles=READERS,
    data=OF_PEOPLE,
    response=list[OrganisationSeen],
)
def find_bodies(request: HttpRequest, asked: Body) -> list[OrganisationSeen]:
    """Find organisations by name, among those that agencies name where the system may see it."""
    return list(find_organisations(reader_of(request), asked.text))


@operation(
    router,
    "GET",
    "/organisations/{uuid:key}",
    title="Read an organisation",
    scope=Scope.PREMISES,
    roles=READERS,
    data=OF_PEOPLE,
    response=OrganisationView,
)
def organisation(request: HttpRequest, key: UUID) -> OrganisationView:
    """Read where an organisation is, and what and who is known there."""
    return organisation_view(reader_of(request), key)


@operation(
    router,
    "POST",
    "/records",
    title="Send records",
    scope=Scope.RECORDS,
    data=OF_PEOPLE,
    response=Received,
)
def records(request: HttpRequest, sent: Rows) -> Received:
    """Send rows of a system of the own agency. Sending a row again changes nothing.

    A row that cannot be read is kept apart and named in `put_aside`; the others are kept.
    """
    reader = reader_of(request)
    agency = handle(Agency, reader.agency)
    if agency is None:
        raise InputError("The agency of this account is no longer here")
    receipt = receive_records(reader, agency, sent.system, sent.rows, first_row=sent.first_row)
    return Received(
        receipt.new,
        receipt.corrected,
        receipt.same,
        [PutAside(row, wrong) for row, wrong in receipt.quarantined],
    )
