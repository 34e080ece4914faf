"""Sources of the lake and stored pictures: data and constraints."""

from __future__ import annotations

from django.db import models

from triservice.access.models import Protected
from triservice.agencies.models import Agency, Officer
from triservice.kernel.access_words import Marking, Purpose
from triservice.kernel.service import Service
from triservice.kernel.words import choices


class LakeSource(Protected):
    """Whose the events of one source and service of the lake are, and of what class.

    `source` is the name of the mapping that read them, as the lake keeps it. Events of a source
    that has no row here belong to nobody and are in no picture. `area` is the code of the area
    that all of it lies in, so that terms limited to that area cover it; blank is not known.
    `categories` are the words of the vocabulary that occur, for the form.
    """

    source = models.CharField(max_length=100)
    service = models.CharField(max_length=20, choices=choices(Service))
    label = models.CharField(max_length=200)  # "Calls to Penmarric Police"
    categories = models.JSONField(default=list, blank=True)

    class Meta(Protected.Meta):
        ordering = ("service", "label", "pk")
        constraints = (
            models.UniqueConstraint(fields=("source", "service"), name="lake_source_once"),
        )

    def __str__(self) -> str:
        return self.label


class StoredPicture(models.Model):
    """A picture that was asked for: its parameters, how far it is, and what was found.

    `result` holds every number as it was counted, by source: what a reader may see of it is
    decided, and small numbers are hidden, at each reading (shown.py). It never leaves queries.py.
    `marking` is the least that any page of it carries.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to be worked out"
        RUNNING = "running", "Being worked out"
        DONE = "done", "Ready"
        FAILED = "failed", "Could not be worked out"

    title = models.CharField(max_length=200)
    parameters = models.JSONField()  # as rules.Parameters writes them
    marking = models.CharField(
        max_length=20, choices=choices(Marking), default=str(Marking.OFFICIAL)
    )
    purpose = models.CharField(max_length=20, choices=choices(Purpose))  # that it was asked for
    made_by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    shared_with = models.ManyToManyField(Agency, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    run = models.PositiveIntegerField(default=1)  # a job of an earlier run changes nothing
    progress = models.PositiveSmallIntegerField(default=0)  # per cent
    step = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)  # a sentence
    result = models.JSONField(null=True, blank=True)
    shapes = models.JSONField(default=list, blank=True)  # of its places; only maps read them
    fingerprint = models.CharField(max_length=64, blank=True)  # of the lake as it was read
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(made_at__isnull=False),
                name="picture_done_has_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(error=""),
                name="picture_failed_says_why",
            ),
        )

    def __str__(self) -> str:
        return self.title
