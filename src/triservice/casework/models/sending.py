"""Onward referrals on their way to the systems of services."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from triservice.access.models import Protected
from triservice.casework.models.columns import one_of
from triservice.casework.models.onward import OnwardReferral
from triservice.casework.words import Dispatched
from triservice.kernel.access_words import Purpose
from triservice.kernel.words import choices


class Dispatch(Protected):
    """Queued with its onward referral, and tried until it is taken or given up.

    `payload` is what was sent the last time, made anew by the access rules at each try; of the most
    guarded class that it tells of. `purpose` is why the officer who sent it on reads. The payload
    goes by the rule of the case's scheme (`keeping.jobs`): when, to whom and its `digest` stay.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("payload",)

    onward = models.OneToOneField(OnwardReferral, models.PROTECT, related_name="dispatch")
    purpose = models.CharField(max_length=20, choices=choices(Purpose))
    state = models.CharField(max_length=10, choices=choices(Dispatched), default=Dispatched.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)  # empty once it is over
    ended_at = models.DateTimeField(null=True, blank=True)
    said = models.CharField(max_length=300, blank=True)  # why it was not taken; tells of nobody
    payload = models.JSONField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of a payload that is gone
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]  # the parent's is a tuple of one
            *Protected.Meta.indexes,
            models.Index(
                fields=("ended_at",), condition=Q(payload__isnull=False), name="payloads_kept"
            ),
            models.Index(
                fields=("next_at",), condition=Q(next_at__isnull=False), name="dispatch_due"
            ),
        )
        constraints = (
            one_of("state", Dispatched, "dispatch_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=Dispatched.WAITING, next_at__isnull=False, ended_at__isnull=True)
                | (~Q(state=Dispatched.WAITING) & Q(next_at__isnull=True, ended_at__isnull=False)),
                name="what_waits_is_tried_again",
            ),
            models.CheckConstraint(
                condition=Q(gone_at__isnull=True, digest="")
                | (
                    Q(gone_at__isnull=False, payload__isnull=True, ended_at__isnull=False)
                    & ~Q(digest="")
                ),
                name="what_is_gone_was_over_and_leaves_a_digest",
            ),
        )
        verbose_name_plural = "dispatches"

    def __str__(self) -> str:
        return f"{self.state}: onward referral {self.onward_id}"
