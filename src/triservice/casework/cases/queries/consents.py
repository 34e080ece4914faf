"""What was agreed to and refused on a case, and on all that are one with it by merging."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from triservice.casework.cases.queries.naming import one_with
from triservice.casework.cases.rules import ConsentFacts, Said
from triservice.casework.models import CaseSubject, Consent
from triservice.casework.words import LOOKED_AFTER
from triservice.subjects.models import Person


def consents_on(case: int) -> QuerySet[Consent]:
    """Return the consents of a case and of all that are one with it, before a merge and after.

    What somebody said who only helps, owns or knows decides nothing about whom the case is about.
    """
    cases = one_with(case)
    parts = CaseSubject.objects.filter(case__in=cases, person__isnull=False)
    about = parts.filter(part__in=LOOKED_AFTER, until__isnull=True)
    beside = parts.exclude(part__in=LOOKED_AFTER).exclude(person__in=about.values("person"))
    return Consent.objects.filter(case__in=cases).exclude(person__in=beside.values("person"))


def by_person(said: Iterable[tuple[int, str, ConsentFacts]]) -> list[Said]:
    """Return consents, each as (person, scope, facts), by whom they now are known to be."""
    rows = list(said)
    people = Person.objects.filter(pk__in={person for person, _, _ in rows})
    roots = dict(people.values_list("pk", "root"))
    return [(roots[person] or person, scope, facts) for person, scope, facts in rows]
