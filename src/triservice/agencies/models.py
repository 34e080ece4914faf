"""Agencies and the people who work for them: data and database constraints, no workflow."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from triservice.kernel.access_words import Role, Vetting


def choices(words: type[Role]) -> list[tuple[str, str]]:
    """Return the words of an enumeration as choices of a field."""
    return [(str(word), str(word).capitalize()) for word in words]


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

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class OfficerManager(BaseUserManager["Officer"]):
    """Make officers; the e-mail address is the sign-in name."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> Officer:
        """Make an officer. Without a password nobody can sign in by password."""
        officer = self.model(email=self.normalize_email(email).lower(), **fields)
        officer.set_password(password)
        officer.save(using=self._db)
        return officer


class Officer(AbstractBaseUser):
    """A person who works for an agency and signs in."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    employer = models.ForeignKey(Agency, models.PROTECT, related_name="officers")
    is_active = models.BooleanField(default=True)
    vetting = models.PositiveSmallIntegerField(default=Vetting.NONE)
    vetting_until = models.DateField(null=True, blank=True)
    training_until = models.DateField(null=True, blank=True)  # information sharing training

    objects = OfficerManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]  # noqa: RUF012  (Django wants a list)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A role with a host employer, whoever holds it."""

    title = models.CharField(max_length=200)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="posts")
    role = models.CharField(max_length=30, choices=choices(Role))

    class Meta:
        ordering = ("agency", "title")

    def __str__(self) -> str:
        return self.title


class Holding(models.Model):
    """An officer holds a post for a period; `until` is the first day that they do not."""

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="holdings")
    post = models.ForeignKey(Post, models.PROTECT, related_name="holdings")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
                name="holding_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.officer} as {self.post}"
