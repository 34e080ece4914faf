"""The ICO's data sharing checklist against what a version says: what is missing, and where. Pure.

The questions follow Annex A of the Information Commissioner's data sharing code (ico.org.uk), in
our own words. It helps a data-protection officer; it does not replace one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from triservice.access.agreements.rules import SPECIAL, lacks, unsigned
from triservice.access.agreements.text import TermText, VersionText, digest
from triservice.kernel.access_words import DataClass, Mode, Purpose

C = DataClass


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the checklist. `missing` says what is missing; nothing: it is answered."""

    part: str
    text: str
    section: str
    missing: Callable[[VersionText], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its answer; `section` is where the agreement is mended."""

    part: str
    text: str
    section: str
    missing: tuple[str, ...]

    @property
    def met(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def _said(name: str, what: str) -> Callable[[VersionText], Iterable[str]]:
    return lambda text: (
        () if getattr(text, name).strip() else (f"The agreement does not say {what}",)
    )


def _opens(text: VersionText) -> list[TermText]:
    return [term for term in text.terms if term.mode != Mode.NEVER]


def _minimum(text: VersionText) -> Iterable[str]:
    for term in _opens(text):
        wide = term.every_field and term.everywhere and not term.counts_only
        if wide and term.mode == Mode.OPEN and SPECIAL & set(term.data_classes) and not term.note:
            yield (
                f"Term {term.number} opens every field everywhere, of special category data; "
                "narrow it, or note in the term why all of it is needed"
            )


def _counts(text: VersionText) -> Iterable[str]:
    for term in _opens(text):
        if str(Purpose.EVALUATION) in term.purposes and not term.counts_only:
            yield f"Term {term.number} opens rows for evaluation; open counts only where they do"
        if term.counts_only and term.small_number < 5:
            yield f"Term {term.number} lets counts below 5 be shown, which may point at a person"


def _bases(text: VersionText) -> Iterable[str]:
    return [lack.sentence for lack in lacks(text) if lack.section == "parties"]


def _gateways(text: VersionText) -> Iterable[str]:
    givers = {term.from_agency for term in _opens(text)}
    for party in text.parties:
        if party.agency in givers and not party.gateway.strip():
            yield f"{party.name} does not name the power (the Act) that lets it share"


def _criminal(text: VersionText) -> Iterable[str]:
    takers = {term.to_agency for term in _opens(text) if C.POLICE in term.data_classes}
    for party in text.parties:
        outside = party.regime != "part 3" and party.kind != "police"
        if party.agency in takers and outside and not party.special_condition.strip():
            yield (
                f"{party.name} receives police data outside Part 3; say its condition for data "
                "about offences (UK GDPR Article 10, DPA 2018 Schedule 1)"
            )


def _terms(text: VersionText) -> Iterable[str]:
    return [lack.sentence for lack in lacks(text) if lack.section == "terms"]


def _dates(text: VersionText) -> Iterable[str]:
    return [lack.sentence for lack in lacks(text) if lack.section == "dates"]


def _signed(text: VersionText) -> Iterable[str]:
    return [lack.sentence for lack in unsigned(text, digest(text))]


def _why_changed(text: VersionText) -> Iterable[str]:
    if text.number > 1 and not text.why_changed.strip():
        yield "The agreement does not say why this version was made"


JUSTIFIED, AGREED = "Is the sharing justified?", "Is the agreement whole?"
QUESTIONS: tuple[Question, ...] = (
    Question(JUSTIFIED, "What is the sharing meant to achieve?", "aim", _said("aim", "its aim")),
    Question(
        JUSTIFIED,
        "What good does sharing do, and what harm may come of not sharing?",
        "benefits",
        _said("benefits", "what good it does, or what harm not sharing could do"),
    ),
    Question(
        JUSTIFIED,
        "What could go wrong for people, and what keeps it unlikely?",
        "risks",
        _said("risks", "the risks to people"),
    ),
    Question(
        JUSTIFIED,
        "Is it necessary and in proportion; could less do?",
        "necessity",
        _said("necessity", "why this much is needed"),
    ),
    Question(JUSTIFIED, "Is the least data shared that does it?", "terms", _minimum),
    Question(JUSTIFIED, "Would counts without names do?", "terms", _counts),
    Question(
        JUSTIFIED,
        "Was the impact on people assessed?",
        "dpia_reference",
        _said("dpia_reference", "where the impact assessment is"),
    ),
    Question(
        JUSTIFIED,
        "Is it fair, and do people know?",
        "transparency",
        _said("transparency", "how people are told"),
    ),
    Question("Is it lawful?", "Has each party a lawful basis?", "parties", _bases),
    Question("Is it lawful?", "Has each giver a power to share?", "parties", _gateways),
    Question("Is it lawful?", "Is data about offences covered?", "parties", _criminal),
    Question(AGREED, "Is it said whose data it is?", "subjects", _said("subjects", "whose data")),
    Question(AGREED, "Is it said who may see what, and when?", "terms", _terms),
    Question(AGREED, "Is it said how it is shared?", "method", _said("method", "how it passes")),
    Question(
        AGREED,
        "Is it said how it is kept right?",
        "quality",
        _said("quality", "who corrects errors"),
    ),
    Question(
        AGREED,
        "Is it said how long it is kept?",
        "retention",
        _said("retention", "how long it is kept"),
    ),
    Question(
        AGREED,
        "Is it said how it is kept safe?",
        "security",
        _said("security", "its security"),
    ),
    Question(
        AGREED,
        "Can people use their rights?",
        "rights_contact",
        _said("rights_contact", "whom people ask"),
    ),
    Question(
        AGREED,
        "Is it said what happens after a breach?",
        "breach_contact",
        _said("breach_contact", "whom to tell of a breach"),
    ),
    Question(
        AGREED,
        "Is it said what happens when it ends?",
        "termination",
        _said("termination", "what happens to the data afterwards"),
    ),
    Question(AGREED, "Is there a review date and an end?", "dates", _dates),
    Question(AGREED, "Is the decision written down?", "why_changed", _why_changed),
    Question(AGREED, "Has every party signed this text?", "signatures", _signed),
)


def checklist(text: VersionText) -> list[Answered]:
    """Return every question with what is missing, in the order of the checklist."""
    return [Answered(q.part, q.text, q.section, tuple(q.missing(text))) for q in QUESTIONS]
