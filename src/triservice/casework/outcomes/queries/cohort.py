"""Whom a year's numbers are of: the referrals received in it, and the cases that they became."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from triservice.access.queries import visible_to
from triservice.access.record import Record
from triservice.access.rules import Use
from triservice.casework.models import Case, Referral
from triservice.casework.words import ReferralState


@dataclass(frozen=True, slots=True)
class Cohort:
    """What the reader may count of a year.

    `cases` are those that stand for themselves: a case that was merged is part of another, which
    counts once. `last` leads from each merged case to that one; `visited` is the condition of cases
    that were visited, themselves or by a part. `parts` and `of_visited` are those of rows (by their
    `case`) that hang on a case or a part of it, and on one that was visited. `first_visits` are of
    cases with parts, and of these.
    """

    referrals: QuerySet[Referral]
    cases: QuerySet[Case]
    visited: Q
    parts: Q
    of_visited: Q
    last: Mapping[int, int]
    first_visits: Mapping[int, datetime]

    def whole(self, case: int) -> int:
        """Return the case that counts: itself, or the one that it is part of."""
        return self.last.get(case, case)


def countable(record: Record, rows: QuerySet[Any], *by: str) -> QuerySet[Any]:
    """Return what may be counted by these fields, without an order."""
    return visible_to(record.reader, rows, by=by, use=Use.COUNT).order_by()


def among(keys: Iterable[int]) -> RawSQL:
    """Return keys as a sub-query: one parameter, and a condition found once, however many."""
    ordered = sorted(keys)
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", (ordered,))
    return RawSQL("SELECT value FROM json_each(%s)", (json.dumps(ordered),))


def cohort(record: Record, begin: datetime, end: datetime) -> Cohort:
    """Return the referrals received from `begin` until before `end`, and their cases.

    Which cases those are is found once: every table of the page asks by their keys.
    """
    received = Referral.objects.filter(received_at__gte=begin, received_at__lt=end)
    referrals = countable(record, received, "scheme", "state", "case")
    accepted = referrals.filter(state=ReferralState.ACCEPTED)
    found = set(accepted.values_list("case", flat=True))
    merged = {pk: (into, at) for pk, into, at in _merged(record)}
    last = {pk: _last(pk, merged) for pk in merged}
    found |= {last[pk] for pk in found & last.keys()}
    alone = Case.objects.filter(merged_into__isnull=True, pk__in=among(found))
    keys = set(countable(record, alone, "scheme").values_list("pk", flat=True))
    cases = countable(record, alone.filter(pk__in=among(keys)), "scheme")
    parts = {pk: whole for pk, whole in last.items() if whole in keys}
    visits: dict[int, list[datetime]] = defaultdict(list)
    own = cases.filter(pk__in=among(set(parts.values()))).values_list("pk", "visited_at")
    for whole, at in (*own, *((whole, merged[pk][1]) for pk, whole in parts.items())):
        if at:
            visits[whole].append(at)
    first = {pk: min(moments) for pk, moments in visits.items()}
    visited = [pk for pk in {*parts, *first} if last.get(pk, pk) in first]
    return Cohort(
        referrals,
        cases,
        Q(visited_at__isnull=False) | Q(pk__in=among(first)),
        Q(case__in=among(keys | parts.keys())),
        Q(case__visited_at__isnull=False) | Q(case__in=among(visited)),
        last,
        first,
    )


def _merged(record: Record) -> Iterable[tuple[int, int, datetime | None]]:
    """Return cases that were merged, each with the one that it went into and its first visit."""
    some = Case.objects.filter(merged_into__gt=0)  # any key; SQLite finds "not null" by no index
    return countable(record, some).values_list("pk", "merged_into", "visited_at")


def _last(pk: int, merged: Mapping[int, tuple[int, datetime | None]]) -> int:
    while pk in merged:
        pk = merged[pk][0]
    return pk
