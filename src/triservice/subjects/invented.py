"""The records of an invented partnership. Every person, home, number and event is invented.

Made from a seed, the same each time: people in households who move, marry and misspell, known to
one or several of five agencies under different numbers, so that tests, demonstrations and
benchmarks have the duplicates that real records have. Postcodes begin with ZZ and telephones with
01632 (neither is in use); NHS numbers are of the test range 999; UPRNs begin with 9999.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from triservice.subjects.invented_words import (
    CONCERNS,
    EVENTS,
    GIVEN,
    LANGUAGES,
    MARKERS,
    NAME_BEGINS,
    NAME_ENDS,
    STREETS,
    VILLAGES,
)
from triservice.subjects.names import short_forms

KINDS = ("police", "fire", "ambulance", "health", "council")
KNOWN_TO = {"police": 0.34, "fire": 0.38, "ambulance": 0.34, "health": 0.55, "council": 0.42}
TODAY = date(2026, 6, 1)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where homes may stand: an area code and a point (metres, EPSG:27700)."""

    area: str
    easting: float
    northing: float


@dataclass(slots=True)
class Home:
    """An invented home."""

    number: int
    uprn: str
    address: str
    postcode: str
    place: Place


@dataclass(slots=True)
class Someone:
    """An invented person as they are; agencies know them more or less rightly."""

    number: int
    given: str
    family: str
    born: date
    sex: str
    home: Home
    before: Home | None
    nhs_number: str
    phone: str
    household: int
    died: date | None = None
    language: str | None = None


@dataclass(slots=True)
class Invented:
    """Rows by kind of agency, and who each agency's number truly is."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    truth: dict[tuple[str, str], int] = field(default_factory=dict)


def invent(
    people: int = 10_000,
    seed: int = 1,
    places: Sequence[Place] = (),
    *,
    family: Callable[[Random], str] | None = None,
) -> Invented:
    """Invent the records of about three a person. `places`: where homes may stand.

    `family` makes family names in place of ours, which are all about as common.
    """
    made = Invented()
    random = Random(seed)
    homes = places or invented_places(random)
    for someone in population(people, random, homes, family or _family):
        _make_known(made, someone, random)
    return made


def invented_places(random: Random, areas: int = 40) -> list[Place]:
    """Return points of invented areas."""
    return [
        Place(
            f"ZZ{n:07d}",
            random.uniform(150_000, 240_000) // 1,
            random.uniform(20_000, 110_000) // 1,
        )
        for n in range(areas)
    ]


def population(
    people: int,
    random: Random,
    places: Sequence[Place],
    family_of: Callable[[Random], str],
) -> Iterator[Someone]:
    """Give invented people, household by household, in homes that may stand empty."""
    homes = [_home(n, random, places) for n in range(people // 2 + 2)]
    number = household = 0
    last: Someone | None = None
    while number < people:
        size = random.choices((1, 2, 3, 4, 5, 6), (31, 34, 15, 13, 5, 2))[0]
        home, family, phone = random.choice(homes), family_of(random), _phone(random)
        for place in range(min(size, people - number)):
            someone = _someone(number, place, random, home, family, phone, household, family_of)
            if random.random() < 0.1:
                someone.before = random.choice(homes)
            if last and random.random() < 0.002:  # another of the same name and birthday
                someone.given, someone.family, someone.born = last.given, last.family, last.born
                someone.sex = last.sex
            elif place >= 2 and last and random.random() < 0.02:  # a twin
                someone.born = last.born
            yield someone
            last, number = someone, number + 1
        household += 1


def _home(number: int, random: Random, places: Sequence[Place]) -> Home:
    place = random.choice(places)
    flat = f"Flat {number % 9 + 1}, " if random.random() < 0.12 else ""
    street, village = random.choice(STREETS), VILLAGES[hash_of(place.area) % len(VILLAGES)]
    code = number // 18
    third, fourth = _LETTERS[code % 20], _LETTERS[code // 20 % 20]
    postcode = f"ZZ{code // 4000 % 99 + 1} {code // 400 % 10}{third}{fourth}"
    return Home(
        number,
        str(999_900_000_000 + number),
        f"{flat}{number % 140 + 1} {street}, {village}",
        postcode,
        Place(
            place.area,
            place.easting + random.uniform(-400, 400) // 1,
            place.northing + random.uniform(-400, 400) // 1,
        ),
    )


_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


def hash_of(text: str) -> int:
    """Return a number of a text that is the same on every run."""
    return sum(ord(c) * (31**i % 1_000_003) for i, c in enumerate(text))


def _someone(
    number: int,
    place: int,
    random: Random,
    home: Home,
    family: str,
    phone: str,
    household: int,
    family_of: Callable[[Random], str],
) -> Someone:
    grown = place < 2
    age = random.triangular(18, 97, 52) if grown else random.triangular(0, 25, 9)
    sex = random.choice(("female", "male"))
    died = TODAY - timedelta(random.randrange(900)) if age > 60 and random.random() < 0.06 else None
    return Someone(
        number,
        random.choice(GIVEN[sex]),
        family if place == 0 or random.random() < 0.75 else family_of(random),
        TODAY - timedelta(int(age * 365.25) + random.randrange(365)),
        sex,
        home,
        None,
        nhs_number(number),
        phone if random.random() < 0.5 else _phone(random),
        household,
        died,
        random.choice(LANGUAGES) if random.random() < 0.04 else None,
    )


def _family(random: Random) -> str:
    return random.choice(NAME_BEGINS) + random.choice(NAME_ENDS)


def _phone(random: Random) -> str:
    return f"01632{random.randrange(1_000_000):06d}"


def nhs_number(number: int) -> str:
    """Return the `number`-th NHS number of the test range that has a check digit."""
    base = 999_000_000 + number + number // 10  # about one in eleven has none: step over
    while True:
        digits = f"{base:09d}"[-9:]
        check = 11 - sum(int(d) * (10 - i) for i, d in enumerate(digits)) % 11
        if check != 10:
            return digits + str(check % 11)
        base += 500_000  # out of the way of the numbers that follow


def slip(word: str, random: Random) -> str:
    """Return a word with a slip of the pen: a letter lost, doubled, or two swapped."""
    if len(word) < 4:
        return word
    at = random.randrange(1, len(word) - 1)
    return random.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def _make_known(made: Invented, someone: Someone, random: Random) -> None:
    """Let agencies know someone: at least one does."""
    kinds = [kind for kind in KINDS if random.random() < KNOWN_TO[kind]]
    for kind in kinds or [random.choice(KINDS)]:
        number = f"{kind[:1].upper()}{someone.number:07d}"
        made.truth[kind, number] = someone.number
        who = _as_known(kind, number, someone, random)
        for nth in range(random.choices((1, 2, 3), (68, 22, 10))[0]):
            made.rows[kind].append(_row(kind, number, nth, who, someone, random))
        if random.random() < 0.015:  # the same person twice in one agency's own system
            again = f"{number}-2"
            made.truth[kind, again] = someone.number
            who = _as_known(kind, again, someone, random)
            made.rows[kind].append(_row(kind, again, 0, who, someone, random))


def _as_known(kind: str, number: str, someone: Someone, random: Random) -> Row:
    """Return who and where, as one agency has it: misspelt, moved, half known."""

    def sometimes(chance: float) -> bool:
        return random.random() < chance

    given, family, born = someone.given, someone.family, someone.born
    short = sorted(short_forms(given.lower()))
    if short and sometimes(0.08):
        given = random.choice(short).title()
    elif sometimes(0.03):
        given = slip(given, random)
    if sometimes(0.04):
        family = slip(family, random)
    if sometimes(0.01) and born.day <= 12:
        born = born.replace(month=born.day, day=born.month)
    home = someone.before if someone.before and sometimes(0.4) else someone.home
    row: Row = {
        "person_number": number,
        "given_name": given,
        "family_name": family,
        "sex": someone.sex if sometimes(0.9) else "",
        "address": home.address,
        "postcode": home.postcode,
        "area": home.place.area,
    }
    if sometimes(0.97):
        row["date_of_birth"] = born.isoformat()
    if sometimes(0.85):
        row |= {
            "uprn": home.uprn,
            "easting": home.place.easting,
            "northing": home.place.northing,
        }
    if sometimes(0.62):
        row["phone"] = someone.phone
    if sometimes({"health": 0.97, "ambulance": 0.6, "council": 0.2}.get(kind, 0)):
        row["nhs_number"] = someone.nhs_number
    if someone.died and sometimes(0.7):
        row |= {"deceased": "yes", "died_on": someone.died.isoformat()}
    if someone.language and sometimes(0.6):
        row |= {"language": someone.language, "interpreter": f"{someone.language} interpreter"}
    if kind == "police" and sometimes(0.03):
        row["aliases"] = f"{random.choice(GIVEN[someone.sex])} {_family(random)}"
    if kind == "council" or sometimes(0.1):
        row["household_number"] = f"HH{someone.household:07d}"
    return row


def _row(kind: str, number: str, nth: int, who: Row, someone: Someone, random: Random) -> Row:
    """Return one record of someone: what happened, when, and in which role."""
    name, data_class, roles, summary, details = random.choice(EVENTS[kind])
    day = datetime(2024, 6, 1) + timedelta(minutes=random.randrange(2 * 365 * 24 * 60))
    prefix = data_class.replace(" ", "_")
    row: Row = {
        "source_key": f"{number}/{nth + 1}",
        "kind": name,
        "data_class": data_class,
        "happened_at": day.isoformat(),
        "role": random.choice(roles),
        "reference": f"INV{someone.household:07d}" if random.random() < 0.15 else "",
        f"{prefix}.summary": f"Invented: {summary}",
        **who,
    }
    row |= {f"{prefix}.{key}": random.choice(values) for key, values in details.items()}
    if kind in ("council", "police") and random.random() < 0.03:
        row["safeguarding.concern"] = f"Invented: {random.choice(CONCERNS)}"
    if random.random() < 0.02:
        marker, on, relevance, source = random.choice(MARKERS)
        review = TODAY + timedelta(random.randrange(-200, 500))
        row |= {
            "marker": marker,
            "marker_on": on,
            "marker_relevance": relevance,
            "marker_source": f"Invented: {source}",
            "marker_review_on": review.isoformat(),
        }
    return row
