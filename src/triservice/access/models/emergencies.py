"""Breaking the glass: who opened what in an emergency, why, and what the owner found."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from triservice.access.models.openings import Opening
from triservice.agencies.models import Agency, Officer


class GlassBreak(models.Model):
    """One emergency opening of one owner's one data class, from its start to its review."""

    class Reason(models.TextChoices):
        LIFE = "threat to life", "Immediate threat to life"
        CHILD = "child at risk", "Child at risk of serious harm now"
        ADULT = "adult at risk", "Adult at risk of serious harm now"
        MISSING = "missing person", "Missing person at high risk"
        CREW = "crew safety", "Danger to a crew on its way or at the scene"
        MAJOR = "major incident", "Declared major incident"

    class Ended(models.TextChoices):
        TIME = "time", "Its time was over"
        OFFICER = "officer", "Ended by the officer"
        OWNER = "owner", "Ended by the owner"

    class Finding(models.TextChoices):
        JUSTIFIED = "justified", "Justified"
        NOT_JUSTIFIED = "not justified", "Not justified"

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    opening = models.OneToOneField(Opening, models.PROTECT, related_name="glass")
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")  # that they act for
    subject_key = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=20, choices=Reason)
    text = models.TextField()
    rows = models.PositiveIntegerField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_how = models.CharField(max_length=8, choices=Ended, blank=True)
    review_due = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+"
    )
    finding = models.CharField(max_length=14, choices=Finding, blank=True)
    finding_text = models.TextField(blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("officer")),
                name="glass_is_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(finding="") | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="finding_has_a_reviewer",
            ),
        )

    def __str__(self) -> str:
        return f"Emergency opening {self.pk}"
