"""Notices to an officer, or to whoever has a role at an agency. They hold no personal data."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from triservice.agencies.models import Agency, Officer
from triservice.kernel.access_words import Role
from triservice.kernel.words import choices


class Notice(models.Model):
    """Something that waits for someone, until one of them has dealt with it.

    `key` is what it is about, so that a job that runs twice tells it once; `path` leads to the
    page where it is done.
    """

    class Kind(models.TextChoices):
        GLASS = "emergency access", "Emergency access"
        FINDING = "review", "Review of emergency access"
        REQUEST = "request", "Request for access"
        AGREEMENT = "agreement", "Agreement"
        PATTERN = "pattern", "Unusual pattern of reading"
        CASEWORK = "casework", "Referrals and cases"
        CONFLICT = "conflict", "Conflict of interest"
        SAFETY = "safety", "Safety of an officer"
        WARNING = "warning", "Warnings to review"

    ALWAYS: ClassVar[frozenset[Kind]] = frozenset({Kind.GLASS, Kind.SAFETY})  # mailed to everyone

    kind = models.CharField(max_length=20, choices=Kind)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    role = models.CharField(max_length=30, choices=choices(Role), blank=True)
    officer = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=300)
    path = models.CharField(max_length=200)
    key = models.CharField(max_length=160)
    made_at = models.DateTimeField()
    dealt_at = models.DateTimeField(null=True, blank=True)
    dealt_by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-made_at", "-pk")
        indexes = (
            models.Index(
                fields=["agency", "role"], condition=Q(dealt_at__isnull=True), name="notices_open"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("key", "agency", "role"),
                condition=Q(officer__isnull=True),
                name="notice_to_a_role_once",
            ),
            models.UniqueConstraint(
                fields=("key", "officer"),
                condition=Q(officer__isnull=False),
                name="notice_to_an_officer_once",
            ),
            models.CheckConstraint(
                condition=Q(officer__isnull=False) ^ ~Q(role=""), name="notice_is_to_someone"
            ),
        )

    def __str__(self) -> str:
        return self.text


class NoMail(models.Model):
    """An officer wants no e-mail for notices of a kind. The notice itself stands as ever."""

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Notice.Kind)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("officer", "kind"), name="no_mail_said_once"),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(map(str, Notice.ALWAYS))),
                name="what_cannot_wait_is_mailed",
            ),
        )

    def __str__(self) -> str:
        return f"No e-mail to {self.officer} for {self.kind}"
