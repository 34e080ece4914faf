"""Reading what came of a case, from the records that services sent of its people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from triservice.access.queries import visible_to
from triservice.access.record import Record
from triservice.casework.outcomes.rules import DAYS, Repeat, repeats
from triservice.subjects.models import Link, RecordPart, SourceRecord


def repeat_demand(
    record: Record, people: Iterable[int], visited: datetime | None
) -> tuple[Repeat, ...]:
    """Return how often people were in what services sent, before and after the first visit.

    Each record counts once, whoever of the people it names (all who are one person are given), and
    only where the reader may read a part of it. Nothing without a visit.
    """
    if visited is None:
        return ()
    span = timedelta(days=max(DAYS) + 1)
    links = Link.objects.filter(
        person__in=list(people), ended_at__isnull=True, record__current=True,
        record__happened_at__range=(visited - span, visited + span),
    )  # fmt: skip
    parts = RecordPart.objects.filter(record__in=links.values("record"), current=True)
    seen = visible_to(record.reader, parts).values("record")
    moments = SourceRecord.objects.filter(pk__in=seen).values_list("happened_at", flat=True)
    found = repeats([at for at in moments if at], visited, record.reader.at)
    for one in found:
        record.counted(f"repeat demand, {one.days} days", one.before + (one.after or 0))
    return found
