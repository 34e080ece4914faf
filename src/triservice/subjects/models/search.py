"""What is searched: words of parts, beside the columns that decide who may find them.

The access columns are copied from the part, so that one SQL query both matches and withholds:
what a reader may not see takes no part in results, their order or their number. Keys are never
read themselves; `words.COMES_FROM` names the fields that a reader must see to find by one.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from triservice.access.models import Protected
from triservice.subjects.models.records import RecordPart
from triservice.subjects.models.spines import Person, Premises
from triservice.subjects.words import Kept


class SearchKey(Protected):
    """The words of one kind of one part: lower case, plain letters, split by spaces."""

    part = models.ForeignKey(RecordPart, models.CASCADE, related_name="search_keys")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    premises = models.ForeignKey(
        Premises, models.PROTECT, null=True, related_name="+", db_index=False
    )
    subject_key = models.UUIDField(null=True, blank=True)  # here nobody looks by it: no index
    kind = models.CharField(max_length=8, choices=[(str(k), str(k)) for k in Kept])
    text = models.CharField(max_length=500)
    born = models.DateField(null=True)

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]  # the parent's is a tuple of one
            *Protected.Meta.indexes,
            models.Index(fields=["born"], condition=Q(born__isnull=False), name="keys_by_birthday"),
        )

    def __str__(self) -> str:
        return f"{self.kind} of part {self.part_id}"


class WordForm(models.Model):
    """A word of names and addresses under a form of it: a letter left out, or ~ and how it sounds.

    Two words within one slip of the pen share a form. It says nothing of who uses the word.
    """

    form = models.CharField(max_length=40)
    word = models.CharField(max_length=40)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["form", "word"], name="a_form_of_a_word_once"),
        )

    def __str__(self) -> str:
        return self.word
