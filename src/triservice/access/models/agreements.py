"""Information sharing agreements: versions, parties, terms and who signed."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from triservice.access.models.words import check_words
from triservice.agencies.models import Agency, Officer
from triservice.kernel.access_words import DataClass, Mode, Purpose, Role, Vetting
from triservice.kernel.errors import InputError
from triservice.kernel.words import choices


class Agreement(models.Model):
    """An information sharing agreement; what it says is in its versions."""

    title = models.CharField(max_length=200, unique=True)
    template = models.CharField(max_length=60, blank=True)  # the template that it was made from

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class AgreementVersion(models.Model):
    """What an agreement says from `starts` until before `until`, when its state is in force.

    The version with the highest number that has left drafting and has started is the one that
    counts; an earlier one never comes back because a later one was suspended or ended.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        AGREED = "agreed", "Agreed"
        IN_FORCE = "in force", "In force"
        SUSPENDED = "suspended", "Suspended"
        EXPIRED = "expired", "Expired"
        ENDED = "ended", "Ended"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    starts = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    aim = models.TextField(blank=True)
    subjects = models.TextField(blank=True)  # whose data
    benefits = models.TextField(blank=True)  # of sharing, and the risk of not sharing
    risks = models.TextField(blank=True)  # of sharing, and what keeps them small
    necessity = models.TextField(blank=True)  # why this much, and why counts would not do
    method = models.TextField(blank=True)  # how it passes from one to the other
    quality = models.TextField(blank=True)  # how it is kept right, and errors mended
    transparency = models.TextField(blank=True)  # how people are told
    termination = models.TextField(blank=True)  # what happens to the data afterwards
    dpia_reference = models.CharField(max_length=200, blank=True)
    retention = models.TextField(blank=True)
    security = models.TextField(blank=True)
    rights_contact = models.TextField(blank=True)
    breach_contact = models.TextField(blank=True)
    why_changed = models.TextField(blank=True)

    class Meta:
        ordering = ("agreement", "number")
        constraints = (
            models.UniqueConstraint(fields=("agreement", "number"), name="version_number_once"),
            models.CheckConstraint(
                condition=~Q(state__in=("in force", "suspended", "expired"))
                | Q(starts__isnull=False, until__isnull=False),
                name="version_in_force_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("starts")),
                name="version_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agreement}, version {self.number}"


class Party(models.Model):
    """An agency that is party to a version, with the lawful basis on which it shares."""

    class Controller(models.TextChoices):
        CONTROLLER = "controller", "Controller"
        JOINT = "joint controller", "Joint controller"
        PROCESSOR = "processor", "Processor"
        RECIPIENT = "recipient", "Recipient"

    class Regime(models.TextChoices):
        UK_GDPR = "uk gdpr", "UK GDPR"
        PART_3 = "part 3", "Law enforcement processing (DPA 2018 Part 3)"

    version = models.ForeignKey(AgreementVersion, models.CASCADE, related_name="parties")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    controller = models.CharField(max_length=20, choices=Controller, default=Controller.CONTROLLER)
    regime = models.CharField(max_length=10, choices=Regime)
    lawful_basis = models.CharField(max_length=200)  # UK GDPR Art 6, or DPA 2018 s35
    special_condition = models.CharField(max_length=200, blank=True)  # Art 9, DPA Sch 1 or Sch 8
    gateway = models.CharField(max_length=300, blank=True)  # the Act that lets it share
    contact = models.CharField(max_length=300, blank=True)  # whom to call about what it holds

    class Meta:
        ordering = ("version", "agency")
        verbose_name_plural = "parties"
        constraints = (
            models.UniqueConstraint(fields=("version", "agency"), name="party_once_per_version"),
            models.CheckConstraint(condition=~Q(lawful_basis=""), name="party_has_lawful_basis"),
        )

    def __str__(self) -> str:
        return f"{self.agency} in {self.version}"


class Signatory(models.Model):
    """A person who signs a version for a party.

    `digest` is of the text that was signed (agreements.text.digest): a change afterwards shows.
    """

    party = models.ForeignKey(Party, models.CASCADE, related_name="signatories")
    name = models.CharField(max_length=200)
    job_title = models.CharField(max_length=200)
    signed_on = models.DateField(null=True, blank=True)
    officer = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "signatories"

    def __str__(self) -> str:
        return f"{self.name}, {self.job_title}"


class AgreementEvent(models.Model):
    """Something that happened to a version: who did it, for whom, when and why. Never altered."""

    version = models.ForeignKey(AgreementVersion, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    verb = models.CharField(max_length=20)
    officer = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.TextField(blank=True)

    class Meta:
        ordering = ("version", "at", "pk")

    def __str__(self) -> str:
        return f"{self.version}: {self.verb}"


class Term(models.Model):
    """What one party opens to another: data classes, for purposes, in areas, on conditions.

    Nothing is open because something was left blank: all fields, all areas are said by a flag.
    A `never` closes also what other terms open; it has no dates and asks no conditions, it covers
    rows whose area is not known, and it holds through suspension and expiry until the parties end
    or replace the version.
    """

    version = models.ForeignKey(AgreementVersion, models.CASCADE, related_name="terms")
    number = models.PositiveIntegerField()
    from_agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    to_agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    to_role = models.CharField(max_length=30, choices=choices(Role), blank=True)
    mode = models.CharField(max_length=12, choices=choices(Mode))
    data_classes = models.JSONField(default=list)
    every_field = models.BooleanField(default=False)
    fields = models.JSONField(default=list, blank=True)
    purposes = models.JSONField(default=list)
    everywhere = models.BooleanField(default=False)
    areas = models.JSONField(default=list, blank=True)
    counts_only = models.BooleanField(default=False)  # opens counts, no rows
    small_number = models.PositiveIntegerField(default=0)  # the least count that may be shown
    min_vetting = models.PositiveSmallIntegerField(
        choices=[(level.value, level.name) for level in Vetting], default=Vetting.NONE
    )
    needs_training = models.BooleanField(default=False)
    needs_duty = models.BooleanField(default=False)
    needs_case = models.BooleanField(default=False)
    existence = models.BooleanField(default=False)  # may know that the owner knows, whom to call
    offline = models.BooleanField(default=False)  # may be kept, sealed, on a phone for a shift
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("version", "number")
        constraints = (
            models.UniqueConstraint(fields=("version", "number"), name="term_number_once"),
            models.CheckConstraint(
                condition=Q(to_agency__isnull=False) | ~Q(to_role=""), name="term_is_to_someone"
            ),
            models.CheckConstraint(
                condition=Q(to_agency__isnull=True) | ~Q(to_agency=F("from_agency")),
                name="term_is_to_another_agency",
            ),
            models.CheckConstraint(
                condition=~Q(mode="never") | Q(valid_from__isnull=True, valid_until__isnull=True),
                name="never_has_no_dates",
            ),
            models.CheckConstraint(
                condition=Q(offline=False) | ~Q(mode="never") & Q(counts_only=False),
                name="only_what_is_open_is_kept_offline",
            ),
        )

    def __str__(self) -> str:
        return f"Term {self.number} of {self.version}"

    def clean(self) -> None:
        """Refuse words that the rules do not know, and terms that open or close nothing."""
        try:
            check_words(self.data_classes, DataClass, "data_classes")
            check_words(self.purposes, Purpose, "purposes")
        except InputError as error:
            raise ValidationError(str(error)) from error
        empty = [
            field
            for field, wanted in (
                ("data_classes", True),
                ("purposes", True),
                ("fields", not self.every_field),
                ("areas", not self.everywhere),
            )
            if wanted and not getattr(self, field)
        ]
        if empty:
            raise ValidationError(dict.fromkeys(empty, "Say which: a blank opens nothing."))
