"""Which rows an opening would hold, and what may be named of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import QuerySet

from triservice.access.models import Protected
from triservice.access.queries import item_of
from triservice.access.rules import Item
from triservice.access.same import keys_of

Narrow = Callable[[QuerySet[Any]], QuerySet[Any]]
Used = Callable[[str], Iterable[str]]
_USED: dict[str, Used] = {}
_NARROWED: dict[str, Narrow] = {}
MOST = 2_000  # rows of one opening; more is not about one person


def narrowed(label: str) -> Callable[[Narrow], Narrow]:
    """Register which rows of a model are worth opening, such as the current ones.

    A room above decorates a function from queryset to queryset: `@narrowed("subjects.recordpart")`.
    """

    def register(narrow: Narrow) -> Narrow:
        _NARROWED[label] = narrow
        return narrow

    return register


def fields_used(label: str) -> Callable[[Used], Used]:
    """Register which columns of a model the rows of a data class use: a function of the class."""

    def register(used: Used) -> Used:
        _USED[label] = used
        return used

    return register


@cache
def protected_models() -> dict[str, type[Protected]]:
    """Return every model of protected rows, by label."""
    return {
        model._meta.label_lower: model
        for model in apps.get_models()
        if issubclass(model, Protected)
    }


def rows_about(subject: UUID, owner: int, data_class: str) -> list[Protected]:
    """Return the rows of an owner and class about a subject, over all models that hold such.

    A row keeps the key of who it came for; so it is about everyone who is one with them now.
    """
    keys = keys_of(subject)
    found: list[Protected] = []
    for label, model in protected_models().items():
        rows = model._default_manager.filter(
            subject_key__in=keys, owner=owner, data_class=data_class
        ).order_by("pk")
        narrow = _NARROWED.get(label)
        found += (narrow(rows) if narrow else rows)[: MOST + 1]
    return found


def knows(agency: int, subject: UUID) -> bool:
    """Whether an agency holds anything about a subject, of whatever class, that is on no list."""
    of = {"subject_key__in": keys_of(subject), "owner": agency, "restriction": None}
    return any(
        model._default_manager.filter(**of).exists() for model in protected_models().values()
    )


def rows_named(items: Iterable[tuple[str, str]], owner: int, data_class: str) -> list[Protected]:
    """Return the rows by (label, key as text) that still are of this owner and class."""
    by_label: dict[str, list[str]] = {}
    for label, pk in items:
        by_label.setdefault(label, []).append(pk)
    models = protected_models()
    return [
        row
        for label, pks in by_label.items()
        if label in models
        for row in models[label]._default_manager.filter(
            pk__in=pks, owner=owner, data_class=data_class
        )
    ]


def items_of(rows: Iterable[Protected]) -> list[Item]:
    """Return what the rules need to know of rows."""
    return [item_of(row) for row in rows]


def field_names(data_class: str = "") -> list[tuple[str, str]]:
    """Return (name, words) of every column that may be withheld, and so asked for by name.

    Of a data class only those that its rows use, where the room that keeps them has said so.
    """
    found: dict[str, str] = {}
    for label, model in protected_models().items():
        used = _USED[label](data_class) if data_class and label in _USED else model.FIELDS
        for name in used:
            words = str(getattr(model._meta.get_field(name), "verbose_name", name))
            found.setdefault(name, words[:1].upper() + words[1:])
    return sorted(found.items(), key=lambda pair: pair[1])
