"""Needs that were found, what is done about them, and what changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from triservice.access.models import Protected
from triservice.agencies.models import Agency
from triservice.casework.models.cases import Case
from triservice.casework.models.columns import exactly_one, maybe_officer, one_of
from triservice.casework.models.plans import Plan
from triservice.casework.models.submissions import Submission
from triservice.casework.words import ActionState, NeedState
from triservice.kernel.words import choices


class Need(Protected):
    """Something that is wrong or missing, of the most guarded class that it tells of."""

    FIELDS: ClassVar[tuple[str, ...]] = ("kind", "label", "reasons", "state")

    case = models.ForeignKey(Case, models.PROTECT, related_name="needs")
    kind = models.CharField(max_length=60)  # of the scheme's needs
    label = models.CharField(max_length=200)
    reasons = models.JSONField(default=list)  # sentences: from which answers
    submission = models.ForeignKey(
        Submission, models.PROTECT, null=True, blank=True, related_name="+"
    )
    found_at = models.DateTimeField()
    found_by = maybe_officer()
    state = models.CharField(max_length=24, choices=choices(NeedState), default=NeedState.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta(Protected.Meta):
        constraints = (
            one_of("state", NeedState, "need_state_is_known"),
            models.UniqueConstraint(
                fields=("case", "kind"),
                condition=Q(state=NeedState.OPEN),
                name="a_need_is_open_once",
            ),
        )

    def __str__(self) -> str:
        return self.label


class Action(Protected):
    """Something to be done by an agency (any of them) until a day, and what came of it.

    Of a case, or of a problem-solving plan, where it is a response to the problem.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("what", "agency", "officer", "state", "result")

    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="actions")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="actions")
    need = models.ForeignKey(Need, models.PROTECT, null=True, blank=True, related_name="actions")
    what = models.CharField(max_length=300)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")  # who does it
    officer = maybe_officer()
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = maybe_officer()
    state = models.CharField(max_length=10, choices=choices(ActionState), default=ActionState.OPEN)
    result = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = maybe_officer()

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]
            *Protected.Meta.indexes,
            models.Index(
                fields=("agency", "due_at"),
                condition=Q(ended_at__isnull=True),
                name="actions_of_an_agency",
            ),
            models.Index(
                fields=("officer", "due_at"),
                condition=Q(ended_at__isnull=True),
                name="actions_of_an_officer",
            ),
        )
        constraints = (
            one_of("state", ActionState, "action_state_is_known"),
            exactly_one(("case", "plan"), "an_action_is_of_one"),
            models.CheckConstraint(
                condition=Q(state=ActionState.OPEN, ended_at__isnull=True)
                | (~Q(state=ActionState.OPEN) & Q(ended_at__isnull=False)),
                name="an_action_that_ended_says_when",
            ),
        )

    def __str__(self) -> str:
        return self.what


class Outcome(Protected):
    """A measure of a need before and after, and what the person says themselves."""

    FIELDS: ClassVar[tuple[str, ...]] = ("measure", "before", "after", "own_view")

    case = models.ForeignKey(Case, models.PROTECT, related_name="outcomes")
    need = models.ForeignKey(Need, models.PROTECT, null=True, blank=True, related_name="outcomes")
    measure = models.CharField(max_length=60)  # of the scheme's measures
    before = models.FloatField(null=True, blank=True)
    after = models.FloatField(null=True, blank=True)
    own_view = models.TextField(blank=True)
    at = models.DateTimeField()
    by = maybe_officer()

    def __str__(self) -> str:
        return self.measure
