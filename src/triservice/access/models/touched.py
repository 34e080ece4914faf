"""Which rows a disclosure touched, and whose they were: an index to look up the record by.

It is made from the record, which is what counts, and can be thrown away and made again.
"""

from __future__ import annotations

from django.db import models


class Touched(models.Model):
    """One row that disclosure `seq` touched. `owner` is as it was when indexed; None: not found."""

    seq = models.BigIntegerField()
    label = models.CharField(max_length=100)
    pk_text = models.CharField(max_length=64)
    data_class = models.CharField(max_length=20, blank=True)
    owner = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "touched"
        indexes = (
            models.Index(fields=["owner", "seq"], name="touched_owner"),
            models.Index(fields=["label", "pk_text", "seq"], name="touched_row"),
            models.Index(fields=["seq"], name="touched_seq"),
        )

    def __str__(self) -> str:
        return f"{self.label} {self.pk_text} in disclosure {self.seq}"


class TouchedUpTo(models.Model):
    """The one row that says up to which disclosure the index goes; indexers lock it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="index_has_one_head"),)

    def __str__(self) -> str:
        return f"up to {self.seq}"
