"""How people known to several services become one person, by whom, and back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from triservice.subjects.models.records import SourceRecord
from triservice.subjects.models.spines import Person, Premises
from triservice.subjects.words import State

OFFICER = settings.AUTH_USER_MODEL


class Candidate(models.Model):
    """Two people who may be one. `evidence` compares field names, never holds their values.

    Lower key left. "Confirmed different" stays, so that the pair is never proposed again.
    """

    left = models.ForeignKey(Person, models.PROTECT, related_name="+")
    right = models.ForeignKey(Person, models.PROTECT, related_name="+")
    evidence = models.JSONField()  # field → agrees, close, differs, not known
    method = models.CharField(max_length=20)  # exact, model, by hand
    probability = models.FloatField(null=True, blank=True)  # of the model
    state = models.CharField(
        max_length=30,
        choices=[(str(s), str(s).capitalize()) for s in State],
        default=State.PROPOSED,
    )
    proposed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["left", "right"], name="a_pair_is_proposed_once"),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="lower_person_left"),
        )
        indexes = (models.Index(fields=["state", "-probability"], name="candidates_to_review"),)

    def __str__(self) -> str:
        return f"People {self.left_id} and {self.right_id}: {self.state}"


class Confirmation(models.Model):
    """One person's word on a candidate. The same person's second word counts for nothing."""

    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="confirmations")
    officer = models.ForeignKey(OFFICER, models.PROTECT, related_name="+")
    same = models.BooleanField()
    why = models.CharField(max_length=500)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["candidate", "officer"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_word_a_person",
            ),
        )

    def __str__(self) -> str:
        return f"{'same' if self.same else 'different'} by {self.officer_id}"


class Merge(models.Model):
    """A recorded event: from now on these two are one. Nothing is rewritten: undoing is exact."""

    left = models.ForeignKey(Person, models.PROTECT, related_name="+")
    right = models.ForeignKey(Person, models.PROTECT, related_name="+")
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, null=True, blank=True, related_name="merges"
    )
    evidence = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(OFFICER, models.PROTECT, null=True, blank=True, related_name="+")
    second_by = models.ForeignKey(OFFICER, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(OFFICER, models.PROTECT, null=True, blank=True, related_name="+")
    undone_why = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["left", "right"],
                condition=Q(undone_at__isnull=True),
                name="a_pair_is_merged_once",
            ),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="merge_lower_left"),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("made_by")),
                name="two_people_are_two",
            ),
        )

    def __str__(self) -> str:
        return f"People {self.left_id} and {self.right_id} are one"


class Difference(models.Model):
    """These two are different people: no merge may join them, directly or through others."""

    left = models.ForeignKey(Person, models.PROTECT, related_name="+")
    right = models.ForeignKey(Person, models.PROTECT, related_name="+")
    why = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey(OFFICER, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        OFFICER, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["left", "right"],
                condition=Q(withdrawn_at__isnull=True),
                name="different_once",
            ),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="difference_lower_left"),
        )

    def __str__(self) -> str:
        return f"People {self.left_id} and {self.right_id} are different"


class WrongLink(models.Model):
    """Somebody says that a record hangs on the wrong person or place, or that two are not one."""

    record = models.ForeignKey(
        SourceRecord, models.PROTECT, null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=1000)
    at = models.DateTimeField()
    by = models.ForeignKey(OFFICER, models.PROTECT, related_name="+")
    page = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(OFFICER, models.PROTECT, null=True, blank=True, related_name="+")
    settled_how = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(person__isnull=False) ^ Q(premises__isnull=False),
                name="a_report_is_on_a_person_or_a_place",
            ),
        )

    def __str__(self) -> str:
        return f"Reported on {f'person {self.person_id}' if self.person_id else 'a place'}"


class LinkageModel(models.Model):
    """The trained parameters of the probabilistic pass, used every day until trained again."""

    settings = models.JSONField()
    trained_at = models.DateTimeField()
    people = models.PositiveIntegerField()  # how many it was trained on
    seen_to = models.BigIntegerField(default=0)  # people up to this one have been compared

    def __str__(self) -> str:
        return f"Trained {self.trained_at:%Y-%m-%d} on {self.people:,} people"
