"""The life of a request, its clock, and what makes it whole. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from triservice.access.openings.rules import insubstantial
from triservice.kernel.access_words import Purpose


class Step(StrEnum):
    """What is done to a request."""

    ASK_BACK = "ask back"
    ANSWER = "answer"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


# In which states a step may be taken, and the state that follows.
NEXT: Mapping[Step, tuple[frozenset[str], str]] = {
    Step.ASK_BACK: (frozenset({"waiting"}), "asked back"),
    Step.ANSWER: (frozenset({"asked back"}), "waiting"),
    Step.APPROVE: (frozenset({"waiting", "asked back"}), "approved"),
    Step.REFUSE: (frozenset({"waiting", "asked back"}), "refused"),
    Step.WITHDRAW: (frozenset({"waiting", "asked back"}), "withdrawn"),
    Step.LAPSE: (frozenset({"waiting", "asked back"}), "lapsed"),
}
OPEN_STATES = frozenset({"waiting", "asked back"})

# How soon an answer is owed, by what the data is for. Ours; agencies may agree others.
ANSWER_IN: Mapping[str, timedelta] = {
    str(Purpose.RESPONSE): timedelta(hours=1),
    str(Purpose.SAFEGUARDING): timedelta(hours=4),
}
USUALLY = timedelta(days=2)
LONGEST = timedelta(days=90)  # that one approval may hold


def owed_by(purpose: str, at: datetime) -> datetime:
    """Return when an answer is owed to a request made at `at`."""
    return at + ANSWER_IN.get(str(purpose), USUALLY)


def half_way(asked: datetime, due: datetime) -> datetime:
    """Return when the approvers are reminded the first time."""
    return asked + (due - asked) / 2


def request_faults(
    case: str, why: str, told: str, fields: Collection[str] | None, until: datetime, at: datetime
) -> dict[str, str]:
    """Return what a request lacks: field of the form → sentence."""
    found = {}
    if not case.strip():
        found["case"] = "Say which case or visit it is for"
    if fault := insubstantial(why):
        found["why"] = f"Why do you need it? {fault}"
    if len(told.strip()) < 10:
        found["told"] = "Say what the person was told, or why they could not be"
    if fields is not None and not fields:
        found["fields"] = "Name what you need, or ask for every field"
    if until <= at:
        found["until"] = "The time until which you need it has passed"
    elif until > at + LONGEST:
        found["until"] = f"Ask for at most {LONGEST.days} days at a time"
    return found


def narrower(
    asked: Collection[str] | None, given: Collection[str] | None, until: datetime, ends: datetime
) -> bool:
    """Whether what is given is less than what was asked. None fields: every field."""
    fewer = given is not None and (asked is None or set(given) < set(asked))
    return fewer or ends < until


def wider(
    asked: Collection[str] | None, given: Collection[str] | None, until: datetime, ends: datetime
) -> str | None:
    """Say in which way more would be given than was asked, or None."""
    if asked is not None and (given is None or not set(given) <= set(asked)):
        return "You can approve only the fields that were asked for"
    if ends > until:
        return "You can approve only the time that was asked for"
    return None
