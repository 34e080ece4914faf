"""What an officer writes of a person or place by hand: owned by the agency, closed as they are."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When

from triservice.access.errors import Refused
from triservice.access.models import Protected
from triservice.access.queries import visible_to
from triservice.access.record import Record
from triservice.access.restrictions.actions import share_lists
from triservice.access.rules import UNKNOWN
from triservice.agencies.models import Agency
from triservice.kernel.access_words import DataClass, Marking, Role
from triservice.kernel.errors import InputError
from triservice.subjects.actions.following import follow_to
from triservice.subjects.actions.joins import sees_any
from triservice.subjects.layout import SERVICE_CLASS
from triservice.subjects.models import Link, Person, Premises, RecordPart
from triservice.subjects.queries.people import group_of
from triservice.subjects.queries.places import place_of

WRITERS = frozenset({Role.OFFICER, Role.TEAM_LEADER, Role.DATA_OWNER})
KEPT = "Nothing was changed"
Row = TypeVar("Row", bound=Protected)


class About(NamedTuple):
    """Whom or what something is written of: the end of the row, and what it takes from there."""

    end: dict[str, Person | Premises]
    key: UUID
    area: str
    group: tuple[int, ...] = ()  # all who are one with the person


def about_person(record: Record, key: UUID) -> About:
    """Return a person whom the reader may see, to write of. Raises Refused, hidden.

    Of those who are one it is written of whom the reader's agency knows, so that it stays with
    them should the join be taken back.
    """
    share_lists([record.reader.agency])
    root, group = group_of(record, key)
    if not sees_any(record, group):
        raise Refused(UNKNOWN, f"subjects.person {key}", hidden=True)
    own = Link.objects.filter(
        person__in=group, owner=record.reader.agency, ended_at__isnull=True, record__current=True
    )
    known = own.order_by("person").values_list("person", flat=True).first()
    person = Person.objects.get(pk=known or root.pk)
    return About({"person": person}, person.key, _area(record, group), tuple(group))


def about_place(record: Record, key: UUID) -> About:
    """Return a place that the reader may know of, to write of. Raises Refused, hidden."""
    share_lists([record.reader.agency])
    place = place_of(record, key)
    return About({"premises": place}, place.key, place.area)


def _area(record: Record, group: list[int]) -> str:
    """Return the area that somebody is known in, by the own agency's newest record before others'.

    Blank where nobody says: then no term that is bound to areas opens it.
    """
    parts = RecordPart.objects.filter(
        record__links__person__in=group, record__links__ended_at__isnull=True, current=True
    ).exclude(area="")
    mine = Case(
        When(owner=record.reader.agency, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    found = visible_to(record.reader, parts).order_by(mine, "-pk")
    return found.values_list("area", flat=True).first() or ""


def write(
    record: Record,
    model: type[Row],
    about: About,
    data_class: DataClass,
    marking: Marking = Marking.OFFICIAL,
    **said: Any,
) -> Row:
    """Keep a row of the reader's agency; of somebody on its need-to-know list it is on that too."""
    row = model._default_manager.create(
        owner_id=record.reader.agency,
        data_class=str(data_class),
        marking=str(marking),
        area=about.area,
        subject_key=about.key,
        made_at=record.reader.at,
        made_by_id=record.reader.officer,
        **about.end,
        **said,
    )
    record.did(model._meta.label_lower, row.pk, str(data_class))
    follow_to(record, [model._default_manager.filter(pk=row.pk)], about.key)
    return row


def own_row(record: Record, model: type[Row], pk: int) -> Row:
    """Return a row of the reader's agency that holds, locked. Raises Refused, hidden; InputError.

    It may have been told by a record: that stays as it was sent.
    """
    share_lists([record.reader.agency])
    rows: QuerySet[Row] = model._default_manager.filter(pk=pk, owner=record.reader.agency)
    row = rows.select_for_update().first()
    if row is None or not visible_to(record.reader, rows).exists():
        raise Refused(UNKNOWN, f"{model._meta.label_lower} {pk}", hidden=True)
    if getattr(row, "ended_at") is not None:  # noqa: B009 - of all three tables, not of the mix-in
        raise InputError("It has ended already", kept=KEPT)
    record.did(model._meta.label_lower, pk, row.data_class)
    return row


def service_class(agency: int) -> DataClass:
    """Return the class of what an agency tells of its own service."""
    return SERVICE_CLASS[Agency.objects.values_list("kind", flat=True).get(pk=agency)]


def end(record: Record, row: Any, why: str = "") -> None:
    """End a row that `own_row` returned; it stays, with who ended it and why."""
    row.ended_at, row.ended_by_id = record.reader.at, record.reader.officer
    changed = ["ended_at", "ended_by"]
    if why:
        row.ended_why = why
        changed.append("ended_why")
    row.save(update_fields=changed)
