"""Close records to all but named people, and mark them: by the agency that sent them."""

from __future__ import annotations

from uuid import UUID

from triservice.access.errors import Refused
from triservice.access.models import Kind
from triservice.access.openings.rules import insubstantial
from triservice.access.queries import visible_to
from triservice.access.record import recording
from triservice.access.restrictions import rules
from triservice.access.restrictions.actions import NOT_YOURS, put_rows, put_subject
from triservice.access.restrictions.queries import subjects_of
from triservice.access.rules import UNKNOWN
from triservice.kernel.access_words import Marking, Reader
from triservice.kernel.errors import Already, InputError
from triservice.subjects.actions.links import own_versions
from triservice.subjects.actions.saving import rows_of
from triservice.subjects.models import Link, Person, RecordPart
from triservice.subjects.queries.people import group_of
from triservice.subjects.queries.restricted import one_with


def restrict_person(reader: Reader, key: UUID, listed: int) -> int:
    """Put all that the reader's agency holds about a person on a list, and what comes later.

    Casework too. About all who are one with them now. Returns how many rows went on it; those on
    another list in force stay there. Raises Refused without sight of a record of the own agency,
    but for who keeps the list and has put them on it already.
    """
    with recording(reader, Kind.ALTERATION, "put a person on a need-to-know list") as record:
        _, group = group_of(record, key)
        own = Link.objects.filter(
            person__in=group, owner=reader.agency, ended_at__isnull=True, record__current=True
        )
        keys = list(Person.objects.filter(pk__in=group).values_list("key", flat=True))
        again = not (subjects_of(record.reader, listed) or frozenset()).isdisjoint(keys)
        if not again and not visible_to(record.reader, own).exists():
            raise Refused(UNKNOWN, f"subjects.person {key}", hidden=True)
        return put_subject(record, listed, keys)


def put_later(reader: Reader, listed: int) -> int:
    """Put on a list what came later about those on it, and those who are one with them by now.

    It looks at no row, so that who keeps the list need not be on it. Returns how many rows.
    """
    with recording(reader, Kind.ALTERATION, "put what came later on a need-to-know list") as record:
        keys = subjects_of(record.reader, listed)
        if keys is None:
            raise Refused(NOT_YOURS, f"access.restriction {listed}", hidden=True)
        return put_subject(record, listed, {*keys, *one_with(keys)})


def restrict_record(reader: Reader, pk: int, listed: int) -> int:
    """Put a record of the reader's agency on a list, all its versions and its links.

    Asked again, by who keeps the list and no longer sees the record, it puts nothing there.
    """
    with recording(reader, Kind.ALTERATION, "put a record on a need-to-know list") as record:
        on_it = RecordPart.objects.filter(record=pk, owner=reader.agency, restriction=listed)
        again = bool(rules.KEEPERS & reader.roles) and on_it.exists()
        versions = [] if again else own_versions(record, pk)
        record.did("subjects.sourcerecord", pk)
        return put_rows(record, listed, rows_of(versions))


def mark_record(reader: Reader, pk: int, marking: Marking, why: str) -> None:
    """Change the marking of a record of the reader's agency, of all its versions and links.

    Up by whoever may read it; down by who keeps lists (rules.KEEPERS), with a reason of substance.
    A correction that comes later never lowers it.
    """
    with recording(reader, Kind.ALTERATION, "change the marking of a record") as record:
        versions = own_versions(record, pk)
        parts = RecordPart.objects.filter(record__in=versions, current=True)
        before = rules.highest(frozenset(parts.values_list("marking", flat=True)))
        if before == marking:
            raise Already(f"It is marked {marking} already", kept="Nothing was changed")
        if rules.lowers(before, marking):
            if not rules.KEEPERS & reader.roles:
                raise Refused(NOT_YOURS, f"lower the marking of subjects.sourcerecord {pk}")
            if fault := insubstantial(why):
                raise InputError(f"Why is it lowered? {fault}", field="why", kept=before)
        for rows in rows_of(versions):
            rows.update(marking=str(marking))
        record.did("subjects.sourcerecord", pk)
        record.note("marking", {"before": before, "after": str(marking), "why": why.strip()})
