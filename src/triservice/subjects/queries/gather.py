"""Gather what the reader may see of some records: parts, roles, markers, and what stays locked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, CharField, Q, QuerySet
from django.utils import timezone

from triservice.access.prepared import Asked, Prepared, PreparedRows, Several
from triservice.access.queries import Locked, Seen, locked, seen
from triservice.access.record import Record
from triservice.agencies.models import Agency, Contact
from triservice.kernel.access_words import Marking, Outcome, Reader
from triservice.subjects.models import Link, Premises, RecordPart, SourceRecord, WarningMarker
from triservice.subjects.queries.search import address_of
from triservice.subjects.queries.shown import (
    Fact,
    LockedPart,
    MarkerSeen,
    OrganisationSeen,
    RecordSeen,
    Told,
    because,
    part_of,
    said,
    told_by,
)
from triservice.subjects.words import SENSITIVE


def agency_names() -> dict[int, str]:
    """Return the short names of the agencies."""
    return dict(_agencies())


@Prepared
def _agencies() -> QuerySet[Any, Any]:
    return Agency.objects.values_list("pk", "short_name")


RECORDS = Several("records", BigIntegerField())


def parts_of(records: Iterable[int]) -> QuerySet[RecordPart]:
    """Return the current parts of records; not yet withheld from anyone."""
    return RecordPart.objects.filter(record__in=list(records), current=True)


@PreparedRows
def current_parts() -> QuerySet[RecordPart]:
    """Return the current parts of `records`, as `parts_of` does."""
    return RecordPart.objects.filter(record__among=RECORDS, current=True)


def own_record(reader: Reader, system: str, source_key: str) -> int | None:
    """Return the number of what a system of the reader's agency sent under a key, or None."""
    sent = SourceRecord.objects.filter(
        agency=reader.agency, system=system, source_key=source_key, current=True
    )
    return sent.values_list("pk", flat=True).first()


def records_seen(
    record: Record, parts: Iterable[Seen], names: dict[int, str]
) -> tuple[RecordSeen, ...]:
    """Return the records that have a part the reader sees, latest first, with the role."""
    by_record: dict[int, list[Seen]] = defaultdict(list)
    for part in parts:
        by_record[part.record_id].append(part)
        if part.data_class in SENSITIVE:
            record.marked(Marking.OFFICIAL_SENSITIVE)
    if not by_record:
        return ()
    roles: dict[int, str] = {}  # of the person, where there is one
    for link in seen(record, _links_of(records=by_record)):
        if link.person_id or link.record_id not in roles:
            roles[link.record_id] = link.get("involved") or ""
    rows = _sent(records=by_record)
    found = [_record(row, by_record[row[0]], roles.get(row[0]), names) for row in rows]
    return tuple(sorted(found, key=lambda one: one.happened_at or one.received_at, reverse=True))


@PreparedRows
def _links_of() -> QuerySet[Link]:
    about = Q(person__isnull=False) | Q(organisation__isnull=False)
    return Link.objects.filter(about, record__among=RECORDS, ended_at__isnull=True)


@Prepared
def _sent() -> QuerySet[Any, Any]:
    return SourceRecord.objects.filter(pk__among=RECORDS).values_list(
        "pk", "agency", "kind", "happened_at", "received_at", "reference"
    )


def records_known(record: Record, parts: QuerySet[RecordPart], end: str, field: str) -> set[int]:
    """Return the records that the reader may know to be of a place or an organisation.

    That is by the field of the location part that names it, or by the link itself: an identity
    that is open does not tell where, so it alone does not bring someone to a place's page.
    """
    where = RecordPart.objects.filter(pk__in=parts.values("pk"), data_class="location")
    known = {part.record_id for part in seen(record, where) if field not in part.withheld}
    linked = Link.objects.filter(
        record__in=parts.values("record"), ended_at__isnull=True, **{f"{end}__isnull": False}
    )
    return known | {link.record_id for link in seen(record, linked)}


def known_to(
    parts: Iterable[Seen], records: Iterable[RecordSeen], names: dict[int, str]
) -> tuple[Fact, ...]:
    """Return agencies whose records the reader sees, each with the roles told."""
    roles: dict[str, dict[str, None]] = {names[part.owner_id]: {} for part in parts}
    for one in records:
        if one.involved:
            roles[one.agency][one.involved] = None
    return tuple((agency, ", ".join(roles[agency])) for agency in sorted(roles))


CONTACTS = (("phone", "Telephone"), ("other_phone", "Telephone"), ("email", "Email"))


def contacts(parts: Iterable[Seen], names: dict[int, str]) -> tuple[tuple[str, Told], ...]:
    """Return telephones and e-mail addresses, each with who says so."""
    rows = list(parts)
    return tuple(
        (label, one)
        for field, label in CONTACTS
        for one in told_by((said(p.get(field) or ""), names[p.owner_id]) for p in rows)
    )


def homes_of(parts: Iterable[Seen], names: dict[int, str]) -> tuple[tuple[str, Told], ...]:
    """Return addresses, each with its premises when the reader may see that it is linked there."""
    places = [part for part in parts if part.data_class == "location"]
    uprns = {p.get("uprn") or "" for p in places} - {""}
    by_uprn = dict(_premises(uprns=uprns)) if uprns else {}
    keys = {address_of(part): str(by_uprn.get(part.get("uprn") or "", "")) for part in places}
    told = told_by((address_of(part), names[part.owner_id]) for part in places)
    return tuple((keys[one.value], one) for one in told)


@Prepared
def _premises() -> QuerySet[Any, Any]:
    uprns = Several("uprns", CharField())
    return Premises.objects.filter(uprn__among=uprns).values_list("uprn", "key")


def organisations_named(
    record: Record, parts: Iterable[Seen], names: dict[int, str]
) -> tuple[OrganisationSeen, ...]:
    """Return the organisations whose names the reader sees in parts of records."""
    naming = {part.record_id: part for part in parts if part.get("organisation")}
    by_key: dict[str, list[Seen]] = defaultdict(list)
    for source, key in _organisations(records=naming) if naming else ():
        if str(key) not in record.grants.conflicts:
            by_key[str(key)].append(naming[source])
    found = (
        OrganisationSeen(
            key,
            told_by((part.get("organisation") or "", names[part.owner_id]) for part in some),
            tuple(dict.fromkeys(filter(None, (p.get("organisation_kind") for p in some)))),
            tuple(dict.fromkeys(filter(None, map(address_of, some)))),
        )
        for key, some in by_key.items()
    )
    return tuple(sorted(found, key=lambda one: one.names[0].value))


@Prepared
def _organisations() -> QuerySet[Any, Any]:
    links = Link.objects.filter(
        record__among=RECORDS, organisation__isnull=False, ended_at__isnull=True
    )
    return links.values_list("record", "organisation__key")


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
        agency,
        kind if told else "record",
        happened_at if told else None,
        received_at,
        role or "",
        reference if told else "",
        tuple(part_of(part) for part in sorted(parts, key=lambda p: p.data_class)),
    )


def locked_of(
    record: Record, rows: QuerySet[Any] | Asked, names: dict[int, str]
) -> tuple[LockedPart, ...]:
    """Return what agencies know that the reader may know of but not see."""
    return tuple(_locked(one, names) for one in locked(record, rows))


def _locked(one: Locked, names: dict[int, str]) -> LockedPart:
    return LockedPart(
        names.get(one.owner, one.owner_name),
        one.owner,
        one.data_class,
        because(one.decision),
        one.contact,
        one.decision.outcome is Outcome.NEEDS_APPROVAL,
    )


def markers_of(ends: Q) -> QuerySet[WarningMarker]:
    """Return the warnings of a place or person that have not ended; not yet withheld."""
    return WarningMarker.objects.filter(ends, ended_at__isnull=True)


def markers_seen(
    record: Record, markers: QuerySet[WarningMarker] | Asked, names: dict[int, str]
) -> tuple[MarkerSeen, ...]:
    """Return warnings, those that still hold first; of a stale one only as much as MarkerSeen."""
    return markers_in_order(seen(record, markers), names, record.reader)


def markers_in_order(
    rows: Iterable[Seen], names: dict[int, str], reader: Reader
) -> tuple[MarkerSeen, ...]:
    """Return rows of warnings that were seen as `markers_seen` does."""
    rows, today = list(rows), timezone.localdate(reader.at)
    stale = {row.pk: row for row in rows if row.review_on < today}
    desks = _desks({row.owner_id for row in stale.values()} - {reader.agency})
    found = (
        _not_shown(row, names, desks)
        if row.pk in stale and row.owner_id != reader.agency
        else _marker(row, names, stale=row.pk in stale)
        for row in rows
    )
    return tuple(sorted(found, key=lambda one: (one.stale, one.kind)))


def _desks(agencies: set[int]) -> dict[int, str]:
    """Return whom to call at agencies."""
    if not agencies:
        return {}
    rows = Contact.objects.filter(agency__in=agencies, kind=Contact.Kind.SHARING_DESK)
    return {
        row.agency_id: ", ".join(filter(None, (row.name, row.phone or row.email))) for row in rows
    }


def _not_shown(row: Seen, names: dict[int, str], desks: dict[int, str]) -> MarkerSeen:
    ask = desks.get(row.owner_id, "")
    whose = names[row.owner_id], row.owner_id
    return MarkerSeen(row.pk, "", "", "", "", *whose, row.review_on, True, ask)


def _marker(row: Seen, names: dict[int, str], *, stale: bool) -> MarkerSeen:
    return MarkerSeen(
        row.pk,
        row.get("kind") or "Warning",
        row.get("relevance") or "",
        "" if stale else row.get("advice") or "",
        row.get("source") or "",
        names[row.owner_id],
        row.owner_id,
        row.review_on,
        stale,
    )
