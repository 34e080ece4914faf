"""Open cases about somebody or somewhere, as far as the reader may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.db.models import Q

from triservice.access.queries import Seen, seen
from triservice.access.record import Kind, Record, reading
from triservice.casework.answers.queries import scheme_name
from triservice.casework.cases.queries.naming import tops_of
from triservice.casework.cases.rules import AT_WORK
from triservice.casework.models import Case, CaseSubject
from triservice.kernel.access_words import Reader
from triservice.subjects.models import Person

MOST = 50


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case of somebody or somewhere that a referral is about."""

    pk: int
    reference: str
    scheme: str
    tier: str
    next_step: str
    own: bool  # of the reader's agency: the referral can be added to it


class Ends(NamedTuple):
    """Who and where is asked for: people, a household, a place."""

    people: tuple[int, ...] = ()
    household: int | None = None
    place: int | None = None


Key = TypeVar("Key")


def open_cases(record: Record, asked: Mapping[Key, Ends]) -> dict[Key, tuple[OpenCase, ...]]:
    """Return the open cases of all that are asked for, each of all who are one with them.

    However many are asked for, cases and parts are looked for once.
    """
    tops = tops_of({pk for ends in asked.values() for pk in ends.people})
    about = (
        Q(person__in=tops)
        | Q(household__in={ends.household for ends in asked.values()} - {None})
        | Q(premises__in={ends.place for ends in asked.values()} - {None})
    )
    parts = seen(record, CaseSubject.objects.filter(about, until__isnull=True)) if asked else []
    found = Case.objects.filter(pk__in={one.case_id for one in parts}, state__in=AT_WORK)
    of: dict[int, list[Seen]] = {}
    for part in parts:
        of.setdefault(part.case_id, []).append(part)
    cases = seen(record, found.order_by("next_due_at"), MOST * len(asked)) if parts else []
    return {
        key: tuple(
            _shown(record, case)
            for case in cases
            if any(_has_part(part, ends, tops) for part in of[case.pk])
        )[:MOST]
        for key, ends in asked.items()
    }


def _has_part(part: Seen, ends: Ends, tops: Mapping[int, int]) -> bool:
    return (
        (part.person_id and tops[part.person_id] in {tops.get(pk) for pk in ends.people})
        or (part.household_id and part.household_id == ends.household)
        or (part.premises_id and part.premises_id == ends.place)
    )


def _shown(record: Record, case: Seen) -> OpenCase:
    return OpenCase(
        case.pk,
        case.reference,
        scheme_name(case.get("scheme") or ""),
        case.get("tier") or "",
        case.get("next_step") or "",
        case.owner_id == record.reader.agency,
    )


def cases_of_people(reader: Reader, keys: Iterable[str]) -> dict[str, tuple[OpenCase, ...]]:
    """Return the open cases of people by their keys, each of all who are one with them."""
    with reading(reader, Kind.CONSULTATION, "look for open cases of people") as record:
        people = Person.objects.filter(key__in=list(keys)).values_list("key", "pk")
        return open_cases(record, {str(key): Ends((pk,)) for key, pk in people})
