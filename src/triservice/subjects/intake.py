"""From rows that were read to rows of tables, not yet saved. No queries, no writes.

Rows are plain dictionaries of columns: a day's delivery is a million of them, and model instances
would cost more than everything else together.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Model

from triservice.kernel.access_words import DataClass, Marking
from triservice.subjects.layout import Told
from triservice.subjects.models import (
    AccessibleNeed,
    AgencyNumber,
    Household,
    Link,
    Organisation,
    Person,
    Premises,
    RecordPart,
    Relation,
    SearchKey,
    SourceRecord,
    WarningMarker,
)
from triservice.subjects.names import plain
from triservice.subjects.search_words import compact, keys_of
from triservice.subjects.words import Involved, Kept

# The classes that tell who and where somebody is; kept for a search.
SEARCHED = (DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION)
AT_HOME = (Involved.RESIDENT, Involved.PATIENT, Involved.AT_RISK)
BY_NUMBER = "the agency's number"
Row = dict[str, Any]


class Spine(NamedTuple):
    """A person, premises or household by number and key; of premises also the area."""

    pk: int
    key: uuid.UUID
    area: str = ""


def as_sent(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the row as the JSON that is kept, and the SHA-256 of its content in a fixed order."""
    kept = json.dumps(dict(row), default=str, ensure_ascii=False)
    content = json.dumps(
        dict(row), default=str, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return kept, hashlib.sha256(content.encode()).hexdigest()


def address_key(address: str, postcode: str) -> str:
    """Return what two spellings of one address share."""
    return f"{compact(postcode)} {plain(address)}".strip()


@dataclass(slots=True)
class Batch:
    """Rows to save together; `number(model)` gives the next primary key of a table."""

    agency: int
    system: str
    at: datetime
    number: Callable[[type[Model]], int]
    people: dict[str, Spine] = field(default_factory=dict)  # by the agency's number
    households: dict[str, Spine] = field(default_factory=dict)
    premises: dict[str, Spine] = field(default_factory=dict)  # by "uprn …" or address key
    sites: dict[int, int] = field(default_factory=dict)  # premises here before → their site
    organisations: dict[str, Spine] = field(default_factory=dict)
    # By the key of the name and the premises: what several agencies tell of is one.
    named: dict[tuple[str, int], Spine] = field(default_factory=dict)
    carried: dict[str, Spine] = field(default_factory=dict)  # of the version before, by key
    # By someone's hand, and whose (an officer's key): that stays, through every correction.
    moved: dict[str, tuple[Spine, int]] = field(default_factory=dict)
    # Restrictions stay through corrections: of a record by its key, of a subject whatever comes.
    lists: dict[str, int] = field(default_factory=dict)
    listed: dict[uuid.UUID, int] = field(default_factory=dict)
    marked: set[str] = field(default_factory=set)  # OFFICIAL-SENSITIVE: a person lowers it, no row
    rows: dict[type[Model], list[Row]] = field(default_factory=dict)

    def put(self, model: type[Model], **columns: Any) -> Row:
        """Add a row with its primary key."""
        columns["id"] = self.number(model)
        self.rows.setdefault(model, []).append(columns)
        return columns

    def of(self, model: type[Model]) -> list[Row]:
        """Return the rows of a table."""
        return self.rows.get(model, [])

    def add(self, told: Told, sent: str, sha256: str, version: int) -> Row:
        """Add what one row tells, and return its record."""
        said = told.record
        record = self.put(
            SourceRecord,
            agency_id=self.agency,
            system=self.system,
            source_key=told.source_key,
            version=version,
            kind=said["kind"],
            reference=said.get("reference", ""),
            happened_at=said.get("happened_at"),
            received_at=self.at,
            sent=sent,
            sha256=sha256,
            current=True,
        )
        place = self._place(told)
        person = self._person(told)
        organisation = self._organisation(told, place)
        subject = person or organisation or place
        access = {
            "owner_id": self.agency,
            "area": said.get("area") or (place.area if place else ""),
            "marking": self._marking(told),
            "restriction_id": self.lists.get(told.source_key)
            or (self.listed.get(subject.key) if subject else None),
            "subject_key": subject.key if subject else None,
        }
        self._add_parts(told, record["id"], person, place, access)
        self._add_links(told, record["id"], person, place, organisation, access)
        self._add_known(told, person, place, access)
        return record

    def _marking(self, told: Told) -> str:
        """Return the marking of a row: what it says, or the higher one that its record has."""
        if told.record.get("marking") == Marking.OFFICIAL_SENSITIVE:
            self.marked.add(told.source_key)
        sensitive = told.source_key in self.marked
        return str(Marking.OFFICIAL_SENSITIVE if sensitive else Marking.OFFICIAL)

    def make_past(self, record: Row) -> None:
        """Make a record of this batch past: a later version came with it."""
        record["current"] = False
        parts = {part["id"] for part in self.of(RecordPart) if part["record_id"] == record["id"]}
        for part in self.of(RecordPart):
            if part["id"] in parts:
                part["current"] = False
        kept = [key for key in self.of(SearchKey) if key["part_id"] not in parts]
        self.rows[SearchKey] = kept

    def _person(self, told: Told) -> Spine | None:
        """Return the person a row is about: by the agency's number, as before, or someone new."""
        if not told.about_someone:
            return None
        number = told.record.get("person_number")
        if told.source_key in self.moved:
            return self.moved[told.source_key][0]
        if number:
            return self.person_numbered(number)
        if told.source_key not in self.carried:
            self.carried[told.source_key] = self._new(Person, root_id=None)
        return self.carried[told.source_key]

    def _new(self, model: type[Model], **columns: Any) -> Spine:
        row = self.put(model, key=uuid.uuid4(), made_at=self.at, **columns)
        return Spine(row["id"], row["key"], columns.get("area", ""))

    def person_numbered(self, number: str) -> Spine:
        """Return the person whom the agency keeps under a number."""
        if number not in self.people:
            person = self.people[number] = self._new(Person, root_id=None)
            self._add_number(AgencyNumber.Of.PERSON, number, person_id=person.pk)
        return self.people[number]

    def _place(self, told: Told) -> Spine | None:
        """Return the premises a row names: by UPRN, else by address and postcode."""
        said = told.parts.get(DataClass.LOCATION, {})
        uprn, address = said.get("uprn"), said.get("address", "")
        if not uprn and not address:
            return None
        by_address = address_key(address, said.get("postcode", ""))[:320]
        name = f"uprn {uprn}" if uprn else by_address
        site = self._site(told)
        if name not in self.premises:
            self.premises[name] = self._new(
                Premises,
                uprn=uprn,
                address=address or f"Premises {uprn}, address not told",
                postcode=said.get("postcode", ""),
                address_key=by_address,
                easting=said.get("easting"),
                northing=said.get("northing"),
                area=told.record.get("area", ""),
                parent_id=site.pk if site else None,
            )
            self.premises.setdefault(by_address, self.premises[name])
        elif site:
            self.sites[self.premises[name].pk] = site.pk
        return self.premises[name]

    def _site(self, told: Told) -> Spine | None:
        """Return the site that the premises of a row is a unit of."""
        uprn = told.record.get("parent_uprn")
        if uprn is None:
            return None
        name = f"uprn {uprn}"
        if name not in self.premises:
            self.premises[name] = self._new(
                Premises,
                uprn=uprn,
                address=f"Premises {uprn}, address not told",
                area=told.record.get("area", ""),
            )
        return self.premises[name]

    def _organisation(self, told: Told, place: Spine | None) -> Spine | None:
        """Return the organisation a row names: by the agency's number, else by name and place."""
        number = told.record.get("organisation_number")
        name = plain(told.parts.get(DataClass.LOCATION, {}).get("organisation", ""))
        if number in self.organisations:
            return self.organisations[number]
        if not number and not name:
            return None
        found = self.named.get((name, place.pk)) if place and name else None
        if found is None:
            at = place.pk if place else None
            found = self._new(Organisation, name_key=name, premises_id=at)
        if place and name:
            self.named[name, place.pk] = found
        if number:
            self.organisations[number] = found
            self._add_number(AgencyNumber.Of.ORGANISATION, number, organisation_id=found.pk)
        return found

    def _household(self, number: str, place: Spine | None) -> Spine:
        if number not in self.households:
            home = self._new(Household, premises_id=place.pk if place else None)
            self.households[number] = home
            self._add_number(AgencyNumber.Of.HOUSEHOLD, number, household_id=home.pk)
        return self.households[number]

    def _add_number(self, of: AgencyNumber.Of, number: str, **spine: int) -> None:
        self.put(
            AgencyNumber,
            agency_id=self.agency,
            system=self.system,
            of=str(of),
            number=number,
            **spine,
        )

    def _add_parts(
        self, told: Told, record: int, person: Spine | None, place: Spine | None, access: Row
    ) -> None:
        for data_class, said in told.parts.items():
            part = self.put(
                RecordPart, record_id=record, data_class=str(data_class), **access, **said
            )
            if data_class not in SEARCHED:
                continue
            for kind, text in keys_of(said):
                named = kind in (Kept.NAME, Kept.NAMES, Kept.ALIAS)
                self.put(
                    SearchKey,
                    part_id=part["id"],
                    person_id=person.pk if person else None,
                    premises_id=place.pk if place else None,
                    kind=str(kind),
                    text=text[:500],
                    born=said.get("date_of_birth") if named else None,
                    data_class=part["data_class"],
                    **access,
                )

    def _add_links(
        self,
        told: Told,
        record: int,
        person: Spine | None,
        place: Spine | None,
        organisation: Spine | None,
        access: Row,
    ) -> None:
        role = told.record.get("role", Involved.NOT_SAID)
        number = told.record.get("household_number")
        numbered = "person_number" in told.record
        if person:
            why = BY_NUMBER if numbered else "a row of its own"
            ends = {"person_id": person.pk}
            if told.source_key in self.moved:
                why, ends["made_by_id"] = "hand", self.moved[told.source_key][1]
            self._link(told, record, access, why, role, **ends)
        part_played = Involved.HOME if role in AT_HOME else Involved.SCENE
        if organisation:  # a pub without a customer is itself the victim
            played = role if not person else part_played if place else Involved.NOT_SAID
            why = "name and place" if not told.record.get("organisation_number") else BY_NUMBER
            self._link(told, record, access, why, played, organisation_id=organisation.pk)
        if place:
            why = "UPRN" if "uprn" in told.parts[DataClass.LOCATION] else "address"
            self._link(told, record, access, why, part_played, premises_id=place.pk)
        if number:
            home = self._household(number, place)
            self._link(told, record, access, BY_NUMBER, Involved.MEMBER, household_id=home.pk)

    def _link(
        self, told: Told, record: int, access: Row, why: str, involved: Involved, **end: int
    ) -> None:
        self.put(
            Link,
            record_id=record,
            data_class=str(told.service),
            involved=str(involved),
            evidence={"by": why},
            made_at=self.at,
            **access,
            **end,
        )

    def _add_known(
        self, told: Told, person: Spine | None, place: Spine | None, access: Row
    ) -> None:
        """Add needs, the marker and the relation that a row tells."""
        for kind, need in told.needs.items() if person else ():
            self.put(
                AccessibleNeed,
                person_id=person.pk if person else None,
                kind=kind,
                need=need,
                made_at=self.at,
                data_class=str(DataClass.CONTACT),
                **access,
            )
        if told.marker:
            self._add_marker(told.marker, person, place, access)
        to = told.record.get("relation_to")
        if person and to:
            self.put(
                Relation,
                person_id=person.pk,
                other_id=self.person_numbered(to).pk,
                kind=str(told.record["relation"]),
                evidence=f"{told.record['kind']} of {self.system}",
                made_at=self.at,
                data_class=str(told.service),
                **access,
            )

    def _add_marker(
        self, said: Row, person: Spine | None, place: Spine | None, access: Row
    ) -> None:
        on_place = said.get("marker_on") == "premises" or person is None
        if on_place and place is None:
            return
        own = place if on_place else person
        self.put(
            WarningMarker,
            person_id=None if on_place or person is None else person.pk,
            premises_id=place.pk if on_place and place else None,
            kind=said["marker"],
            relevance=said.get("marker_relevance", "Anyone who visits"),
            advice=said.get("marker_advice", ""),
            source=said["marker_source"],
            review_on=said["marker_review_on"],
            made_at=self.at,
            data_class=str(DataClass.RISK),
            **access | {"subject_key": own.key if own else None},
        )
