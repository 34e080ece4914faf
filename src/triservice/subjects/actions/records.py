"""Receive rows of an agency's system. A row that comes twice is kept once; a bad one kept apart."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import IntegrityError
from django.db.models import Q

from triservice.access.models import Kind
from triservice.access.record import recording
from triservice.access.restrictions.actions import hold_lists
from triservice.agencies.models import Agency
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Marking, Reader
from triservice.kernel.errors import InputError
from triservice.subjects import layout
from triservice.subjects.actions import saving
from triservice.subjects.actions.bulk import Numbers
from triservice.subjects.intake import Batch, Row, Spine, address_key, as_sent
from triservice.subjects.models import (
    AgencyNumber,
    Link,
    Organisation,
    Person,
    Premises,
    Quarantined,
    RecordPart,
    SourceRecord,
)
from triservice.subjects.names import plain
from triservice.subjects.queries.restricted import on_lists

AT_ONCE = 5_000  # rows in one transaction; a run that is stopped goes on where it was


@dataclass(slots=True)
class Receipt:
    """What became of the rows. `quarantined` holds row numbers with their sentences."""

    new: int = 0
    corrected: int = 0
    same: int = 0
    quarantined: list[tuple[int, list[str]]] = field(default_factory=list)
    people: list[int] = field(default_factory=list)  # who came new: to be compared

    def __str__(self) -> str:
        return (
            f"{self.new:,} new, {self.corrected:,} corrected, {self.same:,} already here, "
            f"{len(self.quarantined):,} put aside because they could not be read."
        )


@dataclass(slots=True)
class _Before:
    """What is kept under a source key: the latest version, and the content of each version."""

    version: int
    contents: dict[int, str]
    record: Row | None = None  # when it came in the same batch
    pk: int | None = None


def receive_records(
    reader: Reader,
    agency: Agency,
    system: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    first_row: int = 1,
) -> Receipt:
    """Keep rows of a system of the reader's own agency. See `layout` for the columns.

    A version that came before is skipped; the same version with another content is put aside; a
    changed row without a version is the next version. Bad rows are quarantined whole. Each 5,000
    rows (`AT_ONCE`) are one transaction with its record. Raises InputError for another's agency.
    """
    if reader.agency != agency.pk:
        raise InputError(
            f"You act for another agency than {agency}",
            kept="Nothing was kept.",
            do="Send the rows as an officer or system of that agency.",
        )
    receipt = Receipt()
    numbered = enumerate(rows, first_row)
    while some := list(islice(numbered, AT_ONCE)):
        for last in (False, False, True):
            try:
                _receive(reader, agency, system, some, receipt)
                break
            except IntegrityError:  # another sender was first with some of them: look again
                if last:
                    raise
    return receipt


def _receive(
    reader: Reader,
    agency: Agency,
    system: str,
    rows: Sequence[tuple[int, Mapping[str, Any]]],
    receipt: Receipt,
) -> None:
    service = layout.SERVICE_CLASS[agency.kind]
    told: list[tuple[int, layout.Told, str, str]] = []
    bad: list[tuple[int, str, str, list[str]]] = []
    for number, row in rows:
        sent, sha256 = as_sent(row)
        try:
            told.append((number, layout.read(row, service), sent, sha256))
        except layout.Unreadable as error:
            bad.append((number, sent, sha256, error.wrong))
    counts = Receipt()
    with recording(reader, Kind.COLLECTION, f"received {len(rows):,} rows of {system}") as record:
        hold_lists(agency.pk)
        batch = Batch(agency.pk, system, clock.now(), Numbers())
        before = _before(agency, system, [one.source_key for _, one, _, _ in told])
        look_up(batch, [one for _, one, _, _ in told], before)
        for number, one, sent, sha256 in told:
            wrong = _take(batch, before, one, sent, sha256, counts)
            if wrong:
                bad.append((number, sent, sha256, [wrong]))
        replaced = [b.pk for b in before.values() if b.pk and b.record]
        saving.replace(replaced)
        saving.save(batch)
        _put_aside(agency, system, bad)
        for kept in batch.of(SourceRecord):
            record.did("subjects.sourcerecord", kept["id"], str(service))
        if bad:
            record.note("quarantined", len(bad))
    receipt.new += counts.new
    receipt.corrected += counts.corrected
    receipt.same += counts.same
    receipt.quarantined += [(number, wrong) for number, _, _, wrong in bad]
    receipt.people += [person["id"] for person in batch.of(Person)]


def _take(
    batch: Batch,
    before: dict[str, _Before],
    told: layout.Told,
    sent: str,
    sha256: str,
    counts: Receipt,
) -> str | None:
    """Add a row to the batch unless it is here; return a sentence when it contradicts itself."""
    here = before.get(told.source_key)
    version = told.record.get("version")
    if here is None:
        record = batch.add(told, sent, sha256, version or 1)
        before[told.source_key] = _Before(version or 1, {version or 1: sha256}, record)
        counts.new += 1
        return None
    if version is None:
        if here.contents[here.version] == sha256:
            counts.same += 1
            return None
        version = here.version + 1
    elif version in here.contents:
        if here.contents[version] == sha256:
            counts.same += 1
            return None
        return (
            f"source_key {told.source_key}: version {version} came before with another content; "
            "what came first was kept. Send a correction under a higher version."
        )
    record = batch.add(told, sent, sha256, version)
    counts.corrected += 1
    here.contents[version] = sha256
    if version < here.version:  # it comes late: a later version is the current one
        batch.make_past(record)
        return None
    if here.record is not None:
        batch.make_past(here.record)
    here.version, here.record = version, record
    return None


def _before(agency: Agency, system: str, keys: list[str]) -> dict[str, _Before]:
    """Return what is kept already under these keys."""
    found: dict[str, _Before] = {}
    rows = SourceRecord.objects.filter(agency=agency, system=system, source_key__in=set(keys))
    for key, version, sha256, current, pk in rows.values_list(
        "source_key", "version", "sha256", "current", "pk"
    ):
        here = found.setdefault(key, _Before(version, {}))
        here.contents[version] = sha256
        if current:
            here.version, here.pk = version, pk
    return found


def look_up(batch: Batch, told: list[layout.Told], before: dict[str, _Before]) -> None:
    """Find the people, households, organisations and premises that the rows name."""
    for of, column, named, spine in (
        (AgencyNumber.Of.PERSON, ("person_number", "relation_to"), batch.people, "person"),
        (AgencyNumber.Of.HOUSEHOLD, ("household_number",), batch.households, "household"),
        (
            AgencyNumber.Of.ORGANISATION,
            ("organisation_number",),
            batch.organisations,
            "organisation",
        ),
    ):
        wanted = {one.record[name] for one in told for name in column if name in one.record}
        known = AgencyNumber.objects.filter(
            agency=batch.agency, system=batch.system, of=of, number__in=wanted
        ).values_list("number", spine, f"{spine}__key")
        named.update({number: Spine(pk, key) for number, pk, key in known})
    keys = {b.pk: key for key, b in before.items() if b.pk}
    links = Link.objects.filter(record__in=keys, person__isnull=False, ended_at__isnull=True)
    for source, pk, key, by in links.values_list("record", "person", "person__key", "made_by"):
        if by:
            batch.moved[keys[source]] = Spine(pk, key), by
        else:
            batch.carried[keys[source]] = Spine(pk, key)
    _look_up_restrictions(batch, keys)
    places = [one.parts[DataClass.LOCATION] for one in told if DataClass.LOCATION in one.parts]
    uprns = {place["uprn"] for place in places if "uprn" in place}
    uprns |= {one.record["parent_uprn"] for one in told if "parent_uprn" in one.record}
    addresses = {
        address_key(place["address"], place.get("postcode", ""))
        for place in places
        if "uprn" not in place and "address" in place
    }
    columns = ("pk", "key", "area", "uprn", "address_key")
    for pk, key, area, uprn, _ in Premises.objects.filter(uprn__in=uprns).values_list(*columns):
        batch.premises[f"uprn {uprn}"] = Spine(pk, key, area)
    spelt = Premises.objects.filter(address_key__in=addresses).order_by("-uprn", "-pk")
    for pk, key, area, _, by_address in spelt.values_list(*columns):
        batch.premises[by_address] = Spine(pk, key, area)
    names = {plain(place["organisation"]) for place in places if "organisation" in place}
    if names:
        there = {place.pk for place in batch.premises.values()}
        bodies = Organisation.objects.filter(name_key__in=names, premises__in=there)
        for pk, key, name, at in bodies.values_list("pk", "key", "name_key", "premises"):
            batch.named[name, at] = Spine(pk, key)


def _look_up_restrictions(batch: Batch, keys: dict[int, str]) -> None:
    """Find what is restricted: the records (by number → source key), and the subjects."""
    batch.listed = on_lists(batch.agency)
    closed = RecordPart.objects.filter(
        Q(restriction__lifted_at__isnull=True, restriction__isnull=False)
        | Q(marking=Marking.OFFICIAL_SENSITIVE),
        record__in=keys,
    )
    for source, listed, marking in closed.values_list("record", "restriction", "marking"):
        if listed:
            batch.lists[keys[source]] = listed
        if marking == Marking.OFFICIAL_SENSITIVE:
            batch.marked.add(keys[source])


def _put_aside(agency: Agency, system: str, bad: list[tuple[int, str, str, list[str]]]) -> None:
    at = clock.now()
    Quarantined.objects.bulk_create(
        [
            Quarantined(
                agency=agency,
                system=system,
                row_number=number,
                sent=json.loads(sent),
                sha256=sha256,
                wrong=wrong,
                received_at=at,
            )
            for number, sent, sha256, wrong in bad
        ],
        ignore_conflicts=True,  # the same bad row waits once
    )


def settle_quarantined(reader: Reader, row: int, how: str) -> None:
    """Say what was done about a bad row of the reader's agency. Raises InputError."""
    with recording(reader, Kind.ALTERATION, "settled a row that could not be read") as record:
        settled = Quarantined.objects.filter(
            pk=row, agency=reader.agency, settled_at__isnull=True
        ).update(settled_at=clock.now(), settled_by=reader.officer, settled_how=how)
        if not settled:
            raise InputError("This row is not waiting: it was settled, or is not your agency's")
        record.did("subjects.quarantined", row)
