"""Finding cases and referrals among those that the reader may see; nothing else is counted."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from triservice.access.queries import seen
from triservice.access.record import Kind, Record, reading
from triservice.casework.cases.queries.lists import rows_of
from triservice.casework.cases.queries.naming import group_of
from triservice.casework.cases.queries.shown import CaseRow
from triservice.casework.models import Case, CaseSubject, Referral
from triservice.casework.references import read_reference
from triservice.kernel.access_words import Reader
from triservice.subjects.models import Person, Premises
from triservice.subjects.queries.places import find_premises
from triservice.subjects.queries.search import search_people

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for cases shows. `referral` is one that was asked for by its reference."""

    cases: tuple[CaseRow, ...] = ()
    more: bool = False
    referral: int | None = None


def find_cases(reader: Reader, text: str) -> Found:
    """Find cases by reference, or by somebody's name, number or telephone, or by an address.

    Who is meant is found among the people and places that the reader may see; of their cases, those
    that the reader may see are shown, the latest first. A withheld part of a case leads nowhere.
    """
    with reading(reader, Kind.CONSULTATION, "searched for cases") as record:
        reference = read_reference(text)
        if reference:
            found = _by_reference(record, reference)
        else:
            found = _about(record, *_meant(reader, text))
        record.searched({"text": text}, len(found.cases) + bool(found.referral))
    return found


def _by_reference(record: Record, reference: str) -> Found:
    referrals = seen(record, Referral.objects.filter(reference=reference), 1)
    asked = Q(reference=reference)
    if referrals and referrals[0].get("case_id"):
        asked |= Q(pk=referrals[0].case_id)
    cases = rows_of(record, seen(record, Case.objects.filter(asked), 1))
    return Found(cases, referral=referrals[0].pk if referrals and not cases else None)


def _meant(reader: Reader, text: str) -> tuple[list[int], list[int]]:
    """Return the people and the places that the words mean, of those that the reader may see."""
    keys = [person.key for person in search_people(reader, text).people]
    people = group_of(Person.objects.filter(key__in=keys).values_list("pk", flat=True))
    places = Premises.objects.filter(key__in=[one.key for one in find_premises(reader, text)])
    return people, list(places.values_list("pk", flat=True))


def _about(record: Record, people: list[int], places: list[int]) -> Found:
    meant = CaseSubject.objects.filter(Q(person__in=people) | Q(premises__in=places))
    parts = seen(record, meant.order_by("-case"), SHOWN * 4)
    cases = Case.objects.filter(pk__in={part.case_id for part in parts})
    found = seen(record, cases.order_by("-opened_at", "-pk"), SHOWN + 1)
    return Found(rows_of(record, found[:SHOWN]), len(found) > SHOWN)
