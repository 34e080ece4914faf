"""What phones sent that waits for a person, and one of it with both versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from triservice.access.errors import Refused
from triservice.access.queries import Seen, seen
from triservice.access.record import Kind, Record, reading
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.offline import rules
from triservice.offline.kinds import OPERATIONS, work_of
from triservice.offline.models import Operation
from triservice.offline.rules import WAITING, State
from triservice.offline.words import named, said

LEADERS = frozenset({Role.TEAM_LEADER, Role.DATA_PROTECTION_LEAD})
MOST = 200  # in a list


@dataclass(frozen=True, slots=True)
class Row:
    """One operation in a list."""

    pk: int
    doing: str
    officer: str
    phone: str
    made_at: datetime
    received_at: datetime
    state: str
    said: str


@dataclass(frozen=True, slots=True)
class Side:
    """One field of a conflict: the value that both saw before, and the two that it got."""

    name: str
    before: Any
    phone: Any
    here: Any


@dataclass(frozen=True, slots=True)
class Page:
    """An operation that waits, or was settled; `sides` are the fields to choose."""

    row: Row
    number: UUID
    about: str
    lines: tuple[tuple[str, str], ...]
    sides: tuple[Side, ...]
    may_again: bool


def open_to(reader: Reader, rows: QuerySet[Operation]) -> QuerySet[Operation]:
    """Return the operations that concern this reader: their own; a leader's whole agency's."""
    rows = rows.filter(owner=reader.agency)
    return rows if LEADERS & reader.roles else rows.filter(officer=reader.officer)


def waiting(reader: Reader) -> list[Row]:
    """Return what waits for this reader, oldest first."""
    with reading(reader, Kind.CONSULTATION, "looked what phones sent that waits") as record:
        rows = open_to(reader, Operation.objects.filter(state__in=WAITING))
        found = seen(record, rows.order_by("received_at", "pk"), MOST)
        names = _names(row.pk for row in found)
        return [_row(row, names) for row in found]


def operation_page(reader: Reader, pk: int) -> Page | None:
    """Return one operation with what it says, or None."""
    with reading(reader, Kind.CONSULTATION, "looked at what a phone sent") as record:
        found = seen(record, open_to(reader, Operation.objects.filter(pk=pk)))
        if not found:
            return None
        row = found[0]
        here = _here(record, pk)
        told = row.payload if here is not None or row.officer_id == reader.officer else {}
        return Page(
            _row(row, _names([pk])),
            row.number,
            row.about,
            tuple((named(name), said(value)) for name, value in sorted(told.items())),
            tuple(_sides(row, here)) if row.state == State.CONFLICT and here is not None else (),
            row.state == State.REFUSED and set(row.payload) != {"sent"},
        )


def _here(record: Record, pk: int) -> dict[str, Any] | None:
    """Return the values that are here now, as far as the reader may read them; None: not at all.

    What a phone sent about something is told to who may open that thing, whatever was here when it
    came. Of a kind that changes nothing that is here, there is nothing to open: no values.
    """
    row = Operation.objects.get(pk=pk)
    kind = OPERATIONS.get(row.kind)
    if kind is None or kind.current is None:
        return {}
    try:
        return dict(kind.current(work_of(record, row, dict(row.payload))).values)
    except (Refused, InputError):
        return None


def _sides(row: Seen, here: dict[str, Any]) -> list[Side]:
    base = (row.get("base") or {}).get("values", {})
    return [
        Side(name, base.get(name), row.payload[name], here.get(name))
        for name in rules.merge(base, row.payload, here).conflicts
    ]


def _names(pks: Any) -> dict[int, tuple[str, str]]:
    rows = Operation.objects.filter(pk__in=list(pks))
    return {
        pk: (officer, phone)
        for pk, officer, phone in rows.values_list("pk", "officer__name", "phone__name")
    }


def _row(row: Seen, names: dict[int, tuple[str, str]]) -> Row:
    kind = OPERATIONS.get(row.kind)
    doing = kind.doing if kind else row.kind
    return Row(row.pk, doing, *names[row.pk], row.made_at, row.received_at, row.state, row.said)
