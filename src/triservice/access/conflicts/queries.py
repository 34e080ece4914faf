"""Reading declarations: one's own, and those of the agency's officers for its lead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triservice.access.conflicts.actions import LABEL, LEAD, may_end, of_agency
from triservice.access.models import ConflictOfInterest
from triservice.access.record import Kind, reading
from triservice.agencies.models import Officer
from triservice.kernel.access_words import Reader

MOST = 200


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A declaration. `page` leads to whom it is about, for who may open that; not for oneself."""

    pk: int
    officer: str
    why: str
    declared_at: datetime
    declared_by: str
    ended_at: datetime | None
    ended_by: str
    ended_why: str
    page: str
    mine: bool
    may_end: bool


def conflicts(reader: Reader) -> tuple[ConflictRow, ...]:
    """Return the reader's own declarations, and for a lead those of the agency's officers.

    Those that stand come first, then the newest.
    """
    with reading(reader, Kind.CONSULTATION, "list conflicts of interest") as record:
        whose = Officer.objects.filter(pk=reader.officer)
        if LEAD in reader.roles:
            whose |= Officer.objects.filter(of_agency(reader))
        found = (
            ConflictOfInterest.objects.filter(officer__in=whose.values("pk"))
            .select_related("officer", "declared_by", "ended_by")
            .order_by("-declared_at", "-pk")[:MOST]
        )
        rows = [_row(reader, said) for said in found]
        for row in rows:
            record.did(LABEL, row.pk)
        return tuple(sorted(rows, key=lambda row: row.ended_at is not None))


def conflict(reader: Reader, pk: int) -> ConflictRow | None:
    """Return a declaration that the reader may end, or None."""
    with reading(reader, Kind.CONSULTATION, "open a conflict of interest") as record:
        said = (
            ConflictOfInterest.objects.filter(pk=pk)
            .select_related("officer", "declared_by", "ended_by")
            .first()
        )
        if said is None or not may_end(reader, said):
            return None
        record.did(LABEL, pk)
        return _row(reader, said)


def _row(reader: Reader, said: ConflictOfInterest) -> ConflictRow:
    mine = said.officer_id == reader.officer
    return ConflictRow(
        said.pk,
        said.officer.name,
        said.why,
        said.declared_at,
        said.declared_by.name if said.declared_by else "",
        said.ended_at,
        said.ended_by.name if said.ended_by else "",
        said.ended_why,
        "" if mine else said.page,
        mine,
        said.ended_at is None and may_end(reader, said),
    )
