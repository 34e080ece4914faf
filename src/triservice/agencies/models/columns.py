"""Columns and constraints that several tables share."""

from __future__ import annotations

from django.db.models import CheckConstraint, F, Q


def ends_after_it_begins(name: str) -> CheckConstraint:
    """Return the constraint of a period: `until` is the first day out of it, never before `since`.

    A period that ends on the day it begins holds no day at all: an appointment withdrawn in time.
    """
    return CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name=name)
