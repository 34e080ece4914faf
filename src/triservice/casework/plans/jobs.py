"""What the clock does for plans: whoever has one is told that it is to be looked at, or is late."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from triservice.access.jobs import by_the_clock
from triservice.access.models import Notice
from triservice.access.notices.actions import To, clock_reader
from triservice.access.record import Kind, recording
from triservice.casework.models import Action, Plan
from triservice.casework.plans.actions import tell_of_plan
from triservice.kernel import clock
from triservice.kernel.access_words import Role

AT_ONCE = 2_000  # rows of one kind in one run; the next run goes on


@by_the_clock("plans to review, and their late responses")
def remind() -> int:
    """Tell who has a plan that its review is due, and who is to do a response that it is late."""
    at, told = clock.now(), 0
    with recording(clock_reader(), Kind.ALTERATION, "look for plans that wait") as record:
        due = Plan.objects.filter(review_on__lte=timezone.localdate(at))
        key = _key("pk", ":review:", "review_on")
        for plan in _untold(due, key, "owner").order_by("review_on", "pk")[:AT_ONCE]:
            to = To.officer_or_leaders(plan.owner_id, plan.officer_id)
            told += tell_of_plan(plan, to, "is to be reviewed", f"review:{plan.review_on}")
        late = Action.objects.filter(plan__isnull=False, ended_at__isnull=True, due_at__lte=at)
        rows = _untold(late, _key("plan_id", ":action:", "pk", ":late"), "agency")
        for row in rows.select_related("plan").order_by("due_at", "pk")[:AT_ONCE]:
            if row.plan is not None:
                to = To.officer_or_leaders(row.agency_id, row.officer_id)
                told += tell_of_plan(row.plan, to, "has a late response", f"action:{row.pk}:late")
        record.note("told", told)
    return told


def _key(*parts: str) -> Concat:
    """Return the key of a notice of a plan, as `tell_of_plan` writes it: columns and the rest."""
    text = TextField()
    pieces = (Value(each) if ":" in each else Cast(each, text) for each in ("plan:", *parts))
    return Concat(*pieces, output_field=text)


def _untold(rows: QuerySet[Any], key: Concat, agency: str) -> QuerySet[Any]:
    """Leave out those whose officer, or without one whose leaders, were told by this key."""
    said = Notice.objects.filter(key=OuterRef("notice_key"))
    leaders = said.filter(agency=OuterRef(agency), role=Role.TEAM_LEADER, officer__isnull=True)
    told = Exists(said.filter(officer=OuterRef("officer")))
    nobody = Q(officer__isnull=True) & Exists(leaders)
    untold: QuerySet[Any] = rows.annotate(notice_key=key).exclude(told | nobody)
    return untold
