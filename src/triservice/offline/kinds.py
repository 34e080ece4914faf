"""What rooms above teach a phone: things to take along, and things to do without signal.

    @operation_kind("visit.recorded", doing="recorded a visit", data_class=DataClass.HOUSEHOLD)
    def record_visit(work: Work) -> dict[str, Any]: ...

    @pack_part("visits", title="Visits")
    def visits(taking: Taking) -> Iterable[PackItem]: ...

Register in the `ready` of the room's application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from triservice.access.models import Protected
from triservice.access.queries import Seen, seen
from triservice.access.record import Record
from triservice.access.rules import Use
from triservice.kernel.access_words import DataClass, Reader

P = TypeVar("P", bound=Protected)


@dataclass(frozen=True, slots=True)
class Current:
    """What is here now of the thing that an operation changes."""

    version: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """One operation to be done, inside its transaction and its record.

    `number` is also the key by which the room's own actions know the same thing again. `values` are
    those of the phone, already merged with what is here where the kind has a `current`.
    """

    record: Record
    phone: int
    number: UUID
    about: str
    values: dict[str, Any]
    made_at: datetime
    received_at: datetime


Apply = Callable[[Work], Mapping[str, Any] | None]
CurrentOf = Callable[[Work], Current]


@dataclass(frozen=True, slots=True)
class OperationKind:
    """How operations of a name are done. `current` is given where two may change the same thing."""

    name: str
    doing: str
    data_class: DataClass
    apply: Apply
    current: CurrentOf | None = None


OPERATIONS: dict[str, OperationKind] = {}


def operation_kind(
    name: str, *, doing: str, data_class: DataClass, current: CurrentOf | None = None
) -> Callable[[Apply], Apply]:
    """Register how an operation is done: what `apply` returns goes back to the phone.

    It raises InputError or Refused for what cannot be done: nothing of it is kept then but the
    operation itself, with the sentence.
    """

    def registered(apply: Apply) -> Apply:
        OPERATIONS[name] = OperationKind(name, doing, data_class, apply, current)
        return apply

    return registered


@dataclass(frozen=True, slots=True)
class PackItem:
    """One thing that goes along: what is shown of it, and what may be done with it.

    `kind` names the operation that its form is for, and `about` the thing as that kind knows it;
    `values` is what the form begins with, `version` the state that they are of.
    """

    key: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    kind: str = ""
    about: str = ""
    form: Mapping[str, Any] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Taking:
    """What a part of a pack is read with: only what may be kept on a phone comes through."""

    record: Record

    @property
    def reader(self) -> Reader:
        """Return whose pack it is."""
        return self.record.reader

    def seen(self, queryset: QuerySet[P], limit: int | None = None) -> list[Seen]:
        """Read the rows that may be kept on this reader's phone; each goes on the record."""
        return seen(self.record, queryset, limit, use=Use.OFFLINE)


Part = Callable[[Taking], Iterable[PackItem]]
PARTS: dict[str, tuple[str, Part]] = {}


def pack_part(name: str, *, title: str) -> Callable[[Part], Part]:
    """Register a part of the pack. Parts go along in the order in which they are registered."""

    def registered(part: Part) -> Part:
        PARTS[name] = (title, part)
        return part

    return registered
