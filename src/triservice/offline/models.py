"""Phones, what they sent, and photographs on their way."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

from triservice.access.models import Protected
from triservice.agencies.models import Agency, Officer
from triservice.kernel.words import choices
from triservice.offline.rules import Ended, State


class Phone(models.Model):
    """A browser that one officer may work in without signal.

    `sealed_key` is the key of its store, readable with the secret of the installation only. It is
    released to the officer while the phone is theirs, and forgotten once the phone has handed in
    what it held and wiped itself.
    """

    key = models.UUIDField(unique=True, default=uuid4)
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="phones")
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="+"
    )  # that the officer acts for
    name = models.CharField(max_length=60)
    sealed_key = models.TextField(blank=True)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    pack_made_at = models.DateTimeField(null=True, blank=True)
    pack_until = models.DateTimeField(null=True, blank=True)
    pack_mark = models.CharField(max_length=64, blank=True)  # of what decided: access.grants.mark
    pack_purpose = models.CharField(max_length=20, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")
    ended_how = models.CharField(max_length=12, choices=choices(Ended), blank=True)
    wiped_at = models.DateTimeField(null=True, blank=True)  # said by the phone itself

    class Meta:
        ordering = ("officer__name", "name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_how="")
                | Q(ended_at__isnull=False) & ~Q(ended_how=""),
                name="a_phone_that_ended_says_how",
            ),
            models.CheckConstraint(
                condition=Q(wiped_at__isnull=True) | Q(ended_at__isnull=False, sealed_key=""),
                name="a_wiped_phone_has_no_key",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} of {self.officer}"


class Operation(Protected):
    """What was done on a phone, as it was sent; written once, in the transaction of its effect.

    `number` is the UUIDv7 that the phone gave it: the order on that phone. `made_at` is the phone's
    clock, `received_at` ours. `base` and `theirs` are kept where two changed the same.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("payload", "base", "theirs", "said")

    phone = models.ForeignKey(Phone, models.PROTECT, related_name="operations")
    number = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=60)
    about = models.CharField(max_length=80, blank=True)  # what is changed, as its kind names it
    payload = models.JSONField()
    base = models.JSONField(null=True)  # {version, values} that the phone saw
    theirs = models.JSONField(null=True)  # {version, values} that were here, in a conflict
    made_at = models.DateTimeField()
    received_at = models.DateTimeField()
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=choices(State))
    said = models.TextField(blank=True)  # why it waits, as a sentence
    answer = models.JSONField(default=dict)  # what the kind gave back
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+")
    settled_how = models.JSONField(null=True)  # field → whose was taken; or why it was let go

    class Meta(Protected.Meta):
        indexes = (  # type: ignore[assignment]  # the parent's is a tuple of one
            *Protected.Meta.indexes,
            models.Index(
                fields=("owner", "officer"),
                condition=Q(state__in=("conflict", "refused")),
                name="operations_that_wait",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("phone", "number", "sha256"), name="an_operation_is_taken_once"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=False, state__in=("settled", "let go"))
                | Q(settled_at__isnull=True, state__in=("applied", "conflict", "refused")),
                name="an_operation_settled_says_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class Photo(models.Model):
    """A photograph that comes in pieces. Whoever made it hands it to an operation by its number.

    It is a file of `web`'s data folder, outside what the web server serves; only the actions of the
    room that takes it read it.
    """

    phone = models.ForeignKey(Phone, models.PROTECT, related_name="photos")
    number = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()  # bytes
    received = models.PositiveIntegerField(default=0)  # bytes that are here, in order
    kind = models.CharField(max_length=20, blank=True)  # image/jpeg …, as its first bytes say
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)  # by an operation, with its own record

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("phone", "number"), name="a_photo_has_one_number"),
        )

    def __str__(self) -> str:
        return f"photo {self.number}"
