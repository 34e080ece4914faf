"""The mix-in of every row that tells of a person or a place: who owns it, and what class it is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from triservice.access.models.restrictions import Restriction
from triservice.agencies.models import Agency
from triservice.kernel.access_words import DataClass, Marking
from triservice.kernel.words import choices


class Protected(models.Model):
    """A row that an agency owns; the agreements decide who reads it.

    `objects` is private to the room's queries.py and actions.py. A child that has a Meta of its own
    inherits this one: `class Meta(Protected.Meta)` keeps the indexes that the rules stand on.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ()  # the columns that may be withheld, by attribute name

    owner = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    data_class = models.CharField(max_length=20, choices=choices(DataClass))
    area = models.CharField(max_length=20, blank=True, default="")  # blank: not known where
    marking = models.CharField(
        max_length=20, choices=choices(Marking), default=str(Marking.OFFICIAL)
    )
    restriction = models.ForeignKey(
        Restriction, models.PROTECT, null=True, blank=True, related_name="+"
    )
    subject_key = models.UUIDField(null=True, blank=True, db_index=True)

    class Meta:
        abstract = True
        indexes = (
            models.Index(fields=["owner", "data_class", "area"], name="%(class)s_cell_area"),
        )
