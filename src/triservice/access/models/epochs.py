"""Tokens that change whenever something changes that decides a read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Epoch(models.Model):
    """A token of chance, renewed by database triggers in the transaction of the change.

    `name` is "agreements", or "officer:ID" for what concerns one officer (openings, lists,
    conflicts). `ROWS` no trigger renews, but who puts rows on a list (`restrictions.actions`): it
    counts for what was read before. A token that was rolled back never comes again, so what was
    compiled under it is never found again.
    """

    ROWS: ClassVar = "rows on lists"

    name = models.CharField(max_length=40, primary_key=True)
    token = models.CharField(max_length=36)

    def __str__(self) -> str:
        return f"{self.name}: {self.token}"
