"""The life of a version of an agreement, who may do what to it, and what it still needs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from triservice.access.agreements.text import (
    SECTIONS,
    PartyText,
    TermText,
    VersionText,
    placeholders,
)
from triservice.kernel.access_words import DataClass, Mode, Role


class Verb(StrEnum):
    """What is done to a version."""

    MAKE = "make"
    EDIT = "edit"
    SIGN = "sign"
    AGREE = "agree"
    BRING_IN_FORCE = "bring in force"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXPIRE = "expire"
    END = "end"
    REVIEW = "review"  # looked at on its review date, and a next date set


class State(StrEnum):
    """The states as stored, and those that only the clock or a later version tells."""

    DRAFT = "draft"
    AGREED = "agreed"
    IN_FORCE = "in force"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    ENDED = "ended"
    NOT_YET = "not yet in force"
    REPLACED = "replaced"


S, V = State, Verb
# What may be done in which state, and the state that follows.
NEXT: Mapping[tuple[State, Verb], State] = {
    (S.DRAFT, V.EDIT): S.DRAFT,
    (S.DRAFT, V.SIGN): S.DRAFT,
    (S.DRAFT, V.AGREE): S.AGREED,
    (S.DRAFT, V.END): S.ENDED,
    (S.AGREED, V.BRING_IN_FORCE): S.IN_FORCE,
    (S.AGREED, V.END): S.ENDED,
    (S.NOT_YET, V.SUSPEND): S.SUSPENDED,
    (S.NOT_YET, V.END): S.ENDED,
    (S.IN_FORCE, V.SUSPEND): S.SUSPENDED,
    (S.IN_FORCE, V.REVIEW): S.IN_FORCE,
    (S.IN_FORCE, V.EXPIRE): S.EXPIRED,
    (S.IN_FORCE, V.END): S.ENDED,
    (S.SUSPENDED, V.SUSPEND): S.SUSPENDED,  # by another party too: each lifts its own
    (S.SUSPENDED, V.RESUME): S.IN_FORCE,
    (S.SUSPENDED, V.REVIEW): S.SUSPENDED,
    (S.SUSPENDED, V.EXPIRE): S.EXPIRED,
    (S.SUSPENDED, V.END): S.ENDED,
    (S.EXPIRED, V.END): S.ENDED,
    (S.EXPIRED, V.EXPIRE): S.EXPIRED,
}
# From these a next version is drafted; the text of these is never changed in place.
REVISED_AS_NEW = frozenset({S.AGREED, S.NOT_YET, S.IN_FORCE, S.SUSPENDED, S.EXPIRED, S.ENDED})

_LEAD = frozenset({Role.DATA_PROTECTION_LEAD})
_WRITES = _LEAD | {Role.PROGRAMME_MANAGER}
_ANSWERS = _LEAD | {Role.DATA_OWNER, Role.CALDICOTT_GUARDIAN}
# Who does it, for an agency that is a party (or will be).
MAY: Mapping[Verb, frozenset[Role]] = {
    V.MAKE: _WRITES,
    V.EDIT: _WRITES,
    V.SIGN: _ANSWERS | {Role.BOARD_MEMBER},
    V.AGREE: _WRITES,
    V.BRING_IN_FORCE: _LEAD,
    V.SUSPEND: _ANSWERS,
    V.RESUME: _ANSWERS,
    V.REVIEW: _LEAD,
    V.END: _LEAD,
}

REVIEW_SOON = timedelta(days=60)  # the first reminder of a review, or of the end
REVIEW_LATE = timedelta(days=0)


def standing(
    state: str, starts: datetime | None, until: datetime | None, replaced: datetime | None,
    at: datetime,
) -> State:  # fmt: skip
    """Return how a version stands at `at`; `replaced` is when a later version started, if one has.

    The clock counts and not the stored word: a version whose time is over has expired.
    """
    said = State(state)
    if said in {S.IN_FORCE, S.SUSPENDED, S.EXPIRED} and replaced is not None and replaced <= at:
        return S.REPLACED
    if said in {S.IN_FORCE, S.SUSPENDED} and (until is None or until <= at):
        return S.EXPIRED
    if said is S.IN_FORCE and (starts is None or at < starts):
        return S.NOT_YET
    return said


def after(now: State, verb: Verb) -> State | None:
    """Return the state that follows, or None when the verb is not for this state."""
    return NEXT.get((now, verb))


def suspenders(events: Iterable[tuple[str, int | None]]) -> list[int]:
    """Return the agencies whose suspension stands, the first first; events are (verb, agency)."""
    found: dict[int, None] = {}
    for verb, agency in events:
        if agency is not None and verb == V.SUSPEND:
            found[agency] = None
        elif agency is not None and verb == V.RESUME:
            found.pop(agency, None)
    return list(found)


def refusal(now: State, verb: Verb) -> str:
    """Say why a verb is not for this state."""
    fits = sorted({str(state) for state, each in NEXT if each is verb})
    return f"The version is {now}; to {verb} it, it must be {' or '.join(fits)}"


def may(verb: Verb, roles: Iterable[Role]) -> bool:
    """Whether any of the roles does this."""
    return bool(MAY[verb] & set(roles))


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a version still needs: a sentence, and the section where it is mended."""

    section: str
    sentence: str


# What UK GDPR Art 9 calls special categories, or Part 3 calls sensitive, among our classes.
SPECIAL = frozenset({DataClass.HEALTH, DataClass.AMBULANCE, DataClass.SOCIAL_CARE,
                     DataClass.SAFEGUARDING})  # fmt: skip
TEXTS: Mapping[str, str] = {
    "aim": "what the sharing is for",
    "subjects": "whose data is shared",
    "necessity": "why this much data is needed and less would not do",
    "dpia_reference": "the reference of the data protection impact assessment",
    "retention": "how long a recipient keeps what it receives",
    "security": "how the data is kept safe",
    "rights_contact": "whom people ask about their rights",
    "breach_contact": "whom to tell of a breach",
}


def lacks(text: VersionText) -> list[Lack]:
    """Return what the text needs before it can be agreed, in the order of the document."""
    found = [
        Lack(name, f"Say {what}") for name, what in TEXTS.items() if not getattr(text, name).strip()
    ]
    found += [
        Lack(name, f"{heading}: fill in {left}")
        for name, heading, _ in SECTIONS
        for left in placeholders(getattr(text, name))
    ]
    if len(text.parties) < 2:
        found.append(Lack("parties", "Name at least two parties"))
    for party in text.parties:
        found += _party_lacks(party, text)
    found += _term_lacks(text)
    if text.review_on is None:
        found.append(Lack("dates", "Say when the agreement is reviewed"))
    if text.until is None:
        found.append(Lack("dates", "Say until when the agreement holds"))
    elif text.starts is not None and text.until <= text.starts:
        found.append(Lack("dates", "The agreement ends before it starts; correct one of the dates"))
    return found


def _party_lacks(party: PartyText, text: VersionText) -> Iterable[Lack]:
    if not party.lawful_basis.strip():
        yield Lack("parties", f"Say on which lawful basis {party.name} shares")
    gives = {
        each
        for term in text.terms
        if term.from_agency == party.agency and term.mode != Mode.NEVER
        for each in term.data_classes
    }
    special = sorted(gives & SPECIAL)
    if special and not party.special_condition.strip():
        yield Lack(
            "parties",
            f"{party.name} shares {' and '.join(special)} data; say under which condition "
            "of UK GDPR Article 9 and DPA 2018 Schedule 1, or Schedule 8 for Part 3",
        )
    if gives and not party.contact.strip():
        yield Lack("parties", f"Say whom to call at {party.name} about what it holds")


def _term_lacks(text: VersionText) -> Iterable[Lack]:
    if not any(term.mode != Mode.NEVER for term in text.terms):
        yield Lack("terms", "Write at least one term that opens something")
    parties = {party.agency for party in text.parties}
    for term in text.terms:
        outside = {term.from_agency, term.to_agency} - parties - {None}
        if outside:
            yield Lack("terms", f"Term {term.number} names an agency that is not a party")
        for fault in term_faults(term):
            yield Lack("terms", f"Term {term.number}: {fault}")


def term_faults(term: TermText) -> list[str]:
    """Return what is wrong with a term by itself; the same that the database would refuse."""
    checks = (
        (term.to_agency is None and not term.to_role, "say to which agency or role it opens"),
        (term.to_agency == term.from_agency, "an agency needs no term for its own data"),
        (not term.data_classes, "say which data classes"),
        (not term.purposes, "say for which purposes"),
        (not term.every_field and not term.fields, "name the fields, or say every field"),
        (not term.everywhere and not term.areas, "name the areas, or say everywhere"),
        (
            term.mode == Mode.NEVER and bool(term.valid_from or term.valid_until),
            "a never has no dates of its own; it holds until the parties end or replace it",
        ),
        (
            bool(term.valid_from and term.valid_until and term.valid_until <= term.valid_from),
            "it ends before it starts",
        ),
        (
            term.counts_only and term.mode != Mode.OPEN,
            "counts are open or they are not; write counts as open",
        ),
        (
            term.offline and (term.mode == Mode.NEVER or term.counts_only),
            "only records that it opens can be kept on a phone",
        ),
    )
    return [said for wrong, said in checks if wrong]


def unsigned(text: VersionText, digest: str) -> list[Lack]:
    """Return the parties who have not signed this very text."""
    return [
        Lack("signatures", said)
        for party in text.parties
        if not any(each.signed_on and each.digest == digest for each in party.signatories)
        for said in (
            f"{party.name} signed an earlier wording; it needs to sign again"
            if any(each.signed_on for each in party.signatories)
            else f"{party.name} has not signed",
        )
    ]


def in_force_lacks(text: VersionText, digest: str, at: datetime) -> list[Lack]:
    """Return what stands in the way of bringing an agreed version in force at `at`."""
    found = lacks(text) + unsigned(text, digest)
    if text.until is not None and text.until <= at:
        found.append(Lack("dates", "The agreement would already be over; say a later end"))
    if text.review_on is not None and text.review_on <= at.date():
        found.append(Lack("dates", "The review date has passed; say a later one"))
    return found


class Due(StrEnum):
    """What a reminder is about."""

    REVIEW_SOON = "Review due soon"
    REVIEW_LATE = "Review overdue"
    ENDS_SOON = "Ends soon"


def due(
    now: State, review_on: date | None, until: datetime | None, at: datetime
) -> list[tuple[Due, date]]:
    """Return what a version needs attention for at `at`, with the day that it is about."""
    if now not in {S.IN_FORCE, S.SUSPENDED, S.NOT_YET}:
        return []
    found = []
    if review_on is not None and review_on <= at.date():
        found.append((Due.REVIEW_LATE, review_on))
    elif review_on is not None and review_on - at.date() <= REVIEW_SOON:
        found.append((Due.REVIEW_SOON, review_on))
    if until is not None and until - at <= REVIEW_SOON:
        found.append((Due.ENDS_SOON, until.date()))
    return found
