"""Reading a note to correct it."""

from __future__ import annotations

from triservice.access.models import Kind
from triservice.access.queries import opened
from triservice.access.record import reading
from triservice.casework.cases.queries.naming import merged_with
from triservice.casework.models import Note
from triservice.kernel.access_words import Reader


def own_note(reader: Reader, case: int, pk: int) -> str:
    """Return what a note says that the reader wrote on a case. Raises Refused, hidden."""
    with reading(reader, Kind.CONSULTATION, "open a note") as record:
        own = Note.objects.filter(case__in=merged_with(case), by=reader.officer)
        return opened(record, own, pk).get("text") or ""
