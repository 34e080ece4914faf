"""A small demonstration for journeys: its agencies, officers and agreement, some sixty people.

Everybody is invented. Three are written by hand, so that a journey can name them:

- Tegen Penberthy, known to the police, the fire service, the council and the health trust; two
  people judged that these are one person, as health records need;
- Jowan Rescorla, whom the fire service has twice, with nothing but name and birthday to compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from triservice.agencies.models import Agency, Officer
from triservice.kernel.access_words import Purpose
from triservice.subjects.actions.joins import confirm_same
from triservice.subjects.actions.linkage import link_exact
from triservice.subjects.actions.records import receive_records
from triservice.subjects.invented import invent
from triservice.subjects.models import Candidate, Person, RecordPart
from triservice.web.demo.agreement import make_agreement
from triservice.web.demo.people import make_agencies, make_officers, reader

PEOPLE = 57
AREAS = (("E02003920", "Bodmin West (invented use)"), ("E02003921", "Bodmin East (invented use)"))
OWNERS = {
    "police": "Tristan Bosanko",
    "fire": "Ruan Chenoweth",
    "ambulance": "Austol Uren",
    "health": "Eseld Hambly",
    "council": "Massen Warne",
}
TEGEN = {
    "given_name": "Tegen",
    "family_name": "Penberthy",
    "date_of_birth": "1941-02-03",
    "sex": "female",
    "phone": "01632 960777",
    "uprn": "999900009001",
    "address": "3 Quay Row, Invented Haven",
    "postcode": "ZZ9 9AB",
    "area": AREAS[0][0],
}
JOWAN = {"given_name": "Jowan", "family_name": "Rescorla", "date_of_birth": "1958-07-21"}
ILLNESS = "Invented: oxygen at home, and falls"
SENT: dict[str, list[dict[str, Any]]] = {
    "police": [
        {
            "kind": "incident",
            "role": "at risk",
            "happened_at": "2026-03-02T21:10:00+00:00",
            "police.summary": "Invented: found walking at night without a coat",
            "police.grade": "prompt",
        }
    ],
    "fire": [
        {
            "kind": "home fire safety visit",
            "role": "resident",
            "happened_at": "2025-11-20T10:00:00+00:00",
            "fire.summary": "Invented: scorch marks by the chair",
            "fire.alarms_fitted": 2,
            "fire.smoker": "yes",
        }
    ],
    "council": [
        {
            "kind": "care assessment",
            "role": "at risk",
            "happened_at": "2026-01-15T14:00:00+00:00",
            "social_care.summary": "Invented: help twice a day asked for",
        }
    ],
    "health": [
        {
            "kind": "community visit",
            "role": "patient",
            "happened_at": "2026-04-22T09:30:00+00:00",
            "nhs_number": "9990000999",
            "health.summary": ILLNESS,
            "health.next_visit": "weekly",
        }
    ],
}


@dataclass
class Small:
    """The partnership: agencies by kind, officers by name, and the two people by name."""

    agencies: dict[str, Agency]
    officers: dict[str, Officer]

    def person(self, family_name: str) -> Person:
        """Return someone written by hand; of those who are one, the root."""
        part = RecordPart.objects.filter(data_class="identity", family_name=family_name).first()
        assert part is not None
        link = part.record.links.filter(person__isnull=False).first()
        assert link is not None
        assert link.person is not None
        return link.person.root or link.person


def make_agreed() -> Small:
    """Make the agencies, officers and agreement, and nobody whom they know of."""
    agencies = make_agencies(AREAS)
    officers = make_officers(agencies)
    make_agreement(agencies, officers)
    for officer in officers.values():
        officer.refresh_from_db()  # vetted and trained since they were made
    return Small(agencies, officers)


def make_small() -> Small:
    """Make it in an empty database, through the same doors as the demonstration."""
    made = make_agreed()
    agencies, officers = made.agencies, made.officers
    rows = invent(PEOPLE).rows
    for kind, by_hand in SENT.items():
        for number, more in enumerate(by_hand, start=1):
            key = {"source_key": f"tegen/{number}", "person_number": "TP"}
            rows[kind].append(TEGEN | key | more)
    for number in (1, 2):
        key = {"source_key": f"jowan/{number}", "person_number": f"JR{number}"}
        what = {"kind": "home fire safety visit", "role": "resident"}
        said = {"fire.summary": f"Invented: visit {number}", "area": AREAS[1][0]}
        rows["fire"].append(JOWAN | key | what | said)
    new: list[int] = []
    for kind, sent in rows.items():
        owner = reader(officers[OWNERS[kind]])
        new += receive_records(owner, agencies[kind], "Invented system", sent).people
    link_exact(reader(officers[OWNERS["fire"]]), new)
    _judge(officers)
    return made


def _judge(officers: dict[str, Officer]) -> None:
    """Two people say that the records of Tegen Penberthy are one person's."""
    judges = [
        reader(officers[OWNERS[kind]], Purpose.ADMINISTRATION) for kind in ("fire", "council")
    ]
    named = RecordPart.objects.filter(data_class="identity", family_name="Penberthy")
    people = named.values("record__links__person")
    for pair in Candidate.objects.filter(left__in=people, right__in=people):
        for judge in judges:
            pair.refresh_from_db()
            if pair.settled_at is None and _still_two(pair):
                confirm_same(judge, pair.pk, "The same home, telephone and birthday; both called")


def _still_two(pair: Candidate) -> bool:
    left, right = (Person.objects.get(pk=pk) for pk in (pair.left_id, pair.right_id))
    return (left.root_id or left.pk) != (right.root_id or right.pk)
