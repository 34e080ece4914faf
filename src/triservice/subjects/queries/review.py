"""Pairs to judge side by side, reports of wrong links, and rows that could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from triservice.access.errors import Refused
from triservice.access.models import Kind
from triservice.access.queries import visible_to
from triservice.access.record import Record, reading
from triservice.access.rules import UNKNOWN
from triservice.kernel.access_words import Reader
from triservice.subjects.matching import FURTHER, Agreement
from triservice.subjects.models import (
    Candidate,
    Confirmation,
    Person,
    Quarantined,
    RecordPart,
    WrongLink,
)
from triservice.subjects.queries import gather
from triservice.subjects.queries.people import names_of
from triservice.subjects.queries.places import addresses_of
from triservice.subjects.queries.search import address_of, name_of
from triservice.subjects.queries.shown import said
from triservice.subjects.queries.sides import Side, agreements, sides_of
from triservice.subjects.words import State

SHOWN = 25
REPORTS = 500
OPEN = (str(State.PROPOSED), str(State.CONFIRMED_BY_ONE))
AGREES = Agreement.AGREES


@dataclass(frozen=True, slots=True)
class PairRow:
    """One pair of the queue."""

    pk: int
    left: str
    right: str
    state: str
    agrees: tuple[str, ...]
    proposed_at: datetime
    mine: bool  # this officer has said their word


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of a comparison: what each side says to this reader, and how the two compare."""

    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    agreement: str


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody said of a pair."""

    officer: str
    same: bool
    why: str  # blank to others than who said it
    at: datetime


@dataclass(frozen=True, slots=True)
class PairView:
    """A pair side by side, with what was said of it."""

    pk: int
    state: str
    left_key: str
    right_key: str
    agencies: tuple[tuple[str, ...], tuple[str, ...]]
    lines: tuple[Compared, ...]
    words: tuple[Word, ...]
    method: str
    probability: float | None  # of the model; None when it rests on more than the reader sees
    open: bool
    mine: bool
    thin: bool  # name and birthday alone


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report of a wrong link."""

    pk: int
    kind: str  # person, premises
    key: str
    name: str
    why: str
    by: str
    at: datetime
    record: int | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of the reader's own agency that could not be read."""

    pk: int
    system: str
    row_number: int
    wrong: tuple[str, ...]
    received_at: datetime
    sent: dict[str, Any]


def review_queue(reader: Reader, after: int = 0) -> tuple[PairRow, ...]:
    """Return pairs to judge, both sides of which the reader may see, oldest first.

    `after`: the number of the last pair of the page before. What the reader may not judge takes
    no place in the list.
    """
    with reading(reader, Kind.CONSULTATION, "opened the pairs to judge") as record:
        waiting = Candidate.objects.filter(
            Exists(_identity(record, "left")),
            Exists(_identity(record, "right")),
            state__in=OPEN,
            pk__gt=after,
        )
        return tuple(_rows(record, list(waiting.order_by("pk")[:SHOWN])))


def _identity(record: Record, side: str) -> QuerySet[RecordPart]:
    """Return the identity parts of a side of a pair that the reader may see."""
    parts = RecordPart.objects.filter(
        record__links__person=OuterRef(side),
        record__links__ended_at__isnull=True,
        data_class="identity",
        current=True,
    )
    return visible_to(record.reader, parts)


def _rows(record: Record, pairs: list[Candidate]) -> list[PairRow]:
    sides = sides_of(record, {side for pair in pairs for side in (pair.left_id, pair.right_id)})
    mine = set(
        Confirmation.objects.filter(
            candidate__in=pairs, officer=record.reader.officer, withdrawn_at__isnull=True
        ).values_list("candidate", flat=True)
    )
    return [
        PairRow(
            pair.pk,
            _name(left),
            _name(right),
            pair.state,
            _agree(left, right),
            pair.proposed_at,
            pair.pk in mine,
        )
        for pair in pairs
        if _told(left := sides[pair.left_id]) and _told(right := sides[pair.right_id])
    ]


def _agree(left: Side, right: Side) -> tuple[str, ...]:
    """Return the fields that agree, in words."""
    told = agreements(left, right).items()
    return tuple(field.replace("_", " ") for field, how in told if how == AGREES)


def _name(side: Side) -> str:
    """Return the first name that a side tells."""
    return next(filter(None, map(name_of, side)), "Name withheld")


LINES = (
    ("given_name", "Given name", ("given_name",)),
    ("family_name", "Family name", ("family_name",)),
    ("date_of_birth", "Date of birth", ("date_of_birth", "birth_year")),
    ("sex", "Sex", ("sex",)),
    ("nhs_number", "NHS number", ("nhs_number",)),
    ("identifier", "Other numbers", ("identifiers",)),
    ("phone", "Telephone", ("phone", "other_phone")),
    ("email", "Email", ("email",)),
    ("place", "Address", ("address",)),
)


def pair_view(reader: Reader, pk: int) -> PairView:
    """Return a pair side by side, with what the reader may see of each. Raises Refused, hidden."""
    with reading(reader, Kind.CONSULTATION, "compared two people") as record:
        pair = Candidate.objects.filter(pk=pk).first()
        found = sides_of(record, (pair.left_id, pair.right_id)) if pair else {}
        sides = [found.get(p, []) for p in (pair.left_id, pair.right_id)] if pair else []
        if pair is None or not all(_told(side) for side in sides):
            raise Refused(UNKNOWN, f"subjects.candidate {pk}", hidden=True)
        keys = dict(
            Person.objects.filter(pk__in=(pair.left_id, pair.right_id)).values_list("pk", "key")
        )
        names = gather.agency_names()
        words, told = _words(pair, reader.officer), agreements(*sides)
        return PairView(
            pk=pair.pk,
            state=pair.state,
            left_key=str(keys[pair.left_id]),
            right_key=str(keys[pair.right_id]),
            agencies=(_agencies(sides[0], names), _agencies(sides[1], names)),
            lines=tuple(_line(told, sides, *line) for line in LINES),
            words=tuple(word for _, word in words),
            method=pair.method,
            probability=pair.probability if told == pair.evidence else None,
            open=pair.state in OPEN,
            mine=any(officer == reader.officer for officer, _ in words),
            thin=not any(told[name] == AGREES for name in FURTHER),
        )


def _told(side: Side) -> bool:
    return any(part.data_class == "identity" for part in side)


def _agencies(side: Side, names: dict[int, str]) -> tuple[str, ...]:
    return tuple(sorted({names[part.owner_id] for part in side}))


def _line(
    told: dict[str, Agreement], sides: list[Side], field: str, label: str, columns: tuple[str, ...]
) -> Compared:
    left, right = (_values(side, columns) for side in sides)
    return Compared(label, left, right, str(told[field]))


def _values(side: Side, columns: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in side:
        for column in columns:
            value = address_of(part) if column == "address" else said(part.get(column) or "")
            if value:
                found[value] = None
    return tuple(found)


def _words(pair: Candidate, reader: int) -> list[tuple[int, Word]]:
    """Return what was said of a pair; why, to who said it: they may see more than others.

    Never by what is held, for a reason that is missing here and there would tell of that.
    """
    said_of = pair.confirmations.filter(withdrawn_at__isnull=True).select_related("officer")
    return [
        (
            one.officer_id,
            Word(str(one.officer), one.same, one.why if one.officer_id == reader else "", one.at),
        )
        for one in said_of.order_by("at")
    ]


def told_reports(record: Record) -> QuerySet[WrongLink]:
    """Return the reports on people whom the reader sees, and on records of which they see all.

    Who reports may write of all that they see of a record, as it was then. Of a place they may
    write of anybody there: on a place alone it is told in the agency of who reports.
    """
    parts = RecordPart.objects.filter(record=OuterRef("record"))
    one = visible_to(record.reader, RecordPart.objects.filter(pk=OuterRef("pk")))
    whole = Q(Exists(parts)) & ~Q(Exists(parts.filter(~Exists(one))))
    ours = Q(record__isnull=False) | Q(by__employer=record.reader.agency)
    return WrongLink.objects.filter(
        Q(record__isnull=True) | whole,
        Q(Exists(_identity(record, "person"))) | Q(premises__isnull=False) & ours,
    )


def reports(reader: Reader) -> tuple[ReportRow, ...]:
    """Return the open reports that the reader may be told, oldest first."""
    with reading(reader, Kind.CONSULTATION, "opened reports of wrong links") as record:
        open_ = told_reports(record).filter(settled_at__isnull=True)
        waiting = list(open_.select_related("by", "premises").order_by("at", "pk")[:REPORTS])
        people = names_of(record, {one.person_id for one in waiting if one.person_id})
        places = addresses_of(record, [one.premises.key for one in waiting if one.premises])
        return tuple(
            ReportRow(one.pk, *about, one.why, str(one.by), one.at, one.record_id)
            for one in waiting
            if (about := _reported(one, people, places))
        )


def _reported(
    one: WrongLink, people: dict[int, tuple[str, str]], places: dict[UUID, str]
) -> tuple[str, str, str] | None:
    """Return kind, key and name of whom or what is reported, where the reader may know of them."""
    if one.premises:
        key = one.premises.key
        return ("premises", str(key), places[key]) if key in places else None
    return ("person", *people[one.person_id]) if one.person_id in people else None


def quarantine(reader: Reader) -> tuple[BadRow, ...]:
    """Return the rows of the reader's own agency that wait, oldest first."""
    with reading(reader, Kind.CONSULTATION, "opened rows that could not be read") as record:
        rows = list(
            Quarantined.objects.filter(agency=reader.agency, settled_at__isnull=True).order_by(
                "received_at", "pk"
            )[: 4 * SHOWN]
        )
        for row in rows:
            record.did("subjects.quarantined", row.pk)
        return tuple(
            BadRow(row.pk, row.system, row.row_number, tuple(row.wrong), row.received_at, row.sent)
            for row in rows
        )
