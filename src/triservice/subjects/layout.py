"""The layout of a row that an agency sends: which column is of which data class, and how it reads.

Pure. A column is one of `COLUMNS`, or `identifier.<kind>`, or `<data class>.<anything>` (kept in
the details of that class). Anything else is an error: a column that nobody placed in a class would
have no rule of access.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from triservice.kernel.access_words import DataClass, Marking
from triservice.subjects import numbers
from triservice.subjects.words import Involved, Kin, Known

LAST_VERSION = 2**31 - 2  # a column of four bytes, and room for the version after it
LONDON = ZoneInfo("Europe/London")
NOT_TOLD = frozenset({"", "unknown", "not known", "n/k", "nk", "none", "null", "n/a"})

SERVICE_CLASS: dict[str, DataClass] = {
    "police": DataClass.POLICE,
    "fire": DataClass.FIRE,
    "ambulance": DataClass.AMBULANCE,
    "health": DataClass.HEALTH,
    "council": DataClass.SOCIAL_CARE,
    "charity": DataClass.RISK,
}
"""The class of what a kind of agency tells, unless the row names another in `data_class`."""


def words(text: str) -> str:
    """Return text with single spaces."""
    return " ".join(text.split())


def listed(text: str) -> list[str]:
    """Return the names of a list split by semicolons."""
    return [words(one) for one in text.split(";") if one.strip()]


def metres(text: str) -> float:
    """Return a national grid coordinate in metres."""
    value = float(text)
    if not 0 <= value <= 1_300_000:
        raise ValueError(f"“{text}” is not a national grid coordinate in metres")
    return value


def moment(text: str) -> datetime:
    """Return an aware time; a time without a zone is on British clocks; a day is its midnight."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        told = datetime.combine(numbers.day(text), datetime.min.time())
    return told if told.tzinfo else told.replace(tzinfo=LONDON)


def year(text: str) -> int:
    """Return a year of birth."""
    if not (text.isdecimal() and 1850 <= int(text) <= 2200):
        raise ValueError(f"“{text}” is not a year of birth")
    return int(text)


def whole(text: str) -> int:
    """Return a version number, 1 or more."""
    if not (text.isdecimal() and len(text) <= 10 and 1 <= int(text) <= LAST_VERSION):
        raise ValueError(f"“{text[:40]}” is not a version: 1, 2, 3 …")
    return int(text)


def one_of(allowed: type[Any]) -> Callable[[str], Any]:
    """Return a reader of one of the words of an enumeration."""

    def read(text: str) -> Any:
        try:
            return allowed(text.strip().lower())
        except ValueError:
            known = ", ".join(str(word) for word in allowed)
            raise ValueError(f"“{text}” is not one of: {known}") from None

    return read


def marking(text: str) -> Marking:
    """Return the marking of a row."""
    try:
        return Marking(text.strip().upper().replace(" ", "-"))
    except ValueError:
        raise ValueError(f"“{text}” is not OFFICIAL or OFFICIAL-SENSITIVE") from None


RECORD = "record"  # columns of the row itself
NEEDS = "needs"  # become accessible needs
MARKER = "marker"  # become a warning marker


@dataclass(frozen=True, slots=True)
class Column:
    """Where a column goes, how its text reads, and the most characters it may have."""

    goes_to: DataClass | str
    read: Callable[[str], Any] = words
    longest: int = 300


_I, _C, _L = DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION
COLUMNS: dict[str, Column] = {
    "source_key": Column(RECORD, longest=120),
    "version": Column(RECORD, whole),
    "kind": Column(RECORD, longest=80),
    "reference": Column(RECORD, longest=120),
    "happened_at": Column(RECORD, moment),
    "role": Column(RECORD, one_of(Involved)),
    "data_class": Column(RECORD, one_of(DataClass)),
    "area": Column(RECORD, longest=20),
    "marking": Column(RECORD, marking),
    "person_number": Column(RECORD, longest=120),
    "household_number": Column(RECORD, longest=120),
    "organisation_number": Column(RECORD, longest=120),
    "parent_uprn": Column(RECORD, numbers.uprn),
    "relation": Column(RECORD, one_of(Kin)),
    "relation_to": Column(RECORD, longest=120),
    "given_name": Column(_I, longest=100),
    "middle_names": Column(_I, longest=100),
    "family_name": Column(_I, longest=100),
    "aliases": Column(_I, listed),
    "date_of_birth": Column(_I, numbers.day),
    "birth_year": Column(_I, year),
    "sex": Column(_I, longest=20),
    "nhs_number": Column(_I, numbers.nhs_number),
    "deceased": Column(_I, one_of(Known)),
    "died_on": Column(_I, numbers.day),
    "phone": Column(_C, numbers.telephone),
    "other_phone": Column(_C, numbers.telephone),
    "email": Column(_C, str.lower, longest=254),
    "organisation": Column(_L, longest=200),
    "organisation_kind": Column(_L, longest=80),
    "uprn": Column(_L, numbers.uprn),
    "address": Column(_L),
    "postcode": Column(_L, numbers.postcode),
    "easting": Column(_L, metres),
    "northing": Column(_L, metres),
    "language": Column(NEEDS, longest=200),
    "interpreter": Column(NEEDS, longest=200),
    "hearing": Column(NEEDS, longest=200),
    "sight": Column(NEEDS, longest=200),
    "speech": Column(NEEDS, longest=200),
    "reading": Column(NEEDS, longest=200),
    "marker": Column(MARKER, longest=80),
    "marker_on": Column(MARKER),
    "marker_relevance": Column(MARKER),
    "marker_advice": Column(MARKER, longest=500),
    "marker_source": Column(MARKER, longest=200),
    "marker_review_on": Column(MARKER, numbers.day),
}
_CLASSES = {str(c).replace(" ", "_"): c for c in DataClass}


@dataclass(slots=True)
class Told:
    """What one row says, by data class."""

    source_key: str
    record: dict[str, Any] = field(default_factory=dict)
    parts: dict[DataClass, dict[str, Any]] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
    marker: dict[str, Any] = field(default_factory=dict)
    service: DataClass = DataClass.OPERATIONAL

    @property
    def about_someone(self) -> bool:
        """Whether the row is about a person, even one without a name."""
        return DataClass.IDENTITY in self.parts or "person_number" in self.record


class Unreadable(Exception):
    """A row that cannot be read. `wrong` says why, a sentence for each column."""

    def __init__(self, wrong: list[str]) -> None:
        """Keep the sentences."""
        super().__init__(" ".join(wrong))
        self.wrong = wrong


def read(row: Mapping[str, Any], service: DataClass) -> Told:
    """Read a row of an agency whose own class is `service`. Raises Unreadable."""
    told, wrong = Told(source_key="", service=service), []
    for name, value in row.items():
        if value is None or (isinstance(value, str) and value.strip().lower() in NOT_TOLD):
            continue
        try:
            _take(told, str(name), value)
        except ValueError as error:
            wrong.append(f"{name}: {error}.")
    wrong += _missing(told)
    if wrong:
        raise Unreadable(wrong)
    told.source_key = told.record.pop("source_key")
    told.service = told.record.pop("data_class", service)
    summary = told.record.pop("kind", "record")
    told.record["kind"] = summary
    told.parts.setdefault(told.service, {})
    return told


def _take(told: Told, name: str, value: Any) -> None:
    """Put one column where it goes. Raises ValueError with what is wrong."""
    column = COLUMNS.get(name)
    if column is None:
        _take_prefixed(told, name, value)
        return
    text = value if isinstance(value, str) else _as_text(value)
    if len(text) > column.longest:
        raise ValueError(f"is longer than {column.longest} characters")
    known = column.read(text)
    if isinstance(column.goes_to, DataClass):
        told.parts.setdefault(column.goes_to, {})[name] = known
    else:
        {RECORD: told.record, NEEDS: told.needs, MARKER: told.marker}[column.goes_to][name] = known


def _take_prefixed(told: Told, name: str, value: Any) -> None:
    """Put `identifier.<kind>` or `<data class>.<name>` where it goes."""
    prefix, _, rest = name.partition(".")
    if not rest:
        raise ValueError(
            "is not a column of the layout; put a data class in front of it, "
            "such as police.crime_type, so that there is a rule of who may read it"
        )
    if prefix == "identifier":
        numbers_told = told.parts.setdefault(DataClass.IDENTITY, {}).setdefault("identifiers", {})
        numbers_told[rest] = words(_as_text(value))
    elif prefix in _CLASSES:
        part = told.parts.setdefault(_CLASSES[prefix], {})
        if rest == "summary":
            part["summary"] = words(_as_text(value))[:500]
        else:
            part.setdefault("details", {})[rest] = value
    else:
        raise ValueError(f"“{prefix}” is not a data class")


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _missing(told: Told) -> list[str]:
    """Say what a row must have and has not, and what contradicts itself."""
    identity = told.parts.get(DataClass.IDENTITY, {})
    born, died = identity.get("date_of_birth"), identity.get("died_on")
    place = told.parts.get(DataClass.LOCATION, {})
    marker = told.marker
    rules = (
        ("source_key" not in told.record, "source_key: is missing; the row cannot be told apart."),
        (bool(born and died and died < born), "died_on: is before date_of_birth."),
        (
            identity.get("deceased") is Known.NO and died is not None,
            "deceased: says no, but there is a died_on.",
        ),
        (("easting" in place) != ("northing" in place), "easting, northing: one is missing."),
        (
            "parent_uprn" in told.record
            and place.get("uprn") in (None, told.record["parent_uprn"]),
            "parent_uprn: needs the uprn of the unit, another than the site's.",
        ),
        (
            "organisation" in place
            and "organisation_number" not in told.record
            and not {"uprn", "address"} & place.keys(),
            "organisation: needs an organisation_number, a uprn or an address; "
            "by its name alone it is not told apart from others.",
        ),
        (
            bool(marker) and not {"marker", "marker_source", "marker_review_on"} <= marker.keys(),
            "marker: needs marker, marker_source and marker_review_on; "
            "a warning without a source and a review date is not kept as one.",
        ),
        (
            marker.get("marker_on", "person") not in ("person", "premises"),
            "marker_on: is person or premises.",
        ),
        (
            ("relation" in told.record) != ("relation_to" in told.record),
            "relation, relation_to: one is missing.",
        ),
        (
            "relation_to" in told.record
            and told.record["relation_to"] == told.record.get("person_number"),
            "relation_to: is the person themselves.",
        ),
    )
    return [sentence for broken, sentence in rules if broken]
