"""When two people known to services may be one person. Pure.

The same name and date of birth never make a match by themselves: the Information Commissioner's
reprimand of West Midlands Police (2024) followed from that. A match by itself needs them and two
further identifiers that are independent of each other; everything else is for people to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from triservice.subjects.names import likeness, plain, short_forms

T = TypeVar("T")


class Agreement(StrEnum):
    """How one thing compares between two people."""

    AGREES = "agrees"
    CLOSE = "close"
    DIFFERS = "differs"
    UNKNOWN = "not known"


class Verdict(StrEnum):
    """What the rule says of a pair."""

    MATCH = "match"  # joined by itself, unless that would expose sensitive records
    REVIEW = "review"  # for people to judge
    NO = "no"


KNOWN_BY = (
    "given_name",
    "family_name",
    "aliases",
    "date_of_birth",
    "birth_year",
    "sex",
    "nhs_number",
    "identifiers",
    "phone",
    "other_phone",
    "email",
    "uprn",
    "postcode",
)
"""The columns of a record's parts that tell who someone is."""


@dataclass(slots=True)
class Identity:
    """What the agencies' records say someone is known by. Each set may be empty: not known."""

    given: set[str] = field(default_factory=set)
    family: set[str] = field(default_factory=set)
    born: set[date] = field(default_factory=set)
    birth_years: set[int] = field(default_factory=set)
    sex: set[str] = field(default_factory=set)
    nhs_numbers: set[str] = field(default_factory=set)
    identifiers: set[tuple[str, str]] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    uprns: set[str] = field(default_factory=set)
    postcodes: set[str] = field(default_factory=set)

    def add_name(self, given: str, family: str) -> None:
        """Add a name as someone wrote it."""
        if first := plain(given).split():
            self.given.add(first[0])
        if last := plain(family):
            self.family.add(last)

    def add_alias(self, whole: str) -> None:
        """Add an alias: the last word is taken for the family name, a single word for a given."""
        first, *rest = plain(whole).split() or [""]
        self.add_name(first, rest[-1] if rest else "")

    def learn(self, told: Mapping[str, Any]) -> None:
        """Add what one part of a record tells, by `KNOWN_BY`; what is blank tells nothing."""
        self.add_name(told["given_name"] or "", told["family_name"] or "")
        for alias in told["aliases"] or ():
            self.add_alias(alias)
        for name, into in (
            ("date_of_birth", self.born),
            ("birth_year", self.birth_years),
            ("nhs_number", self.nhs_numbers),
            ("phone", self.phones),
            ("other_phone", self.phones),
            ("email", self.emails),
            ("uprn", self.uprns),
            ("postcode", self.postcodes),
        ):
            if told[name]:
                into.add(told[name])
        if told["sex"]:
            self.sex.add(told["sex"].lower()[:1])
        self.identifiers |= set((told["identifiers"] or {}).items())


FURTHER = ("nhs_number", "identifier", "phone", "email", "place")
"""The further identifiers. A UPRN and its postcode are one: they are not independent."""

_UNDECIDED = (Agreement.UNKNOWN, Agreement.CLOSE)


def compare(left: Identity, right: Identity) -> dict[str, Agreement]:
    """Compare two people, field by field. The answer holds no value of either."""
    kinds = {kind for kind, _ in left.identifiers} & {kind for kind, _ in right.identifiers}
    place = _sets(left.uprns, right.uprns)
    if place is not Agreement.AGREES:
        by_postcode = _sets(left.postcodes, right.postcodes)
        place = (
            Agreement.AGREES if by_postcode is Agreement.AGREES else max_known(place, by_postcode)
        )
    return {
        "given_name": _names(left.given, right.given),
        "family_name": _names(left.family, right.family),
        "date_of_birth": _births(left, right),
        "sex": _sets(left.sex, right.sex),
        "nhs_number": _sets(left.nhs_numbers, right.nhs_numbers),
        "identifier": _sets(
            {n for n in left.identifiers if n[0] in kinds},
            {n for n in right.identifiers if n[0] in kinds},
        ),
        "phone": _sets(left.phones, right.phones),
        "email": _sets(left.emails, right.emails),
        "place": place,
    }


def max_known(one: Agreement, other: Agreement) -> Agreement:
    """Return whichever of two answers is not 'not known'."""
    return other if one is Agreement.UNKNOWN else one


def verdict(evidence: dict[str, Agreement]) -> Verdict:
    """Say what evidence is worth. A number that differs, or another birthday, is never a match."""
    core = [evidence[name] for name in ("given_name", "family_name", "date_of_birth")]
    further = [name for name in FURTHER if evidence[name] is Agreement.AGREES]
    against = any(
        evidence[name] is Agreement.DIFFERS for name in ("date_of_birth", "nhs_number", "sex")
    )
    if all(one is Agreement.AGREES for one in core):
        return Verdict.MATCH if len(further) >= 2 and not against else Verdict.REVIEW
    strong = {"nhs_number", "identifier"} & set(further)
    near = sum(one in (Agreement.AGREES, Agreement.CLOSE) for one in core)
    if strong or (near == 3 and further) or (near == 2 and len(further) >= 2 and not against):
        return Verdict.REVIEW
    return Verdict.NO


def _sets(left: set[T], right: set[T]) -> Agreement:
    if not left or not right:
        return Agreement.UNKNOWN
    return Agreement.AGREES if left & right else Agreement.DIFFERS


def _names(left: set[str], right: set[str]) -> Agreement:
    if not left or not right:
        return Agreement.UNKNOWN
    if left & right or any(short_forms(one) & right for one in left):
        return Agreement.AGREES if left & right else Agreement.CLOSE
    close = any(likeness(one, other) > 0 for one in left for other in right)
    return Agreement.CLOSE if close else Agreement.DIFFERS


def _births(left: Identity, right: Identity) -> Agreement:
    if left.born and right.born:
        if left.born & right.born:
            return Agreement.AGREES
        close = any(_near_day(one, other) for one in left.born for other in right.born)
        return Agreement.CLOSE if close else Agreement.DIFFERS
    years = [{day.year for day in side.born} | side.birth_years for side in (left, right)]
    if not all(years):
        return Agreement.UNKNOWN
    return Agreement.CLOSE if years[0] & years[1] else Agreement.DIFFERS


def _near_day(one: date, other: date) -> bool:
    """Whether two of day, month and year agree, or day and month are swapped."""
    same = (one.day == other.day) + (one.month == other.month) + (one.year == other.year)
    swapped = one.year == other.year and (one.day, one.month) == (other.month, other.day)
    return same >= 2 or swapped
