"""Operations that close what the own agency holds: lists, markings and conflicts of interest."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse
from ninja import Field, Router, Schema

from triservice.access.api_rules import operation, reader_of
from triservice.access.api_text import text_field
from triservice.access.conflicts.actions import FOR_OTHERS, declare
from triservice.access.restrictions.api import Leaver, Settled, key_of, officer_named, once
from triservice.access.restrictions.rules import KEEPERS
from triservice.access.tokens.rules import Scope
from triservice.kernel.access_words import Marking
from triservice.subjects.actions import restricting
from triservice.subjects.queries.gather import own_record
from triservice.subjects.views import OF_PEOPLE, READERS

router = Router(tags=["Restrictions"])


class OnList(Schema):
    """On which list."""

    list: int = Field(ge=1, lt=2**63, description="Number of a list of the own agency")


class OwnRecord(Schema):
    """A record that the own agency sent, as it was sent."""

    system: str = text_field(60, "The system that keeps the row", shortest=1)
    source_key: str = text_field(120, "The key of the row there", shortest=1)


class RecordOnList(OwnRecord, OnList):
    """Which record goes on which list."""


class Marked(OwnRecord):
    """Which record is marked how."""

    marking: Marking
    why: str = text_field(4_000, "Why it is lowered; to raise it needs no reason", default="")


class Tie(Leaver):
    """Whose tie it is; `why` says what it is, such as a relative or a neighbour."""


@dataclass(frozen=True, slots=True)
class Listed:
    """How many rows are now on the list that were not. What is on another list stays there."""

    rows: int


@operation(
    router, "POST", "/people/{uuid:key}/list", title="Put a person on a need-to-know list",
    scope=Scope.RECORDS, roles=KEEPERS, data=OF_PEOPLE, response=Listed,
)  # fmt: skip
def person(request: HttpRequest, key: UUID, asked: OnList) -> Listed:
    """Put all that the own agency holds about a person on a list, and what it receives later."""
    return Listed(restricting.restrict_person(reader_of(request), key, asked.list))


@operation(
    router, "POST", "/lists/{int:number}/later", title="Put what came later on a list",
    scope=Scope.RECORDS, roles=KEEPERS, data=OF_PEOPLE, response=Listed,
)  # fmt: skip
def later(request: HttpRequest, number: int) -> Listed:
    """Put on a list what came later about those on it and is on none: referrals and their cases,
    and what is known of whoever became one with them.
    """
    return Listed(restricting.put_later(reader_of(request), key_of(number)))


@operation(
    router, "POST", "/records/list", title="Put a record on a need-to-know list",
    scope=Scope.RECORDS, roles=KEEPERS, data=OF_PEOPLE, response=Listed,
)  # fmt: skip
def record(request: HttpRequest, asked: RecordOnList) -> Listed:
    """Put a record of the own agency on a list, with its corrections."""
    return Listed(restricting.restrict_record(reader_of(request), _of(request, asked), asked.list))


@operation(
    router, "POST", "/records/marking", title="Change the marking of a record",
    scope=Scope.RECORDS, roles=READERS, data=OF_PEOPLE, response=Settled,
)  # fmt: skip
def mark(request: HttpRequest, asked: Marked) -> Settled:
    """Mark a record of the own agency. Only who keeps lists lowers it, with a reason."""
    reader, found = reader_of(request), _of(request, asked)
    return once(lambda: restricting.mark_record(reader, found, asked.marking, asked.why))


@operation(
    router, "POST", "/people/{uuid:key}/conflict", title="Declare a tie to a person",
    scope=Scope.RECORDS, roles=FOR_OTHERS, response=Settled,
)  # fmt: skip
def person_tie(request: HttpRequest, key: UUID, asked: Tie) -> Settled:
    """Declare that an officer has a tie to a person: they read nothing about them from then on."""
    return _tied(request, "subjects:person", key, asked)


@operation(
    router, "POST", "/premises/{uuid:key}/conflict", title="Declare a tie to a place",
    scope=Scope.RECORDS, roles=FOR_OTHERS, response=Settled,
)  # fmt: skip
def premises_tie(request: HttpRequest, key: UUID, asked: Tie) -> Settled:
    """Declare that an officer has a tie to a place."""
    return _tied(request, "subjects:premises", key, asked)


def _tied(request: HttpRequest, page: str, key: UUID, asked: Tie) -> Settled:
    reader, whose = reader_of(request), officer_named(asked.officer)
    where = reverse(page, args=[key])
    return once(lambda: declare(reader, key, asked.why, page=where, officer=whose))


def _of(request: HttpRequest, asked: OwnRecord) -> int:
    """Return the number of a record of the own agency; or answer 404."""
    found = own_record(reader_of(request), asked.system, asked.source_key)
    if found is None:
        raise Http404
    return found
