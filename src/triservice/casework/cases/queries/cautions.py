"""What is to be known before the door of those whom cases and visits are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from triservice.access.prepared import PreparedRows
from triservice.access.queries import Seen, seen
from triservice.access.record import Record
from triservice.casework.cases.queries.naming import (
    CASES,
    Named,
    Names,
    merged_with_each,
    tops_of,
)
from triservice.casework.models import CaseSubject
from triservice.subjects.queries.cautions import Ahead, Cautions
from triservice.subjects.queries.gather import agency_names

SUBJECTS = PreparedRows(lambda: CaseSubject.objects.filter(case__among=CASES, until__isnull=True))


@dataclass(frozen=True, slots=True)
class Caution:
    """Somebody or somewhere that there is something to know of, and what."""

    who: Named
    known: Cautions


def cautions_of(
    ahead: Ahead, subjects: Iterable[Seen], places: Iterable[int | None], tops: Mapping[int, int],
    called: Names,
) -> tuple[Caution, ...]:  # fmt: skip
    """Return the cautions of those in a case and of places, each once: warnings that hold first."""
    people = {tops[one.person_id]: one.person_id for one in subjects if one.person_id}
    found = [
        Caution(called.person(person), ahead.of([one for one, its in tops.items() if its == top]))
        for top, person in people.items()
    ]
    found += [
        Caution(called.place(one), ahead.of(places=[one])) for one in dict.fromkeys(places) if one
    ]
    told = [one for one in found if one.known.markers or one.known.needs]
    return tuple(sorted(told, key=lambda one: all(each.stale for each in one.known.markers)))


def places_of(rows: Iterable[Seen]) -> list[int]:
    """Return the places that rows lead to, of those that are open to the reader."""
    return [place for row in rows if (place := row.get("premises_id"))]


def cautions_of_visits(record: Record, visits: list[Seen]) -> dict[int, tuple[Caution, ...]]:
    """Return the cautions of visits by their keys: of the place, and of whom its case is about."""
    if not visits:
        return {}
    cases = merged_with_each(row.case_id for row in visits)
    subjects = seen(record, SUBJECTS(cases={part for some in cases.values() for part in some}))
    tops = tops_of(row.person_id for row in subjects if row.person_id)
    ahead = Ahead(record, list(tops), places_of((*visits, *subjects)), agency_names())
    if not ahead:
        return {}
    called = Names(record, [*visits, *subjects])
    found = {}
    for row in visits:
        its = [one for one in subjects if one.case_id in cases[row.case_id]]
        found[row.pk] = cautions_of(ahead, its, places_of((row, *its)), tops, called)
    return found
