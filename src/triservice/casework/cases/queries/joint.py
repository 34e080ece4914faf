"""Joint visits: those that an officer comes along to, and who comes along to a visit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, QuerySet

from triservice.access.prepared import Prepared
from triservice.access.queries import Seen, seen
from triservice.access.record import Record
from triservice.casework.cases.queries.naming import SOME
from triservice.casework.cases.queries.shown import Comes
from triservice.casework.models import Visit, VisitOfficer
from triservice.casework.words import VisitState


def planned_visits(record: Record, most: int, **when: Any) -> list[Seen]:
    """Return the planned visits of the officer who reads, their own and joint ones, in order.

    `when` is about `planned_at`. At most `most`.
    """
    own = Visit.objects.filter(officer=record.reader.officer, state=VisitState.PLANNED, **when)
    return _in_order(record, own, _joint(record).filter(coming=True, **when), most)


def calendar_visits(record: Record, most: int, **when: Any) -> list[Seen]:
    """Return the same with those that were made."""
    kept = [str(VisitState.PLANNED), str(VisitState.DONE)]
    own = Visit.objects.filter(officer=record.reader.officer, state__in=kept, **when)
    return _in_order(record, own, _joint(record).filter(visit__state__in=kept, **when), most)


def _joint(record: Record) -> QuerySet[VisitOfficer]:
    return VisitOfficer.objects.filter(officer=record.reader.officer, until__isnull=True)


def _in_order(
    record: Record, own: QuerySet[Visit], joint: QuerySet[VisitOfficer], most: int
) -> list[Seen]:
    """Read each by the index of its own table; one query with an OR would use neither."""
    found = {row.pk: row for row in seen(record, own.order_by("planned_at", "pk"), most)}
    others = list(joint.order_by("planned_at").values_list("visit", flat=True)[:most])
    if others:
        rows = Visit.objects.filter(pk__in=set(others) - found.keys())
        found |= {row.pk: row for row in seen(record, rows)}
    return sorted(found.values(), key=lambda row: (row.planned_at, row.pk))[:most]


@Prepared
def _who_comes() -> QuerySet[Any, Any]:
    rows = VisitOfficer.objects.filter(visit__among=SOME, until__isnull=True)
    rows = rows.exclude(officer=F("visit__officer")).order_by("pk")
    return rows.values_list("visit", "officer", "officer__name", "agency__short_name")


def who_comes(visits: Iterable[Seen]) -> dict[int, tuple[Comes, ...]]:
    """Return who comes along to visits, where the reader may see whose they are."""
    open_ones = [row.pk for row in visits if "officer" not in row.withheld]
    found: dict[int, tuple[Comes, ...]] = {}
    for visit, *who in _who_comes(some=open_ones) if open_ones else ():
        found[visit] = (*found.get(visit, ()), Comes(*who))
    return found
