"""Spines: a key that records hang on. They say that there is someone or somewhere, not who."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class Person(models.Model):
    """Someone whom one agency knows under one number.

    Nothing is ever moved when two agencies' people turn out to be one: a `Merge` joins them, and
    `root` (the lowest key of all that are joined) says which one the pages are under. Taking the
    merge away restores exactly what was.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    root = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="joined"
    )  # null: is its own root
    made_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return f"Person {self.key}"


class Premises(models.Model):
    """A place with an address: reference data, the same for every agency.

    `parent` is the site that it is a unit of (a flat of a block). Metres in EPSG:27700.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    uprn = models.CharField("UPRN", max_length=12, null=True, blank=True, unique=True)
    address = models.CharField(max_length=300)
    postcode = models.CharField(max_length=8, blank=True)
    address_key = models.CharField(max_length=320, db_index=True)  # postcode and address, compact
    easting = models.FloatField(null=True, blank=True)
    northing = models.FloatField(null=True, blank=True)
    area = models.CharField(max_length=20, blank=True, db_index=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="units")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "premises"
        constraints = (
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="no_place_is_a_unit_of_itself",
            ),
        )

    def __str__(self) -> str:
        return self.address


class Household(models.Model):
    """Those who live together, as one agency numbers them."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    premises = models.ForeignKey(
        Premises, models.PROTECT, null=True, blank=True, related_name="households"
    )
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Household {self.key}"


class Organisation(models.Model):
    """A body that is not an agency of the partnership: a school, a care home, a business.

    One name at one place is one organisation, whichever agency tells of it. `name_key` is for that
    alone and is never shown: where a refuge is may be a secret, so its name is read from the parts
    of records, each with its rule.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name_key = models.CharField(max_length=200, blank=True)
    premises = models.ForeignKey(
        Premises, models.PROTECT, null=True, blank=True, related_name="organisations"
    )
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["premises", "name_key"],
                condition=Q(premises__isnull=False) & ~Q(name_key=""),
                name="a_name_at_a_place_is_one_organisation",
            ),
        )

    def __str__(self) -> str:
        return f"Organisation {self.key}"
