"""Agencies, whom to ask there, the areas they cover, and their own sign-in directories."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from .columns import ends_after_it_begins


class Agency(models.Model):
    """A police force, fire service, ambulance trust, council, health trust or charity."""

    class Kind(models.TextChoices):
        POLICE = "police", "Police force"
        FIRE = "fire", "Fire and rescue service"
        AMBULANCE = "ambulance", "Ambulance trust"
        HEALTH = "health", "Health trust"
        COUNCIL = "council", "Council"
        CHARITY = "charity", "Charity"

    name = models.CharField(max_length=200, unique=True)
    short_name = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    areas: models.ManyToManyField[Area, AgencyArea] = models.ManyToManyField(
        "Area", through="AgencyArea", related_name="agencies"
    )

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """Whom to call at an agency about data: shown where a record is locked or a breach is found."""

    class Kind(models.TextChoices):
        PROTECTION_OFFICER = "data protection officer", "Data protection officer"
        PROTECTION_LEAD = "data protection lead", "Data protection lead"
        RISK_OWNER = "risk owner", "Senior information risk owner"
        CALDICOTT = "caldicott guardian", "Caldicott guardian"
        SHARING_DESK = "sharing desk", "Information sharing desk"

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=30, choices=Kind)
    name = models.CharField(max_length=200, help_text="A person, or the name of a desk")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    hours = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("agency", "kind", "name")
        constraints = (
            models.CheckConstraint(condition=~Q(email="", phone=""), name="contact_can_be_reached"),
        )

    def __str__(self) -> str:
        return f"{self.name}, {self.agency}"


class Area(models.Model):
    """A piece of the map with a code: a force area, an authority, a ward. Areas nest by parent."""

    class Kind(models.TextChoices):
        POLICE_AREA = "police area", "Police force area"
        FIRE_AREA = "fire area", "Fire and rescue authority area"
        AMBULANCE_AREA = "ambulance area", "Ambulance trust area"
        HEALTH_AREA = "health area", "Health board area"
        COUNTY = "county", "County or unitary authority"
        DISTRICT = "district", "District"
        NEIGHBOURHOOD = "neighbourhood", "Policing neighbourhood"
        STATION_GROUND = "station ground", "Fire station ground"
        WARD = "ward", "Ward"
        MSOA = "msoa", "Middle layer output area"
        LSOA = "lsoa", "Lower layer output area"

    kind = models.CharField(max_length=20, choices=Kind)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )

    class Meta:
        ordering = ("kind", "name")
        constraints = (
            models.CheckConstraint(condition=~Q(code=""), name="area_has_a_code"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")),
                name="area_is_not_its_own_parent",
            ),
        )

    def __str__(self) -> str:
        return self.name


class AgencyArea(models.Model):
    """An agency covers an area for a period. Services with the same boundary are the exception."""

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="covers")
    area = models.ForeignKey(Area, models.PROTECT, related_name="covered_by")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("agency", "area", "since")
        constraints = (
            ends_after_it_begins("cover_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=("agency", "area"),
                condition=Q(until__isnull=True),
                name="area_is_covered_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency} in {self.area}"


class SignInDirectory(models.Model):
    """An agency's own OpenID Connect directory, and the e-mail domains that it may speak for.

    The client's secret is not here: it is read from the environment (see `sign_in.directories`).
    """

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="directories")
    slug = models.SlugField(unique=True)
    server = models.URLField(help_text="The issuer, without /.well-known/openid-configuration")
    client = models.CharField(max_length=200)
    domains = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("agency",)
        verbose_name_plural = "sign-in directories"

    def __str__(self) -> str:
        return f"Directory of {self.agency}"
