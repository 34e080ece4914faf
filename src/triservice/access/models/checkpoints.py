"""Signed checkpoints of the record: whoever rewrites history needs the key as well."""

from __future__ import annotations

from django.db import models


class Checkpoint(models.Model):
    """The signed word that the disclosure `seq` had `hash`, given at `at`.

    `key` names the signing key: the first 16 hex digits of the SHA-256 of its public half.
    """

    seq = models.BigIntegerField(primary_key=True)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    key = models.CharField(max_length=16)
    signature = models.CharField(max_length=128)  # Ed25519, hex

    class Meta:
        ordering = ("seq",)

    def __str__(self) -> str:
        return f"checkpoint {self.seq}"
