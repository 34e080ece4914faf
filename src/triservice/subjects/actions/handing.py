"""Keep what one agency hands over to another about somebody: it becomes the receiver's record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from triservice.access.models import Kind
from triservice.access.record import Record, recording
from triservice.access.restrictions.actions import share_lists
from triservice.agencies.models import Agency
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.subjects import layout
from triservice.subjects.actions import linkage, records, saving
from triservice.subjects.actions.bulk import Numbers
from triservice.subjects.actions.joins import must_see
from triservice.subjects.intake import Batch, Spine, as_sent
from triservice.subjects.matching import Verdict, compare, verdict
from triservice.subjects.models import Link, Person


@dataclass(frozen=True, slots=True)
class Handed:
    """Whom and what the record hangs on, by key (of the table)."""

    record: int
    person: int | None
    premises: int | None
    household: int | None


def hand_over(
    reader: Reader, to: Agency, system: str, row: Mapping[str, Any], person: UUID | None = None
) -> Handed:
    """Keep a row (see `layout`) as a record of the agency `to`, who receives it by the reader.

    `person` is somebody whom the reader may see and says it is about: the record hangs on them by
    the reader's hand, and can be moved. Without it somebody new is made; who they may be the same
    as is proposed for people to judge, never joined here. Raises InputError, or Refused for a
    person whom the reader may not see.
    """
    try:
        told = layout.read(row, layout.SERVICE_CLASS[to.kind])
    except layout.Unreadable as error:
        raise InputError(" ".join(error.wrong), kept="Nothing was kept") from None
    with recording(reader, Kind.COLLECTION, "handed a record over") as record:
        share_lists([to.pk])
        batch = Batch(to.pk, system, clock.now(), Numbers())
        records.look_up(batch, [told], {})
        if person is not None:
            batch.moved[told.source_key] = _chosen(record, person), reader.officer
        kept = batch.add(told, *as_sent(row), 1)
        saving.save(batch)
        record.did("subjects.sourcerecord", kept["id"], str(told.service))
        _propose(record, [each["id"] for each in batch.of(Person)])
        ends = _ends(batch)
    return Handed(kept["id"], ends["person"], ends["premises"], ends["household"])


def _chosen(record: Record, key: UUID) -> Spine:
    found = Person.objects.filter(key=key).first()
    if found is None:
        raise InputError("There is no such person any more", kept="Nothing was kept")
    must_see(record, found.pk)
    return Spine(found.pk, found.key)


def _ends(batch: Batch) -> dict[str, int | None]:
    """Return what the links of the one record lead to."""
    found: dict[str, int | None] = {"person": None, "premises": None, "household": None}
    for link in batch.of(Link):
        for end in found:
            found[end] = link.get(f"{end}_id") or found[end]
    return found


def _propose(record: Record, people: list[int]) -> None:
    """Propose the pairs that share a number, a home, or name and birthday."""
    pairs = sorted(linkage.sharing(people))
    known = linkage.identities({one for pair in pairs for one in pair})
    alike = [(pair, compare(known[pair[0]], known[pair[1]])) for pair in pairs]
    worth = [
        (pair, evidence, None)
        for pair, evidence in alike
        if verdict(evidence) in (Verdict.MATCH, Verdict.REVIEW)
    ]
    linkage.propose(record, worth, "exact")
