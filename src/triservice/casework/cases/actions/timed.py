"""By when somebody is spoken with and visited, as the risk of a case changes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Max, Min
from django.utils import timezone

from triservice.casework import timing
from triservice.casework.answers.queries import scheme_of
from triservice.casework.cases.queries.standing import merged_since
from triservice.casework.models import Case, Referral, Visit
from triservice.casework.models.columns import TIERS
from triservice.casework.words import VisitState
from triservice.kernel.words import long_date
from triservice.schemes.words import Tier


def by_risk(case: Case, tier: str, at: datetime, *, judged: bool = False) -> dict[str, Any]:
    """Return the times of a locked case that move as its risk becomes `tier`, by its scheme.

    A higher risk makes them earlier, never later: as soon as the scheme says, from `at`; who was
    visited already is visited again. A lower risk makes them later only where a person `judged` it:
    as the scheme says from when the case was referred, or from `at` for another visit.
    """
    scheme = scheme_of(case.scheme, case.version)
    if scheme is None or tier == case.tier:
        return {}
    target = scheme.targets[Tier(tier)]
    higher = TIERS.index(tier) < TIERS.index(case.tier)
    if not (higher or judged):
        return {}
    since = at if higher or case.visited_at else _referred(case)
    due = timing.due_times(since, target.first_contact, target.visit)
    choose = min if higher else max
    if case.visited_at is None:
        return {
            "contact_due_at": choose(case.contact_due_at, due.contact),
            "visit_due_at": choose(case.visit_due_at, due.visit),
        }
    if higher:
        return {"return_due_at": earlier(case.return_due_at, due.visit)}
    return {"return_due_at": max(case.return_due_at, due.visit)} if case.return_due_at else {}


def owed(case: Case, merged: Collection[int]) -> tuple[datetime | None, datetime | None]:
    """Return by when there must be contact and a visit, each None where none must be.

    That is the earliest by the case's own times and by those of the cases merged into it: these
    hold until there is contact with the case, or a visit once they are one.
    """
    contact = None if case.contacted_at else case.contact_due_at
    visit = case.return_due_at if case.visited_at else case.visit_due_at
    if not merged:
        return contact, visit
    done = Visit.objects.filter(case__in=[case.pk, *merged], state=VisitState.DONE)
    last = done.aggregate(last=Max("ended_at"))["last"]
    since = merged_since(merged)
    for other in Case.objects.filter(pk__in=merged):
        due = other.return_due_at if other.visited_at else other.visit_due_at
        if due and not (last and last >= since.get(other.pk, other.opened_at)):
            visit = earlier(visit, due)
        if contact and not other.contacted_at:
            contact = min(contact, other.contact_due_at)
    return contact, visit


def earlier(one: datetime | None, other: datetime) -> datetime:
    """Return the earlier moment; None is none."""
    return other if one is None else min(one, other)


def said(after: dict[str, Any]) -> str:
    """Return by when there must be a visit now, for the chronology; blank where that stays."""
    due = after.get("return_due_at") or after.get("visit_due_at")
    if due is None:
        return ""
    local = timezone.localtime(due)
    again = " again" if "return_due_at" in after else ""
    return f". To be visited{again} by {long_date(local)}, {local:%H:%M}"


def _referred(case: Case) -> datetime:
    first = Referral.objects.filter(case=case).aggregate(first=Min("received_at"))["first"]
    return min(first or case.opened_at, case.opened_at)
