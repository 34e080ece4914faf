"""Requests for data that an agreement keeps on approval, and what became of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from triservice.access.models.openings import Opening
from triservice.agencies.models import Agency, Officer
from triservice.kernel.access_words import DataClass, Purpose
from triservice.kernel.words import choices


class AccessRequest(models.Model):
    """An officer asks the owner for one data class about one person or place, for a time.

    Without items it is about whatever the owner holds of `subject_key` when it decides: who asks
    need not know whether there is anything.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for the owner"
        ASKED_BACK = "asked back", "Waiting for an answer"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        LAPSED = "lapsed", "Lapsed"

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")  # that they act for
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    data_class = models.CharField(max_length=20, choices=choices(DataClass))
    subject_key = models.UUIDField(null=True, blank=True)
    every_field = models.BooleanField(default=False)
    fields = models.JSONField(default=list, blank=True)
    purpose = models.CharField(max_length=20, choices=choices(Purpose))
    case = models.CharField(max_length=120)
    why = models.TextField()
    told = models.TextField()  # what the person was told, or why not
    until = models.DateTimeField()
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()  # when an answer is owed
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.TextField(blank=True)  # the reason of the decision
    narrowed = models.BooleanField(default=False)  # approved for less than was asked
    opening = models.OneToOneField(
        Opening, models.PROTECT, null=True, blank=True, related_name="request"
    )

    class Meta:
        ordering = ("due_at", "pk")
        indexes = (models.Index(fields=["owner", "state", "due_at"], name="requests_to_owner"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("officer")),
                name="request_is_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "refused"))
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="decision_has_an_approver",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(opening__isnull=False),
                name="approval_has_an_opening",
            ),
        )

    def __str__(self) -> str:
        return f"Request {self.pk}: {self.data_class} of {self.owner}"


class RequestItem(models.Model):
    """One row that a request names."""

    request = models.ForeignKey(AccessRequest, models.CASCADE, related_name="items")
    label = models.CharField(max_length=100)
    pk_text = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("request", "label", "pk_text"), name="request_item_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} {self.pk_text}"


class RequestMessage(models.Model):
    """A question of the approver or an answer of the officer."""

    request = models.ForeignKey(AccessRequest, models.CASCADE, related_name="messages")
    at = models.DateTimeField()
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.officer} on request {self.request_id}"
