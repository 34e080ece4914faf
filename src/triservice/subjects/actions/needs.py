"""How somebody is understood, as an officer learns it: language, interpreter, support."""

from __future__ import annotations

from uuid import UUID

from triservice.access.models import Kind
from triservice.access.queries import visible_to
from triservice.access.record import Record, recording
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.subjects.actions import own
from triservice.subjects.actions.joins import take_turn
from triservice.subjects.models import AccessibleNeed


def add_need(reader: Reader, person: UUID, kind: str, need: str) -> int:
    """Write how somebody is understood; return its key. Raises InputError, or Refused, hidden."""
    with recording(reader, Kind.COLLECTION, "added an accessible need") as record:
        take_turn()
        return _add(record, own.about_person(record, person), kind, need)


def change_need(reader: Reader, pk: int, kind: str, need: str) -> int:
    """Say it otherwise: what was said ends, and is kept. Raises InputError, or Refused, hidden."""
    with recording(reader, Kind.ALTERATION, "changed an accessible need") as record:
        before = own.own_row(record, AccessibleNeed, pk)
        if (before.kind, before.need) == (kind, need.strip()):
            raise InputError("It says so already", kept=own.KEPT)
        own.end(record, before)
        return _add(record, own.about_person(record, before.person.key), kind, need)


def end_need(reader: Reader, pk: int) -> None:
    """End an accessible need of the reader's agency. Raises InputError, or Refused, hidden."""
    with recording(reader, Kind.ALTERATION, "ended an accessible need") as record:
        own.end(record, own.own_row(record, AccessibleNeed, pk))


def _add(record: Record, about: own.About, kind: str, need: str) -> int:
    there = AccessibleNeed.objects.filter(
        person__in=about.group, owner=record.reader.agency, kind=kind, need__iexact=need.strip(),
        ended_at__isnull=True,
    )  # fmt: skip
    said = there.first()
    if said is not None:
        if visible_to(record.reader, there).exists():
            raise InputError("Your agency says so already", field="need", kept=own.KEPT)
        return said.pk  # on a list that the writer is not on: that it is there is not told
    return own.write(
        record, AccessibleNeed, about, DataClass.CONTACT, kind=kind, need=need.strip()
    ).pk
