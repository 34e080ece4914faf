"""Reading files: the list of a case, and one file's content, each time with its disclosure."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from triservice.access.errors import Refused
from triservice.access.prepared import PreparedRows
from triservice.access.queries import Seen, require, seen
from triservice.access.record import Kind, Record, reading
from triservice.access.rules import UNKNOWN
from triservice.casework.cases.queries.naming import CASES, officer_names
from triservice.casework.cases.queries.shown import FileSeen
from triservice.casework.files import rules, store
from triservice.casework.models import Case, File
from triservice.casework.words import FileKind
from triservice.kernel.access_words import Marking, Reader


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it is sent."""

    name: str
    content_type: str
    data: bytes


@PreparedRows
def _files() -> QuerySet[File]:
    rows = File.objects.filter(case__among=CASES, removed_at__isnull=True)
    return rows.order_by("-at", "-pk")


def files_of(record: Record, cases: list[int], names: dict[int, str]) -> tuple[FileSeen, ...]:
    """Return the files of cases that the reader may see, the latest first."""
    found = seen(record, _files(cases=cases))
    officers = officer_names(row.by_id for row in found)
    return tuple(_shown(record.reader, row, names, officers) for row in found)


def _shown(
    reader: Reader, row: Seen, names: dict[int, str], officers: dict[int, str]
) -> FileSeen:  # fmt: skip
    told = rules.KINDS[FileKind(row.kind)]
    return FileSeen(
        row.pk, row.case_id, row.visit_id, row.get("name") or "Name withheld", told.said,
        rules.size_said(row.size), row.scan, row.at, officers.get(row.by_id, ""),
        names[row.owner_id], row.data_class, row.marking == str(Marking.OFFICIAL_SENSITIVE),
        "content" not in row.withheld, row.owner_id == reader.agency,
    )  # fmt: skip


def open_file(reader: Reader, pk: int, file: int) -> Content:
    """Return a file of a case. Raises Refused, and InputError when its content is not there.

    The record says that it was read before any of it is read.
    """
    with reading(reader, Kind.CONSULTATION, "open a file") as record:
        case = Case.objects.filter(pk=pk).first()
        row = File.objects.filter(pk=file, case=pk, removed_at__isnull=True).first()
        if case is None or row is None:
            raise Refused(UNKNOWN, f"casework.file {file}", hidden=True)
        require(record, case)
        for field in (None, *File.FIELDS):
            require(record, row, field)
    told = rules.KINDS[FileKind(row.kind)]
    return Content(row.name, told.content_type, store.read(row.content, row.seal, row.key))
