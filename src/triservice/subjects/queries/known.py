"""What the reader's own agency has written of people and places, to look at again or to change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from triservice.access.errors import Refused
from triservice.access.models import Kind
from triservice.access.queries import Seen, seen
from triservice.access.record import Record, reading
from triservice.access.rules import UNKNOWN
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.subjects.models import (
    AccessibleNeed,
    MarkerReview,
    Premises,
    Relation,
    WarningMarker,
)
from triservice.subjects.queries import gather
from triservice.subjects.queries.people import group_of, names_of
from triservice.subjects.queries.places import addresses_of
from triservice.subjects.queries.shown import MarkerSeen
from triservice.subjects.words import OTHER_WAY, Kin

AHEAD = timedelta(days=28)  # a review may need a call or two
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One review of a warning that let it hold on."""

    at: datetime
    by: str
    review_on: date
    why: str


@dataclass(frozen=True, slots=True)
class MarkerView:
    """A warning of the reader's own agency: about whom or where, and how it was reviewed."""

    marker: MarkerSeen
    about: str
    key: str
    is_place: bool
    made_at: datetime
    made_by: str  # "" when a record told it
    reviews: tuple[Reviewed, ...]
    ended_at: datetime | None
    ended_by: str
    ended_why: str


@dataclass(frozen=True, slots=True)
class NeedRow:
    """An accessible need that the own agency tells."""

    pk: int
    kind: str
    label: str
    need: str


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A relation that the own agency tells: who, and what they are to the person of the page."""

    pk: int
    key: str
    name: str
    how: str
    evidence: str


def review_key(agency: int, day: date) -> str:
    """Return the key of the reminder of the warnings that fall due in the week of a day."""
    return f"warnings:{agency}:{monday_of(day)}"


def same_reminder(day: date) -> Q:
    """Return the condition of the warnings that hold and fall due in the week of a day."""
    week = (monday_of(day), monday_of(day) + timedelta(days=6))
    return Q(ended_at__isnull=True, review_on__range=week)


def monday_of(day: date) -> date:
    """Return the first day of the week of a day."""
    return day - timedelta(days=day.weekday())


def markers_due(reader: Reader) -> tuple[MarkerView, ...]:
    """Return the warnings of the own agency that are past their day or near it, first due first.

    At most `SHOWN`: what is reviewed makes room for those that follow.
    """
    until = timezone.localtime(clock.now()).date() + AHEAD
    due = WarningMarker.objects.filter(
        owner=reader.agency, ended_at__isnull=True, review_on__lte=until
    )
    with reading(reader, Kind.CONSULTATION, "looked for warnings to review") as record:
        rows = seen(record, due.order_by("review_on", "pk"), SHOWN)
        return tuple(_views(record, rows))


def marker_view(reader: Reader, pk: int) -> MarkerView:
    """Return one warning of the own agency, also one that has ended. Raises Refused, hidden."""
    with reading(reader, Kind.CONSULTATION, "opened a warning") as record:
        rows = seen(record, WarningMarker.objects.filter(pk=pk, owner=reader.agency))
        found = list(_views(record, rows))
        if not found:
            raise Refused(UNKNOWN, f"subjects.warningmarker {pk}", hidden=True)
        return found[0]


def _views(record: Record, rows: list[Seen]) -> Iterator[MarkerView]:
    names = gather.agency_names()
    people = names_of(record, {row.person_id for row in rows if row.person_id})
    keys = dict(
        Premises.objects.filter(pk__in=[row.premises_id for row in rows]).values_list("pk", "key")
    )
    places = addresses_of(record, keys.values())
    reviews: dict[int, list[Reviewed]] = {}
    kept = MarkerReview.objects.filter(marker__in=[row.pk for row in rows]).order_by("-at", "-pk")
    for one in kept.select_related("by"):
        said = Reviewed(one.at, str(one.by), one.review_on, one.why)
        reviews.setdefault(one.marker_id, []).append(said)
    hands = {
        pk: by
        for pk, *by in WarningMarker.objects.filter(pk__in=[row.pk for row in rows]).values_list(
            "pk", "made_by__name", "ended_by__name"
        )
    }
    for row in rows:
        is_place = row.premises_id is not None
        key = keys[row.premises_id] if is_place else row.subject_key
        about = places.get(key, "") if is_place else people.get(row.person_id, ("", ""))[1]
        (marker,) = gather.markers_in_order([row], names, record.reader)
        yield MarkerView(
            replace(marker, advice=row.get("advice") or ""),  # whoever reviews it reads it all
            about, str(key), is_place,
            row.made_at, hands[row.pk][0] or "", tuple(reviews.get(row.pk, ())), row.ended_at,
            hands[row.pk][1] or "", row.ended_why,
        )  # fmt: skip


def _named(record: Record, key: UUID | str) -> tuple[str, list[int]]:
    """Return the name of a person whom the reader may see, and all who are one. Raises Refused."""
    _, group = group_of(record, key)
    called = names_of(record, group)
    if not called:
        raise Refused(UNKNOWN, f"subjects.person {key}", hidden=True)
    return next((name for _, name in called.values() if name), "Name withheld"), group


def needs_of(reader: Reader, key: UUID) -> tuple[str, tuple[NeedRow, ...]]:
    """Return a person's name, and the accessible needs that the own agency tells of them.

    Raises Refused, hidden.
    """
    with reading(reader, Kind.CONSULTATION, "opened the accessible needs of a person") as record:
        name, group = _named(record, key)
        rows = AccessibleNeed.objects.filter(
            person__in=group, owner=reader.agency, ended_at__isnull=True
        )
        return name, tuple(_need(row) for row in seen(record, rows.order_by("kind", "pk")))


def need_row(reader: Reader, pk: int) -> tuple[str, NeedRow]:
    """Return one accessible need of the own agency, and the key of whose. Raises Refused."""
    with reading(reader, Kind.CONSULTATION, "opened an accessible need") as record:
        rows = AccessibleNeed.objects.filter(pk=pk, owner=reader.agency, ended_at__isnull=True)
        for row in seen(record, rows):
            return str(row.subject_key), _need(row)
        raise Refused(UNKNOWN, f"subjects.accessibleneed {pk}", hidden=True)


def _need(row: Seen) -> NeedRow:
    kind = AccessibleNeed.Kind(row.get("kind") or "other")
    return NeedRow(row.pk, str(kind), str(kind.label), row.get("need") or "")


def relations_of(reader: Reader, key: UUID) -> tuple[str, tuple[RelationRow, ...]]:
    """Return a person's name, and their relations that the own agency tells. Raises Refused."""
    with reading(reader, Kind.CONSULTATION, "opened the relations of a person") as record:
        name, group = _named(record, key)
        either = Q(person__in=group) | Q(other__in=group)
        rows = Relation.objects.filter(either, owner=reader.agency, ended_at__isnull=True)
        return name, tuple(_relations(record, seen(record, rows.order_by("pk")), group))


def relation_row(reader: Reader, pk: int) -> tuple[str, RelationRow]:
    """Return one relation of the own agency, and the key of whose. Raises Refused."""
    with reading(reader, Kind.CONSULTATION, "opened a relation") as record:
        rows = Relation.objects.filter(pk=pk, owner=reader.agency, ended_at__isnull=True)
        for row in seen(record, rows):
            _, group = group_of(record, str(row.subject_key))
            for one in _relations(record, [row], group):
                return str(row.subject_key), one
        raise Refused(UNKNOWN, f"subjects.relation {pk}", hidden=True)


def _relations(record: Record, rows: list[Seen], group: list[int]) -> Iterator[RelationRow]:
    ties = [(row, row.person_id in group) for row in rows]
    called = names_of(record, {row.other_id if mine else row.person_id for row, mine in ties})
    for row, mine in ties:
        kind = Kin(row.get("kind"))
        who = called.get(row.other_id if mine else row.person_id)
        if who is not None:
            how = OTHER_WAY.get(kind, kind) if mine else kind
            yield RelationRow(row.pk, *who, str(how), row.get("evidence") or "")
