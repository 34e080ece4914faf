"""Teams and posts, whoever holds them, and who holds them when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from triservice.kernel.access_words import Role
from triservice.kernel.service import Service
from triservice.kernel.words import choices

from .columns import ends_after_it_begins
from .officers import Officer
from .places import Agency


class Capability(models.Model):
    """Something that a post does for one service, such as on-call firefighting."""

    service = models.CharField(max_length=12, choices=choices(Service))
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ("service", "name")
        verbose_name_plural = "capabilities"
        constraints = (
            models.UniqueConstraint(fields=("service", "name"), name="capability_is_named_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.service})"


class Team(models.Model):
    """Posts that work together, hosted by one agency; members may have other employers."""

    name = models.CharField(max_length=200)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="teams")
    base = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("agency", "name")
        constraints = (
            models.UniqueConstraint(fields=("agency", "name"), name="team_is_named_once"),
        )

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A role with a host employer, whoever holds it.

    A tri-service officer answers to two people: the team leader, who looks after them, and the
    neighbourhood policing lead, who tasks them.
    """

    title = models.CharField(max_length=200)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="posts")  # host employer
    role = models.CharField(max_length=30, choices=choices(Role))
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="posts")
    team_leader = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="leads"
    )
    tasking_lead = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    base = models.CharField(max_length=200, blank=True)
    places = models.PositiveSmallIntegerField(default=1, help_text="How many may hold it at once")
    capabilities = models.ManyToManyField(Capability, blank=True, related_name="posts")

    class Meta:
        ordering = ("agency", "title")
        constraints = (
            models.CheckConstraint(
                condition=Q(team_leader__isnull=True) | ~Q(team_leader=F("id")),
                name="post_does_not_lead_itself",
            ),
            models.CheckConstraint(
                condition=Q(tasking_lead__isnull=True) | ~Q(tasking_lead=F("id")),
                name="post_does_not_task_itself",
            ),
            models.CheckConstraint(condition=Q(places__gte=1), name="post_has_a_place"),
        )

    def __str__(self) -> str:
        return self.title


class Holding(models.Model):
    """An officer holds a post for a period; `until` is the first day that they do not."""

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="holdings")
    post = models.ForeignKey(Post, models.PROTECT, related_name="holdings")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("-since",)
        constraints = (ends_after_it_begins("holding_ends_after_it_begins"),)

    def __str__(self) -> str:
        return f"{self.officer} as {self.post}"
