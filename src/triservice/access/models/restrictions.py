"""What closes a record however open the agreements are: named lists and conflicts of interest."""

from __future__ import annotations

from django.db import models

from triservice.agencies.models import Agency, Officer
from triservice.kernel import clock


class Restriction(models.Model):
    """A record carrying this is open only to the people named in its list (need to know)."""

    owner = models.ForeignKey(Agency, models.PROTECT, related_name="+")  # whose records it closes
    name = models.CharField(max_length=200)
    why = models.TextField()
    made_by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")
    lifted_why = models.TextField(blank=True)

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


class RestrictionSubject(models.Model):
    """Somebody about whom all that its owner holds is on a list, and what it receives later."""

    restriction = models.ForeignKey(Restriction, models.PROTECT, related_name="subjects")
    subject_key = models.UUIDField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("restriction", "subject_key"), name="a_subject_is_on_a_list_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject_key} on {self.restriction}"


class ConflictOfInterest(models.Model):
    """An officer has a tie to a person or a place and reads nothing about them.

    `page` is the address it was declared from: it says whom it is about to who may open it.
    """

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    subject_key = models.UUIDField(db_index=True)
    why = models.TextField()
    page = models.CharField(max_length=200, blank=True)
    declared_at = models.DateTimeField(default=clock.now)
    declared_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+"
    )  # null: by the officer
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")
    ended_why = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ended_by__isnull=True) | ~models.Q(ended_by=models.F("officer")),
                name="conflict_is_ended_by_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.officer}: {self.why}"
