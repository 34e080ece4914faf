"""What rooms above teach a phone: things to take along, and things to do without signal.

    @operation_kind("visit.recorded", doing="recorded a visit", data_class=DataClass.HOUSEHOLD)
    def record_visit(work: Work) -> dict[str, Any]: ...

    @pack_part("visits", title="Visits")
    def visits(record: Record) -> Iterable[PackItem]: ...

Register in the `ready` of the room's application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from triservice.access.record import Record
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.offline import rules
from triservice.offline.rules import moment

if TYPE_CHECKING:
    from triservice.access.models import Protected
    from triservice.offline.models import Operation


@dataclass(frozen=True, slots=True)
class Current:
    """What is here now of the thing that an operation changes, as far as the reader may read it.

    What makes it raises Refused, hidden, where the thing is not there, and where it is not open.
    """

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

    @property
    def reader(self) -> Reader:
        """Return who does it."""
        return self.record.reader

    @property
    def answers(self) -> dict[str, Any]:
        """Return the values without what the phone says of the form itself."""
        return {name: value for name, value in self.values.items() if name not in OF_THE_FORM}

    @property
    def form(self) -> str:
        """Return the key of the form that was filled, as it went along; blank where it is not said.

        Only of what is new: a change is of the form of what it changes.
        """
        return str(self.values.get(KEY) or "")

    @property
    def photos(self) -> list[UUID]:
        """Return the numbers of the photographs that came with it. Raises InputError."""
        try:
            return [UUID(number) for number in self.values.get(PHOTOS) or ()]
        except (TypeError, ValueError, AttributeError):
            raise InputError("are no numbers", field=PHOTOS) from None

    @property
    def ended(self) -> datetime:
        """Return when the form was saved, never later than it came here."""
        return min(_moment(self.values.get(SAVED)) or self.made_at, self.received_at)

    @property
    def began(self) -> datetime:
        """Return when the form was opened, never later than it was saved."""
        return min(_moment(self.values.get(OPENED)) or self.ended, self.ended)


# What a phone says of a form beside its answers. No question has a space in its id.
OPENED, SAVED, KEY, PHOTOS = "form opened", "form saved", "form key", "photos sent"
OF_THE_FORM = frozenset({OPENED, SAVED, KEY, PHOTOS})


def _moment(text: Any) -> datetime | None:
    return moment(text) if isinstance(text, str) else None


Apply = Callable[[Work], Mapping[str, Any] | None]
CurrentOf = Callable[[Work], Current]
AtOnce = Callable[[Work], None]
Concerns = Callable[[Work], "Protected | None"]


@dataclass(frozen=True, slots=True)
class OperationKind:
    """How operations of a name are done. `current` is given where two may change the same thing.

    `at_once` does what must not wait while the operation itself waits for a person. `concerns`
    finds the row that it is about, whoever may read it: what was sent is kept as closely as that.
    """

    name: str
    doing: str
    data_class: DataClass
    apply: Apply
    current: CurrentOf | None = None
    at_once: AtOnce | None = None
    concerns: Concerns | None = None


OPERATIONS: dict[str, OperationKind] = {}


def operation_kind(
    name: str, *, doing: str, data_class: DataClass, current: CurrentOf | None = None,
    at_once: AtOnce | None = None, concerns: Concerns | None = None,
) -> Callable[[Apply], Apply]:  # fmt: skip
    """Register how an operation is done: what `apply` returns goes back to the phone.

    It raises InputError or Refused for what cannot be done: nothing of it is kept then but the
    operation itself, with the sentence.
    """

    def registered(apply: Apply) -> Apply:
        OPERATIONS[name] = OperationKind(name, doing, data_class, apply, current, at_once, concerns)
        return apply

    return registered


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that may be done about an item: an operation of a kind, and the form for it.

    `form` is as `schemes.exporting.form` gives it, with a `key` of its own. `values` is what it
    begins with. With a `version` the operation sends what was changed since that version; without
    one it sends all answers, and the key of the form. Both say when the form was opened and saved
    (`OF_THE_FORM`).
    """

    kind: str
    title: str
    form: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None


@dataclass(frozen=True, slots=True)
class PackItem:
    """One thing that goes along: what is shown of it, and what may be done about it.

    `about` is the thing as the kinds of its deeds know it.
    """

    about: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    deeds: tuple[Deed, ...] = ()


Part = Callable[[Record], Iterable[PackItem]]
PARTS: dict[str, tuple[str, Part]] = {}


def pack_part(name: str, *, title: str) -> Callable[[Part], Part]:
    """Register a part of the pack. Parts go along in the order in which they are registered.

    Its record is for use on a phone: whatever is read with it is what may be kept there.
    """

    def registered(part: Part) -> Part:
        PARTS[name] = (title, part)
        return part

    return registered


def work_of(record: Record, row: Operation, values: dict[str, Any]) -> Work:
    """Return an operation as its kind does it."""
    return Work(
        record,
        row.phone_id,
        row.number,
        row.about,
        values,
        row.made_at,
        row.received_at,
    )


def as_it_came(record: Record, row: Operation) -> Work:
    """Return an operation as it was sent; of one that was kept unread, what can be told of it."""
    about, values = rules.as_sent(row.about, row.payload)
    return replace(work_of(record, row, values), about=about)
