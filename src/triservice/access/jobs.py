"""What the clock does, in one call: about every minute beside the server, or by a scheduler.

Nothing waits for it to close: reads ask the clock themselves. It writes down what ended, reminds,
indexes the record and looks for patterns; run twice, it does nothing twice. Where several servers
run it, one goes through it at a time, by a row that lapses where a process was killed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q

from triservice.access.agreements.jobs import expire_agreements, remind_of_agreements
from triservice.access.approvals.jobs import lapse_requests, remind_of_requests
from triservice.access.emergency.jobs import end_emergencies, remind_of_reviews
from triservice.access.explorer.jobs import look_for_patterns
from triservice.access.models import Clockwork
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
HELD = timedelta(minutes=2)  # for one job; a process that was killed holds up others as long
OFTEN = timedelta(hours=1)  # of what is done seldom
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

    Without `everything`, what is done seldom waits until its hour is over. One that fails holds up
    no other; at the end InputError names those that failed. When `stopped`, the rest is left.
    """
    until = _take(None)
    if until is None:
        return None
    done, failed = dict[str, int](), list[str]()
    seldom = everything or _seldom_is_due()
    for name in _in_turn(seldom):
        until = until and _take(until)
        if until is None or stopped():
            break
        try:
            done[name] = JOBS[name]()
        except Exception as error:
            log.error("by the clock, %s: %s", name, where(error))
            failed.append(f"{name} ({type(error).__name__})")
    else:
        _write_down(seldom, failed)
    Clockwork.objects.filter(busy_until=until).update(busy_until=None)
    if failed:
        raise InputError(
            f"Not everything was done: {', '.join(failed)}", kept="The rest was done",
            do="The log says where it failed. Run triservice due again.",
        )  # fmt: skip
    return done


def _in_turn(seldom: bool) -> list[str]:
    """Return the names of the jobs, first ones first; with those that are done seldom, or not."""
    turns = {name: TURNS.get(name, USUAL) for name in JOBS}
    return sorted((name for name in JOBS if seldom or turns[name] != SELDOM), key=turns.__getitem__)


def _take(mine: datetime | None) -> datetime | None:
    """Take the turn, or keep it for another job (`mine`: until when it is ours); None: not ours."""
    at = clock.now()
    until = at + HELD
    free = Q(busy_until__isnull=True) | Q(busy_until__lte=at)
    Clockwork.objects.get_or_create(pk=1)
    rows = Clockwork.objects.filter(Q(busy_until=mine) if mine else free)
    return until if rows.update(busy_until=until) else None


def _seldom_is_due() -> bool:
    last = Clockwork.objects.get().seldom_at
    return last is None or last + OFTEN <= clock.now()


def _write_down(seldom: bool, failed: list[str]) -> None:
    at = clock.now()
    ran = {"ran_at": at, "failed": "\n".join(failed)} | ({"seldom_at": at} if seldom else {})
    Clockwork.objects.filter(pk=1).update(**ran)


def last_run() -> Clockwork | None:
    """Return when it ran last, and what failed then; None where it never ran to its end."""
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
