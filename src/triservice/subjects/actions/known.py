"""Markers, needs and relations came from a record: when it is moved to somebody, they go with it.

What another record of theirs tells as well stays there too. So at any time somebody has what the
records tell that are about them, and moving a record back is the exact inverse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from triservice.agencies.models import Agency
from triservice.kernel import clock
from triservice.subjects import layout
from triservice.subjects.models import (
    AccessibleNeed,
    AgencyNumber,
    Link,
    Person,
    Relation,
    SourceRecord,
    WarningMarker,
)

Says = tuple[type[Any], *tuple[Any, ...]]  # the table, and what a row of it says
SAID: dict[type[Any], tuple[str, ...]] = {
    AccessibleNeed: ("kind", "need"),
    WarningMarker: ("kind", "source"),  # a review moves its day, and it still is the one told
    Relation: ("other_id", "kind"),
}
GONE = "The record that told it is about somebody else"


def move_known(record: int, before: Iterable[int], to: Person) -> list[QuerySet[Any]]:
    """Let what a record tells of a person be told of another; return these rows.

    `before` are those whom it was about; `record` is any version of it: the current one counts.
    """
    said = SourceRecord.objects.get(pk=record)
    current = SourceRecord.objects.get(
        agency=said.agency_id, system=said.system, source_key=said.source_key, current=True
    )
    mine = set(_told(current))
    for person in sorted(set(before) - {to.pk}):
        kept = set[Says]()
        for other in _others(current, person):
            kept |= set(_told(other))
        for model in SAID:
            for row in _there(model, current.agency_id, person):
                if _says(row) in mine:
                    _move(row, to, stays=_says(row) in kept)
    _hold_again(mine, current.agency_id, to)
    return [_there(model, current.agency_id, to.pk) for model in SAID]


def _hold_again(mine: set[Says], agency: int, to: Person) -> None:
    """Let a relation hold again that ended because its record came to whom it leads to."""
    for _, other, kind in (says for says in mine if says[0] is Relation):
        rows = Relation.objects.filter(owner=agency, other=other, kind=kind, made_by__isnull=True)
        rows = rows.filter(ended_by__isnull=True)  # what an officer ended stays ended
        there = rows.filter(person=to, ended_at__isnull=True).exists()
        ended = rows.filter(ended_at__isnull=False).order_by("ended_at", "pk").last()
        if ended is not None and not there and other != to.pk:
            ended.person, ended.subject_key, ended.ended_at = to, to.key, None
            ended.save()


def _told(record: SourceRecord) -> Iterator[Says]:
    """Yield what a record tells of whom it is about."""
    agency = Agency.objects.get(pk=record.agency_id)
    told = layout.read(record.sent, layout.SERVICE_CLASS[agency.kind])
    yield from ((AccessibleNeed, kind, need) for kind, need in told.needs.items())
    marker = told.marker
    if marker and marker.get("marker_on") != "premises":
        yield WarningMarker, marker["marker"], marker["marker_source"]
    to = told.record.get("relation_to")
    others = AgencyNumber.objects.filter(
        agency=record.agency_id, system=record.system, of=AgencyNumber.Of.PERSON, number=to or ""
    )
    for other in others.values_list("person", flat=True):
        yield Relation, other, str(told.record["relation"])


def _others(record: SourceRecord, person: int) -> QuerySet[SourceRecord]:
    """Return the current records of the same agency, but this one, that are about a person."""
    about = Link.objects.filter(person=person, ended_at__isnull=True).values("record")
    rows = SourceRecord.objects.filter(agency=record.agency_id, current=True, pk__in=about)
    return rows.exclude(pk=record.pk)


def _there(model: type[Any], agency: int, person: int) -> QuerySet[Any]:
    """Return the rows of a table that records of an agency told of a person, and that hold."""
    everything: QuerySet[Any] = model._default_manager.all()
    rows = everything.filter(owner=agency, person=person, ended_at__isnull=True)
    return rows.filter(made_by__isnull=True)  # what an officer wrote stays where it is


def _says(row: Any) -> Says:
    return (type(row), *(getattr(row, name) for name in SAID[type(row)]))


def _move(row: Any, to: Person, *, stays: bool) -> None:
    """Let a row be about another person; where it `stays`, a copy. Nothing is told twice."""
    model = type(row)
    has = {_says(one) for one in _there(model, row.owner_id, to.pk)}
    itself = model is Relation and row.other_id == to.pk
    if _says(row) in has or itself:
        if not stays:
            row.ended_at = clock.now()
            if model is WarningMarker:
                row.ended_why = GONE
            row.save()
        return
    if stays:
        row.pk, row._state.adding = None, True
    row.person, row.subject_key = to, to.key
    row.save()
