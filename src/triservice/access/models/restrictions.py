"""What closes a record however open the agreements are: named lists and conflicts of interest."""

from __future__ import annotations

from django.db import models

from triservice.agencies.models import Officer
from triservice.kernel import clock


class Restriction(models.Model):
    """A record carrying this is open only to the people named in its list (need to know)."""

    name = models.CharField(max_length=200)
    why = models.TextField()
    made_by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class RestrictionMember(models.Model):
    """An officer on the list of a restriction, from `since` until before `until`."""

    restriction = models.ForeignKey(Restriction, models.PROTECT, related_name="members")
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    since = models.DateTimeField(default=clock.now)
    until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.officer} on {self.restriction}"


class ConflictOfInterest(models.Model):
    """An officer declared a tie to a person or a place and reads nothing about them."""

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    subject_key = models.UUIDField(db_index=True)
    why = models.TextField()
    declared_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.officer}: {self.why}"
