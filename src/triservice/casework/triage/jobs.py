"""What the clock does in casework: whatever waits too long is told to whoever can help it on.

Each job looks at all that waits, however much that is. What was told already takes no place in a
run, so that what comes after it is told too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

from django.db.models import Q, QuerySet

from triservice.access.jobs import FIRST, by_the_clock
from triservice.access.models import Notice
from triservice.access.notices.actions import To, clock_reader, tell
from triservice.access.record import Kind, recording
from triservice.casework import timing
from triservice.casework.models import Case, OnwardReferral, Referral, Visit
from triservice.kernel import clock
from triservice.kernel.access_words import Role

LATE_CASE = timedelta(hours=4)  # after what is next was due, the leader hears of it
AT_ONCE = 2_000  # notices of one job in one run; the next run goes on
TOGETHER = 500  # of which it is asked in one statement whether they were told


@dataclass(frozen=True, slots=True)
class Telling:
    """A notice that is due: to whom, of what."""

    to: To
    text: str
    path: str
    key: str
    kind: Notice.Kind = Notice.Kind.CASEWORK


def _tell_all(due: Iterable[Telling], doing: str) -> int:
    """Give the first of the notices that were not given before; return how many they were."""
    with recording(clock_reader(), Kind.ALTERATION, doing) as record:
        told = sum(
            tell([one.to], one.kind, one.text, one.path, one.key)
            for one in islice(_untold(due), AT_ONCE)
        )
        record.note("told", told)
    return told


def _untold(due: Iterable[Telling]) -> Iterator[Telling]:
    rest = iter(due)
    while some := list(islice(rest, TOGETHER)):
        given = Notice.objects.filter(key__in={one.key for one in some})
        told = {_once(*row) for row in given.values_list("key", "agency", "role", "officer")}
        for one in some:
            to = one.to
            if _once(one.key, to.agency, str(to.role or ""), to.officer) not in told:
                yield one


def _once(key: str, agency: int, role: str, officer: int | None) -> tuple[str | int, ...]:
    """Return what a notice is given once for: an officer, or a role at an agency."""
    return (key, officer) if officer else (key, agency, role)


def _in_order(rows: QuerySet[Any], column: str) -> Iterator[Any]:
    """Yield all rows by a time, the earliest first, some at once."""
    some = list(rows.order_by(column, "pk")[:TOGETHER])
    while some:
        yield from some
        last = some[-1]
        at = getattr(last, column)
        beyond = Q(**{f"{column}__gt": at}) | Q(**{column: at}, pk__gt=last.pk)
        later = rows.filter(beyond, **{f"{column}__gte": at})  # the second is for the index
        some = list(later.order_by(column, "pk")[:TOGETHER])


def _leaders(agency: int) -> To:
    return To(agency, role=Role.TEAM_LEADER)


@by_the_clock("referrals that wait too long")
def escalate_referrals() -> int:
    """Tell team leaders of referrals that nobody has looked at, and of those past their time."""
    at = clock.now()
    return _tell_all(chain(_unseen(at), _late(at)), "look for referrals that wait")


def _unseen(at: datetime) -> Iterator[Telling]:
    rows = Referral.objects.filter(waits_until__gt=at, first_seen_at__isnull=True)
    for row in _in_order(rows, "waits_until"):
        if timing.look_by(row.received_at, row.contact_due_at) <= at:
            text = f"Nobody has looked at referral {row.reference} yet"
            yield _of_referral(row, text, "unseen")


def _late(at: datetime) -> Iterator[Telling]:
    for row in _in_order(Referral.objects.filter(waits_until__lte=at), "waits_until"):
        text = f"Referral {row.reference} is past its time"
        yield _of_referral(row, text, f"late:{row.waits_until}")


def _of_referral(row: Referral, text: str, key: str) -> Telling:
    path = f"/casework/triage/{row.pk}"
    return Telling(_leaders(row.owner_id), text, path, f"referral:{row.pk}:{key}")


@by_the_clock("cases that wait too long")
def escalate_cases() -> int:
    """Tell whoever has a case that something is due, and later their team leaders."""
    at = clock.now()
    rows = _in_order(Case.objects.filter(next_due_at__lte=at), "next_due_at")
    return _tell_all((one for row in rows for one in _of_case(row, at)), "look for cases that wait")


def _of_case(case: Case, at: datetime) -> Iterator[Telling]:
    due = case.next_due_at
    key, path = f"case:{case.pk}:due:{due}", f"/casework/cases/{case.pk}"
    if case.officer_id is not None:
        to = To(case.owner_id, officer=case.officer_id)
        yield Telling(to, f"Something is due in case {case.reference}", path, key)
    if case.officer_id is None or (due is not None and at >= due + LATE_CASE):
        yield Telling(_leaders(case.owner_id), f"Case {case.reference} is late", path, key)


@by_the_clock("onward referrals without an answer")
def chase_onward() -> int:
    """Tell whoever sent an onward referral that it has no answer yet."""
    owed = OnwardReferral.objects.filter(chase_at__lte=clock.now()).select_related("case")
    due = (
        Telling(
            To.officer_or_leaders(row.owner_id, row.case.officer_id),
            f"An onward referral of case {row.case.reference} has no answer yet",
            f"/casework/cases/{row.case_id}",
            f"onward:{row.pk}:{row.chase_at}",
        )
        for row in _in_order(owed, "chase_at")
    )
    return _tell_all(due, "look for answers that are owed")


@by_the_clock("officers not heard of after a visit", FIRST)
def look_for_officers() -> int:
    """Tell team leaders of a lone officer who has not said in time that they are safe."""
    alone = Visit.objects.filter(safe_by__lte=clock.now(), safe_at__isnull=True)
    due = (
        Telling(
            _leaders(row.owner_id),
            f"{row.officer.name if row.officer else 'An officer'} has not said that they are safe"
            " after a visit: call them now",
            f"/casework/cases/{row.case_id}",
            f"alone:{row.pk}:{row.safe_by}",
            Notice.Kind.SAFETY,
        )
        for row in _in_order(alone.select_related("officer"), "safe_by")
    )
    return _tell_all(due, "look for officers at visits")
