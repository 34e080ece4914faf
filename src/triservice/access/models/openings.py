"""Rows opened to one officer for a time: on approval, or by breaking the glass."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from triservice.agencies.models import Agency, Officer
from triservice.kernel.access_words import DataClass, Purpose
from triservice.kernel.words import choices


class Opening(models.Model):
    """Named rows of one owner and class, opened to an officer for a purpose and a time.

    It is for the agency that the officer acted for: who goes to work for another does not take it
    along, nor does who leaves and comes back.

    An approval opens what a term in force keeps on approval, and falls with that term. Breaking the
    glass opens what no term opens, while an agreement between both agencies is in force; it never
    opens what a `never`, a restriction or a conflict closes. `revoked_at` acts on the next read.
    """

    class Kind(models.TextChoices):
        APPROVAL = "approval", "Approval"
        BREAK_GLASS = "break glass", "Break-glass"

    kind = models.CharField(max_length=12, choices=Kind)
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")  # that they act for
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    data_class = models.CharField(max_length=20, choices=choices(DataClass))
    every_field = models.BooleanField(default=False)
    fields = models.JSONField(default=list, blank=True)
    purpose = models.CharField(max_length=20, choices=choices(Purpose))
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.TextField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="opening_ends"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("officer")),
                name="opening_is_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(kind="approval") | Q(decided_by__isnull=False),
                name="approval_has_an_approver",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.data_class} of {self.owner} to {self.officer}"


class OpeningItem(models.Model):
    """One row that an opening opens, fixed when it was made: a merge never widens it.

    `label` is the model's, such as "subjects.recordpart"; `pk_text` the primary key as text.
    """

    opening = models.ForeignKey(Opening, models.CASCADE, related_name="items")
    label = models.CharField(max_length=100)
    pk_text = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("opening", "label", "pk_text"), name="opening_item_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} {self.pk_text}"
