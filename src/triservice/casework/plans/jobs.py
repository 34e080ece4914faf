"""What the clock does for plans: whoever has one is told that it is to be looked at, or is late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from triservice.access.jobs import SELDOM, by_the_clock
from triservice.access.notices.actions import To
from triservice.casework.models import Action, Plan
from triservice.casework.plans.actions import of_plan
from triservice.casework.telling import Telling, in_order, tell_all
from triservice.kernel import clock


@by_the_clock("plans to review, and their late responses", SELDOM)
def remind() -> int:
    """Tell who has a plan that its review is due, and who is to do a response that it is late."""
    at = clock.now()
    return sum(tell_all(due, "look for plans that wait") for due in (_to_review(at), _late(at)))


def _to_review(at: datetime) -> Iterator[Telling]:
    due = Plan.objects.filter(review_on__lte=timezone.localdate(at))
    for plan in in_order(due, "review_on"):
        to = To.officer_or_leaders(plan.owner_id, plan.officer_id)
        yield of_plan(plan, to, "is to be reviewed", f"review:{plan.review_on}")


def _late(at: datetime) -> Iterator[Telling]:
    late = Action.objects.filter(plan__isnull=False, ended_at__isnull=True, due_at__lte=at)
    for row in in_order(late.select_related("plan"), "due_at"):
        to = To.officer_or_leaders(row.agency_id, row.officer_id)
        yield of_plan(row.plan, to, "has a late response", f"action:{row.pk}:late")
