"""Reading requests: one's own, the queue of an owner, and one request close up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from triservice.access.about import About, told_about
from triservice.access.approvals import rules
from triservice.access.approvals.actions import request_rows
from triservice.access.models import AccessRequest, Opening
from triservice.access.openings.queries import field_names
from triservice.access.openings.rules import approvers
from triservice.access.record import Kind, Record, reading
from triservice.access.same import keys_of
from triservice.agencies.models import Agency
from triservice.kernel.access_words import DataClass, Reader, Role

MOST = 200


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in a list. `standing` is its state, or what became of what it opened.

    `about` is who or where it is about, as far as the reader may see: for an owner, by what it
    holds itself.
    """

    pk: int
    officer: str
    agency: str
    owner: str
    data_class: str
    purpose: str
    case: str
    asked_at: datetime
    due_at: datetime
    late: bool
    standing: str
    about: About | None


@dataclass(frozen=True, slots=True)
class Said:
    """A message about a request."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request close up."""

    row: RequestRow
    why: str
    told: str
    fields: tuple[str, ...] | None  # None: every field
    until: datetime
    subject_key: UUID | None
    messages: tuple[Said, ...]
    decided_by: str
    decided_at: datetime | None
    answer: str
    narrowed: bool
    opened: tuple[str, ...] | None  # the fields that were opened; None: every field
    opened_until: datetime | None
    opened_rows: int
    rows_now: int | None  # for who decides: how many rows it is about
    is_open: bool
    may_decide: bool
    may_revoke: bool
    mine: bool
    asked_fields: tuple[tuple[str, str], ...]  # (name, words) of those that can be approved


def my_requests(reader: Reader) -> tuple[RequestRow, ...]:
    """Return the reader's own requests, the newest first."""
    with reading(reader, Kind.CONSULTATION, "list own requests") as record:
        rows = AccessRequest.objects.filter(officer=reader.officer).order_by("-asked_at", "-pk")
        return _rows(record, rows)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request of the reader that waits, and when it was made."""

    pk: int
    asked_at: datetime


def waiting_about(reader: Reader, subject: UUID) -> dict[tuple[int, str], Waiting]:
    """Return the reader's own requests about a subject that wait, by owner and data class."""
    rows = AccessRequest.objects.filter(
        officer=reader.officer, state__in=rules.OPEN_STATES, until__gt=reader.at,
        subject_key__in=keys_of(subject),
    ).order_by("asked_at", "pk")  # fmt: skip
    return {(row.owner_id, row.data_class): Waiting(row.pk, row.asked_at) for row in rows}


def queue(reader: Reader, *, decided: bool = False) -> tuple[RequestRow, ...]:
    """Return what waits for the reader's decision, the most urgent first; or what was decided."""
    with reading(reader, Kind.CONSULTATION, "list requests to decide") as record:
        rows = AccessRequest.objects.filter(_for_owner(reader)).exclude(officer=reader.officer)
        if decided:
            rows = rows.exclude(state__in=rules.OPEN_STATES).order_by("-decided_at", "-pk")
        else:
            rows = rows.filter(state__in=rules.OPEN_STATES)
        return _rows(record, rows, reader.agency)


def _for_owner(reader: Reader) -> Q:
    """Return the condition of requests on which the reader decides, or which they oversee."""
    kind = Agency.objects.filter(pk=reader.agency).values_list("kind", flat=True).first() or ""
    classes = [
        str(each)
        for each in DataClass
        if (approvers(each, kind) | {Role.DATA_PROTECTION_LEAD}) & reader.roles
    ]
    return Q(owner=reader.agency, data_class__in=classes)


def _rows(
    record: Record, found: QuerySet[AccessRequest], owner: int | None = None
) -> tuple[RequestRow, ...]:
    rows = list(found.select_related("officer", "agency", "owner", "opening")[:MOST])
    for row in rows:
        record.did("access.accessrequest", row.pk, row.data_class)
    about = told_about(record, (row.subject_key for row in rows), owner)
    return tuple(_row(row, record.reader.at, about) for row in rows)


def _row(row: AccessRequest, at: datetime, about: Mapping[UUID, About]) -> RequestRow:
    return RequestRow(
        row.pk,
        row.officer.name,
        row.agency.name,
        row.owner.name,
        row.data_class,
        row.purpose,
        row.case,
        row.asked_at,
        row.due_at,
        row.state == "waiting" and row.due_at <= at,
        standing(row, at),
        about.get(row.subject_key) if row.subject_key else None,
    )


def standing(row: AccessRequest, at: datetime) -> str:
    """Return the state of a request, or what became of what it opened."""
    if row.state in rules.OPEN_STATES and row.until <= at:
        return "lapsed"
    if row.opening is None:
        return row.state
    if row.opening.revoked_at is not None and row.opening.revoked_at <= at:
        return "revoked"
    return "over" if row.opening.ends <= at else "approved"


def request_page(reader: Reader, pk: int) -> RequestPage | None:
    """Return a request to who made it, who decides it, and the leads of both agencies; or None."""
    with reading(reader, Kind.CONSULTATION, "open a request") as record:
        row = (
            AccessRequest.objects.filter(pk=pk)
            .select_related("officer", "agency", "owner", "opening", "decided_by")
            .first()
        )
        if row is None or not _may_see(reader, row):
            return None
        record.did("access.accessrequest", pk, row.data_class)
        return _page(record, row)


def _may_see(reader: Reader, row: AccessRequest) -> bool:
    lead = Role.DATA_PROTECTION_LEAD in reader.roles
    return (
        row.officer_id == reader.officer
        or _decides(reader, row)
        or (lead and reader.agency in {row.owner_id, row.agency_id})
    )


def _decides(reader: Reader, row: AccessRequest) -> bool:
    fits = bool(approvers(row.data_class, row.owner.kind) & reader.roles)
    return reader.agency == row.owner_id and fits and row.officer_id != reader.officer


def _page(record: Record, row: AccessRequest) -> RequestPage:
    reader, at = record.reader, record.reader.at
    decides, mine = _decides(reader, row), row.officer_id == reader.officer
    opening: Opening | None = row.opening
    live = opening is not None and standing(row, at) == "approved"
    oversees = Role.DATA_PROTECTION_LEAD in reader.roles and reader.agency == row.owner_id
    words = dict(field_names())
    offered = dict(field_names(row.data_class)) if row.every_field else row.fields
    asked = [(name, words.get(name, name)) for name in offered]
    answers = reader.agency == row.owner_id and not mine
    about = told_about(record, [row.subject_key], row.owner_id if answers else None)
    return RequestPage(
        row=_row(row, at, about),
        why=row.why,
        told=row.told,
        fields=None if row.every_field else tuple(words.get(name, name) for name in row.fields),
        until=row.until,
        subject_key=row.subject_key,
        messages=tuple(
            Said(each.at, each.officer.name, each.text)
            for each in row.messages.select_related("officer")
        ),
        decided_by=row.decided_by.name if row.decided_by else "",
        decided_at=row.decided_at,
        answer=row.answer,
        narrowed=row.narrowed,
        opened=None
        if opening is None or opening.every_field
        else tuple(words.get(name, name) for name in opening.fields),
        opened_until=opening.ends if opening else None,
        opened_rows=opening.items.count() if opening else 0,
        rows_now=len(request_rows(row, record.grants)) if decides else None,
        is_open=row.state in rules.OPEN_STATES and row.until > at,
        may_decide=decides and row.state in rules.OPEN_STATES and row.until > at,
        may_revoke=live and (decides or mine or oversees),
        mine=mine,
        asked_fields=tuple(asked),
    )
