"""What the clock does for plans: whoever has one is told that it is to be looked at, or is late."""

from __future__ import annotations

from django.utils import timezone

from triservice.access.jobs import by_the_clock
from triservice.access.notices.actions import clock_reader
from triservice.access.record import Kind, recording
from triservice.casework.models import Action, Plan
from triservice.casework.plans.actions import officer_or_leaders, tell_of_plan
from triservice.kernel import clock

AT_ONCE = 2_000  # rows of one kind in one run; the next run goes on


@by_the_clock("plans to review, and their late responses")
def remind() -> int:
    """Tell who has a plan that its review is due, and who is to do a response that it is late."""
    at, told = clock.now(), 0
    with recording(clock_reader(), Kind.ALTERATION, "look for plans that wait") as record:
        due = Plan.objects.filter(review_on__lte=timezone.localdate(at)).order_by("review_on")
        for plan in due[:AT_ONCE]:
            to = officer_or_leaders(plan.owner_id, plan.officer_id)
            told += tell_of_plan(plan, to, "is to be reviewed", f"review:{plan.review_on}")
        late = Action.objects.filter(plan__isnull=False, ended_at__isnull=True, due_at__lte=at)
        for row in late.select_related("plan").order_by("due_at")[:AT_ONCE]:
            if row.plan is not None:
                to = officer_or_leaders(row.agency_id, row.officer_id)
                told += tell_of_plan(row.plan, to, "has a late response", f"action:{row.pk}:late")
        record.note("told", told)
    return told
