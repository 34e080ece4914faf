"""Visits, planned, tried and done; and what was fitted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from triservice.access.models import Protected
from triservice.agencies.models import Agency
from triservice.casework.models.cases import Case
from triservice.casework.models.columns import maybe_officer, officer, one_of
from triservice.casework.models.submissions import Submission
from triservice.casework.words import VisitState
from triservice.kernel.words import choices
from triservice.subjects.models import Premises


class Visit(Protected):
    """A visit to a home or a place. `key` is made by who plans it, on a phone perhaps offline.

    No access ends this visit; the next attempt is another, so that every card left is counted.
    `safe_by` is when somebody looks for the officer unless they have said that they are out.
    `draft` holds answers that are not finished; it belongs to the agency of who writes it.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("premises", "officer", "advice", "danger")

    key = models.UUIDField(unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="visits")
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=choices(VisitState), default=VisitState.PLANNED)
    planned_at = models.DateTimeField(null=True, blank=True)
    officer = maybe_officer()
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    safe_by = models.DateTimeField(null=True, blank=True)
    safe_at = models.DateTimeField(null=True, blank=True)
    card_left = models.BooleanField(default=False)
    submission = models.OneToOneField(
        Submission, models.PROTECT, null=True, blank=True, related_name="+"
    )
    draft = models.OneToOneField(
        Submission, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    danger = models.TextField(blank=True)  # immediate danger found, and what was done
    advice = models.TextField(blank=True)
    next_on = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = maybe_officer()

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]  # the parent's is a tuple of one
            *Protected.Meta.indexes,
            models.Index(fields=("officer", "planned_at"), name="visits_of_an_officer"),
            models.Index(fields=("made_at",), name="visits_by_when_made"),
            models.Index(  # however many they made before
                fields=("officer", "planned_at"),
                condition=Q(state=VisitState.PLANNED),
                name="visits_before_an_officer",
            ),
            models.Index(
                fields=("safe_by",),
                condition=Q(safe_by__isnull=False, safe_at__isnull=True),
                name="visits_not_yet_safe",
            ),
        )
        constraints = (
            one_of("state", VisitState, "visit_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=VisitState.PLANNED) | Q(planned_at__isnull=False),
                name="a_planned_visit_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=VisitState.DONE) | Q(ended_at__isnull=False),
                name="a_visit_that_is_done_ended",
            ),
            models.CheckConstraint(
                condition=Q(began_at__isnull=True)
                | Q(ended_at__isnull=True)
                | Q(ended_at__gte=F("began_at")),
                name="a_visit_ends_after_it_began",
            ),
        )

    def __str__(self) -> str:
        return f"Visit on case {self.case_id}"


class VisitOfficer(models.Model):
    """Another officer comes along to a visit, acting for an agency that works on the case.

    `planned_at` and `coming` follow the visit, so that an officer's day is found here by an index.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="joint")
    officer = officer()
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(null=True, blank=True)
    coming = models.BooleanField(default=True)  # the visit is planned, and they are with it
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)  # when they were taken off it

    class Meta:
        indexes = (
            models.Index(fields=("officer", "planned_at"), name="joint_visits_of_an_officer"),
            models.Index(
                fields=("officer", "planned_at"),
                condition=Q(coming=True),
                name="joint_visits_before_them",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("visit", "officer"),
                condition=Q(until__isnull=True),
                name="an_officer_joins_a_visit_once",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(coming=False),
                name="who_was_taken_off_does_not_come",
            ),
        )

    def __str__(self) -> str:
        return f"{self.officer} on visit {self.visit_id}"


class Equipment(Protected):
    """Something fitted or given at a place: good until when, and looked at again by when."""

    FIELDS: ClassVar[tuple[str, ...]] = ("kind", "place", "serial")

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="equipment")
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=60)  # of the scheme's equipment
    place = models.CharField(max_length=80, blank=True)  # hall, landing …
    serial = models.CharField(max_length=60, blank=True)
    fitted_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    check_by = models.DateField(null=True, blank=True)  # none: nobody need look at it
    removed_on = models.DateField(null=True, blank=True)

    class Meta(Protected.Meta):
        verbose_name_plural = "equipment"
        indexes = (  # type: ignore[assignment]
            *Protected.Meta.indexes,
            models.Index(
                fields=("owner", "expires_on"),
                condition=Q(removed_on__isnull=True, expires_on__isnull=False),
                name="equipment_that_expires",
            ),
            models.Index(
                fields=("owner", "check_by"),
                condition=Q(removed_on__isnull=True, check_by__isnull=False),
                name="equipment_to_check",
            ),
        )

    def __str__(self) -> str:
        return self.kind
