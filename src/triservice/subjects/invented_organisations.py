"""Invented organisations: care homes, schools and pubs, with what services know of them.

Every one is invented. They are added to invented records for a demonstration, from a seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from triservice.subjects.invented import TODAY, Invented, Place, Row
from triservice.subjects.invented_words import NAME_BEGINS, NAME_ENDS, STREETS, VILLAGES

# Who tells what of a kind of organisation: agency, record, class, role, what it says.
TOLD: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "care home": (
        ("fire", "fire safety audit", "fire", "at risk", "evacuation needs two staff a floor"),
        ("ambulance", "call", "ambulance", "", "three falls in a month"),
        ("council", "contract visit", "household", "", "staffing as agreed"),
        ("health", "infection control visit", "health", "", "advice given"),
    ),
    "school": (
        ("fire", "school visit", "fire", "", "fire safety talk to year five"),
        ("police", "neighbourhood contact", "police", "victim", "windows broken at a weekend"),
    ),
    "pub": (
        ("police", "licensing visit", "police", "", "door staff registered"),
        ("fire", "fire safety audit", "fire", "", "kitchen extract cleaned"),
    ),
}
CALLED = {
    "care home": "{} House",
    "school": "{} Primary School",
    "pub": "The {} Arms",
}
UNITS = {"care home": "Garden wing", "school": "Sports hall"}
FIRST_UPRN = 999_990_000_000  # above those of homes
RESIDENTS = 4


def add_organisations(made: Invented, places: list[Place], each: int = 8, seed: int = 1) -> None:
    """Add `each` organisations of each kind, some with a unit; people of care homes are known."""
    random = Random(seed)
    patients = [row for row in made.rows["ambulance"] if row.get("role") == "patient"]
    number = 0
    for kind in TOLD:
        for _ in range(each):
            where = _where(kind, number, random, places)
            for agency, row in _rows(kind, number, where, random):
                made.rows[agency].append(row)
            if kind == "care home" and patients:
                for nth in range(RESIDENTS):
                    ill = random.choice(patients)
                    key = f"{ill['source_key']}/at-{number}-{nth}"
                    made.rows["ambulance"].append(ill | where | {"source_key": key})
            number += 1


def _where(kind: str, number: int, random: Random, places: list[Place]) -> Row:
    """Return where an organisation is and what it is called."""
    place = random.choice(places)
    name = CALLED[kind].format((random.choice(NAME_BEGINS) + random.choice(NAME_ENDS)).title())
    return {
        "organisation": name,
        "organisation_kind": kind,
        "organisation_number": f"ORG{number:05d}",
        "uprn": str(FIRST_UPRN + number * 2),
        "address": f"{number + 1} {random.choice(STREETS)}, {random.choice(VILLAGES)}",
        "postcode": f"ZZ98 {number % 9 + 1}AA",
        "easting": place.easting,
        "northing": place.northing,
        "area": place.area,
    }


def _rows(kind: str, number: int, where: Row, random: Random) -> Iterator[tuple[str, Row]]:
    """Give what each agency tells of one organisation, and of its unit."""
    for nth, (agency, record, data_class, role, said) in enumerate(TOLD[kind]):
        day = datetime.combine(TODAY, datetime.min.time()) - timedelta(random.randrange(1, 500))
        row: Row = where | {
            "source_key": f"{where['organisation_number']}/{nth}",
            "kind": record,
            "data_class": data_class,
            "happened_at": day.isoformat(),
            "role": role,
            f"{data_class}.summary": f"Invented: {said}",
        }
        if nth == 0 and kind == "care home":
            row |= {
                "marker": "oxygen in use",
                "marker_on": "premises",
                "marker_relevance": "Fire crews, and anyone who smokes",
                "marker_source": "Invented: the fire safety audit",
                "marker_review_on": (TODAY + timedelta(300)).isoformat(),
            }
        yield agency, row
        if nth == 0 and kind in UNITS:
            yield (
                agency,
                row
                | {
                    "source_key": f"{where['organisation_number']}/unit",
                    "uprn": str(FIRST_UPRN + number * 2 + 1),
                    "parent_uprn": where["uprn"],
                    "address": f"{UNITS[kind]}, {where['address']}",
                },
            )
