"""Triage of a referral, consents that must be there first, and onward routes that are open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triservice.schemes.conditions import Truth
from triservice.schemes.forms import today
from triservice.schemes.scheme import Consent, Route, Scheme, TriageRule
from triservice.schemes.scoring import Reason, Sheet, reason, unanswered
from triservice.schemes.words import Outcome


@dataclass(frozen=True)
class Eligible:
    """What triage proposes. `where`: to whom to go instead; `ask`: questions that would settle it.

    A person decides; where they decide otherwise they say why.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    where: str
    ask: tuple[str, ...]


def sheet_of(scheme: Scheme, values: Mapping[str, Any]) -> Sheet:
    """Return the answers of a case, of all its forms together, as conditions ask them."""
    return Sheet(scheme.questions, scheme.scores, values, today())


def triage(scheme: Scheme, values: Mapping[str, Any]) -> Eligible:
    """Return the outcome of the first row of the triage table that holds; none: accept.

    A row above that is unknown is not skipped: where it would lead elsewhere, more is needed.
    """
    sheet = sheet_of(scheme, values)
    unsure: list[TriageRule] = []
    outcome, where = Outcome.ACCEPT, ""
    reasons: tuple[Reason, ...] = ()
    for row in scheme.triage:
        holds = sheet.holds(row.rule.condition)
        if holds:
            outcome, where = row.outcome, _where(scheme, row.where)
            reasons = (reason(scheme, sheet, row.rule),)
            break
        if holds is None:
            unsure.append(row)
    elsewhere = [row.rule.condition for row in unsure if row.outcome is not outcome]
    if not elsewhere:
        return Eligible(outcome, reasons, where, ())
    asked = set(unanswered(sheet, elsewhere))
    names = tuple(name for name in scheme.questions if name in asked)
    words = "; ".join(scheme.questions[name].name for name in names)
    classes = frozenset(scheme.questions[name].data_class for name in names)
    return Eligible(Outcome.NEED_MORE, (Reason(f"Not known yet: {words}", classes),), "", names)


def _where(scheme: Scheme, where: str) -> str:
    route = scheme.routes.get(where)
    return f"{route.name}: {route.service}" if route else where


def consents_before(
    scheme: Scheme, values: Mapping[str, Any], moment: str
) -> tuple[tuple[Consent, Truth], ...]:
    """Return the consents to ask before a moment (“visit”, “session”, “onward referral” …).

    With each whether it is needed; None: not known, so it is asked as if it were.
    """
    sheet = sheet_of(scheme, values)
    found = (
        (one, True if one.condition is None else sheet.holds(one.condition))
        for one in scheme.consents.values()
        if moment in one.before
    )
    return tuple((one, needed) for one, needed in found if needed is not False)


def routes_for(
    scheme: Scheme, need: str, values: Mapping[str, Any]
) -> tuple[tuple[Route, Truth], ...]:
    """Return the routes of a need, each with whether it is open to this person (None: unknown)."""
    sheet = sheet_of(scheme, values)
    routes = (scheme.routes[name] for name in scheme.needs[need].routes)
    return tuple(
        (one, True if one.condition is None else sheet.holds(one.condition)) for one in routes
    )
