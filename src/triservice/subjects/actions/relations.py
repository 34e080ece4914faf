"""How two people stand to each other, as an officer learns it, and when it is over."""

from __future__ import annotations

from uuid import UUID

from triservice.access.models import Kind
from triservice.access.queries import visible_to
from triservice.access.record import recording
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.subjects.actions import own
from triservice.subjects.actions.following import follow_to
from triservice.subjects.actions.joins import take_turn
from triservice.subjects.models import Person, Relation
from triservice.subjects.words import OTHER_WAY, Kin


def add_relation(reader: Reader, person: UUID, other: UUID, kin: Kin, evidence: str) -> int:
    """Write that `other` is the parent, carer … of a person; return its key.

    Raises InputError when they are one, or it is written already; Refused, hidden, without sight
    of both.
    """
    with recording(reader, Kind.COLLECTION, "added a relation") as record:
        take_turn()
        about, to = own.about_person(record, person), own.about_person(record, other)
        if set(about.group) & set(to.group):
            raise InputError("This is the same person", field="other", kept=own.KEPT)
        back = OTHER_WAY.get(kin, kin)
        for one, two, kind in ((about, to, back), (to, about, kin)):
            there = Relation.objects.filter(
                person__in=one.group, other__in=two.group, kind=str(kind),
                owner=reader.agency, ended_at__isnull=True,
            )  # fmt: skip
            if visible_to(record.reader, there).exists():
                raise InputError("Your agency says so already", field="kin", kept=own.KEPT)
        whom = to.end["person"]
        assert isinstance(whom, Person)
        own_class = own.service_class(reader.agency)
        row = own.write(
            record, Relation, about, own_class, other=whom, kind=str(back),
            evidence=evidence.strip(),
        )  # fmt: skip
        follow_to(record, [Relation.objects.filter(pk=row.pk)], whom.key)  # it tells of both
        return row.pk


def end_relation(reader: Reader, pk: int, why: str) -> None:
    """End a relation that the reader's agency told. Raises InputError, or Refused, hidden."""
    with recording(reader, Kind.ALTERATION, "ended a relation") as record:
        row = own.own_row(record, Relation, pk)
        if not why.strip():
            raise InputError("Say why it ends", field="why", kept=own.KEPT)
        own.end(record, row, why.strip())
