"""Reading emergency openings: one's own, those to review, and one close up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from triservice.access.about import About, told_about
from triservice.access.emergency.actions import LEAD, answers_for
from triservice.access.models import Disclosure, GlassBreak
from triservice.access.openings.rules import approvers
from triservice.access.record import Kind, Record, reading
from triservice.agencies.models import Agency
from triservice.kernel.access_words import DataClass, Reader, Reason

MOST = 200


@dataclass(frozen=True, slots=True)
class GlassRow:
    """An emergency opening in a list.

    `about` is who or where it was about, as far as the reader may see: for who answers for the
    owner, by what it holds itself.
    """

    pk: int
    officer: str
    agency: str
    owner: str
    data_class: str
    reason: str
    starts: datetime
    ends: datetime  # or when it was ended
    is_open: bool
    finding: str
    review_due: datetime
    late: bool
    about: About | None


@dataclass(frozen=True, slots=True)
class GlassPage:
    """An emergency opening close up. `reads` is what was read under it: (number, when, what)."""

    row: GlassRow
    text: str
    purpose: str
    minutes: int
    rows: int
    ended_how: str
    reviewed_by: str
    reviewed_at: datetime | None
    finding_text: str
    reads: tuple[tuple[int, datetime, str], ...]
    mine: bool
    may_review: bool
    may_cut_off: bool


def my_emergencies(reader: Reader) -> tuple[GlassRow, ...]:
    """Return the reader's own emergency openings, the newest first."""
    with reading(reader, Kind.CONSULTATION, "list own emergency access") as record:
        return _rows(record, GlassBreak.objects.filter(officer=reader.officer))


def to_review(reader: Reader, *, reviewed: bool = False) -> tuple[GlassRow, ...]:
    """Return the emergency openings of the data that the reader answers for."""
    with reading(reader, Kind.CONSULTATION, "list emergency access to review") as record:
        kind = Agency.objects.filter(pk=reader.agency).values_list("kind", flat=True).first()
        classes = [
            str(each) for each in DataClass if {LEAD, *approvers(each, kind or "")} & reader.roles
        ]
        rows = GlassBreak.objects.filter(
            opening__owner=reader.agency, opening__data_class__in=classes
        )
        fit = rows.exclude(finding="") if reviewed else rows.filter(finding="")
        return _rows(record, fit, reader.agency)


def open_now(reader: Reader) -> bool:
    """Whether the reader has an emergency opening open."""
    mine = Q(officer=reader.officer, opening__revoked_at__isnull=True)
    return GlassBreak.objects.filter(mine, opening__ends__gt=reader.at).exists()


def _rows(
    record: Record, found: QuerySet[GlassBreak], owner: int | None = None
) -> tuple[GlassRow, ...]:
    rows = list(found.select_related("officer", "agency", "opening__owner")[:MOST])
    for row in rows:
        record.did("access.glassbreak", row.pk, row.opening.data_class)
    about = told_about(record, (row.subject_key for row in rows), owner)
    return tuple(_row(row, record.reader.at, about) for row in rows)


def _row(glass: GlassBreak, at: datetime, about: Mapping[UUID, About]) -> GlassRow:
    opening = glass.opening
    ends = min(opening.ends, opening.revoked_at or opening.ends)
    return GlassRow(
        glass.pk,
        glass.officer.name,
        glass.agency.name,
        opening.owner.name,
        opening.data_class,
        glass.get_reason_display(),
        opening.starts,
        ends,
        at < ends,
        glass.finding or "to review",
        glass.review_due,
        not glass.finding and glass.review_due <= at,
        about.get(glass.subject_key) if glass.subject_key else None,
    )


def emergency_page(reader: Reader, pk: int) -> GlassPage | None:
    """Return one to the officer, to whom answers for the owner, and to the officer's lead."""
    with reading(reader, Kind.CONSULTATION, "open emergency access") as record:
        glass = (
            GlassBreak.objects.filter(pk=pk)
            .select_related("officer", "agency", "opening__owner", "reviewed_by")
            .first()
        )
        if glass is None:
            return None
        mine, owns = glass.officer_id == reader.officer, answers_for(reader, glass)
        if not (mine or owns or (LEAD in reader.roles and reader.agency == glass.agency_id)):
            return None
        record.did("access.glassbreak", pk, glass.opening.data_class)
        opening = glass.opening
        by_own = opening.owner_id if owns and not mine else None
        row = _row(glass, record.reader.at, told_about(record, [glass.subject_key], by_own))
        return GlassPage(
            row=row,
            text=glass.text,
            purpose=opening.purpose,
            minutes=round((opening.ends - opening.starts).total_seconds() / 60),
            rows=glass.rows,
            ended_how=glass.get_ended_how_display() if not row.is_open else "",
            reviewed_by=glass.reviewed_by.name if glass.reviewed_by else "",
            reviewed_at=glass.reviewed_at,
            finding_text=glass.finding_text,
            reads=_reads(glass, row),
            mine=mine,
            may_review=owns and not mine and not glass.finding,
            may_cut_off=owns and row.is_open,
        )


def _reads(glass: GlassBreak, row: GlassRow) -> tuple[tuple[int, datetime, str], ...]:
    """Return the reads of the officer in the time that stood on emergency access."""
    found = Disclosure.objects.filter(
        officer=glass.officer_id,
        at__gte=row.starts,
        at__lte=row.ends,
        basis__contains=str(Reason.BREAK_GLASS),
    )
    return tuple(found.values_list("seq", "at", "doing")[:MOST])
