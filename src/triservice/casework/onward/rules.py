"""What of a case goes on to a service, and on what it rests. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from triservice.casework.cases.rules import (
    NO,
    SCOPE,
    ConsentFacts,
    ConsentStanding,
    Said,
    consent_standing,
)
from triservice.kernel.words import long_date
from triservice.schemes.scheme import Scheme

LETS = frozenset({ConsentStanding.HOLDS, ConsentStanding.OVERRIDE})
PASSES_ON = frozenset({"onward referral", "sharing"})
PLEASE = "Please see what is needed"  # where nobody said: it goes to anybody, so tells of no need


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
        return long_date(date.fromisoformat(text))
    except ValueError:
        return text


@dataclass(frozen=True, slots=True)
class Scopes:
    """The texts of a scheme's consents: to being passed on, and to something else."""

    passing: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


def scopes(scheme: Scheme, consent: str = "") -> Scopes:
    """Return a scheme's texts; where a route names a consent, that one alone passes on."""
    asked = {name: scheme.consents[name] for name in scheme.consents}
    passing = frozenset(
        one.text[:SCOPE]
        for name, one in asked.items()
        if (name == consent if consent in asked else PASSES_ON & set(one.before))
    )
    return Scopes(passing, frozenset(one.text[:SCOPE] for one in asked.values()) - passing)


def rests_on(consents: Iterable[Said], known: Scopes, today: date) -> ConsentStanding:
    """Return how consent to being passed on stands, of consents as (person, scope, facts).

    Only a text by which the scheme asks to pass on lets it; a no in words of one's own stops it all
    the same, until the text is agreed to later. Of each person and text the latest decides; where
    one person does not let it, nobody's does.
    """
    said: dict[object, dict[str, list[ConsentFacts]]] = {}
    no: dict[object, list[ConsentFacts]] = {}
    for person, scope, facts in consents:
        text = scope[:SCOPE]
        if text in known.passing:
            said.setdefault(person, {}).setdefault(text, []).append(facts)
        elif text not in known.others and not (facts.given or facts.override):
            no.setdefault(person, []).append(facts)
    found = []
    for person in said | no:
        texts = said.get(person, {"": []}).values()
        stand = (consent_standing([*each, *no.get(person, ())], today) for each in texts)
        found.append(min(stand, key=_weight))
    against = [one for one in found if one not in LETS]
    return (against or found or [ConsentStanding.NONE])[0]


def _weight(standing: ConsentStanding) -> int:
    """Of several texts: a no first, then what lets it, then what is only to be asked again."""
    if standing in NO:
        return 0
    return 1 if standing in LETS else 2
