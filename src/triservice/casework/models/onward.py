"""Referrals that go on from a case to other services, chased until they are answered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from triservice.access.models import Protected
from triservice.agencies.models import Agency
from triservice.casework.models.cases import Case
from triservice.casework.models.columns import maybe_officer, one_of
from triservice.casework.models.directory import DirectoryService
from triservice.casework.models.needs import Need
from triservice.casework.models.submissions import Submission
from triservice.casework.words import OnwardState
from triservice.kernel.words import choices


class OnwardReferral(Protected):
    """Sent by one of the scheme's routes, or to a service of the directory (then `route` is blank).

    `chase_at` is empty once it is answered.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("route", "to_name", "why", "state", "result")

    key = models.UUIDField(unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="onward")
    need = models.ForeignKey(Need, models.PROTECT, null=True, blank=True, related_name="onward")
    route = models.CharField(max_length=60, blank=True)
    service = models.ForeignKey(
        DirectoryService, models.PROTECT, null=True, blank=True, related_name="+"
    )
    to_name = models.CharField(max_length=200)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    how = models.CharField(max_length=20)  # letter, api, fhir …
    why = models.TextField(blank=True)
    submission = models.ForeignKey(
        Submission, models.PROTECT, null=True, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField()
    sent_by = maybe_officer()
    handed_on = models.DateField(null=True, blank=True)  # the letter: posted or given by hand
    state = models.CharField(max_length=10, choices=choices(OnwardState), default=OnwardState.SENT)
    answered_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    chase_at = models.DateTimeField(null=True, blank=True)
    chased = models.PositiveSmallIntegerField(default=0)
    result = models.TextField(blank=True)

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]  # the parent's is a tuple of one
            *Protected.Meta.indexes,
            models.Index(fields=("sent_at",), name="onward_by_when_sent"),
            models.Index(
                fields=("chase_at",), condition=Q(chase_at__isnull=False), name="onward_to_chase"
            ),
        )
        constraints = (
            one_of("state", OnwardState, "onward_state_is_known"),
            models.CheckConstraint(
                condition=~Q(route="") | Q(service__isnull=False), name="sent_on_to_somebody"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "accepted"], chase_at__isnull=False)
                | (~Q(state__in=["sent", "accepted"]) & Q(chase_at__isnull=True)),
                name="what_is_under_way_is_chased",
            ),
        )

    def __str__(self) -> str:
        return f"{self.to_name}, case {self.case_id}"
