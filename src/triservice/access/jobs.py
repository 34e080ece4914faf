"""What the clock does, in one call: about every minute beside the server, or by a scheduler.

Nothing waits for it to close: reads ask the clock themselves. It writes down what ended, reminds,
indexes the record and looks for patterns; run twice, it does nothing twice. Where several servers
run it, one goes through it at a time (`lease.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists

from triservice.access.agreements.jobs import expire_agreements, remind_of_agreements
from triservice.access.approvals.jobs import lapse_requests, remind_of_requests
from triservice.access.emergency.jobs import end_emergencies, remind_of_reviews
from triservice.access.explorer.jobs import look_for_patterns
from triservice.access.lease import Lease, now
from triservice.access.models import ClockJob, Clockwork
from triservice.kernel import clock
from triservice.kernel.errors import InputError

Job = Callable[[], int]
JOBS: dict[str, Job] = {
    "agreements ended by the clock": expire_agreements,
    "reminders of agreements": remind_of_agreements,
    "requests lapsed": lapse_requests,
    "reminders of requests": remind_of_requests,
    "emergency accesses over": end_emergencies,
    "reminders of reviews": remind_of_reviews,
    "notices of patterns": look_for_patterns,
}
FIRST, USUAL, SELDOM, LAST = range(4)
TURNS: dict[str, int] = {  # of those that are not in the usual one
    "reminders of agreements": SELDOM,
    "reminders of requests": SELDOM,
    "reminders of reviews": SELDOM,
    "notices of patterns": SELDOM,
}
OFTEN = timedelta(hours=1)  # of what is done seldom, from beginning to beginning
LATE = timedelta(minutes=5)  # without a run, whoever operates it should know
log = logging.getLogger(__name__)


def by_the_clock(name: str, turn: int = USUAL) -> Callable[[Job], Job]:
    """Register what the clock does in a room above: a function that returns how much it did.

    First is what somebody's safety hangs on; seldom what may wait an hour, or looks through much;
    last what waits for others, such as the network.
    """

    def register(job: Job) -> Job:
        JOBS[name], TURNS[name] = job, turn
        return job

    return register


def run_due(
    everything: bool = True, stopped: Callable[[], bool] = lambda: False
) -> dict[str, int] | None:
    """Do all that is due, and return how much of each; None while another process is at it.

    Without `everything`, what is done seldom waits for an hour after it was begun, whether it came
    to its end or not. One that fails holds up no other; at the end InputError names those that
    failed. When `stopped`, the rest is left.
    """
    lease = Lease()
    if not lease.take():
        return None
    done, failed, end = dict[str, int](), list[str](), dict[str, datetime]()
    try:
        for name in _in_turn(everything):
            if stopped() or not lease.renew():
                break
            with lease.renewed():
                try:
                    done[name] = _do(name, lease)
                except Exception as error:
                    log.error("by the clock, %s: %s", name, where(error))
                    failed.append(f"{name} ({type(error).__name__})")
        else:
            end = {"ran_at": clock.now()}
    finally:
        lease.give_back(**end)
    if failed:
        raise InputError(
            f"Not everything was done: {', '.join(failed)}", kept="The rest was done",
            do="The log says where it failed. Run triservice due again.",
        )  # fmt: skip
    return done


def _in_turn(everything: bool) -> list[str]:
    """Return the names of the jobs that are due, first ones first.

    One during which the process was killed comes last the next time, so that it does not hold up
    others; not one of the first, for lives may hang on it.
    """
    kept = {row.name: row for row in ClockJob.objects.all()}
    rows = {name: kept.get(name) or ClockJob(name=name) for name in JOBS}
    ClockJob.objects.bulk_create(
        (row for name, row in rows.items() if name not in kept), ignore_conflicts=True
    )

    def turn(name: str) -> int:
        return TURNS.get(name, USUAL)

    def is_due(name: str) -> bool:
        begun = rows[name].begun_at
        seldom = turn(name) == SELDOM and not everything
        return not seldom or begun is None or begun + OFTEN <= clock.now()

    return sorted(
        filter(is_due, JOBS),
        key=lambda name: (turn(name) != FIRST and was_left(rows[name]), turn(name)),
    )


def _do(name: str, lease: Lease) -> int:
    """Do one job, with its beginning, its end and how it ended written down, each at its time.

    Nothing is written down once another took the turn: what is written there is then its own.
    """
    row = ClockJob.objects.filter(Exists(lease.mine()), pk=name)
    row.update(begun_at=clock.now(), ended_at=None)
    try:
        done = JOBS[name]()
    except Exception as error:
        row.update(ended_at=clock.now(), failed=type(error).__name__)
        raise
    row.update(ended_at=clock.now(), failed="")
    return done


def was_left(job: ClockJob) -> bool:
    """Whether it was begun and did not come to its end: not yet, or its process was killed."""
    return job.begun_at is not None and job.ended_at is None


def troubles() -> list[str]:
    """Return what failed the last time that it was done, or was left in the middle, a line each."""
    rows = [row for row in ClockJob.objects.order_by("name") if row.name in JOBS]
    failed = [f"{row.name} failed ({row.failed})" for row in rows if row.failed]
    if Clockwork.objects.filter(busy_until__gt=now()).exists():
        return failed  # what is not ended is being done
    return failed + [f"{row.name} was begun and not ended" for row in rows if was_left(row)]


def last_run() -> Clockwork | None:
    """Return when it ran last; None where it never ran to its end."""
    return Clockwork.objects.filter(ran_at__isnull=False).first()


def is_late(ran: Clockwork | None) -> bool:
    """Whether nothing has gone by the clock for longer than it should."""
    return ran is None or ran.ran_at is None or clock.now() - ran.ran_at > LATE


def where(error: BaseException) -> str:
    """Return the kind of an error and where it arose: its words could tell of somebody."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    code = trace.tb_frame.f_code
    return f"{type(error).__name__} in {code.co_qualname}, line {trace.tb_lineno}"
