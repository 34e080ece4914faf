"""Invented warnings of the police at a few invented addresses, for a demonstration.

All stand at one quay, so that whoever looks for it finds them: two that hold, one whose review is
overdue.
"""

from __future__ import annotations

from datetime import date, timedelta

from triservice.subjects.invented import Invented, Place

QUAY, POSTCODE = "Warning Quay, Invented Haven", "ZZ97 1AA"
FIRST_UPRN = 999_980_000_000  # between those of homes and of organisations
# number of the house, warning, to whom it matters, advice, what it rests on, days to its review
WARNINGS = (
    (1, "dangerous dog", "Anyone who goes in", "Ring first, and wait at the gate",
     "a postman's report", 300),
    (2, "weapon seen", "Crews called to a disturbance", "Call the control room before going in",
     "a neighbour, not confirmed", 120),
    (3, "has threatened staff", "Lone workers", "Do not go alone", "a report of 2024", -90),
)  # fmt: skip


def add_warnings(made: Invented, place: Place, today: date) -> None:
    """Add what the police tell of each address: the place, no person, and the warning."""
    for number, marker, relevance, advice, source, days in WARNINGS:
        made.rows["police"].append(
            {
                "source_key": f"WARN{number}",
                "kind": "note on an address",
                "data_class": "police",
                "happened_at": today.isoformat(),
                "uprn": str(FIRST_UPRN + number),
                "address": f"{number} {QUAY}",
                "postcode": POSTCODE,
                "easting": place.easting,
                "northing": place.northing,
                "area": place.area,
                "police.summary": "Invented: a note for crews",
                "marker": marker,
                "marker_on": "premises",
                "marker_relevance": relevance,
                "marker_advice": advice,
                "marker_source": f"Invented: {source}",
                "marker_review_on": (today + timedelta(days)).isoformat(),
            }
        )
