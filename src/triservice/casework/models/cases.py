"""Cases: whom and where they are about, who works on them, and how they hang together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from triservice.access.models import Protected
from triservice.agencies.models import Agency, Team
from triservice.casework.models.columns import (
    TIER_CHOICES,
    exactly_one,
    maybe_officer,
    officer,
    one_of,
)
from triservice.casework.models.submissions import Submission
from triservice.casework.words import CaseState, Closing, Part
from triservice.kernel.words import choices
from triservice.subjects.models import Household, Person, Premises


def _lists_by(column: str) -> Iterable[models.Index]:
    """Yield indexes of an agency's lists, of open cases and of closed ones, filtered by a column.

    They begin with the agency, as that of the whole list does: else SQLite takes that one. By the
    officer also what nobody has is found.
    """
    for how, due in (("open", "next_due_at"), ("closed", "closed_at")):
        yield models.Index(
            fields=("owner", column, due),
            condition=Q(**{f"{due}__isnull": False}),
            name=f"{how}_cases_by_{column}",
        )


AT_WORK = [str(CaseState.OPEN), str(CaseState.OFFERED)]


class Case(Protected):
    """Work for somebody or somewhere, timed by risk. It keeps the scheme's version it began with.

    `next_step` and `next_due_at` say what is next and by when, worked out at every change; a case
    that is not worked on has neither. `return_due_at` is by when there must be another visit, since
    the risk rose at or after the first (`cases.actions.timed`).
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "scheme", "tier", "premises", "next_step", "officer", "outcome", "closed_why",
    )  # fmt: skip

    key = models.UUIDField(unique=True)
    reference = models.CharField(max_length=12, unique=True)
    scheme = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    opened_by = maybe_officer()
    state = models.CharField(max_length=8, choices=choices(CaseState), default=CaseState.OPEN)
    tier = models.CharField(max_length=10, choices=TIER_CHOICES)
    assessed = models.ForeignKey(  # the answers that gave the tier
        Submission, models.PROTECT, null=True, blank=True, related_name="+"
    )
    contact_due_at = models.DateTimeField()
    visit_due_at = models.DateTimeField()
    contacted_at = models.DateTimeField(null=True, blank=True)
    visited_at = models.DateTimeField(null=True, blank=True)
    return_due_at = models.DateTimeField(null=True, blank=True)
    next_step = models.CharField(max_length=120, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, blank=True, related_name="+")
    officer = maybe_officer()
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    offered_to = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    offered_why = models.TextField(blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged"
    )
    outcome = models.CharField(max_length=40, choices=choices(Closing), blank=True)
    closed_why = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = maybe_officer()

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]  # the parent's is a tuple of one
            *Protected.Meta.indexes,
            models.Index(fields=("owner", "next_due_at"), name="cases_by_what_is_due"),
            models.Index(fields=("officer", "next_due_at"), name="cases_of_an_officer"),
            models.Index(fields=("owner", "closed_at"), name="cases_by_when_closed"),
            models.Index(fields=("premises",), name="cases_of_a_place"),
            models.Index(fields=("opened_at",), name="cases_by_when_opened"),
            models.Index(
                fields=("tier",), condition=Q(next_due_at__isnull=False), name="open_cases_by_risk"
            ),
            models.Index(
                fields=("owner", "scheme", "closed_at"),
                condition=Q(closed_at__isnull=False),
                name="closed_cases_of_a_scheme",
            ),
            *_lists_by("officer"),
            *_lists_by("team"),
            *_lists_by("area"),
            models.Index(
                fields=("offered_to",), condition=Q(offered_to__isnull=False), name="cases_offered"
            ),
        )
        constraints = (
            one_of("state", CaseState, "case_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=AT_WORK, next_due_at__isnull=False)
                | (~Q(state__in=AT_WORK) & Q(next_due_at__isnull=True)),
                name="an_open_case_has_something_due",
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.OFFERED, offered_to__isnull=False)
                | (~Q(state=CaseState.OFFERED) & Q(offered_to__isnull=True)),
                name="an_offered_case_says_to_whom",
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.MERGED, merged_into__isnull=False)
                | (~Q(state=CaseState.MERGED) & Q(merged_into__isnull=True)),
                name="a_merged_case_says_into_which",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="a_case_is_not_merged_into_itself",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.CLOSED)
                | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="a_closed_case_has_an_outcome",
            ),
        )

    def __str__(self) -> str:
        return self.reference


class CaseSubject(Protected):
    """Somebody, a household or a place has a part in a case, from when to when."""

    FIELDS: ClassVar[tuple[str, ...]] = ("part",)

    case = models.ForeignKey(Case, models.PROTECT, related_name="subjects")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="+"
    )
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, blank=True, related_name="+")
    part = models.CharField(max_length=14, choices=choices(Part))
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]
            *Protected.Meta.indexes,
            models.Index(fields=("person", "case"), name="cases_of_a_person"),
        )
        constraints = (
            exactly_one(("person", "household", "premises"), "a_case_subject_is_one"),
            models.UniqueConstraint(
                fields=("case", "person"),
                condition=Q(until__isnull=True, person__isnull=False),
                name="a_person_is_in_a_case_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.part} in {self.case_id}"


class CaseAgency(models.Model):
    """Another agency works on a case jointly, and which of its officers does."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="joint")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    officer = maybe_officer()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "case agencies"
        indexes = (
            models.Index(
                fields=("officer",), condition=Q(until__isnull=True), name="joint_cases_of_officer"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("case", "agency"),
                condition=Q(until__isnull=True),
                name="an_agency_joins_a_case_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency} on case {self.case_id}"


class CaseLink(models.Model):
    """Two cases have to do with each other; the lower key left. Undone, never deleted."""

    left = models.ForeignKey(Case, models.PROTECT, related_name="+")
    right = models.ForeignKey(Case, models.PROTECT, related_name="+")
    why = models.CharField(max_length=500)
    made_at = models.DateTimeField()
    made_by = officer()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = maybe_officer()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="lower_case_left"),
            models.UniqueConstraint(
                fields=("left", "right"),
                condition=Q(undone_at__isnull=True),
                name="two_cases_are_linked_once",
            ),
        )

    def __str__(self) -> str:
        return f"Cases {self.left_id} and {self.right_id}"
