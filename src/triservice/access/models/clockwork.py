"""When what is done by the clock was done last. No personal data."""

from __future__ import annotations

from django.db import models


class Clockwork(models.Model):
    """The one row: who goes through it does so alone, and says when.

    `failed` names the jobs that failed the last time, one a line.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    busy_until = models.DateTimeField(null=True)  # lapses, where a process was killed in the middle
    ran_at = models.DateTimeField(null=True)
    seldom_at = models.DateTimeField(null=True)  # when what is done hourly was done too
    failed = models.TextField(default="", blank=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="clock_has_one_row"),)

    def __str__(self) -> str:
        return f"by the clock at {self.ran_at}"
