"""The life of a case, who works on it, and what stands against closing it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from triservice.casework.steps import machine
from triservice.casework.words import Closing
from triservice.kernel.access_words import Role
from triservice.kernel.words import many


class Step(StrEnum):
    """What is done to a case."""

    WORK = "work on"
    OFFER = "offer"
    TAKE = "take over"
    KEEP = "give back"
    CLOSE = "close"
    REOPEN = "open again"
    MERGE = "merge"
    PART = "part"


LIFE = machine(
    "case",
    work_on=("open, offered", ""),  # leaves the state as it is
    offer=("open", "offered"),
    take_over=("offered", "open"),
    give_back=("offered", "open"),
    close=("open", "closed"),
    open_again=("closed", "open"),
    merge=("open", "merged"),
    part=("merged", "open"),
)
MERGED = "merge"  # the verb of the entry of a case that is merged into another
SCOPE = 300  # letters of what a consent is for
AT_WORK = frozenset({"open", "offered"})
WORKS = frozenset({Role.OFFICER, Role.TEAM_LEADER, Role.TASKING_LEAD})
LEADS = frozenset({Role.TEAM_LEADER, Role.TASKING_LEAD})

NEEDS = machine(
    "need",
    settle=("open", ""),
    find_again=("met, partly met, not met, declined by the person", "open"),
)
ACTIONS = machine(
    "action", finish=("open", "done"), cancel=("open", "cancelled"), reopen=("done, cancelled",
    "open"))  # fmt: skip
VISITS = machine(
    "visit",
    record=("planned", "done"),
    find_nobody_at=("planned", "no access"),
    cancel=("planned", "cancelled"),
    move=("planned", "planned"),
)
ONWARD = machine(
    "onward referral",
    accept=("sent", "accepted"),
    complete=("sent, accepted", "completed"),
    decline=("sent, accepted", "declined"),
    withdraw=("sent, accepted", "withdrawn"),
    chase=("sent, accepted", ""),
)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is still open in a case, of what may be seen; `more`: there is something else."""

    needs: int = 0
    actions: int = 0
    visits: int = 0
    onward: int = 0
    concerns: int = 0
    more: bool = False


WITHOUT_MORE = frozenset({Closing.OPENED_IN_ERROR, Closing.DIED})


def closing_faults(outcome: str, why: str, unfinished: Unfinished) -> list[str]:
    """Return what stands against closing a case, one sentence each.

    Whatever the outcome, a safeguarding concern without a decision keeps a case open.
    """
    found = []
    if outcome not in {str(word) for word in Closing}:
        found.append("Say what came of it")
    if len(why.strip()) < 5:
        found.append("Say why it is closed")
    if unfinished.concerns:
        found.append(f"{many(unfinished.concerns, 'safeguarding concern')} has no decision yet")
    if outcome in WITHOUT_MORE:
        return found
    for count, noun, do in (
        (unfinished.needs, "need", "say what became of each"),
        (unfinished.actions, "action", "finish or cancel each"),
        (unfinished.visits, "planned visit", "record or cancel each"),
        (unfinished.onward, "onward referral", "record the answer of each"),
    ):
        if count:
            found.append(f"{many(count, noun)} {'is' if count == 1 else 'are'} still open: {do}")
    if unfinished.more:
        found.append("Something that you may not see is still open: ask whoever works on it")
    return found


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """What the rules need to know of one consent.

    `recorded` is when it was written down and its number, which puts those of one day in order.
    """

    given: bool
    asked_on: date
    expires_on: date | None = None
    withdrawn: bool = False
    ask_again: bool = False
    override: str = ""
    recorded: tuple[datetime, int] = (datetime.min.replace(tzinfo=UTC), 0)

    @classmethod
    def of(cls, row: Any, given: bool, override: str) -> ConsentFacts:
        """Return those of a row, whole or as a reader sees it, with what may be withheld of it."""
        return cls(
            given, row.asked_on, row.expires_on, row.withdrawn_at is not None, row.ask_again,
            override, (row.made_at, row.pk),
        )  # fmt: skip


Said = tuple[object, str, ConsentFacts]  # who, to which text, what


class ConsentStanding(StrEnum):
    """Whether something may rest on a consent today; the value is what the page says."""

    HOLDS = "Consent given"
    OVERRIDE = "Without consent, for a lawful reason"
    EXPIRED = "Consent has expired: ask again"
    WITHDRAWN = "Consent withdrawn"
    ASK_AGAIN = "The case changed hands: ask again"
    REFUSED = "Consent refused"
    NONE = "Consent not asked yet"


def consent_standing(consents: Iterable[ConsentFacts], today: date) -> ConsentStanding:
    """Return how consent stands: the latest that was asked decides, whatever was said before.

    Of those asked on one day it is the one that was recorded last.
    """
    latest = max(consents, key=lambda one: (one.asked_on, one.recorded), default=None)
    if latest is None:
        return ConsentStanding.NONE
    against = (
        (bool(latest.override), ConsentStanding.OVERRIDE),
        (not latest.given, ConsentStanding.REFUSED),
        (latest.withdrawn, ConsentStanding.WITHDRAWN),
        (latest.ask_again, ConsentStanding.ASK_AGAIN),
        (latest.expires_on is not None and latest.expires_on <= today, ConsentStanding.EXPIRED),
    )
    return next((how for holds, how in against if holds), ConsentStanding.HOLDS)


# What nobody of several may have said: a no stops, whoever else agreed.
NO = frozenset({ConsentStanding.REFUSED, ConsentStanding.WITHDRAWN})


def consent_faults(given: bool, capacity: str, given_by: str, override: str, why: str) -> list[str]:
    """Return what a record of consent lacks, one sentence each."""
    by_another = capacity in {"a parent consents", "an attorney or deputy consents"}
    found = []
    if given and capacity == "not assessed":
        found.append("Say whether they can decide this: consent rests on capacity")
    if by_another and not given_by.strip():
        found.append("Say who consents for them, and as what")
    if override and given:
        found.append("Consent was given, so it is not overridden")
    if override and len(why.strip()) < 20:
        found.append("Say why it is done without consent, in a sentence or two")
    return found


class Section42(StrEnum):
    """What the three parts of the Care Act 2014, section 42(1) come to; the value says it."""

    MET = "All three parts of section 42 are met: the council must make enquiries"
    NOT_MET = "A part is not met: think about other help, and say what you did"
    UNKNOWN = "Not all three parts of section 42 are known: send it to the council, which decides"


def section_42(parts: Iterable[bool | None]) -> Section42:
    """Return what the three parts come to; what is not known is never no."""
    said = list(parts)
    if any(part is False for part in said):
        return Section42.NOT_MET
    return Section42.MET if all(said) else Section42.UNKNOWN


ABUSE: Mapping[str, str] = {
    "physical": "Physical abuse",
    "domestic": "Domestic violence or abuse",
    "sexual": "Sexual abuse",
    "psychological": "Psychological or emotional abuse",
    "financial": "Financial or material abuse",
    "modern slavery": "Modern slavery",
    "discriminatory": "Discriminatory abuse",
    "organisational": "Organisational or institutional abuse",
    "neglect": "Neglect or acts of omission",
    "self-neglect": "Self-neglect, hoarding included",
}
"""Kinds of abuse and neglect: Care and support statutory guidance, 14.17."""
