"""Columns and constraints that several tables share."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import PROTECT, CheckConstraint, ForeignKey, Q

TIERS = ("very high", "high", "medium", "low")  # the highest first
TIER_CHOICES = [(tier, tier.capitalize()) for tier in TIERS]


def officer(**options: Any) -> Any:
    """Return a column that names an officer."""
    return ForeignKey(settings.AUTH_USER_MODEL, PROTECT, related_name="+", **options)


def maybe_officer() -> Any:
    """Return a column that may name an officer."""
    return officer(null=True, blank=True)


def one_of(column: str, words: type[StrEnum], name: str) -> CheckConstraint:
    """Return the constraint that a column holds one of the words."""
    return CheckConstraint(condition=Q(**{f"{column}__in": [str(w) for w in words]}), name=name)


def exactly_one(columns: tuple[str, ...], name: str) -> CheckConstraint:
    """Return the constraint that exactly one of the columns is filled."""
    condition = Q()
    for filled in columns:
        condition |= Q(**{f"{column}__isnull": column != filled for column in columns})
    return CheckConstraint(condition=condition, name=name)
