"""Problem-solving plans for places, what agencies know of the problem, and counts of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from triservice.access.models import Protected
from triservice.agencies.models import Team
from triservice.casework.models.cases import Case
from triservice.casework.models.columns import maybe_officer, officer
from triservice.casework.words import Moved, PlanOutcome, PlanState
from triservice.kernel.words import choices
from triservice.subjects.models import Premises


class Plan(Protected):
    """A problem at a place, and what is done about it: scanning, analysis, response, assessment.

    It belongs to the agency that leads it. The place is told in words; `premises` where it is one.
    A plan that is open has a day on which it is looked at again.
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "title", "place", "premises", "harm", "times", "victims", "offenders", "setting", "causes",
        "aims", "moved", "moved_what", "learned", "closed_why",
    )  # fmt: skip

    key = models.UUIDField(unique=True)
    reference = models.CharField(max_length=12, unique=True)
    title = models.CharField(max_length=120)
    place = models.CharField(max_length=300)
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, blank=True, related_name="+")
    harm = models.TextField()  # what happens, and who is harmed
    times = models.TextField(blank=True)  # when it happens, and how often
    victims = models.TextField(blank=True)  # the three sides of the problem analysis triangle
    offenders = models.TextField(blank=True)
    setting = models.TextField(blank=True)
    causes = models.TextField(blank=True)
    aims = models.TextField(blank=True)
    moved = models.CharField(max_length=20, choices=choices(Moved), blank=True)
    moved_what = models.TextField(blank=True)
    learned = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    opened_by = officer()
    officer = maybe_officer()
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=choices(PlanState), default=PlanState.OPEN)
    review_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=choices(PlanOutcome), blank=True)
    closed_why = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = maybe_officer()

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]  # the parent's is a tuple of one
            *Protected.Meta.indexes,
            models.Index(fields=("review_on",), name="plans_by_review"),
            models.Index(fields=("premises",), name="plans_of_a_place"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state=PlanState.OPEN, review_on__isnull=False, closed_at__isnull=True)
                | (
                    Q(state=PlanState.CLOSED, review_on__isnull=True, closed_at__isnull=False)
                    & ~Q(outcome="")
                ),
                name="a_plan_is_reviewed_or_closed",
            ),
            models.CheckConstraint(
                condition=Q(officer__isnull=True) | Q(team__isnull=True),
                name="a_plan_is_one_officers_or_a_teams",
            ),
        )

    def __str__(self) -> str:
        return self.reference


class PlanCase(models.Model):
    """A case has to do with the problem of a plan. Undone, never deleted."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="cases")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    by = officer()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "case"),
                condition=Q(until__isnull=True),
                name="a_case_is_in_a_plan_once",
            ),
        )

    def __str__(self) -> str:
        return f"Case {self.case_id} in plan {self.plan_id}"


class Finding(Protected):
    """What an agency knows of the problem, of the class that its writer chose; its own to share."""

    FIELDS: ClassVar[tuple[str, ...]] = ("text",)

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="findings")
    text = models.TextField()
    at = models.DateTimeField()
    by = officer()

    def __str__(self) -> str:
        return f"Finding on plan {self.plan_id}"


class PlanMeasure(Protected):
    """A count of the problem over a period, and the same count over a period afterwards.

    Each period is from its first day to its last, both counted.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("what", "source", "before", "after")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="measures")
    what = models.CharField(max_length=200)
    source = models.CharField(max_length=200)
    before = models.PositiveIntegerField()
    before_from = models.DateField()
    before_to = models.DateField()
    after = models.PositiveIntegerField(null=True, blank=True)
    after_from = models.DateField(null=True, blank=True)
    after_to = models.DateField(null=True, blank=True)
    at = models.DateTimeField()
    by = officer()

    class Meta(Protected.Meta):
        constraints = (
            models.CheckConstraint(
                condition=Q(before_to__gte=F("before_from")), name="before_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(after__isnull=True, after_from__isnull=True, after_to__isnull=True)
                | Q(
                    after__isnull=False, after_from__gt=F("before_to"),
                    after_to__gte=F("after_from"),
                ),
                name="after_comes_after_before",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.what
