"""Tokens by which an agency's own systems read and send through the API."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from triservice.agencies.models import Agency, Officer


class ApiToken(models.Model):
    """A key of one system of an agency. Only the SHA-256 of its secret is kept.

    `account` is the officer account that the system reads as: it holds posts like anybody, is
    named in the record, and ends like a leaver. `prefix` is the part that may be shown.
    """

    account = models.ForeignKey(Officer, models.PROTECT, related_name="tokens")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    system = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    purposes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("agency", "system", "-made_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="token_expires_after_it_is_made"
            ),
        )

    def __str__(self) -> str:
        return f"{self.system} of {self.agency} ({self.prefix})"
