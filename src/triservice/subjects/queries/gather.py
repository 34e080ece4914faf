"""Gather what the reader may see of some records: parts, roles, markers, and what stays locked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from triservice.access.queries import Locked, Seen, locked, seen
from triservice.access.record import Record
from triservice.agencies.models import Agency
from triservice.kernel import clock
from triservice.kernel.access_words import Outcome
from triservice.subjects.models import Link, RecordPart, SourceRecord, WarningMarker
from triservice.subjects.queries.shown import (
    LockedPart,
    MarkerSeen,
    RecordSeen,
    because,
    part_of,
)


def agency_names() -> dict[int, str]:
    """Return the short names of the agencies."""
    return dict(Agency.objects.values_list("pk", "short_name"))


def parts_of(records: Iterable[int]) -> QuerySet[RecordPart]:
    """Return the current parts of records; not yet withheld from anyone."""
    return RecordPart.objects.filter(record__in=list(records), current=True)


def records_seen(
    record: Record, parts: Iterable[Seen], names: dict[int, str]
) -> tuple[RecordSeen, ...]:
    """Return the records that have a part the reader sees, latest first, with the role."""
    by_record: dict[int, list[Seen]] = defaultdict(list)
    for part in parts:
        by_record[part.record_id].append(part)
    roles = {
        link.record_id: link.get("involved") or ""
        for link in seen(
            record,
            Link.objects.filter(record__in=by_record, person__isnull=False, ended_at__isnull=True),
        )
    }
    rows = SourceRecord.objects.filter(pk__in=by_record).values_list(
        "pk", "agency", "kind", "happened_at", "received_at", "reference"
    )
    found = [_record(row, by_record[row[0]], roles.get(row[0]), names) for row in rows]
    return tuple(sorted(found, key=lambda one: one.happened_at or one.received_at, reverse=True))


WHO_ONLY = frozenset({"identity", "contact", "location"})


def _record(
    row: tuple[Any, ...], parts: list[Seen], role: str | None, names: dict[int, str]
) -> RecordSeen:
    """Return one record. What it is and when is told only with a part of the service's own class.

    Someone who may see only who and where must not learn that it is a crime or a referral.
    """
    pk, agency, kind, happened_at, received_at, reference = row
    told = role is not None or any(part.data_class not in WHO_ONLY for part in parts)
    return RecordSeen(
        pk,
        names[agency],
        kind if told else "record",
        happened_at if told else None,
        received_at,
        role or "",
        reference if told else "",
        tuple(part_of(part) for part in sorted(parts, key=lambda p: p.data_class)),
    )


def locked_of(
    record: Record, queryset: QuerySet[Any], names: dict[int, str]
) -> tuple[LockedPart, ...]:
    """Return what agencies know that the reader may know of but not see."""
    return tuple(_locked(one, names) for one in locked(record, queryset))


def _locked(one: Locked, names: dict[int, str]) -> LockedPart:
    return LockedPart(
        names.get(one.owner, one.owner_name),
        one.owner,
        one.data_class,
        because(one.decision),
        one.contact,
        one.decision.outcome is Outcome.NEEDS_APPROVAL,
    )


def markers_seen(record: Record, ends: Q, names: dict[int, str]) -> tuple[MarkerSeen, ...]:
    """Return warnings, those that still hold first; a stale one keeps its advice to itself."""
    today = clock.now().date()
    found = []
    for row in seen(record, WarningMarker.objects.filter(ends, ended_at__isnull=True)):
        stale = row.review_on < today
        found.append(
            MarkerSeen(
                row.pk,
                row.get("kind") or "Warning",
                row.get("relevance") or "",
                "" if stale else row.get("advice") or "",
                row.get("source") or "",
                names[row.owner_id],
                row.review_on,
                stale,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.stale, one.kind)))
