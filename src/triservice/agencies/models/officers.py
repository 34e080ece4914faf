"""Officers: who works for an agency and signs in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from triservice.kernel.access_words import Vetting

from .places import Agency


class OfficerManager(BaseUserManager["Officer"]):
    """Make officers; the e-mail address is the sign-in name."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> Officer:
        """Make an officer. Without a password nobody can sign in by password."""
        officer = self.model(email=self.normalize_email(email).lower(), **fields)
        officer.set_password(password)
        officer.save(using=self._db)
        return officer


def new_access_key() -> str:
    """Return a fresh key that every session of an officer is bound to."""
    return secrets.token_hex(16)


class Officer(AbstractBaseUser):
    """A person who works for an agency and signs in."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    employer = models.ForeignKey(Agency, models.PROTECT, related_name="officers")
    is_active = models.BooleanField(default=True)
    left_on = models.DateField(null=True, blank=True)
    vetting = models.PositiveSmallIntegerField(
        default=Vetting.NONE, choices=[(level.value, level.name) for level in Vetting]
    )
    vetting_until = models.DateField(null=True, blank=True)  # the first day it no longer holds
    training_until = models.DateField(null=True, blank=True)  # information sharing training
    access_key = models.CharField(max_length=32, default=new_access_key, editable=False)

    objects = OfficerManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]  # noqa: RUF012  (Django wants a list)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(is_active=False),
                name="who_left_is_not_active",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="email_in_small_letters"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """Bind sessions to the password and to the access key: a new key ends every session."""
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the hashes under earlier secret keys of the installation."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret)

    def _session_hash(self, secret: str | bytes | None) -> str:
        bound = f"{self.password}\n{self.access_key}\n{self.is_active}"
        salt = "triservice.agencies.Officer.session"
        return salted_hmac(salt, bound, secret=secret, algorithm="sha256").hexdigest()


class Duty(models.Model):
    """An officer is on duty for a time; open while `ends` is blank."""

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="duties")
    starts = models.DateTimeField()
    ends = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-starts",)
        verbose_name_plural = "duties"
        constraints = (
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="duty_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=("officer",), condition=Q(ends__isnull=True), name="one_open_duty"
            ),
        )

    def __str__(self) -> str:
        return f"{self.officer} on duty from {self.starts}"
