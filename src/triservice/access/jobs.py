"""What the clock does, in one call: to be run every few minutes by a scheduler.

Nothing waits for it to close: reads ask the clock themselves. It writes down what ended, reminds,
indexes the record and looks for patterns; run twice, it does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable

from triservice.access.agreements.jobs import expire_agreements, remind_of_agreements
from triservice.access.approvals.jobs import lapse_requests, remind_of_requests
from triservice.access.emergency.jobs import end_emergencies, remind_of_reviews
from triservice.access.explorer.jobs import look_for_patterns

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


def by_the_clock(name: str) -> Callable[[Job], Job]:
    """Register what the clock does in a room above: a function that returns how much it did."""

    def register(job: Job) -> Job:
        JOBS[name] = job
        return job

    return register


def run_due() -> dict[str, int]:
    """Do all that is due, and return how much of each."""
    return {name: job() for name, job in JOBS.items()}
