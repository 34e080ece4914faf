"""What officers keep for themselves: filters of lists, and the address of their calendar."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from triservice.agencies.models import Team
from triservice.casework.models.columns import officer
from triservice.kernel.access_words import Purpose
from triservice.kernel.words import choices


class SavedFilter(models.Model):
    """A filter of a list under a name of its own; with a `team`, its members have it too.

    `said` holds words and truths of the filter's form. It tells of nobody: no reference, no name.
    """

    class Of(models.TextChoices):
        QUEUE = "queue", "Referrals that wait for triage"
        CASES = "cases", "Cases of your agency"
        PLANS = "plans", "Plans for problems at a place"

    officer = officer()
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    of = models.CharField(max_length=10, choices=Of)
    name = models.CharField(max_length=60)
    said = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("officer", "of", "name"), name="a_filter_named_once"),
        )

    def __str__(self) -> str:
        return self.name


class CalendarAddress(models.Model):
    """The secret address at which an officer's visits stand as a calendar, until it is revoked.

    Only the SHA-256 of the secret is kept. `purpose` is why the officer reads their visits.
    """

    LIVE: ClassVar[Q] = Q(revoked_at__isnull=True)

    officer = officer()
    sha256 = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=20, choices=choices(Purpose))
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "calendar addresses"
        constraints = (
            models.UniqueConstraint(
                fields=("officer",),
                condition=Q(revoked_at__isnull=True),
                name="an_officer_has_one_calendar",
            ),
        )

    def __str__(self) -> str:
        return f"Calendar of {self.officer}"
