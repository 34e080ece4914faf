"""What the clock does for what was fitted: whoever can see to it is told before it falls due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils import timezone

from triservice.access.jobs import SELDOM, by_the_clock
from triservice.access.notices.actions import To
from triservice.agencies.models import Agency
from triservice.casework.cases.queries.naming import standing
from triservice.casework.models import Equipment
from triservice.casework.telling import Telling, in_order, tell_all
from triservice.casework.visits.queries import TO_DO
from triservice.casework.visits.rules import REMIND_DAYS
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.kernel.words import long_date

LATEST = timedelta(days=7)  # what fell due longer ago is on the list, and nobody is told of it now


@by_the_clock("what was fitted and falls due", SELDOM)
def remind_of_equipment() -> int:
    """Tell of alarms and batteries that are to be replaced or looked at, as the list shows them.

    The officer of an open case, or of the one that it was merged into, is told once for each of its
    days, of all that is due on it; of the rest an agency's team leaders are told once for each
    week: most cases are closed by then.
    """
    today = timezone.localdate(clock.now())
    return sum(
        tell_all(_falls_due(name, today), "look for what was fitted and falls due")
        for name in TO_DO
    )


def _falls_due(name: str, today: date) -> Iterator[Telling]:
    days = (today - LATEST, today + timedelta(days=REMIND_DAYS))
    agencies = list(Agency.objects.values_list("pk", flat=True))  # the index begins with them
    rows = Equipment.objects.filter(
        owner__in=agencies, removed_on__isnull=True, **{f"{name}__range": days}
    )
    for row in in_order(rows.select_related("visit__case"), name):
        yield _of(row, name, getattr(row, name))


def _of(row: Equipment, name: str, day: date) -> Telling:
    case = standing(row.visit.case)
    if case.officer_id and case.closed_at is None and case.owner_id == row.owner_id:
        to, path = To(case.owner_id, officer=case.officer_id), f"/casework/cases/{case.pk}"
        text = f"Case {case.reference}: {TO_DO[name]} what was fitted, by {long_date(day)}"
        return Telling(to, text, path, f"case:{case.pk}:{name}:{day}")
    monday = day - timedelta(days=day.weekday())
    to = To(row.owner_id, role=Role.TEAM_LEADER)
    text = f"What was fitted falls due in the week of {long_date(monday)}"
    return Telling(to, text, "/casework/equipment", f"equipment:{row.owner_id}:{monday}")
