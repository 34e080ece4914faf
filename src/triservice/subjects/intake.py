"""From rows that were read to rows of the database, not yet saved. No queries, no writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triservice.agencies.models import Agency
from triservice.kernel.access_words import DataClass, Marking
from triservice.subjects.layout import Told
from triservice.subjects.models import (
    AccessibleNeed,
    AgencyNumber,
    Household,
    Link,
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


def as_sent(row: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the row as JSON can keep it, and the SHA-256 of its content in a fixed order."""
    kept = json.loads(json.dumps(dict(row), default=str))
    content = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return kept, hashlib.sha256(content.encode()).hexdigest()


def address_key(address: str, postcode: str) -> str:
    """Return what two spellings of one address share."""
    return f"{compact(postcode)} {plain(address)}".strip()


@dataclass(slots=True)
class Batch:
    """Rows to save together. The spines that rows name are looked up here by their keys."""

    agency: Agency
    system: str
    at: datetime
    people: dict[str, Person] = field(default_factory=dict)  # by the agency's number
    households: dict[str, Household] = field(default_factory=dict)
    premises: dict[str, Premises] = field(default_factory=dict)  # by "uprn …" or address key
    carried: dict[str, Person] = field(default_factory=dict)  # of the version before, by key
    moved: dict[str, Person] = field(default_factory=dict)  # by someone's hand: that stays
    new_people: list[Person] = field(default_factory=list)
    new_households: list[Household] = field(default_factory=list)
    new_premises: list[Premises] = field(default_factory=list)
    numbers: list[AgencyNumber] = field(default_factory=list)
    records: list[SourceRecord] = field(default_factory=list)
    parts: list[RecordPart] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    keys: list[SearchKey] = field(default_factory=list)
    needs: list[AccessibleNeed] = field(default_factory=list)
    markers: list[WarningMarker] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)

    def add(self, told: Told, sent: dict[str, Any], sha256: str, version: int) -> SourceRecord:
        """Add what one row tells, and return its record."""
        said = told.record
        record = SourceRecord(
            agency=self.agency,
            system=self.system,
            source_key=told.source_key,
            version=version,
            kind=said["kind"],
            reference=said.get("reference", ""),
            happened_at=said.get("happened_at"),
            received_at=self.at,
            sent=sent,
            sha256=sha256,
        )
        self.records.append(record)
        place = self._place(told)
        person = self._person(told)
        subject = person or place
        access = {
            "owner": self.agency,
            "area": said.get("area") or (place.area if place else ""),
            "marking": str(said.get("marking", Marking.OFFICIAL)),
            "subject_key": subject.key if subject else None,
        }
        self._add_parts(told, record, person, place, access)
        self._add_links(told, record, person, place, access)
        self._add_known(told, person, place, access)
        return record

    def _person(self, told: Told) -> Person | None:
        """Return the person a row is about: by the agency's number, as before, or someone new."""
        if not told.about_someone:
            return None
        number = told.record.get("person_number")
        if told.source_key in self.moved:
            return self.moved[told.source_key]
        if number:
            return self.person_numbered(number)
        if told.source_key in self.carried:
            return self.carried[told.source_key]
        person = Person(made_at=self.at)
        self.new_people.append(person)
        self.carried[told.source_key] = person
        return person

    def person_numbered(self, number: str) -> Person:
        """Return the person whom the agency keeps under a number."""
        if number not in self.people:
            person = self.people[number] = Person(made_at=self.at)
            self.new_people.append(person)
            self._add_number(AgencyNumber.Of.PERSON, number, person=person)
        return self.people[number]

    def _place(self, told: Told) -> Premises | None:
        """Return the premises a row names: by UPRN, then by address and postcode."""
        said = told.parts.get(DataClass.LOCATION, {})
        uprn, address = said.get("uprn", ""), said.get("address", "")
        by_address = address_key(address, said.get("postcode", ""))
        names = [f"uprn {uprn}"] if uprn else [by_address] if address else []
        for name in names:
            if name not in self.premises:
                place = Premises(
                    uprn=uprn or None,
                    address=address or f"Premises {uprn}, address not told",
                    postcode=said.get("postcode", ""),
                    address_key=by_address[:320],
                    easting=said.get("easting"),
                    northing=said.get("northing"),
                    area=told.record.get("area", ""),
                    made_at=self.at,
                )
                self.premises[name] = place
                self.new_premises.append(place)
            return self.premises[name]
        return None

    def _household(self, number: str, place: Premises | None) -> Household:
        if number not in self.households:
            home = self.households[number] = Household(premises=place, made_at=self.at)
            self.new_households.append(home)
            self._add_number(AgencyNumber.Of.HOUSEHOLD, number, household=home)
        return self.households[number]

    def _add_number(self, of: AgencyNumber.Of, number: str, **spine: Any) -> None:
        self.numbers.append(
            AgencyNumber(agency=self.agency, system=self.system, of=of, number=number, **spine)
        )

    def _add_parts(
        self,
        told: Told,
        record: SourceRecord,
        person: Person | None,
        place: Premises | None,
        access: dict[str, Any],
    ) -> None:
        for data_class, said in told.parts.items():
            part = RecordPart(record=record, data_class=str(data_class), **access, **said)
            self.parts.append(part)
            if data_class in SEARCHED:
                born = said.get("date_of_birth")
                self.keys += search_keys(part, said, person, place, born, access)

    def _add_links(
        self,
        told: Told,
        record: SourceRecord,
        person: Person | None,
        place: Premises | None,
        access: dict[str, Any],
    ) -> None:
        role = told.record.get("role", Involved.NOT_SAID)
        number = told.record.get("household_number")
        ends: list[tuple[dict[str, Any], str]] = []
        if person:
            why = "the agency's number" if "person_number" in told.record else "a row of its own"
            ends.append(({"person": person, "involved": role}, why))
        if place:
            at_home = role in (Involved.RESIDENT, Involved.PATIENT, Involved.AT_RISK)
            part_played = Involved.HOME if at_home else Involved.SCENE
            why = "UPRN" if place.uprn else "address"
            ends.append(({"premises": place, "involved": part_played}, why))
        if number:
            home = self._household(number, place)
            ends.append(({"household": home, "involved": Involved.MEMBER}, "the agency's number"))
        for end, why in ends:
            self.links.append(
                Link(
                    record=record,
                    data_class=str(told.service),
                    evidence={"by": why},
                    made_at=self.at,
                    **access,
                    **end,
                )
            )

    def _add_known(
        self, told: Told, person: Person | None, place: Premises | None, access: dict[str, Any]
    ) -> None:
        """Add needs, the marker and the relation that a row tells."""
        if person:
            self.needs += [
                AccessibleNeed(
                    person=person,
                    kind=kind,
                    need=need,
                    made_at=self.at,
                    data_class=str(DataClass.CONTACT),
                    **access,
                )
                for kind, need in told.needs.items()
            ]
        if told.marker:
            self._add_marker(told.marker, person, place, access)
        to = told.record.get("relation_to")
        if person and to:
            self.relations.append(
                Relation(
                    person=person,
                    other=self.person_numbered(to),
                    kind=str(told.record["relation"]),
                    evidence=f"{told.record['kind']} of {self.system}",
                    made_at=self.at,
                    data_class=str(told.service),
                    **access,
                )
            )

    def _add_marker(
        self,
        said: dict[str, Any],
        person: Person | None,
        place: Premises | None,
        access: dict[str, Any],
    ) -> None:
        on_place = said.get("marker_on") == "premises" or person is None
        if on_place and place is None:
            return
        end = {"premises": place} if on_place else {"person": person}
        self.markers.append(
            WarningMarker(
                kind=said["marker"],
                relevance=said.get("marker_relevance", "Anyone who visits"),
                advice=said.get("marker_advice", ""),
                source=said["marker_source"],
                review_on=said["marker_review_on"],
                made_at=self.at,
                data_class=str(DataClass.RISK),
                **access,
                **end,
            )
        )


def search_keys(
    part: RecordPart,
    said: Mapping[str, Any],
    person: Person | None,
    place: Premises | None,
    born: Any,
    access: Mapping[str, Any],
) -> Iterable[SearchKey]:
    """Return the search keys of a part."""
    return [
        SearchKey(
            part=part,
            person=person,
            premises=place,
            kind=str(kind),
            text=text[:500],
            born=born if kind in (Kept.NAME, Kept.ALIAS) else None,
            data_class=part.data_class,
            **access,
        )
        for kind, text in keys_of(said)
    ]
