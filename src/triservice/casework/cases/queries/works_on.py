"""Whom the cases of an officer are about: told to access, for terms that ask for a case."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from triservice.access.readers import cases_from
from triservice.casework.cases.rules import AT_WORK
from triservice.casework.models import Case, CaseAgency, CaseSubject
from triservice.subjects.models import Household, Person, Premises


@cases_from
def works_on(officer: int, at: datetime) -> list[str]:
    """Return the keys of all in the open cases that an officer has, or works on jointly.

    A row keeps the key of whom it came for; so the keys of all who are one with somebody count.
    """
    own = Case.objects.filter(officer=officer, next_due_at__isnull=False).values_list(
        "pk", flat=True
    )
    joint = CaseAgency.objects.filter(
        officer=officer, until__isnull=True, case__state__in=AT_WORK
    ).values_list("case", flat=True)
    cases = {*own, *joint}
    if not cases:
        return []
    parts = CaseSubject.objects.filter(case__in=cases, until__isnull=True).values_list(
        "person", "person__root", "household", "premises"
    )
    people, homes, places = set[int](), set[int](), set[int]()
    for person, root, household, premises in parts:
        people |= {root or person} - {None}
        homes |= {household} - {None}
        places |= {premises} - {None}
    groups = Person.objects.filter(Q(pk__in=people) | Q(root__in=people))
    found = list(groups.values_list("key", flat=True))
    found += Household.objects.filter(pk__in=homes).values_list("key", flat=True)
    found += Premises.objects.filter(pk__in=places).values_list("key", flat=True)
    return [str(key) for key in found]
