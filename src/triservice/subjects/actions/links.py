"""What a record is about: a wrong link reported by anyone, and put right by its owner."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from triservice.access.errors import Refused
from triservice.access.models import Kind
from triservice.access.queries import visible_to
from triservice.access.record import Record, recording
from triservice.access.rules import UNKNOWN
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.subjects.actions import saving
from triservice.subjects.actions.following import follow_to
from triservice.subjects.actions.joins import SUBSTANCE, sees_any
from triservice.subjects.actions.known import move_known
from triservice.subjects.models import Link, Person, Premises, RecordPart, SourceRecord, WrongLink
from triservice.subjects.queries.places import place_of
from triservice.subjects.queries.review import told_reports


def report_wrong_link(
    reader: Reader, key: UUID, why: str, record: int | None = None, page: str = ""
) -> WrongLink:
    """Say that a record (or a join, without one) does not belong to a person.

    Anyone who may see the person may say so. Raises InputError for a reason of no substance,
    Refused without sight of the person or the record.
    """
    with recording(reader, Kind.ALTERATION, "reported a wrong link") as open_record:
        person = Person.objects.filter(key=key).first()
        if person is None:
            raise Refused(UNKNOWN, f"subjects.person {key}", hidden=True)
        root = person.root_id or person.pk
        group = Person.objects.filter(Q(pk=root) | Q(root=root)).values_list("pk", flat=True)
        if not sees_any(open_record, group):
            raise Refused(UNKNOWN, f"subjects.person {key}", hidden=True)
        return _report(open_record, why, record, page, person=person)


def report_wrong_place(
    reader: Reader, key: UUID, why: str, record: int | None = None, page: str = ""
) -> WrongLink:
    """Say that a record, or somebody, does not belong to a place. As `report_wrong_link`."""
    with recording(reader, Kind.ALTERATION, "reported a wrong link") as open_record:
        return _report(open_record, why, record, page, premises=place_of(open_record, key))


def _report(
    open_record: Record, why: str, record: int | None, page: str, **about: Person | Premises
) -> WrongLink:
    if len(why.strip()) < SUBSTANCE:
        raise InputError(
            "says too little", field="why", do="Say what is wrong, in a sentence or two."
        )
    if record is not None and not _sees_record(open_record, record):
        raise Refused(UNKNOWN, f"subjects.sourcerecord {record}", hidden=True)
    said = WrongLink.objects.create(
        record_id=record,
        why=why.strip(),
        page=page[:200],
        at=clock.now(),
        by_id=open_record.reader.officer,
        **about,
    )
    open_record.did("subjects.wronglink", said.pk)
    return said


def settle_wrong_link(reader: Reader, report: int, how: str) -> None:
    """Say what came of a report. Raises InputError when it is settled, Refused without sight."""
    with recording(reader, Kind.ALTERATION, "settled a report of a wrong link") as record:
        said = told_reports(record).select_for_update(of=("self",)).filter(pk=report).first()
        if said is None:
            raise Refused(UNKNOWN, f"subjects.wronglink {report}", hidden=True)
        if said.premises:
            place_of(record, said.premises.key)
        if said.settled_at is not None:
            raise InputError("This report is settled; someone was first")
        if len(how.strip()) < SUBSTANCE:
            raise InputError("says too little", field="how", do="Say what you found and did.")
        said.settled_at, said.settled_how = clock.now(), how.strip()
        said.settled_by_id = reader.officer
        said.save(update_fields=["settled_at", "settled_by", "settled_how"])
        record.did("subjects.wronglink", said.pk)


def move_record(reader: Reader, record: int, to: Person | None, why: str) -> Person:
    """Let a record (all its versions) be about another person, or someone new; return whom.

    For the agency that sent it. The markers, needs and relations that it tells go with it. Moving
    back is the exact inverse.
    Raises Refused for another agency's record, InputError when it is about them already.
    """
    with recording(reader, Kind.ALTERATION, "moved a record to another person") as open_record:
        if len(why.strip()) < SUBSTANCE:
            raise InputError("says too little", field="why", do="Say how you know, in a sentence.")
        versions = own_versions(open_record, record)
        links = list(
            Link.objects.select_for_update().filter(
                record__in=versions, person__isnull=False, ended_at__isnull=True
            )
        )
        if not links:
            raise InputError("This record is about no person, so there is nobody to move it from")
        person = to or Person.objects.create(made_at=clock.now())
        if all(link.person_id == person.pk for link in links):
            raise InputError("This record is about them already")
        before = {link.person_id for link in links if link.person_id}
        _move(reader, links, person, why.strip())
        saving.move_keys(versions, person.pk, person.key)
        known = move_known(record, before, person)
        follow_to(open_record, (*saving.rows_of(versions), *known), person.key)
        open_record.did("subjects.sourcerecord", record)
        return person


def _move(reader: Reader, links: list[Link], person: Person, why: str) -> None:
    at = clock.now()
    for link in links:
        Link.objects.filter(pk=link.pk).update(
            ended_at=at, ended_by=reader.officer, ended_why=why[:500]
        )
        link.pk, link._state.adding = None, True
        link.person, link.subject_key = person, person.key
        link.made_at, link.made_by_id = at, reader.officer
        link.evidence = {"by": "hand", "why": why}
        link.save()


def own_versions(open_record: Record, record: int) -> list[int]:
    """Return all versions of a record of the reader's agency. Raises Refused without sight."""
    said = SourceRecord.objects.filter(pk=record, agency=open_record.reader.agency).first()
    if said is not None:
        versions = SourceRecord.objects.filter(
            agency=said.agency_id, system=said.system, source_key=said.source_key
        )
        found = list(versions.values_list("pk", flat=True))
        if _sees_record(open_record, *found):
            return found
    raise Refused(UNKNOWN, f"subjects.sourcerecord {record}", hidden=True)


def _sees_record(record: Record, *versions: int) -> bool:
    parts = RecordPart.objects.filter(record__in=versions, current=True)
    return visible_to(record.reader, parts).exists()
