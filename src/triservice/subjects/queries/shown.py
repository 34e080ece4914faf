"""What pages show of people and places: frozen, and nothing in them that was withheld."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from triservice.access.queries import Seen
from triservice.kernel.access_words import Decision
from triservice.kernel.words import long_date

Fact = tuple[str, str]  # what, and the value


@dataclass(frozen=True, slots=True)
class WithheldField:
    """A field that a term leaves out."""

    name: str
    because: str


@dataclass(frozen=True, slots=True)
class Part:
    """One class of one record as the reader sees it."""

    pk: int
    data_class: str
    facts: tuple[Fact, ...]
    withheld: tuple[WithheldField, ...]
    marking: str
    listed: bool = False  # open to a named list of people only


@dataclass(frozen=True, slots=True)
class RecordSeen:
    """One record in the chronology: who sent it, when it happened, the role, and its parts."""

    pk: int
    agency: str
    owner: int
    kind: str
    happened_at: datetime | None
    received_at: datetime
    involved: str  # "" when the link itself is withheld
    reference: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class LockedPart:
    """An agency knows something that is not shown; why, whom to call, and whether asking helps."""

    agency: str
    owner: int
    data_class: str
    because: str
    contact: str
    may_ask: bool


@dataclass(frozen=True, slots=True)
class MarkerSeen:
    """A warning. `stale`: past its review date; shown as such, never as a present danger.

    Of another agency's stale one, who goes there sees only that there is one, whose it is and whom
    to `ask`: what it says may be wrong by now, and that nothing is known would be wrong too. The
    agency whose it is sees what it reviews.
    """

    pk: int
    kind: str
    relevance: str
    advice: str
    source: str
    agency: str
    owner: int
    review_on: date | None
    stale: bool
    ask: str = ""

    @property
    def out_of_date(self) -> str:
        """Return what a stale one says, in words."""
        day = long_date(self.review_on) if self.review_on else ""
        if self.kind:
            return f"{self.kind}. Its review was due on {day}: do not rely on it"
        ask = f"{self.agency} ({self.ask})" if self.ask else self.agency
        return (
            f"a warning of {self.agency} that is not shown. Its review was due on {day}: "
            f"it may still hold. Ask {ask} before you go"
        )


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that agencies say of somebody, and which: they may differ, and both are shown."""

    value: str
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrganisationSeen:
    """An organisation by the names that agencies give it, as far as the reader may see them."""

    key: str
    names: tuple[Told, ...]
    kinds: tuple[str, ...]  # care home, school, pub …
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else who is involved, how, and by what."""

    key: str
    name: str  # "" when withheld
    how: str
    agency: str


@dataclass(frozen=True, slots=True)
class JoinSeen:
    """A standing or undone join of this person's group."""

    pk: int
    made_at: datetime
    by: tuple[str, ...]  # empty: by the rule
    evidence: tuple[Fact, ...]
    undone_at: datetime | None
    undone_by: str
    undone_why: str
    bare: bool  # one side has no record left: all were moved to somebody else


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person, as far as the reader may know."""

    key: str
    names: tuple[Told, ...]
    aliases: tuple[Told, ...]
    born: tuple[Told, ...]
    sex: tuple[Told, ...]
    numbers: tuple[tuple[str, Told], ...]
    deceased: tuple[Told, ...]
    contacts: tuple[tuple[str, Told], ...]
    homes: tuple[tuple[str, Told], ...]  # key of the premises (or ""), address
    needs: tuple[tuple[str, Told], ...]
    known_to: tuple[Fact, ...]  # agency, as what
    markers: tuple[MarkerSeen, ...]
    records: tuple[RecordSeen, ...]
    locked: tuple[LockedPart, ...]
    others: tuple[Other, ...]
    organisations: tuple[OrganisationSeen, ...]
    joined: int  # how many agencies' numbers are one here, of those the reader sees

    @property
    def title(self) -> str:
        """Return a name for the page."""
        return self.names[0].value if self.names else "Name withheld"


@dataclass(frozen=True, slots=True)
class PremisesView:
    """One place, and who and what is known there."""

    key: str
    address: str
    postcode: str
    uprn: str
    easting: float | None
    northing: float | None
    site: tuple[str, str] | None  # key and address of what it is a unit of
    units: tuple[tuple[str, str], ...]
    markers: tuple[MarkerSeen, ...]
    people: tuple[Other, ...]
    records: tuple[RecordSeen, ...]
    households: tuple[tuple[str, int], ...]  # key, members the reader sees
    organisations: tuple[OrganisationSeen, ...]
    locked: tuple[LockedPart, ...]


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """Those who live together, as the agencies the reader may see number them."""

    key: str
    premises: tuple[str, str] | None
    members: tuple[Other, ...]
    records: tuple[RecordSeen, ...]


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """A school, a care home, a business: where it is, who is known there, and what of it."""

    key: str
    names: tuple[Told, ...]
    kinds: tuple[Told, ...]
    homes: tuple[tuple[str, Told], ...]  # key of the premises (or ""), address
    contacts: tuple[tuple[str, Told], ...]
    known_to: tuple[Fact, ...]  # agency, as what
    markers: tuple[MarkerSeen, ...]  # of its premises
    people: tuple[Other, ...]
    records: tuple[RecordSeen, ...]
    locked: tuple[LockedPart, ...]

    @property
    def title(self) -> str:
        """Return a name for the page."""
        return self.names[0].value if self.names else "Name withheld"


LABELS = {
    "given_name": "Given name",
    "middle_names": "Middle names",
    "family_name": "Family name",
    "aliases": "Also known as",
    "date_of_birth": "Date of birth",
    "birth_year": "Year of birth",
    "sex": "Sex",
    "nhs_number": "NHS number",
    "identifiers": "Other numbers",
    "deceased": "Deceased",
    "died_on": "Died on",
    "phone": "Telephone",
    "other_phone": "Other telephone",
    "email": "Email",
    "organisation": "Organisation",
    "organisation_kind": "Kind of organisation",
    "uprn": "UPRN",
    "address": "Address",
    "postcode": "Postcode",
    "easting": "Easting",
    "northing": "Northing",
    "summary": "Summary",
    "details": "Details",
}
OF_CLASS: dict[str, tuple[str, ...]] = {
    "identity": tuple(LABELS)[:11],
    "contact": ("phone", "other_phone", "email"),
    "location": ("organisation", "organisation_kind", "address", "postcode", "uprn"),
}
EVERY = ("summary", "details")


def part_of(seen: Seen) -> Part:
    """Return a part as facts in words."""
    names = (*OF_CLASS.get(seen.data_class, ()), *EVERY)
    facts: list[Fact] = []
    for name in names:
        value = seen.get(name)
        if name == "details":
            facts += [
                (str(k).replace("_", " ").capitalize(), said(v)) for k, v in (value or {}).items()
            ]
        elif value not in (None, "", [], {}, "not known"):
            facts.append((LABELS[name], said(value)))
    withheld = tuple(
        WithheldField(LABELS[name], str(seen.withheld[name].reason))
        for name in names
        if name in seen.withheld
    )
    return Part(
        seen.pk, seen.data_class, tuple(facts), withheld, seen.marking, bool(seen.restriction_id)
    )


def said(value: Any) -> str:
    """Return a value in words."""
    if isinstance(value, date):
        return long_date(value)
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)


def told_by(pairs: Iterable[tuple[str, str]]) -> tuple[Told, ...]:
    """Gather (value, agency) pairs: each value once, with who says so; said by most comes first."""
    found: dict[str, dict[str, None]] = {}
    for value, agency in pairs:
        if value:
            found.setdefault(value, {})[agency] = None
    told = [Told(value, tuple(sorted(agencies))) for value, agencies in found.items()]
    return tuple(sorted(told, key=lambda one: -len(one.agencies)))


def because(decision: Decision) -> str:
    """Return the reason of a decision as a sentence."""
    return str(decision.reason)
