"""The life of a referral, who takes which step, and what each step must say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from triservice.casework.steps import machine
from triservice.kernel.access_words import Role


class Step(StrEnum):
    """What is done to a referral."""

    ACCEPT = "accept"
    ASK = "ask more about"
    ANSWER = "answer"
    SIGNPOST = "signpost"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    RECONSIDER = "reconsider"


LIFE = machine(
    "referral",
    accept=("received, need more", "accepted"),
    ask_more_about=("received", "need more"),
    answer=("need more", "received"),
    signpost=("received, need more", "signposted"),
    decline=("received, need more", "declined"),
    withdraw=("received, need more", "withdrawn"),
    reconsider=("signposted, declined, withdrawn", "received"),
)
OPEN = frozenset({"received", "need more"})

REFERS = frozenset({Role.OFFICER, Role.TEAM_LEADER, Role.TASKING_LEAD, Role.REFERRER})
TRIAGES = frozenset({Role.OFFICER, Role.TEAM_LEADER, Role.TASKING_LEAD})
SENDERS_STEPS = frozenset({Step.ANSWER, Step.WITHDRAW})  # of who sent it; all else of who runs it
MUST_SAY: Mapping[Step, str] = {
    Step.ASK: "Say what you need to know",
    Step.ANSWER: "Write your answer",
    Step.SIGNPOST: "Say why another service suits better",
    Step.DECLINE: "Say why it is declined: who sent it reads this",
    Step.WITHDRAW: "Say why it is not needed any more",
    Step.RECONSIDER: "Say what has changed",
}
LEAST_SAID = 5  # letters


def step_faults(step: Step, why: str, where: str = "") -> dict[str, str]:
    """Return what a step lacks: field of the form → sentence."""
    found = {}
    if step in MUST_SAY and len(why.strip()) < LEAST_SAID:
        found["why"] = MUST_SAY[step]
    if step is Step.SIGNPOST and not where.strip():
        found["where"] = "Say to which service"
    return found


def may_refer(referrers: frozenset[str] | tuple[str, ...], agency_kind: str | None) -> bool:
    """Whether an agency of a kind (None: somebody of the public) may refer to a scheme.

    A scheme that names nobody is open to every agency of the partnership, not to the public.
    """
    if agency_kind is None:
        return bool({"self", "family", "public"} & set(referrers))
    return not referrers or agency_kind in referrers
