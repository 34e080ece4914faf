"""What the web room keeps: counts of requests. No domain data."""

from __future__ import annotations

from django.db import models


class RateWindow(models.Model):
    """How often one sender (hashed) has asked since `begins` (seconds since 1970)."""

    key = models.CharField(primary_key=True, max_length=64)
    begins = models.BigIntegerField(db_index=True)
    used = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key}: {self.used}"
