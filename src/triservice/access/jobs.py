"""What the clock does, in one call: to be run every few minutes by a scheduler.

Nothing waits for it to close: reads ask the clock themselves. It writes down what ended, reminds,
indexes the record and looks for patterns; run twice, it does nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from triservice.access.agreements.jobs import expire_agreements, remind_of_agreements
from triservice.access.approvals.jobs import lapse_requests, remind_of_requests
from triservice.access.emergency.jobs import end_emergencies, remind_of_reviews
from triservice.access.explorer.jobs import look_for_patterns
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


FIRST, USUAL, LAST = range(3)
TURNS: dict[str, int] = {}  # of those that are not in the usual one
log = logging.getLogger(__name__)


def by_the_clock(name: str, turn: int = USUAL) -> Callable[[Job], Job]:
    """Register what the clock does in a room above: a function that returns how much it did.

    First is what somebody's safety hangs on; last what waits for others, such as the network.
    """

    def register(job: Job) -> Job:
        JOBS[name], TURNS[name] = job, turn
        return job

    return register


def run_due() -> dict[str, int]:
    """Do all that is due, and return how much of each.

    One that fails holds up no other; at the end InputError names those that failed.
    """
    done, failed = dict[str, int](), list[str]()
    for name in sorted(JOBS, key=lambda each: TURNS.get(each, USUAL)):
        try:
            done[name] = JOBS[name]()
        except Exception as error:
            log.error("by the clock, %s: %s", name, where(error))
            failed.append(f"{name} ({type(error).__name__})")
    if failed:
        raise InputError(
            f"Not everything was done: {', '.join(failed)}", kept="The rest was done",
            do="The log says where it failed. Run triservice due again.",
        )  # fmt: skip
    return done


def where(error: BaseException) -> str:
    """Return the kind of an error and where it arose: its words could tell of somebody."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    code = trace.tb_frame.f_code
    return f"{type(error).__name__} in {code.co_qualname}, line {trace.tb_lineno}"
