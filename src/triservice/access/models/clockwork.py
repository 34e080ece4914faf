"""When what is done by the clock was done last. No personal data."""

from __future__ import annotations

from django.db import models


class Clockwork(models.Model):
    """The one row: who goes through it does so alone, and says when it came to the end."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    holder = models.CharField(max_length=32, default="", blank=True)  # made up anew by each
    busy_until = models.DateTimeField(null=True)  # lapses, where a process was killed in the middle
    ran_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="clock_has_one_row"),)

    def __str__(self) -> str:
        return f"by the clock at {self.ran_at}"


class ClockJob(models.Model):
    """One of the jobs: when it was begun last, and how it ended.

    Begun and not ended: it is being done, or its process was killed. `failed` is the kind of error
    of the last time that it ended, which may be long before other jobs were done.
    """

    name = models.CharField(max_length=100, primary_key=True)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    failed = models.CharField(max_length=100, default="", blank=True)

    def __str__(self) -> str:
        return self.name
