"""The record of everything that was read, changed or refused: it only grows."""

from __future__ import annotations

from django.db import models


class Kind(models.TextChoices):
    """What was done with personal data (the kinds of DPA 2018 s62)."""

    COLLECTION = "collection", "Collection"
    ALTERATION = "alteration", "Alteration"
    CONSULTATION = "consultation", "Consultation"
    DISCLOSURE = "disclosure", "Disclosure"
    COMBINATION = "combination", "Combination"
    ERASURE = "erasure", "Erasure"


class Disclosure(models.Model):
    """One doing of one officer: what was seen under which term, or what was refused and why.

    Officer and agency are kept as they were then, not as keys to rows that may change. `hash` is
    chained to the row before; the database refuses to change or delete a row.
    """

    seq = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without a gap
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=12, choices=Kind)
    officer = models.BigIntegerField()
    officer_name = models.CharField(max_length=200, blank=True)
    officer_roles = models.CharField(max_length=400, blank=True)
    agency = models.BigIntegerField()
    agency_name = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=20, blank=True)
    basis = models.TextField(blank=True)  # reasons, terms and versions, in words
    term = models.BigIntegerField(null=True, blank=True)  # when one term only was the basis
    version = models.BigIntegerField(null=True, blank=True)
    doing = models.CharField(max_length=200)
    what = models.TextField(default="{}")  # JSON: model label → data class → ids; searches
    source = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=16)
    reason = models.CharField(max_length=120, blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("seq",)
        indexes = (
            models.Index(fields=["officer", "seq"], name="disclosure_officer"),
            models.Index(fields=["agency", "seq"], name="disclosure_agency"),
        )

    def __str__(self) -> str:
        return f"{self.seq}: {self.officer_name} {self.doing}"


class ChainHead(models.Model):
    """The one row that writers lock: the number and hash of the last disclosure."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="chain_has_one_head"),)

    def __str__(self) -> str:
        return f"after {self.seq}"
