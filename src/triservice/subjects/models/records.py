"""What agencies sent, in parts by data class, and whom and what each record is about."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from triservice.access.models import Protected
from triservice.agencies.models import Agency
from triservice.kernel.words import choices
from triservice.subjects.models.spines import Household, Organisation, Person, Premises
from triservice.subjects.words import Involved, Known


class SourceRecord(models.Model):
    """A row as an agency sent it, never altered. A correction is a new version beside it.

    `sent` is fetched for the owning agency only; everyone else reads parts.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    system = models.CharField(max_length=60)
    source_key = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(max_length=80)  # crime report, home fire safety visit …
    reference = models.CharField(
        max_length=120, blank=True
    )  # of the incident or case it is part of
    happened_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    sent = models.JSONField()
    sha256 = models.CharField(max_length=64)
    current = models.BooleanField(default=True)  # false once a later version has come

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "system", "source_key", "version"], name="a_version_comes_once"
            ),
            models.UniqueConstraint(
                fields=["agency", "system", "source_key"],
                condition=Q(current=True),
                name="one_version_is_current",
            ),
        )
        indexes = (
            models.Index(
                fields=["agency", "reference"],
                condition=~Q(reference=""),
                name="records_of_one_incident",
            ),
        )

    def __str__(self) -> str:
        return f"{self.system} {self.source_key} version {self.version}"


class AgencyNumber(models.Model):
    """The number under which one system of an agency keeps a person, household or organisation."""

    class Of(models.TextChoices):
        PERSON = "person", "Person"
        HOUSEHOLD = "household", "Household"
        ORGANISATION = "organisation", "Organisation"

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    system = models.CharField(max_length=60)
    of = models.CharField(max_length=12, choices=Of)
    number = models.CharField(max_length=120)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "system", "of", "number"], name="a_number_names_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.system} {self.of} {self.number}"


class RecordPart(Protected):
    """What one record says of one data class. A class that is withheld is a row never fetched.

    Blank text, null and "not known" all mean that the agency did not say; none of them means no.
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "given_name",
        "middle_names",
        "family_name",
        "aliases",
        "date_of_birth",
        "birth_year",
        "sex",
        "nhs_number",
        "identifiers",
        "deceased",
        "died_on",
        "phone",
        "other_phone",
        "email",
        "organisation",
        "organisation_kind",
        "uprn",
        "address",
        "postcode",
        "easting",
        "northing",
        "summary",
        "details",
    )

    record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="parts")
    current = models.BooleanField(default=True)

    given_name = models.CharField(max_length=100, blank=True)
    middle_names = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    aliases = models.JSONField(null=True, blank=True)  # list of whole names
    date_of_birth = models.DateField(null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)  # when only that is told
    sex = models.CharField(max_length=20, blank=True)
    nhs_number = models.CharField("NHS number", max_length=10, blank=True)
    identifiers = models.JSONField(null=True, blank=True)  # kind of number → number
    deceased = models.CharField(max_length=10, choices=choices(Known), default=Known.UNKNOWN)
    died_on = models.DateField(null=True, blank=True)

    phone = models.CharField(max_length=20, blank=True)
    other_phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)

    # Of a postal address, as its first line is: whoever may read where may read whose place it is.
    organisation = models.CharField(max_length=200, blank=True)
    organisation_kind = models.CharField(max_length=80, blank=True)  # care home, school, pub …
    uprn = models.CharField("UPRN", max_length=12, blank=True)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    easting = models.FloatField(null=True, blank=True)
    northing = models.FloatField(null=True, blank=True)

    summary = models.CharField(max_length=500, blank=True)
    details = models.JSONField(null=True, blank=True)

    class Meta(Protected.Meta):
        constraints = (
            models.UniqueConstraint(fields=["record", "data_class"], name="one_part_of_a_class"),
        )
        indexes = (  # type: ignore[assignment]  # the parent's is a tuple of one
            *Protected.Meta.indexes,
            *(
                models.Index(fields=[name], condition=~Q(**{name: ""}), name=f"parts_by_{name}")
                for name in ("nhs_number", "phone", "email", "uprn", "postcode")
            ),
            models.Index(
                fields=["date_of_birth", "family_name"],
                condition=Q(date_of_birth__isnull=False),
                name="parts_by_birth",
            ),
        )

    def __str__(self) -> str:
        return f"{self.data_class} of record {self.record_id}"


LINK_ENDS = ("person", "premises", "household", "organisation")


class Link(Protected):
    """A record is about someone, a place, household or organisation, in a stated way.

    Ended, never deleted.

    The data class is the service's own (police, health …), so being linked is told no more widely
    than the record that says so.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("involved",)

    record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="links")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="links")
    premises = models.ForeignKey(
        Premises, models.PROTECT, null=True, blank=True, related_name="links"
    )
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="links"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="links"
    )
    involved = models.CharField(max_length=30, choices=choices(Involved), default=Involved.NOT_SAID)
    evidence = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )  # null: by the intake, on the evidence
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_why = models.CharField(max_length=500, blank=True)

    class Meta(Protected.Meta):
        constraints = (
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    (
                        Q(**{f"{end}__isnull": end != told for end in LINK_ENDS})
                        for told in LINK_ENDS
                    ),
                ),
                name="a_link_has_one_end",
            ),
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(person__isnull=False, ended_at__isnull=True),
                name="a_record_is_about_one_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.involved}, record {self.record_id}"


class Quarantined(models.Model):
    """A row that could not be read, kept whole, with what was wrong in sentences."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    system = models.CharField(max_length=60)
    row_number = models.PositiveIntegerField()
    sent = models.JSONField()
    sha256 = models.CharField(max_length=64)
    wrong = models.JSONField()  # list of sentences
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_how = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "system", "sha256"],
                condition=Q(settled_at__isnull=True),
                name="a_bad_row_waits_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.system} row {self.row_number}"
