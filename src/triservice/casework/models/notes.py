"""What is written on a case: notes, consent, and safeguarding concerns with their own marking."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from triservice.access.models import Protected
from triservice.agencies.models import Agency
from triservice.casework.models.cases import Case
from triservice.casework.models.columns import maybe_officer, officer
from triservice.casework.words import Capacity, Override
from triservice.kernel.access_words import DataClass, Marking
from triservice.kernel.words import choices
from triservice.subjects.models import Person


class Note(Protected):
    """What somebody wrote, of the class that they chose. A correction is an entry beside it."""

    FIELDS: ClassVar[tuple[str, ...]] = ("text",)

    case = models.ForeignKey(Case, models.PROTECT, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField()
    by = officer()

    def __str__(self) -> str:
        return f"Note on case {self.case_id}"


class Consent(Protected):
    """What a person agreed to or refused, until when; or why it is done without their consent.

    `ask_again`: the case has changed hands since, so it must be asked anew.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("scope", "given", "capacity", "override", "why")

    case = models.ForeignKey(Case, models.PROTECT, related_name="consents")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    scope = models.CharField(max_length=300)  # what for, and with whom it is shared
    given = models.BooleanField()
    capacity = models.CharField(max_length=40, choices=choices(Capacity))
    given_by = models.CharField(max_length=120, blank=True)  # when not the person: as what
    asked_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)  # the first day it no longer holds
    override = models.CharField(max_length=60, choices=choices(Override), blank=True)
    why = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = officer()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = maybe_officer()
    ask_again = models.BooleanField(default=False)

    class Meta(Protected.Meta):
        constraints = (
            models.CheckConstraint(
                condition=Q(override="") | (Q(given=False) & ~Q(why="")),
                name="an_override_says_why",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gt=F("asked_on")),
                name="consent_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"Consent on case {self.case_id}"


class Concern(Protected):
    """A safeguarding concern about an adult or child: always of its own class and marking.

    The three parts are those of the Care Act 2014, section 42(1); null is not known, never no.
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "what", "kinds", "care_needs", "at_risk", "cannot_protect", "own_view", "result",
    )  # fmt: skip

    case = models.ForeignKey(Case, models.PROTECT, related_name="concerns")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    child = models.BooleanField(default=False)
    kinds = models.JSONField(default=list)  # of abuse or neglect
    what = models.TextField()
    own_view = models.TextField(blank=True)  # what the person wants to happen
    care_needs = models.BooleanField(null=True)  # (a) needs for care and support
    at_risk = models.BooleanField(null=True)  # (b) experiences, or is at risk of, abuse or neglect
    cannot_protect = models.BooleanField(null=True)  # (c) cannot protect themselves because of (a)
    danger_now = models.BooleanField(default=False)
    raised_at = models.DateTimeField()
    raised_by = officer()
    sent_to = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    result = models.TextField(blank=True)  # what was decided
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = maybe_officer()

    class Meta(Protected.Meta):
        constraints = (
            models.CheckConstraint(
                condition=Q(data_class=DataClass.SAFEGUARDING, marking=Marking.OFFICIAL_SENSITIVE),
                name="a_concern_has_its_own_marking",
            ),
        )

    def __str__(self) -> str:
        return f"Concern on case {self.case_id}"
