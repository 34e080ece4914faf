"""Who read what an agency holds about one person or place: for the subject's own access report."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from triservice.access.about import About, told_about
from triservice.access.errors import Refused
from triservice.access.explorer import indexing
from triservice.access.explorer.queries import (
    EXPORT,
    LEAD,
    DisclosureRow,
    indexed,
    no_tie,
    rows_about,
    shown,
    touching,
)
from triservice.access.models import Disclosure
from triservice.access.readers import agency_name
from triservice.access.record import Kind, Record, reading
from triservice.files import csv_text
from triservice.kernel.access_words import Decision, Marking, Outcome, Purpose, Reader, Reason

SHOWN = 1_000
MARKING = Marking.OFFICIAL_SENSITIVE  # which services know somebody, and that they were looked at


@dataclass(frozen=True, slots=True)
class SubjectRead:
    """One doing with an agency's rows about the subject: of which classes, and how many rows."""

    row: DisclosureRow
    classes: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class SubjectReads:
    """Who read about a subject, the earliest first. `more`: there are others, not shown here.

    `indexed`: false while the latest doings are not looked through yet.
    """

    about: About | None
    holder: str  # the agency whose rows they are
    made_at: datetime
    rows: tuple[SubjectRead, ...]
    more: bool
    indexed: bool
    marking: Marking = MARKING


def of_subject(reader: Reader, subject: UUID, *, named: bool = True) -> SubjectReads:
    """Return who read what the reader's agency holds about a subject.

    Each controller answers for what it owns, all of it. For a data-protection lead with the purpose
    of subject rights; raises Refused for anyone else. `named` false: without the names of those who
    read, for the subject; the role and the agency stay.
    """
    indexing.catch_up()
    with reading(reader, Kind.CONSULTATION, "who read about a subject") as record:
        return _reads(record, subject, named, SHOWN)


def export_subject(reader: Reader, subject: UUID, *, named: bool = True) -> tuple[str, bool]:
    """Return the same as CSV, its marking on every row, and whether there was more than EXPORT.

    The export is recorded as a disclosure.
    """
    indexing.catch_up()
    with reading(reader, Kind.DISCLOSURE, "export who read about a subject") as record:
        found = _reads(record, subject, named, EXPORT)
        kept = [number for number, name in enumerate(COLUMNS) if named or name != "officer"]
        lines = [COLUMNS, *(_cells(one, found.marking) for one in found.rows)]
        head, *body = ([line[number] for number in kept] for line in lines)
        return csv_text(map(str, head), body), found.more


COLUMNS = (
    "number", "at", "officer", "roles", "agency", "purpose", "kind", "doing", "classes", "records",
    "basis", "marking",
)  # fmt: skip


def _cells(one: SubjectRead, marking: Marking) -> tuple[object, ...]:
    row = one.row
    return (
        row.seq, row.at.isoformat(), row.officer_name, row.roles, row.agency_name, row.purpose,
        row.kind, row.doing, ", ".join(one.classes), one.count, row.basis, str(marking),
    )  # fmt: skip


def _reads(record: Record, subject: UUID, named: bool, most: int) -> SubjectReads:
    reader = record.reader
    if LEAD not in reader.roles or reader.purpose is not Purpose.SUBJECT_RIGHTS:
        reason = Reason.ROLE if LEAD not in reader.roles else Reason.PURPOSE
        raise Refused(Decision(Outcome.DENY, reason), "who read about a subject")
    no_tie(record, subject)
    keys = rows_about(subject, reader.agency)
    for label, pk in keys:
        record.did(label, pk)
    touched = touching(keys, reader.agency)
    done = Disclosure.objects.filter(seq__in=touched.values("seq"), outcome=Outcome.ALLOW)
    found = shown(done.order_by("seq")[: most + 1], reader.agency, owned=True)
    classes, rows = defaultdict[int, set[str]](set), defaultdict[int, set[tuple[str, str]]](set)
    of_found = touched.filter(seq__in=[row.seq for row in found])
    for seq, label, pk, data_class in of_found.values_list("seq", "label", "pk_text", "data_class"):
        classes[seq].add(data_class)
        rows[seq].add((label, pk))
    return SubjectReads(
        told_about(record, [subject], reader.agency).get(subject),
        agency_name(reader.agency),
        reader.at,
        tuple(
            SubjectRead(
                row if named else replace(row, officer_name=""),
                tuple(sorted(classes[row.seq] - {""})),
                len(rows[row.seq]),
            )
            for row in found[:most]
        ),
        len(found) > most,
        indexed(),
    )
