"""Kinds of operations and a part of the pack for tests, over a table of their own. All invented."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django.apps import apps
from django.db import OperationalError, connection, models
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from triservice.access.errors import Refused
from triservice.access.models import Protected
from triservice.access.queries import seen
from triservice.access.record import Record
from triservice.access.rules import UNKNOWN
from triservice.kernel.access_words import DataClass
from triservice.kernel.errors import InputError
from triservice.offline.actions.photos import take_photo
from triservice.offline.kinds import (
    OPERATIONS,
    PARTS,
    Current,
    Deed,
    OperationKind,
    PackItem,
    Work,
)

YES_NO = {"yes": "Yes", "no": "No", "not known": "Not known"}


def question(name: str, kind: str, text: str, **rest: Any) -> dict[str, Any]:
    usual = {"options": {}, "hint": "", "unit": "", "low": None, "high": None, "decimals": 0,
             "longest": 200, "show_if": None, "required_if": None}  # fmt: skip
    return {"id": name, "kind": kind, "text": text, "name": text} | usual | rest


QUESTIONS = [
    question("alarms", "number", "Smoke alarms fitted", unit="alarms", required_if=["and"]),
    question("heating", "yes/no", "Is the heating on?", options=YES_NO),
    question("why_cold", "text", "Why not?", show_if=["=", "heating", "no"]),
    question("advice", "text", "Advice given", longest=1000),
]
FORM = {
    "key": "home@1",
    "title": "Visit",
    "hint": "",
    "parts": [{"title": "The home", "hint": "", "questions": [each["id"] for each in QUESTIONS]}],
    "questions": QUESTIONS,
    "scores": {},
}
NOTE = {
    "key": "note@1",
    "title": "Note",
    "hint": "",
    "parts": [{"title": "Note", "hint": "", "questions": ["text", "photo"]}],
    "questions": [
        question("text", "text", "What happened", longest=1000, required_if=["and"]),
        question("photo", "photo", "Photographs"),
    ],
    "scores": {},
}


class Home(Protected):
    """A home that phones change."""

    FIELDS: ClassVar[tuple[str, ...]] = ("said",)

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    said = models.JSONField(default=dict)

    class Meta(Protected.Meta):
        app_label = "offline"


class HomeNote(models.Model):
    """A note; nothing stops it from being written twice but the protocol."""

    number = models.UUIDField()
    text = models.TextField()

    class Meta:
        app_label = "offline"


@receiver(post_migrate, sender=apps.get_app_config("offline"), dispatch_uid="invented home")
def make_tables(**_: Any) -> None:
    """Make the tables with all others: tests of other rooms look through every protected model."""
    there = connection.introspection.table_names()
    for model in (Home, HomeNote):
        if model._meta.db_table not in there:
            with connection.schema_editor() as editor:
                editor.create_model(model)


def current(work: Work) -> Current:
    found = seen(work.record, Home.objects.filter(name=work.about))
    if not found:
        raise Refused(UNKNOWN, work.about, hidden=True)
    return Current(found[0].version, found[0].get("said"))


def change(work: Work) -> None:
    home = Home.objects.get(name=work.about)
    home.said, home.version = work.answers, home.version + 1
    home.save()
    work.record.did("offline.home", home.pk, home.data_class)


def note(work: Work) -> dict[str, Any]:
    text = work.answers["text"]
    for number in work.photos:
        path, kind = take_photo(work.record, work.phone, number)
        text += f" [{kind}, {path.stat().st_size} bytes]"
    made = HomeNote.objects.create(number=work.number, text=text)
    return {"note": made.pk}


def photo(work: Work) -> dict[str, Any]:
    path, kind = take_photo(work.record, work.phone, UUID(work.values["photo"]))
    return {"bytes": path.stat().st_size, "kind": kind}


def refuse(work: Work) -> None:
    HomeNote.objects.create(number=work.number, text="half done")
    raise InputError("The visit is closed", do="Open it again")


def closed(work: Work) -> None:
    raise Refused(UNKNOWN, "offline.home", hidden=True)


def fault(work: Work) -> None:
    HomeNote.objects.create(number=work.number, text="half done")
    raise RuntimeError("Invented fault")


def full(work: Work) -> None:
    HomeNote.objects.create(number=work.number, text="half done")
    raise OperationalError("database or disk is full")


def homes(record: Record) -> Iterable[PackItem]:
    for row in seen(record, Home.objects.order_by("pk")):
        yield PackItem(
            about=row.name,
            title=row.name,
            facts=(("Address", "14 Invented Lane"), ("Known as", row.data_class)),
            deeds=(
                Deed(
                    "home.changed", "Change what is known", FORM, row.get("said", {}), row.version
                ),
                Deed("note.added", "Write a note", NOTE),
            ),
        )


KINDS = {
    "home.changed": (change, current),
    "note.added": (note, None),
    "photo.added": (photo, None),
    "home.refused": (refuse, None),
    "home.closed": (closed, None),
    "home.fault": (fault, None),
    "home.full": (full, None),
}


def register(setitem: Any) -> None:
    """Register all, by a monkeypatch's setitem."""
    for name, (apply, now) in KINDS.items():
        doing = f"invented {name}"
        setitem(OPERATIONS, name, OperationKind(name, doing, DataClass.HOUSEHOLD, apply, now))
    setitem(PARTS, "homes", ("Homes", homes))
