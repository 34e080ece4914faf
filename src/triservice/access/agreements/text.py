"""What a version of an agreement says, as plain values: for rules, comparison and document."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from triservice.kernel.access_words import Vetting


@dataclass(frozen=True, slots=True)
class SignatoryText:
    """Who signed for a party, when, and the digest of what they signed."""

    name: str
    job_title: str
    signed_on: date | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class PartyText:
    """A party with its lawful basis. `agency` is its id; `name` and `kind` are the agency's."""

    agency: int
    name: str
    regime: str
    lawful_basis: str
    controller: str = "controller"
    special_condition: str = ""
    gateway: str = ""
    contact: str = ""
    kind: str = ""
    signatories: tuple[SignatoryText, ...] = ()


@dataclass(frozen=True, slots=True)
class TermText:
    """A term: see models.Term. `fields` and `areas` count only without their flag."""

    number: int
    from_agency: int
    to_agency: int | None
    to_role: str
    mode: str
    data_classes: tuple[str, ...]
    purposes: tuple[str, ...]
    every_field: bool = False
    fields: tuple[str, ...] = ()
    everywhere: bool = False
    areas: tuple[str, ...] = ()
    counts_only: bool = False
    small_number: int = 0
    min_vetting: int = int(Vetting.NONE)
    needs_training: bool = False
    needs_duty: bool = False
    needs_case: bool = False
    existence: bool = False
    offline: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class VersionText:
    """Everything that a version says."""

    title: str
    number: int
    aim: str = ""
    subjects: str = ""
    benefits: str = ""
    risks: str = ""
    necessity: str = ""
    method: str = ""
    quality: str = ""
    transparency: str = ""
    dpia_reference: str = ""
    retention: str = ""
    security: str = ""
    rights_contact: str = ""
    breach_contact: str = ""
    termination: str = ""
    why_changed: str = ""
    starts: datetime | None = None
    until: datetime | None = None
    review_on: date | None = None
    parties: tuple[PartyText, ...] = ()
    terms: tuple[TermText, ...] = ()


# The sections of prose in the order of the document: column, heading, what belongs there.
SECTIONS: tuple[tuple[str, str, str], ...] = (
    ("aim", "What the sharing is for", "The aim, in one or two sentences"),
    ("subjects", "Whose data", "The people whom the data is about"),
    (
        "benefits",
        "What it is good for",
        "The benefit of sharing, and the harm that could come of not sharing",
    ),
    ("risks", "Risks to people", "What could go wrong for someone, and what keeps it unlikely"),
    (
        "necessity",
        "Why this data and no less",
        "Why the aim needs it, and why counts without names would not do",
    ),
    ("method", "How it is shared", "How data passes from one party to the other"),
    ("quality", "How it is kept right", "Who corrects errors, and how others learn of it"),
    ("transparency", "How people are told", "Privacy notices, and what officers say"),
    (
        "dpia_reference",
        "Impact assessment",
        "The reference of the data protection impact assessment",
    ),
    ("retention", "How long it is kept", "What a recipient does with it, and when it is deleted"),
    ("security", "How it is kept safe", "Security, vetting and training"),
    ("rights_contact", "Rights", "Whom people ask about their data"),
    ("breach_contact", "Breaches", "Whom to tell, and within what time"),
    ("termination", "When it ends", "What happens to the data when the agreement ends"),
)
# What is signed is the text; the period is signed too, the first moment of it is not, since it is
# set when the version comes in force.
_NOT_SIGNED = frozenset({"starts"})


def placeholders(said: str) -> list[str]:
    """Return what a template left to be filled in: text in square brackets."""
    return re.findall(r"\[[^\]\[]+\]", said)


def digest(text: VersionText) -> str:
    """Return the SHA-256 of what is signed: everything but the signatures and the first moment."""
    said = {name: value for name, value in asdict(text).items() if name not in _NOT_SIGNED}
    for party in said["parties"]:
        for name in ("signatories", "name", "kind"):  # an agency that is renamed has still signed
            party.pop(name)
    for term in said["terms"]:
        if not term["offline"]:  # as in what was signed before phones were thought of
            term.pop("offline")
    packed = json.dumps(said, sort_keys=True, ensure_ascii=False, default=_plain)
    return sha256(packed.encode()).hexdigest()


def _plain(value: Any) -> str:
    return str(value.isoformat())
