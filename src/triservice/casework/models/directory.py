"""The services to which people are referred on. They tell of nobody."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from triservice.agencies.models import Agency, Area
from triservice.agencies.models.columns import ends_after_it_begins
from triservice.casework.models.columns import one_of
from triservice.casework.words import Takes


class DirectoryService(models.Model):
    """A service of an agency of the partnership, or of an organisation outside it.

    What may be checked (ages, areas) is in columns, the rest of who may come in `eligible`, in
    words. A service without areas is for everywhere. It is ended, never deleted: referrals name it.
    """

    name = models.CharField(max_length=120)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.CharField(max_length=120, blank=True)  # outside the partnership
    domains = models.JSONField(default=list)  # of the needs that it takes: falls, fire …
    eligible = models.TextField(blank=True)
    age_from = models.PositiveSmallIntegerField(null=True, blank=True)  # years, it included
    age_to = models.PositiveSmallIntegerField(null=True, blank=True)  # years, it included
    areas: models.ManyToManyField[Area, Any] = models.ManyToManyField(Area, related_name="+")
    takes = models.CharField(max_length=10, choices=[(str(t), str(t)) for t in Takes])
    shares = models.JSONField(default=list)  # data classes that it may be told
    address = models.URLField(max_length=300, blank=True)  # of its system: https
    post_to = models.TextField(blank=True)  # the postal address of a letter
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            one_of("takes", Takes, "how_a_service_takes_referrals_is_known"),
            models.CheckConstraint(
                condition=~Q(takes__in=[Takes.FHIR, Takes.API]) | ~Q(address=""),
                name="a_system_has_an_address",
            ),
            ends_after_it_begins("a_service_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(agency__isnull=True) ^ Q(organisation=""),
                name="a_service_is_of_an_agency_or_an_organisation",
            ),
            models.CheckConstraint(
                condition=Q(age_from__isnull=True)
                | Q(age_to__isnull=True)
                | Q(age_to__gte=F("age_from")),
                name="ages_of_a_service_in_order",
            ),
            models.UniqueConstraint(
                fields=("name", "agency"),
                condition=Q(until__isnull=True, agency__isnull=False),
                name="a_service_of_an_agency_once",
            ),
            models.UniqueConstraint(
                fields=("name", "organisation"),
                condition=Q(until__isnull=True, agency__isnull=True),
                name="a_service_outside_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, {self.agency or self.organisation}"
