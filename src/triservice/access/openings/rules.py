"""What approvals and emergencies share: words of substance, and who decides for an owner. Pure."""

from __future__ import annotations

import re

from triservice.access.rules import NO_CELL, NO_TERM, Grants, Item, Use
from triservice.kernel.access_words import DataClass, Decision, Outcome, Reason, Role

LEAST_LETTERS, LEAST_WORDS, LEAST_DIFFERENT = 20, 4, 8
CLINICAL = frozenset({DataClass.HEALTH})  # confidential: the guardian alone decides
_OF_HEALTH = frozenset({"health", "ambulance"})


def insubstantial(text: str) -> str | None:
    """Say what a reason lacks to be one, or None: length, words, and letters that differ."""
    words = re.findall(r"[^\W_]+", text.lower())
    letters = "".join(words)
    if len(letters) < LEAST_LETTERS or len(words) < LEAST_WORDS:
        return f"Say more: at least {LEAST_WORDS} words and {LEAST_LETTERS} letters"
    if len(set(letters)) < LEAST_DIFFERENT or len(set(words)) < LEAST_WORDS:
        return "Say it in words; this repeats the same few"
    return None


def approvers(data_class: str, owner_kind: str) -> frozenset[Role]:
    """Return the roles that decide for an owner about a data class.

    Health data is the Caldicott guardian's; of a health or ambulance trust, all else is too, or
    its data owner's. Everywhere else the data owner decides.
    """
    if data_class in CLINICAL:
        return frozenset({Role.CALDICOTT_GUARDIAN})
    if owner_kind in _OF_HEALTH:
        return frozenset({Role.CALDICOTT_GUARDIAN, Role.DATA_OWNER})
    return frozenset({Role.DATA_OWNER})


def askable(grants: Grants, owner: int, data_class: str, subject: str | None) -> Decision:
    """Return whether a reader may ask an owner for a data class about a subject: by the terms.

    It looks at no row, so that the answer never tells whether there is one.
    """
    if not grants.purpose:
        return Decision(Outcome.DENY, Reason.NO_PURPOSE)
    if subject is not None and subject in grants.conflicts:
        return Decision(Outcome.DENY, Reason.CONFLICT)
    cell = grants.cells[Use.READ].get((owner, data_class), NO_CELL)
    for never in cell.nevers:
        everywhere = never.areas is None and never.fields is None
        if everywhere and never.starts <= grants.at < never.until:
            return Decision(Outcome.DENY, Reason.NEVER, never.term, never.version)
    denied = NO_TERM
    for line in cell.approvals:
        area = next(iter(sorted(line.areas)), "") if line.areas is not None else ""
        item = Item("", None, owner, data_class, area, subject_key=subject)
        reason = line.stops(item, None, grants)
        if reason is None:
            return Decision(
                Outcome.NEEDS_APPROVAL, Reason.NEEDS_APPROVAL, line.term, line.version, line.until
            )
        denied = Decision(Outcome.DENY, reason, line.term, line.version)
    return denied
