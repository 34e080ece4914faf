"""The chronology and history in one: what was done on a referral, case or plan, never altered."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from triservice.access.models import Protected
from triservice.agencies.models import Agency
from triservice.casework.models.cases import Case
from triservice.casework.models.columns import maybe_officer
from triservice.casework.models.plans import Plan
from triservice.casework.models.referrals import Referral


class Entry(Protected):
    """One doing: by whom, when, what was before and after. Of the owner and class of what it tells.

    `text` is the sentence of the chronology. Written in the transaction that did it. `at` is when
    it was recorded; what happened at another time says so in its text.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("text", "before", "after", "why")

    referral = models.ForeignKey(
        Referral, models.PROTECT, null=True, blank=True, related_name="entries"
    )
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="entries")
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False
    )
    at = models.DateTimeField()
    by = maybe_officer()  # null: the person themselves, or the clock
    by_name = models.CharField(max_length=200)  # as it was
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField(max_length=40)
    label = models.CharField(max_length=40)  # the table of what was changed
    row = models.BigIntegerField()
    text = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    why = models.TextField(blank=True)

    class Meta(Protected.Meta):
        verbose_name_plural = "entries"
        indexes = (  # type: ignore[assignment]  # the parent's is a tuple of one
            *Protected.Meta.indexes,
            models.Index(fields=("case", "at", "id"), name="chronology_of_a_case"),
            models.Index(fields=("referral", "at", "id"), name="chronology_of_a_referral"),
            models.Index(fields=("label", "row"), name="history_of_a_row"),
            models.Index(  # few of millions: none but those of plans is in it
                fields=("plan", "at", "id"),
                condition=Q(plan__isnull=False),
                name="history_of_a_plan",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(case__isnull=False) | Q(referral__isnull=False) | Q(plan__isnull=False),
                name="an_entry_hangs_on_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.verb} by {self.by_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row. Raises TypeError for one that is already written."""
        if not self._state.adding:
            raise TypeError("an entry that is written is never altered")
        super().save(*args, **kwargs)
