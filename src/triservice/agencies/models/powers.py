"""Powers of law that an agency gives to an officer, for a time and on conditions."""

from __future__ import annotations

from django.db import models

from .columns import ends_after_it_begins
from .officers import Officer
from .places import Agency


class PowerGrant(models.Model):
    """A chief officer or authority gives one power to one officer.

    Accreditation under the Police Reform Act 2002 is by one force, for that force's area, until a
    date that it states; so the officer of two forces holds two grants. `power` is a code of
    `powers.toml`.
    """

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="powers")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="powers_given")
    power = models.CharField(max_length=60)
    conditions = models.TextField(blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    reference = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("officer", "agency", "power", "since")
        constraints = (ends_after_it_begins("power_ends_after_it_begins"),)

    def __str__(self) -> str:
        return f"{self.power} to {self.officer} by {self.agency}"
