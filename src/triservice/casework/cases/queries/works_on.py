"""Whom the cases of an officer are about: told to access, for terms that ask for a case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Q, QuerySet

from triservice.access.prepared import Given, Prepared
from triservice.access.readers import cases_from
from triservice.casework.cases.queries.naming import CASES, OFFICER, SOME
from triservice.casework.cases.rules import AT_WORK
from triservice.casework.models import Case, CaseAgency, CaseSubject, VisitOfficer
from triservice.casework.words import LOOKED_AFTER
from triservice.subjects.models import Household, Person, Premises

SINCE = Given("since", DateTimeField())
UNRECORDED = timedelta(days=2)  # how long a visit that nobody recorded still lets them in


@Prepared
def _own() -> QuerySet[Any, Any]:
    return Case.objects.filter(officer=OFFICER, next_due_at__isnull=False).values_list("pk")


@Prepared
def joint_cases() -> QuerySet[Any, Any]:
    """Return the cases that an officer works on jointly, for an agency that joined them."""
    joint = CaseAgency.objects.filter(officer=OFFICER, until__isnull=True)
    return joint.filter(case__state__in=AT_WORK).values_list("case")


@Prepared
def _visits() -> QuerySet[Any, Any]:
    rows = VisitOfficer.objects.filter(officer=OFFICER, coming=True, planned_at__gt=SINCE)
    return rows.filter(visit__case__state__in=AT_WORK).values_list("visit__case")


@Prepared
def _about() -> QuerySet[Any, Any]:
    among = CaseSubject.objects.filter(case__among=CASES)
    about = among.filter(until__isnull=True, part__in=LOOKED_AFTER)
    return about.values_list("person", "person__root", "household", "premises")


@Prepared
def _people() -> QuerySet[Any, Any]:
    return Person.objects.filter(Q(pk__among=SOME) | Q(root__among=SOME)).values_list("key")


@Prepared
def _homes() -> QuerySet[Any, Any]:
    return Household.objects.filter(pk__among=SOME).values_list("key")


@Prepared
def _places() -> QuerySet[Any, Any]:
    return Premises.objects.filter(pk__among=SOME).values_list("key")


@cases_from
def works_on(officer: int, at: datetime) -> list[str]:
    """Return the keys of all whom the open cases of an officer are about.

    Their own, joint ones, and those to a planned visit of which they come along.

    A row keeps the key of whom it came for; so the keys of all who are one with somebody count.
    """
    said = {"officer": officer, "since": at - UNRECORDED}
    cases = {case for asked in (_own, joint_cases, _visits) for (case,) in asked(**said)}
    if not cases:
        return []
    people, homes, places = set[int](), set[int](), set[int]()
    for person, root, household, premises in _about(cases=cases):
        people |= {root or person} - {None}
        homes |= {household} - {None}
        places |= {premises} - {None}
    asked = ((_people, people), (_homes, homes), (_places, places))
    return [str(key) for ask, some in asked if some for (key,) in ask(some=some)]
