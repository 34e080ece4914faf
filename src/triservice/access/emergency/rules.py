"""What an emergency opening needs, how long and how often it may be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from triservice.access.openings.rules import insubstantial
from triservice.access.rules import NO_CELL, NO_ROLE, NO_TERM, Grants, Item, Pass, Use, decide
from triservice.kernel.access_words import Decision, Outcome, Reason

LONGEST = 60  # minutes
MINUTES = (15, 30, 60)
QUOTA, QUOTA_TIME = 5, timedelta(hours=24)  # emergency openings of one officer
REVIEW_IN = timedelta(days=3)  # within which the owner reviews it


def faults(reason: str, reasons: Iterable[str], text: str, minutes: int) -> dict[str, str]:
    """Return what is missing: field of the form → sentence."""
    found = {}
    if reason not in set(reasons):
        found["reason"] = "Choose what the emergency is"
    if fault := insubstantial(text):
        found["text"] = f"What is happening? {fault}"
    if not 1 <= minutes <= LONGEST:
        found["minutes"] = f"Choose between 1 and {LONGEST} minutes"
    return found


def breakable(grants: Grants, owner: int, data_class: str, subject: str | None) -> Decision:
    """Return whether a reader may break the glass on an owner's data class: by the terms alone.

    It needs an agreement in force with the owner, and a role that reads such data. A never and a
    conflict of interest stay closed. It looks at no row.
    """
    if not grants.purpose:
        return Decision(Outcome.DENY, Reason.NO_PURPOSE)
    if subject is not None and subject in grants.conflicts:
        return Decision(Outcome.DENY, Reason.CONFLICT)
    if data_class not in grants.own[Use.READ] or not grants.roles:
        return NO_ROLE
    pact = grants.pact_with(owner) if owner != grants.agency else None
    if pact is None:
        return NO_TERM
    for never in grants.cells[Use.READ].get((owner, data_class), NO_CELL).nevers:
        everywhere = never.areas is None and never.fields is None
        if everywhere and never.starts <= grants.at < never.until:
            return Decision(Outcome.DENY, Reason.NEVER, never.term, never.version)
    return Decision(Outcome.ALLOW, Reason.BREAK_GLASS, None, pact.version, pact.until)


def opened_by_it(grants: Grants, items: Iterable[Item], ends: datetime) -> Iterator[Item]:
    """Yield the rows that an emergency opening would open now, asked of the rules themselves."""
    for item in items:
        key = (item.label, item.pk or "")
        trial = Pass(
            0, True, grants.agency, item.owner or 0, item.data_class, None, grants.purpose,
            grants.at, ends, frozenset({key}),
        )  # fmt: skip
        decision = decide(replace(grants, passes={key: (trial,)}, memo={}), item)
        if decision.allowed and decision.reason is Reason.BREAK_GLASS:
            yield item
