"""The chronology: what was done on a case and what services sent of its people, in one order.

Paged in SQL: each of the two sources gives one page below the moment asked for, and the pages are
laid together; nothing older is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, DateTimeField, Q, QuerySet
from django.db.models.functions import Coalesce

from triservice.access.prepared import Asked, Given, PreparedRows, Several
from triservice.access.queries import seen, visible_to
from triservice.access.record import Record
from triservice.casework.models import Entry
from triservice.subjects.models import Link, RecordPart, SourceRecord
from triservice.subjects.queries import gather

PAGE = 25
WRITTEN, CORRECTED = "note", "correct"  # the verbs of a note


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the chronology. `what` is the verb or kind of record, `by` who says so."""

    at: datetime
    what: str
    text: str
    by: str
    agency: str
    data_class: str
    why: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()  # column, before, after
    facts: tuple[tuple[str, str], ...] = ()
    own_note: int = 0  # of a note that the reader wrote, which they may correct: its number
    corrected: tuple[tuple[datetime, str], ...] = ()  # of a note: when it was, and why


@dataclass(frozen=True, slots=True)
class Chronology:
    """One page, the latest first; `older` is the moment below which the next page begins."""

    lines: tuple[Told, ...]
    older: datetime | None


def chronology(
    record: Record, cases: Iterable[int], people: Iterable[int], before: datetime | None = None
) -> Chronology:
    """Return a page of what the reader may see of cases and of people (all who are one here)."""
    names, rows = gather.agency_names(), _latest if before is None else _older
    entries = _entries(record, rows(cases=list(cases), before=before), names)
    return _page([*entries, *_records(record, people, before, names)])


@PreparedRows
def _latest() -> QuerySet[Entry]:
    return _in_order(Entry.objects.filter(case__among=Several("cases", BigIntegerField())))


@PreparedRows
def _older() -> QuerySet[Entry]:
    rows = Entry.objects.filter(case__among=Several("cases", BigIntegerField()))
    return _in_order(rows.filter(at__lt=Given("before", DateTimeField())))


def _in_order(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    return entries.order_by("-at", "-pk")


def history(record: Record, before: datetime | None = None, **of: int) -> Chronology:
    """Return a page of what was done on a referral, or on a plan: `referral` or `plan`, a key."""
    entries = _in_order(Entry.objects.filter(**of))
    if before is not None:
        entries = entries.filter(at__lt=before)
    return _page(_entries(record, entries, gather.agency_names()))


def _page(lines: list[Told]) -> Chronology:
    lines.sort(key=lambda line: line.at, reverse=True)
    if len(lines) <= PAGE:
        return Chronology(tuple(lines), None)
    last = lines[PAGE - 1].at  # all lines of one moment stand on one page
    kept = [line for line in lines if line.at >= last]
    return Chronology(tuple(kept), last if len(kept) < len(lines) else None)


def _entries(record: Record, rows: QuerySet[Entry] | Asked, names: dict[int, str]) -> list[Told]:
    found = seen(record, rows, PAGE + 1)
    notes = [row.row for row in found if row.verb == WRITTEN]
    corrected: dict[int, list[tuple[datetime, str]]] = {}
    for each in seen(record, _corrections(notes=notes)) if notes else ():
        corrected.setdefault(each.row, []).append((each.at, each.get("why") or "Withheld"))
    return [
        replace(
            _told(row, names), corrected=tuple(corrected.get(row.row, ())),
            own_note=row.row if row.by_id == record.reader.officer else 0,
        )
        if row.verb == WRITTEN
        else _told(row, names)
        for row in found
    ]  # fmt: skip


@PreparedRows
def _corrections() -> QuerySet[Entry]:
    notes = Several("notes", BigIntegerField())
    rows = Entry.objects.filter(label="note", row__among=notes, verb=CORRECTED)
    return rows.order_by("at", "pk")


def _told(row: Any, names: dict[int, str]) -> Told:
    was, now = row.get("before") or {}, row.get("after") or {}
    return Told(
        at=row.at,
        what=row.verb,
        text=row.get("text") or "",
        by=row.by_name,
        agency=names.get(row.agency_id, ""),
        data_class=row.data_class,
        why=row.get("why") or "",
        changes=tuple(
            (name.removesuffix("_id").replace("_", " "), _said(was.get(name)), _said(now[name]))
            for name in now
        ),
    )


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _records(
    record: Record, people: Iterable[int], before: datetime | None, names: dict[int, str]
) -> list[Told]:
    """Return what the services' records of these people tell, as far as the reader may see."""
    links = Link.objects.filter(
        person__in=list(people), ended_at__isnull=True, record__current=True
    )
    parts = RecordPart.objects.filter(record__in=links.values("record"), current=True)
    open_parts = visible_to(record.reader, parts)
    rows = SourceRecord.objects.filter(pk__in=open_parts.values("record")).annotate(
        when=Coalesce("happened_at", "received_at")
    )
    if before is not None:
        rows = rows.filter(Q(when__lt=before))
    chosen = rows.order_by("-when", "-pk").values_list("pk", flat=True)[: PAGE + 1]
    found = list(chosen)
    told = seen(record, gather.current_parts(records=found)) if found else []
    shown = gather.records_seen(record, told, names)
    return [
        Told(
            at=one.happened_at or one.received_at,
            what=one.kind,
            text=", ".join(filter(None, (one.kind, one.involved))),
            by=one.agency,
            agency=one.agency,
            data_class=", ".join(part.data_class for part in one.parts),
            facts=tuple(fact for part in one.parts for fact in part.facts),
        )
        for one in shown
    ]
