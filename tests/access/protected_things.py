"""A protected model for tests, in a table of its own. What it holds is invented."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models

from triservice.access.models import Protected
from triservice.agencies.models import Agency
from triservice.kernel.access_words import DataClass


class Thing(Protected):
    """A row with withholdable columns of several kinds."""

    FIELDS: ClassVar[tuple[str, ...]] = ("name", "born", "details", "keeper")

    name = models.CharField(max_length=100, blank=True)
    born = models.DateField(null=True)
    details = models.JSONField(default=dict)
    keeper = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=100, blank=True)  # not withholdable: goes with the row

    class Meta(Protected.Meta):
        app_label = "access"


def subject(number: int) -> UUID:
    """Return the invented key of a subject."""
    return UUID(int=number)


def make_thing(owner: Agency, data_class: DataClass | str, **rest: object) -> Thing:
    """Make a row."""
    values: dict[str, object] = {"name": "Invented Person", "details": {"invented": True}}
    return Thing.objects.create(owner=owner, data_class=str(data_class), **values | rest)
