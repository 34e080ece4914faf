"""What comes later to somebody on a need-to-know list.

A record that is moved to them goes on the list at once. A join can be taken back without loss, so
it puts nothing there: what is known of the other goes on the list when its keepers, who are told,
say so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from triservice.access.models import Restriction, RestrictionSubject
from triservice.access.record import Record
from triservice.access.restrictions.actions import follow, tell_keepers
from triservice.subjects.models import Person
from triservice.subjects.queries.restricted import on_lists

JOINED = "Somebody on a need-to-know list is one with somebody else; put them on the list too"
IN_FORCE = Q(restriction__lifted_at__isnull=True)


def follow_to(record: Record, rows: Iterable[QuerySet[Any]], subject: UUID) -> None:
    """Put a record of the reader's agency on the list that whom it is now about is on.

    `rows` are those of the record, and of what it tells.
    """
    listed = on_lists(record.reader.agency).get(subject)
    if listed is not None:
        follow(record, Restriction.objects.get(pk=listed), rows)


def listed_people() -> set[int]:
    """Return the people who are on a need-to-know list in force, of any agency."""
    keys = RestrictionSubject.objects.filter(IN_FORCE).values("subject_key")
    return set(Person.objects.filter(key__in=keys).values_list("pk", flat=True))


def tell_of_join(people: Iterable[int], key: str) -> None:
    """Tell who keeps a list that some, but not all, of those who are one now are on."""
    keys = set(Person.objects.filter(pk__in=list(people)).values_list("key", flat=True))
    found = RestrictionSubject.objects.filter(IN_FORCE, subject_key__in=keys)
    on_it: dict[int, set[UUID]] = defaultdict(set)
    for listed, subject in found.values_list("restriction", "subject_key"):
        on_it[listed].add(subject)
    for one in Restriction.objects.filter(pk__in=[pk for pk, on in on_it.items() if on != keys]):
        tell_keepers(one, JOINED, key)
