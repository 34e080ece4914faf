"""What an agency knows of a person or place beyond its records: markers, needs, relations."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from triservice.access.models import Protected
from triservice.subjects.models.spines import Person, Premises
from triservice.subjects.words import Kin


def _by() -> models.ForeignKey[Any, Any]:
    """Return who did it by hand; null: nobody, a record told it."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )


class WarningMarker(Protected):
    """A warning for those who go there. Past its review date it holds no longer, and says less."""

    FIELDS: ClassVar[tuple[str, ...]] = ("kind", "relevance", "advice", "source")

    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="markers"
    )
    premises = models.ForeignKey(
        Premises, models.PROTECT, null=True, blank=True, related_name="markers"
    )
    kind = models.CharField(max_length=80)  # weapons, dangerous dog, oxygen in use …
    relevance = models.CharField(max_length=300)  # to whom and when it matters
    advice = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=200)  # what it rests on
    made_at = models.DateTimeField()
    made_by = _by()
    review_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = _by()
    ended_why = models.CharField(max_length=500, blank=True)

    class Meta(Protected.Meta):
        constraints = (
            models.CheckConstraint(
                condition=(
                    Q(person__isnull=False, premises__isnull=True)
                    | Q(person__isnull=True, premises__isnull=False)
                ),
                name="a_marker_is_on_a_person_or_a_place",
            ),
        )

    def __str__(self) -> str:
        return self.kind


class MarkerReview(models.Model):
    """Somebody looked at a warning again, and it holds on until another day."""

    marker = models.ForeignKey(WarningMarker, models.PROTECT, related_name="reviews")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    before = models.DateField()  # the day it was to be reviewed by until then
    review_on = models.DateField()
    why = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"Holds until {self.review_on}"


class AccessibleNeed(Protected):
    """How to be understood by someone: language, interpreter, format, support."""

    FIELDS: ClassVar[tuple[str, ...]] = ("kind", "need")

    class Kind(models.TextChoices):
        LANGUAGE = "language", "Language"
        INTERPRETER = "interpreter", "Interpreter"
        HEARING = "hearing", "Hearing"
        SIGHT = "sight", "Sight"
        SPEECH = "speech", "Speech"
        READING = "reading", "Reading"
        OTHER = "other", "Other"

    person = models.ForeignKey(Person, models.PROTECT, related_name="needs")
    kind = models.CharField(max_length=12, choices=Kind)
    need = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = _by()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = _by()

    class Meta(Protected.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["person", "owner", "kind", "need"],
                condition=Q(ended_at__isnull=True),
                name="a_need_is_told_once",
            ),
        )

    def __str__(self) -> str:
        return self.need


class Relation(Protected):
    """`person` is the parent, partner, carer … of `other`, as one agency knows it."""

    FIELDS: ClassVar[tuple[str, ...]] = ("kind", "evidence")

    person = models.ForeignKey(Person, models.PROTECT, related_name="relations")
    other = models.ForeignKey(Person, models.PROTECT, related_name="relations_back")
    kind = models.CharField(
        max_length=20, choices=[(str(kin), str(kin).capitalize()) for kin in Kin]
    )
    evidence = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    made_by = _by()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = _by()
    ended_why = models.CharField(max_length=500, blank=True)

    class Meta(Protected.Meta):
        constraints = (
            models.CheckConstraint(
                condition=~Q(person=F("other")), name="nobody_is_related_to_themselves"
            ),
        )

    def __str__(self) -> str:
        return self.kind
