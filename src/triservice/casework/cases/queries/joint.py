"""Joint visits: those that an officer comes along to, and who comes along to a visit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import DateTimeField, F, QuerySet

from triservice.access.prepared import Asked, Given, Prepared, PreparedRows
from triservice.access.queries import Seen, seen
from triservice.access.record import Record
from triservice.casework.cases.queries.naming import OFFICER, SOME
from triservice.casework.cases.queries.shown import Comes
from triservice.casework.models import Visit, VisitOfficer
from triservice.casework.words import VisitState

LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
BETWEEN = {f"planned_at__{end}": Given(end, DateTimeField()) for end in ("gte", "lt")}


@PreparedRows
def _own() -> QuerySet[Visit]:
    rows = Visit.objects.filter(officer=OFFICER, state=VisitState.PLANNED, **BETWEEN)
    return rows.order_by("planned_at", "pk")


@Prepared
def _joint() -> QuerySet[Any, Any]:
    rows = VisitOfficer.objects.filter(officer=OFFICER, until__isnull=True, coming=True, **BETWEEN)
    return rows.order_by("planned_at").values_list("visit")


def planned_visits(
    record: Record, most: int, end: datetime, begin: datetime = LONG_AGO
) -> list[Seen]:
    """Return the planned visits of the officer who reads, their own and joint ones, in order.

    Those from `begin` on and before `end`, at most `most`.
    """
    said = {"officer": record.reader.officer, "gte": begin, "lt": end}
    return _in_order(record, _own(**said), [visit for (visit,) in _joint(**said)], most)


def calendar_visits(record: Record, most: int, begin: datetime) -> list[Seen]:
    """Return from `begin` on the same with those that were made."""
    me, kept = record.reader.officer, [str(VisitState.PLANNED), str(VisitState.DONE)]
    own = Visit.objects.filter(officer=me, state__in=kept, planned_at__gte=begin)
    joint = VisitOfficer.objects.filter(officer=me, until__isnull=True, planned_at__gte=begin)
    joint = joint.filter(visit__state__in=kept).order_by("planned_at")
    others = list(joint.values_list("visit", flat=True)[:most])
    return _in_order(record, own.order_by("planned_at", "pk"), others, most)


def _in_order(
    record: Record, own: QuerySet[Visit] | Asked, joint: list[int], most: int
) -> list[Seen]:
    """Read each by the index of its own table; one query with an OR would use neither."""
    found = {row.pk: row for row in seen(record, own, most)}
    if others := set(joint[:most]) - found.keys():
        found |= {row.pk: row for row in seen(record, Visit.objects.filter(pk__in=others))}
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
