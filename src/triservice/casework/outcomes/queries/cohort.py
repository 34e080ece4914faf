"""Whom a year's numbers are of: the referrals received in it, and the cases that they became."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Field, Func, Q, QuerySet
from django.db.models.expressions import RawSQL

from triservice.access.queries import visible_to
from triservice.access.record import Record
from triservice.access.rules import Use
from triservice.casework.models import Case, Referral
from triservice.casework.words import ReferralState


class Milliseconds(Func):
    """A moment as whole milliseconds since 1970: a year has more moments than Python reads fast."""

    output_field = Field()  # of no kind: as the database gives it, with nothing to convert

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """Return the SQL; julianday is exact to the millisecond."""
        template = "CAST(round((julianday(%(expressions)s) - 2440587.5) * 86400000) AS integer)"
        return self.as_sql(compiler, connection, template=template)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """Return the SQL."""
        template = "CAST(round(extract(epoch FROM %(expressions)s) * 1000) AS bigint)"
        return self.as_sql(compiler, connection, template=template)


FIRST = Milliseconds("visited_at")


@dataclass(frozen=True, slots=True)
class Cohort:
    """What the reader may count of a year.

    `cases` are those that stand for themselves: a case that was merged is part of another, which
    counts once. `last` leads from each merged case to that one; `visited` is the condition of cases
    that were visited, themselves or by a part. `parts` is that of rows that hang (by `case`) on a
    case or a part of it. `first_visits` are those of cases with parts, in milliseconds.
    """

    referrals: QuerySet[Referral]
    cases: QuerySet[Case]
    visited: Q
    parts: Q
    last: Mapping[int, int]
    first_visits: Mapping[int, int]

    def whole(self, case: int) -> int:
        """Return the case that counts: itself, or the one that it is part of."""
        return self.last.get(case, case)

    def first_visit(self, case: int, own: int | None) -> int | None:
        """Return when the whole of a case was first visited; `own` is when it was itself."""
        return self.first_visits.get(self.whole(case), own)


def countable(record: Record, rows: QuerySet[Any], *by: str) -> QuerySet[Any]:
    """Return what may be counted by these fields, without an order."""
    return visible_to(record.reader, rows, by=by, use=Use.COUNT).order_by()


def among(keys: Iterable[int]) -> RawSQL:
    """Return keys as a sub-query: one parameter, and a condition found once, however many.

    The parameter is text, written once for all statements that ask with it.
    """
    listed = ",".join(map(str, sorted(keys)))
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", (f"{{{listed}}}",))
    return RawSQL("SELECT value FROM json_each(%s)", (f"[{listed}]",))


def received(record: Record, begin: datetime, end: datetime) -> QuerySet[Referral]:
    """Return the referrals received from `begin` until before `end`."""
    rows = Referral.objects.filter(received_at__gte=begin, received_at__lt=end)
    return countable(record, rows, "scheme", "state", "case")


def cohort(record: Record, referrals: QuerySet[Referral]) -> Cohort:
    """Return these referrals and their cases.

    Which cases those are is found once: every table of the page asks by their keys.
    """
    accepted = referrals.filter(state=ReferralState.ACCEPTED)
    found = set(accepted.values_list("case", flat=True))
    merged = {pk: (into, at) for pk, into, at in _merged(record)}
    last = {pk: _last(pk, merged) for pk in merged}
    found |= {last[pk] for pk in found & last.keys()}
    alone = countable(record, Case.objects.filter(merged_into__isnull=True), "scheme")
    keys = set(alone.filter(pk__in=among(found)).values_list("pk", flat=True))
    parts = {pk: whole for pk, whole in last.items() if whole in keys}
    own = alone.filter(pk__in=among(set(parts.values()))).values_list("pk", FIRST)
    visits: dict[int, list[int]] = defaultdict(list)
    for whole, at in (*own, *((whole, merged[pk][1]) for pk, whole in parts.items())):
        if at is not None:
            visits[whole].append(at)
    first = {pk: min(moments) for pk, moments in visits.items()}
    return Cohort(
        referrals,
        alone.filter(pk__in=among(keys)),
        Q(visited_at__isnull=False) | Q(pk__in=among(first)),
        Q(case__in=among(keys | parts.keys())),
        last,
        first,
    )


def _merged(record: Record) -> Iterable[tuple[int, int, int | None]]:
    """Return cases that were merged, each with the one that it went into and its first visit."""
    some = Case.objects.filter(merged_into__gt=0)  # any key; SQLite finds "not null" by no index
    return countable(record, some).values_list("pk", "merged_into", FIRST)


def _last(pk: int, merged: Mapping[int, tuple[int, int | None]]) -> int:
    while pk in merged:
        pk = merged[pk][0]
    return pk
