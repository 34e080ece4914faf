"""What the clock does in casework: whatever waits too long is told to whoever can help it on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from django.db.models import Prefetch

from triservice.access.agreements.wording import listed
from triservice.access.jobs import FIRST, by_the_clock
from triservice.access.models import Notice
from triservice.access.notices.actions import To
from triservice.agencies.queries import team_leaders
from triservice.casework import timing
from triservice.casework.cases.queries.naming import standing
from triservice.casework.models import Case, OnwardReferral, Referral, Visit, VisitOfficer
from triservice.casework.telling import Telling, in_order, tell_all
from triservice.kernel import clock
from triservice.kernel.access_words import Role

LATE_CASE = timedelta(hours=4)  # after what is next was due, the leader hears of it


def _leaders(agency: int) -> To:
    return To(agency, role=Role.TEAM_LEADER)


class Leaders:
    """Who leads the teams that cases have, each team looked for once; else all of the agency."""

    def __init__(self, at: datetime) -> None:
        """Look as it is at a moment."""
        self.at = at
        self.known: dict[tuple[int, int], list[To]] = {}

    def of(self, case: Case) -> list[To]:
        """Return whom a leader's notice of a case is for; nobody looks after themselves alone."""
        if case.team_id is None:
            return [_leaders(case.owner_id)]
        key = (case.team_id, case.owner_id)
        if key not in self.known:
            found = team_leaders(*key, self.at)
            self.known[key] = [To(case.owner_id, officer=one) for one in found]
        others = [to for to in self.known[key] if to.officer != case.officer_id]
        return others or [_leaders(case.owner_id)]


@by_the_clock("referrals that wait too long")
def escalate_referrals() -> int:
    """Tell team leaders of referrals that nobody has looked at, and of those past their time."""
    at = clock.now()
    return tell_all(chain(_unseen(at), _late(at)), "look for referrals that wait")


def _unseen(at: datetime) -> Iterator[Telling]:
    rows = Referral.objects.filter(waits_until__gt=at, first_seen_at__isnull=True)
    for row in in_order(rows, "waits_until"):
        if timing.look_by(row.received_at, row.contact_due_at) <= at:
            text = f"Nobody has looked at referral {row.reference} yet"
            yield _of_referral(row, text, "unseen")


def _late(at: datetime) -> Iterator[Telling]:
    for row in in_order(Referral.objects.filter(waits_until__lte=at), "waits_until"):
        text = f"Referral {row.reference} is past its time"
        yield _of_referral(row, text, f"late:{row.waits_until}")


def _of_referral(row: Referral, text: str, key: str) -> Telling:
    path = f"/casework/triage/{row.pk}"
    return Telling(_leaders(row.owner_id), text, path, f"referral:{row.pk}:{key}")


@by_the_clock("cases that wait too long")
def escalate_cases() -> int:
    """Tell whoever has a case that something is due, and later their team leaders."""
    at = clock.now()
    rows = in_order(Case.objects.filter(next_due_at__lte=at), "next_due_at")
    leaders = Leaders(at)
    due = (one for row in rows for one in _of_case(row, at, leaders))
    return tell_all(due, "look for cases that wait")


def _of_case(case: Case, at: datetime, leaders: Leaders) -> Iterator[Telling]:
    due = case.next_due_at
    key, path = f"case:{case.pk}:due:{due}", f"/casework/cases/{case.pk}"
    if case.officer_id is not None:
        to = To(case.owner_id, officer=case.officer_id)
        yield Telling(to, f"Something is due in case {case.reference}", path, key)
    if case.officer_id is None or (due is not None and at >= due + LATE_CASE):
        for to in leaders.of(case):
            yield Telling(to, f"Case {case.reference} is late", path, key)


@by_the_clock("onward referrals without an answer")
def chase_onward() -> int:
    """Tell whoever sent an onward referral that it has no answer yet."""
    owed = OnwardReferral.objects.filter(chase_at__lte=clock.now()).select_related("case")
    due = (
        Telling(
            To.officer_or_leaders(row.owner_id, case.officer_id),
            f"An onward referral of case {case.reference} has no answer yet",
            f"/casework/cases/{case.pk}",
            f"onward:{row.pk}:{row.chase_at}",
        )
        for row in in_order(owed, "chase_at")
        for case in [standing(row.case)]
    )
    return tell_all(due, "look for answers that are owed")


@by_the_clock("officers not heard of after a visit", FIRST)
def look_for_officers() -> int:
    """Tell team leaders of a lone officer who has not said in time that they are safe."""
    inside = Visit.objects.filter(safe_by__lte=clock.now(), safe_at__isnull=True)
    joint = VisitOfficer.objects.filter(until__isnull=True).select_related("officer")
    rows = inside.select_related("officer", "case").prefetch_related(Prefetch("joint", joint))
    due = (one for row in in_order(rows, "safe_by") for one in _not_heard_of(row))
    return tell_all(due, "look for officers at visits")


def _not_heard_of(row: Visit) -> Iterator[Telling]:
    """Tell the leaders of each agency that has an officer there of all who are there."""
    joint = list(row.joint.all())
    officers = (row.officer, *(one.officer for one in joint))
    names = list(dict.fromkeys(officer.name for officer in officers if officer))
    who, verb = listed(names) or "An officer", "have" if len(names) > 1 else "has"
    text = f"{who} {verb} not said that they are safe after a visit: call them now"
    path = f"/casework/cases/{standing(row.case).pk}"
    for agency in dict.fromkeys((row.owner_id, *(one.agency_id for one in joint))):
        key = f"alone:{row.pk}:{row.safe_by}"
        yield Telling(_leaders(agency), text, path, key, Notice.Kind.SAFETY)
