"""What was changed about the workforce: by whom, when, from what to what."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from .officers import Officer
from .places import Agency


class WorkforceChange(models.Model):
    """One change, written in the transaction that made it and never altered after."""

    at = models.DateTimeField()
    by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="changes_made")
    by_name = models.CharField(max_length=200)  # as it was; blank `by` is the server's console
    verb = models.CharField(max_length=40)
    about = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="changes")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="changes")
    label = models.CharField(max_length=40)  # the table of the row that was changed
    row = models.BigIntegerField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    why = models.TextField(blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("about", "at"), name="changes_about_an_officer"),)

    def __str__(self) -> str:
        return f"{self.verb} by {self.by_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row. Raises TypeError for one that is already written."""
        if not self._state.adding:
            raise TypeError("a change that is written is never altered")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise TypeError: history is kept."""
        raise TypeError("a change that is written is never deleted")
