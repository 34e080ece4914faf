"""What is searched: words of parts, beside the columns that decide who may find them.

The access columns are copied from the part, so that one SQL query both matches and withholds:
what a reader may not see takes no part in results, their order or their number.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from triservice.access.models import Protected
from triservice.subjects.models.records import RecordPart
from triservice.subjects.models.spines import Person, Premises
from triservice.subjects.words import Kept


class SearchKey(Protected):
    """The words of one kind of one part: lower case, plain letters, split by spaces."""

    FIELDS: ClassVar[tuple[str, ...]] = ("text", "born")

    part = models.ForeignKey(RecordPart, models.CASCADE, related_name="search_keys")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=[(str(k), str(k)) for k in Kept])
    text = models.CharField(max_length=500)
    born = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} of part {self.part_id}"


class Word(models.Model):
    """A word that names or addresses use, and how it sounds. It says nothing of who uses it."""

    word = models.CharField(max_length=40, unique=True)
    sound = models.CharField(max_length=12, db_index=True)

    def __str__(self) -> str:
        return self.word


class WordForm(models.Model):
    """A word with one letter left out: two words within one slip of the pen share a form."""

    form = models.CharField(max_length=40, db_index=True)
    word = models.ForeignKey(Word, models.CASCADE, related_name="forms")

    def __str__(self) -> str:
        return self.form
