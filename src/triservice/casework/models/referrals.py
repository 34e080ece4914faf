"""Referrals, and what the agency that sent one keeps of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from triservice.access.models import Protected
from triservice.agencies.models import Agency
from triservice.casework.models.cases import Case
from triservice.casework.models.columns import TIER_CHOICES, maybe_officer, one_of
from triservice.casework.models.submissions import Submission
from triservice.casework.words import About, ReferralState
from triservice.kernel.words import choices
from triservice.subjects.models import Household, Person, Premises

WAITING = [str(ReferralState.RECEIVED), str(ReferralState.MORE)]


class Referral(Protected):
    """A request that a scheme look after someone or somewhere, owned by the agency that runs it.

    `waits_until` is when somebody must have decided: the first risk-based target. It is empty once
    the referral is decided, so that the queue is an index. `reference` tells of nobody.
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "scheme", "person", "household", "premises", "tier", "unknown", "state", "why",
        "signposted_to", "case",
    )  # fmt: skip

    key = models.UUIDField(unique=True)  # made by who sends it: sent twice, received once
    reference = models.CharField(max_length=12, unique=True)
    scheme = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    about = models.CharField(max_length=10, choices=choices(About))
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="+"
    )
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, blank=True, related_name="+")
    submission = models.OneToOneField(Submission, models.PROTECT, related_name="+")
    sender = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    sent_by = maybe_officer()  # null with `sender`: the person themselves
    received_at = models.DateTimeField()
    tier = models.CharField(max_length=10, choices=TIER_CHOICES)
    unknown = models.JSONField(default=list)  # questions whose answer could change the tier
    contact_due_at = models.DateTimeField()
    visit_due_at = models.DateTimeField()
    waits_until = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        max_length=12, choices=choices(ReferralState), default=ReferralState.RECEIVED
    )
    state_at = models.DateTimeField()
    state_by = maybe_officer()  # who took the latest step
    why = models.TextField(blank=True)  # of the latest step, for who sent it to read
    signposted_to = models.CharField(max_length=200, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="referrals")

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]  # the parent's is a tuple of one
            *Protected.Meta.indexes,
            models.Index(fields=("owner", "waits_until"), name="referrals_that_wait"),
            models.Index(fields=("received_at",), name="referrals_by_when_received"),
            models.Index(
                fields=("waits_until",), condition=Q(waits_until__isnull=False), name="waits_at_all"
            ),
        )
        constraints = (
            one_of("state", ReferralState, "referral_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=WAITING, waits_until__isnull=False)
                | (~Q(state__in=WAITING) & Q(waits_until__isnull=True)),
                name="an_open_referral_waits_until",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReferralState.ACCEPTED) | Q(case__isnull=False),
                name="an_accepted_referral_has_a_case",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False)
                | Q(household__isnull=False)
                | Q(premises__isnull=False),
                name="a_referral_is_about_someone",
            ),
            models.CheckConstraint(
                condition=Q(sender__isnull=False) | Q(sent_by__isnull=True),
                name="who_sends_has_an_agency",
            ),
        )

    def __str__(self) -> str:
        return self.reference


class Acknowledgement(Protected):
    """The sender's own row: that it sent a referral, when, and under which reference.

    How the referral stands is read from the referral, within the terms.
    """

    referral = models.OneToOneField(Referral, models.PROTECT, related_name="acknowledgement")
    reference = models.CharField(max_length=12, unique=True)
    scheme = models.CharField(max_length=60)
    to = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    sent_by = maybe_officer()
    at = models.DateTimeField()

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]
            *Protected.Meta.indexes,
            models.Index(fields=("sent_by", "-at"), name="referrals_i_sent"),
            models.Index(fields=("owner", "-at"), name="referrals_we_sent"),
        )

    def __str__(self) -> str:
        return self.reference
