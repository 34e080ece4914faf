"""Whom a year's numbers are of: the referrals received in it, and the cases that they became."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from triservice.access.queries import visible_to
from triservice.access.record import Record
from triservice.access.rules import Use
from triservice.casework.models import Case, Referral
from triservice.casework.words import ReferralState


@dataclass(frozen=True, slots=True)
class Cohort:
    """What the reader may count of a year.

    `cases` are those that stand for themselves: a case that was merged is part of another, which
    counts once. `last` leads from each merged case to that one; `visited` and `parts` are the
    conditions of cases that were visited, themselves or by a part, and of rows (by their `case`)
    that hang on a case or a part of it. `first_visits` are of cases with parts, and of these.
    """

    referrals: QuerySet[Referral]
    cases: QuerySet[Case]
    visited: Q
    parts: Q
    last: Mapping[int, int]
    first_visits: Mapping[int, datetime]

    def whole(self, case: int) -> int:
        """Return the case that counts: itself, or the one that it is part of."""
        return self.last.get(case, case)


def countable(record: Record, rows: QuerySet[Any], *by: str) -> QuerySet[Any]:
    """Return what may be counted by these fields, without an order."""
    return visible_to(record.reader, rows, by=by, use=Use.COUNT).order_by()


def cohort(record: Record, begin: datetime, end: datetime) -> Cohort:
    """Return the referrals received from `begin` until before `end`, and their cases."""
    received = Referral.objects.filter(received_at__gte=begin, received_at__lt=end)
    referrals = countable(record, received, "scheme", "state", "case")
    accepted = referrals.filter(state=ReferralState.ACCEPTED)
    merged = countable(record, Case.objects.filter(merged_into__isnull=False))
    found = list(merged.values_list("pk", "merged_into", "visited_at"))
    into = {pk: other for pk, other, _ in found}
    last = {pk: _last(pk, into) for pk in into}
    through = accepted.filter(case__merged_into__isnull=False).values_list("case", flat=True)
    wholes = {last[pk] for pk in through if pk in last}
    alone = Case.objects.filter(merged_into__isnull=True)
    cases = countable(
        record, alone.filter(Q(pk__in=accepted.values("case")) | Q(pk__in=wholes)), "scheme"
    )
    with_parts = dict(
        cases.filter(pk__in=set(last.values())).values_list("pk", "visited_at")
    )  # fmt: skip
    visits: dict[int, list[datetime]] = {
        pk: [at] if at else [] for pk, at in with_parts.items()
    }  # fmt: skip
    for pk, _, at in found:
        if at and last[pk] in visits:
            visits[last[pk]].append(at)
    first = {pk: min(moments) for pk, moments in visits.items() if moments}
    own = [pk for pk, whole in last.items() if whole in with_parts]
    return Cohort(
        referrals,
        cases,
        Q(visited_at__isnull=False) | Q(pk__in=set(first)),
        Q(case__in=cases.values("pk")) | Q(case__in=own),
        last,
        first,
    )


def _last(pk: int, into: Mapping[int, int]) -> int:
    while pk in into:
        pk = into[pk]
    return pk
