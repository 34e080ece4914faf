"""What the clock does in casework: whatever waits too long is told to whoever can help it on."""

from __future__ import annotations

from datetime import datetime, timedelta

from triservice.access.jobs import FIRST, by_the_clock
from triservice.access.models import Notice
from triservice.access.notices.actions import To, clock_reader, tell
from triservice.access.record import Kind, recording
from triservice.casework import timing
from triservice.casework.models import Case, OnwardReferral, Referral, Visit
from triservice.casework.referrals.actions import tell_leaders
from triservice.kernel import clock
from triservice.kernel.access_words import Role

LATE_CASE = timedelta(hours=4)  # after what is next was due, the leader hears of it
AT_ONCE = 2_000  # rows of one kind in one run; the next run goes on


@by_the_clock("referrals that wait too long")
def escalate_referrals() -> int:
    """Tell team leaders of referrals that nobody has looked at, and of those past their time."""
    at, told = clock.now(), 0
    with recording(clock_reader(), Kind.ALTERATION, "look for referrals that wait") as record:
        late = Referral.objects.filter(waits_until__lte=at).order_by("waits_until")[:AT_ONCE]
        for referral in late:
            text = f"Referral {referral.reference} is past its time"
            told += tell_leaders(referral, text, f"late:{referral.waits_until}")
        unseen = Referral.objects.filter(waits_until__gt=at, first_seen_at__isnull=True)
        for referral in unseen.order_by("waits_until")[:AT_ONCE]:
            if timing.look_by(referral.received_at, referral.contact_due_at) <= at:
                text = f"Nobody has looked at referral {referral.reference} yet"
                told += tell_leaders(referral, text, "unseen")
        record.note("told", told)
    return told


@by_the_clock("cases that wait too long")
def escalate_cases() -> int:
    """Tell whoever has a case that something is due, and later their team leaders."""
    at, told = clock.now(), 0
    with recording(clock_reader(), Kind.ALTERATION, "look for cases that wait") as record:
        for case in Case.objects.filter(next_due_at__lte=at).order_by("next_due_at")[:AT_ONCE]:
            told += _tell_of_case(case, at)
        record.note("told", told)
    return told


def _tell_of_case(case: Case, at: datetime) -> int:
    due = case.next_due_at
    text, key = f"Something is due in case {case.reference}", f"case:{case.pk}:due:{due}"
    path, told = f"/casework/cases/{case.pk}", 0
    if case.officer_id is not None:
        to = [To(case.owner_id, officer=case.officer_id)]
        told += tell(to, Notice.Kind.CASEWORK, text, path, key)
    if case.officer_id is None or (due is not None and at >= due + LATE_CASE):
        leaders = [To(case.owner_id, role=Role.TEAM_LEADER)]
        told += tell(leaders, Notice.Kind.CASEWORK, f"Case {case.reference} is late", path, key)
    return told


@by_the_clock("onward referrals without an answer")
def chase_onward() -> int:
    """Tell whoever sent an onward referral that it has no answer yet."""
    at, told = clock.now(), 0
    with recording(clock_reader(), Kind.ALTERATION, "look for answers that are owed") as record:
        owed = OnwardReferral.objects.filter(chase_at__lte=at).select_related("case")
        for row in owed.order_by("chase_at")[:AT_ONCE]:
            told += tell(
                [To.officer_or_leaders(row.owner_id, row.case.officer_id)], Notice.Kind.CASEWORK,
                f"An onward referral of case {row.case.reference} has no answer yet",
                f"/casework/cases/{row.case_id}", f"onward:{row.pk}:{row.chase_at}",
            )  # fmt: skip
        record.note("told", told)
    return told


@by_the_clock("officers not heard of after a visit", FIRST)
def look_for_officers() -> int:
    """Tell team leaders of a lone officer who has not said in time that they are safe."""
    at, told = clock.now(), 0
    with recording(clock_reader(), Kind.ALTERATION, "look for officers at visits") as record:
        alone = Visit.objects.filter(safe_by__lte=at, safe_at__isnull=True)
        for row in alone.select_related("case", "officer").order_by("safe_by")[:AT_ONCE]:
            who = row.officer.name if row.officer else "An officer"
            told += tell(
                [To(row.owner_id, role=Role.TEAM_LEADER)], Notice.Kind.SAFETY,
                f"{who} has not said that they are safe after a visit: call them now",
                f"/casework/cases/{row.case_id}", f"alone:{row.pk}:{row.safe_by}",
            )  # fmt: skip
        record.note("told", told)
    return told
