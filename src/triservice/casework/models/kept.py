"""Numbers that were worked out for one reader, and are kept for a day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from triservice.casework.models.columns import officer
from triservice.kernel.access_words import Purpose
from triservice.kernel.words import choices


class KeptYear(models.Model):
    """What came of a year's referrals, as it was worked out for one officer and purpose.

    `result` is what their page shows, rounded already. `mark` is that of the rights it was worked
    out with (`access.grants.mark`): with other rights it is not shown. `alive_at` is the last sign
    of the job that works it out; null until it has begun.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being worked out"
        DONE = "done", "Ready"
        FAILED = "failed", "Could not be worked out"

    officer = officer()
    purpose = models.CharField(max_length=20, choices=choices(Purpose))
    by = models.CharField(max_length=10)  # what the lines are: dashboards.rules.By
    year = models.PositiveSmallIntegerField()  # in which it begins
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    run = models.PositiveIntegerField(default=0)  # a job of an earlier run changes nothing
    asked_at = models.DateTimeField(db_index=True)
    alive_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    mark = models.CharField(max_length=64, blank=True)
    result = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("officer", "purpose", "by", "year"), name="a_year_kept_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | (Q(made_at__isnull=False) & ~Q(mark="")),
                name="a_year_kept_says_when_and_with_which_rights",
            ),
        )

    def __str__(self) -> str:
        return f"Outcomes of {self.year} for {self.officer}"
