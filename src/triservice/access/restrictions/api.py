"""Operations of need-to-know lists, for systems of those who keep them: asked twice, done once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from triservice.access.api_rules import EARLIEST, LATEST, operation, reader_of
from triservice.access.api_text import text_field
from triservice.access.restrictions import actions, queries
from triservice.access.restrictions.queries import ListPage, ListRow
from triservice.access.restrictions.rules import KEEPERS
from triservice.access.tokens.rules import Scope
from triservice.agencies.models import Officer
from triservice.agencies.queries.handles import officer_by_email
from triservice.kernel.errors import Already, InputError

router = Router(tags=["Restrictions"])


class NewList(Schema):
    """A list to make. Its name names nobody."""

    name: str = text_field(200, "Name of the list; do not name a person in it", shortest=1)
    why: str = text_field(4_000, "Why it is needed", shortest=1)


class Why(Schema):
    """Why something is changed."""

    why: str = text_field(4_000, "Why, in a sentence", shortest=1)


class Leaver(Why):
    """Somebody who goes off a list."""

    officer: str = text_field(254, "Their e-mail address at work", shortest=3)


class Member(Leaver):
    """Somebody who goes on a list."""

    until: AwareDatetime | None = Field(None, description="Until when", ge=EARLIEST, le=LATEST)


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list by its number. `again`: there was one in force of this name, and none was made."""

    list: int
    again: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """It is as it was asked for. `again`: it was so before, and nothing was changed."""

    again: bool


def once(do: Callable[[], object], so: type[InputError] = Already) -> Settled:
    """Do something; where it is `so` already, say that."""
    try:
        do()
    except so:
        return Settled(again=True)
    return Settled(again=False)


def key_of(number: int) -> int:
    """Return a number of an address as a key of a table; or answer 404."""
    if number >= 2**63:
        raise Http404
    return number


def officer_named(email: str) -> Officer:
    """Return the officer with an e-mail address. Raises InputError."""
    found = officer_by_email(email)
    if found is None:
        raise InputError("Nobody is registered with this e-mail address", field="officer")
    return found


@operation(
    router, "GET", "/lists", title="Need-to-know lists", scope=Scope.RECORDS, roles=KEEPERS,
    response=list[ListRow],
)  # fmt: skip
def lists(request: HttpRequest) -> list[ListRow]:
    """List the need-to-know lists of the own agency, those in force first."""
    return list(queries.lists(reader_of(request)))


@operation(
    router, "GET", "/lists/{int:number}", title="A need-to-know list", scope=Scope.RECORDS,
    roles=KEEPERS, response=ListPage,
)  # fmt: skip
def one(request: HttpRequest, number: int) -> ListPage:
    """Read a list: why, who is on it, and how much it closes; never what."""
    found = queries.list_page(reader_of(request), key_of(number))
    if found is None:
        raise Http404
    return found


@operation(
    router, "POST", "/lists", title="Make a need-to-know list", scope=Scope.RECORDS, roles=KEEPERS,
    response=NamedList,
)  # fmt: skip
def make(request: HttpRequest, asked: NewList) -> NamedList:
    """Make a list with nobody on it. One in force of the same name is answered instead."""
    return NamedList(*actions.list_named(reader_of(request), asked.name, asked.why))


@operation(
    router, "POST", "/lists/{int:number}/members", title="Put someone on a list",
    scope=Scope.RECORDS, roles=KEEPERS, response=Settled,
)  # fmt: skip
def add(request: HttpRequest, number: int, asked: Member) -> Settled:
    """Put an officer of any agency on a list. What the agreements close to them stays closed.

    Who is on it until another moment is refused: take them off first.
    """
    reader, officer = reader_of(request), officer_named(asked.officer)
    listed = key_of(number)
    return once(lambda: actions.add_member(reader, listed, officer, asked.why, asked.until))


@operation(
    router, "POST", "/lists/{int:number}/members/off", title="Take someone off a list",
    scope=Scope.RECORDS, roles=KEEPERS, response=Settled,
)  # fmt: skip
def remove(request: HttpRequest, number: int, asked: Leaver) -> Settled:
    """Take an officer off a list, as of their next read."""
    reader, officer = reader_of(request), officer_named(asked.officer)
    return once(lambda: actions.remove_officer(reader, key_of(number), officer, asked.why))


@operation(
    router, "POST", "/lists/{int:number}/lift", title="Lift a list", scope=Scope.RECORDS,
    roles=KEEPERS, response=Settled,
)  # fmt: skip
def lift(request: HttpRequest, number: int, asked: Why) -> Settled:
    """Lift a list for good: what was on it is open again as the agreements say."""
    reader = reader_of(request)
    return once(lambda: actions.lift(reader, key_of(number), asked.why), actions.Lifted)
