"""Warnings that an officer writes, looks at again and ends. Each has a day to be reviewed by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from triservice.access.models import Kind
from triservice.access.notices.actions import deal_with
from triservice.access.queries import visible_to
from triservice.access.record import Record, recording
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Marking, Reader
from triservice.kernel.errors import InputError
from triservice.kernel.words import long_date
from triservice.subjects.actions import own
from triservice.subjects.actions.joins import SUBSTANCE, take_turn
from triservice.subjects.models import MarkerReview, WarningMarker
from triservice.subjects.queries.known import review_key, same_reminder

LONGEST = timedelta(days=2 * 366)  # nobody can say today what is dangerous later than that


@dataclass(frozen=True, slots=True)
class Warned:
    """What a warning says."""

    kind: str
    relevance: str
    source: str
    review_on: date
    advice: str = ""
    data_class: DataClass = DataClass.RISK
    marking: Marking = Marking.OFFICIAL


def add_marker(
    reader: Reader, said: Warned, *, person: UUID | None = None, place: UUID | None = None
) -> int:
    """Write a warning of the reader's agency about a person, or about a place; return its key.

    Raises InputError for a warning that is there already or a day that is over or too far ahead;
    Refused, hidden, without sight of whom or where.
    """
    with recording(reader, Kind.COLLECTION, "added a warning") as record:
        take_turn()
        _fits(said.review_on)
        if person is not None:
            about = own.about_person(record, person)
            there = WarningMarker.objects.filter(person__in=about.group)
        elif place is not None:
            about = own.about_place(record, place)
            there = WarningMarker.objects.filter(**about.end)
        else:
            raise InputError("A warning is about a person or a place", kept=own.KEPT)
        same = there.filter(owner=reader.agency, kind__iexact=said.kind, ended_at__isnull=True)
        if visible_to(record.reader, same).exists():
            raise InputError(
                "Your agency has this warning already", field="kind", kept=own.KEPT,
                do="Review that one, or say in other words what this one is.",
            )  # fmt: skip
        row = own.write(
            record, WarningMarker, about, said.data_class, said.marking, kind=said.kind,
            relevance=said.relevance, advice=said.advice, source=said.source,
            review_on=said.review_on,
        )  # fmt: skip
        return row.pk


def review_marker(reader: Reader, pk: int, until: date, why: str) -> None:
    """Let a warning of the reader's agency hold on until another day. Raises InputError, Refused.

    What it rested on stays as it was; every review is kept beside it.
    """
    with recording(reader, Kind.ALTERATION, "reviewed a warning") as record:
        marker = own.own_row(record, WarningMarker, pk)
        _substance(why)
        _fits(until)
        before = marker.review_on
        MarkerReview.objects.create(
            marker=marker, at=record.reader.at, by_id=reader.officer, before=before,
            review_on=until, why=why.strip(),
        )  # fmt: skip
        marker.review_on = until
        marker.save(update_fields=["review_on"])
        record.note("review", {"marker": pk, "before": str(before), "after": str(until)})
        _dealt_with(record, before)


def end_marker(reader: Reader, pk: int, why: str) -> None:
    """End a warning of the reader's agency: it is shown no more. Raises InputError, Refused."""
    with recording(reader, Kind.ALTERATION, "ended a warning") as record:
        marker = own.own_row(record, WarningMarker, pk)
        _substance(why)
        own.end(record, marker, why.strip())
        _dealt_with(record, marker.review_on)


def _fits(day: date) -> None:
    today = timezone.localtime(clock.now()).date()
    if not today < day <= today + LONGEST:
        raise InputError(
            f"Review it after today, and by {long_date(today + LONGEST)}", field="review_on",
            kept=own.KEPT,
        )  # fmt: skip


def _substance(why: str) -> None:
    if len(why.strip()) < SUBSTANCE:
        raise InputError(
            "says too little", field="why", kept=own.KEPT, do="Say what you know, in a sentence."
        )


def _dealt_with(record: Record, day: date) -> None:
    """Take the reminder of a week away once nothing of that week is left to review."""
    left = WarningMarker.objects.filter(same_reminder(day), owner=record.reader.agency)
    if not left.exists():
        deal_with(record.reader, review_key(record.reader.agency, day))
