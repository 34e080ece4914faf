"""Forms as they were filled: one protected row for each data class of the answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from triservice.access.models import Protected
from triservice.agencies.models import Agency
from triservice.casework.models.columns import maybe_officer


class Submission(models.Model):
    """A form that was filled, once: `key` is made by who fills it, and the same key adds nothing.

    The scheme's version is kept: its questions are those of that version for ever.
    """

    class Door(models.TextChoices):
        PAGE = "page", "Page"
        API = "api", "System of an agency"
        SHEET = "sheet", "Spreadsheet"
        PUBLIC = "public", "The person's own referral"
        PHONE = "phone", "Phone"

    key = models.UUIDField(unique=True)
    scheme = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    form = models.CharField(max_length=30)  # referral, visit …
    door = models.CharField(max_length=6, choices=Door)
    by = maybe_officer()  # null: the person themselves
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.form} form of {self.scheme}, version {self.version}"


class AnswerPart(Protected):
    """The answers of one data class of a filled form. A class that is withheld is never fetched.

    A question that is not in `answers` was not answered; that never means no.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("answers", "reasons")

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="parts")
    answers = models.JSONField()  # question → value, as the form checked it
    reasons = models.JSONField(default=list)  # [sentence, its classes]: why the tier is what it is

    class Meta(Protected.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "data_class"), name="one_part_of_a_class_of_answers"
            ),
        )

    def __str__(self) -> str:
        return f"{self.data_class} answers of {self.submission_id}"
