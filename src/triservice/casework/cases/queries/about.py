"""Open cases about somebody or somewhere, as far as the reader may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from triservice.access.queries import seen
from triservice.access.record import Kind, Record, reading
from triservice.casework.answers.queries import scheme_name
from triservice.casework.cases.queries.naming import group_of
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


def open_cases(record: Record, about: Q) -> tuple[OpenCase, ...]:
    """Return the open cases in which those of a condition on CaseSubject have a part."""
    subjects = seen(record, CaseSubject.objects.filter(about, until__isnull=True))
    cases = Case.objects.filter(pk__in={one.case_id for one in subjects}, state__in=AT_WORK)
    return tuple(
        OpenCase(
            case.pk,
            case.reference,
            scheme_name(case.get("scheme") or ""),
            case.get("tier") or "",
            case.get("next_step") or "",
            case.owner_id == record.reader.agency,
        )
        for case in seen(record, cases.order_by("next_due_at"), MOST)
    )


def cases_of_people(reader: Reader, keys: Iterable[str]) -> dict[str, tuple[OpenCase, ...]]:
    """Return the open cases of people by their keys, each of all who are one with them."""
    with reading(reader, Kind.CONSULTATION, "look for open cases of people") as record:
        people = Person.objects.filter(key__in=list(keys)).values_list("key", "pk")
        return {str(key): open_cases(record, Q(person__in=group_of([pk]))) for key, pk in people}
