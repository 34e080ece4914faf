"""What of a case goes on to a service, and on what it rests. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from triservice.casework.cases.rules import ConsentFacts, ConsentStanding, consent_standing
from triservice.schemes.scheme import Scheme

LETS = frozenset({ConsentStanding.HOLDS, ConsentStanding.OVERRIDE})
SCOPE = 300  # characters of a consent's text that a case keeps
PASSES_ON = frozenset({"onward referral", "sharing"})


@dataclass(frozen=True, slots=True)
class Told:
    """One answer that goes along: the question, the value, and how it is said."""

    question: str
    name: str
    value: Any
    said: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a service is told. What does not go to it is not in here.

    `person` and `address` are as a form holds them: name, born, phone, email; line, postcode, uprn.
    """

    key: str
    reference: str
    scheme: str  # its id
    sender: str
    sender_short: str
    officer: str
    to: str
    to_of: str
    to_short: str  # of an agency of the partnership; else blank
    post_to: tuple[str, ...]
    at: datetime
    why: str
    need: str = ""
    reasons: tuple[str, ...] = ()
    person: Mapping[str, str] = field(default_factory=dict)
    address: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    rests_on: str = ""
    classes: tuple[str, ...] = ()  # of what goes

    @property
    def who(self) -> tuple[tuple[str, str], ...]:
        """Return who and where it is about, as (label, words), of what goes."""
        pairs = (
            ("Name", self.person.get("name", "")),
            ("Date of birth", _day(self.person.get("born", ""))),
            ("Telephone", self.person.get("phone", "")),
            ("E-mail", self.person.get("email", "")),
            ("Address", self.address.get("line", "")),
            ("Postcode", self.address.get("postcode", "")),
        )
        return tuple(pair for pair in pairs if pair[1])

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return the answers as (question, answer)."""
        return tuple((one.name, one.said) for one in self.told)


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {day:%B %Y}"


def other_scopes(scheme: Scheme) -> frozenset[str]:
    """Return the texts of the scheme's consents to something else than being passed on."""
    asked = (scheme.consents[name] for name in scheme.consents)
    return frozenset(one.text[:SCOPE] for one in asked if not PASSES_ON & set(one.before))


def rests_on(
    consents: Iterable[tuple[object, str, ConsentFacts]], elsewhere: Iterable[str], today: date
) -> ConsentStanding:
    """Return how consent to being passed on stands, of consents as (person, scope, facts).

    A consent to something else that the scheme asks does not count. Of each person the latest
    decides; where one of them does not let it, nobody's does.
    """
    by_person: dict[object, list[ConsentFacts]] = {}
    others = set(elsewhere)
    for person, scope, facts in consents:
        if scope[:SCOPE] not in others:
            by_person.setdefault(person, []).append(facts)
    found = [consent_standing(each, today) for each in by_person.values()]
    against = [one for one in found if one not in LETS]
    return (against or found or [ConsentStanding.NONE])[0]
