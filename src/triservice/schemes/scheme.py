"""What a scheme file says, as frozen Python: read by `reading`, asked by `forms` and casework.

Everything with an id stands in a mapping by that id, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from triservice.kernel.access_words import DataClass, Purpose
from triservice.schemes.conditions import Condition, names
from triservice.schemes.words import Kind, Outcome, Tier


@dataclass(frozen=True)
class Question:
    """One question. `options` gives the words of each answer that can be chosen, in order.

    `show_if` None: always asked; `required_if` None: may be left empty. `low` and `high` bound a
    number. `decimals` is how many it may have. `age`: the answer is somebody's age.
    """

    id: str
    text: str
    kind: Kind
    data_class: DataClass
    name: str  # short, for tables, errors and print
    options: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    decimals: int = 0
    longest: int = 500  # characters of a text
    show_if: Condition | None = None
    required_if: Condition | None = None
    age: bool = False
    instrument: str = ""  # where the question comes from: "falls-risk@1"


@dataclass(frozen=True)
class Part:
    """A part of a form under one heading; `questions` are ids, in order."""

    title: str
    questions: tuple[str, ...]
    hint: str = ""
    instrument: str = ""


@dataclass(frozen=True)
class Form:
    """The questions that are asked at one moment of a case, in parts."""

    id: str
    title: str
    parts: tuple[Part, ...]
    by_id: Mapping[str, Question]
    scores: Mapping[str, Score]  # those of which the form asks every question
    hint: str = ""

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in the order in which they are asked."""
        return tuple(self.by_id.values())

    def named(self, name: str) -> Question | Score | None:
        """Return what a name in a condition of this form means."""
        return self.by_id.get(name) or self.scores.get(name)


@dataclass(frozen=True)
class Band:
    """What a score from `low` on, to the next band, is called."""

    low: float
    name: str


@dataclass(frozen=True)
class Score:
    """A number worked out from answers.

    `points` gives the points of each answer of a question (an answer that is not there gives 0);
    `values` are number questions that count as they are. `combine` adds them or takes the greatest.
    """

    id: str
    name: str
    points: Mapping[str, Mapping[str, float]]
    values: tuple[str, ...]
    combine: str  # sum | greatest
    bands: tuple[Band, ...] = ()
    unit: str = ""
    instrument: str = ""

    @property
    def questions(self) -> tuple[str, ...]:
        """The ids of the questions that the score counts."""
        return (*self.points, *self.values)


@dataclass(frozen=True)
class Instrument:
    """A published way of asking, with its licence. `text` is whose words the questions are in."""

    id: str
    version: int
    name: str
    text: str  # own words | as licensed | score only
    licence: str
    source: str
    summary: str
    questions: tuple[Question, ...]
    scores: tuple[Score, ...]

    @property
    def reference(self) -> str:
        """How a scheme names it: "falls-risk@1"."""
        return f"{self.id}@{self.version}"


@dataclass(frozen=True)
class When:
    """One rule: where the condition holds, for the reason. `{name}` in it is filled in."""

    condition: Condition
    reason: str


@dataclass(frozen=True)
class Need:
    """Something that a visit can find to be needed, and what may be done about it."""

    id: str
    name: str
    domain: str
    rules: tuple[When, ...]
    actions: tuple[str, ...]
    routes: tuple[str, ...]
    settled_by: tuple[str, ...] = ()  # ids of equipment and actions: fitted or done, it is met


@dataclass(frozen=True)
class Action:
    """Something to do for a person or a place, by the officer or another."""

    id: str
    name: str
    domain: str
    kind: str  # advice | equipment | task
    equipment: str = ""


@dataclass(frozen=True)
class Route:
    """Where people are referred on to, and what is sent along."""

    id: str
    name: str
    to: str  # kind of agency
    service: str  # in words: who answers there
    condition: Condition | None  # who may be referred; None: whoever needs it
    eligible: str  # the same in words
    shares: tuple[DataClass, ...]
    consent: str  # id of the consent that is asked first; empty: none
    within: timedelta | None
    chase_after: timedelta | None
    urgent: bool  # by telephone at once, then in writing


@dataclass(frozen=True)
class Consent:
    """Who is asked to agree to what, and what may not happen before."""

    id: str
    name: str
    text: str
    asked_of: str  # person | parent or guardian | occupier | each adult
    before: tuple[str, ...]  # visit | session | onward referral | photo | sharing
    condition: Condition | None
    override: str  # the lawful reason on which it may be gone without; empty: never
    months: int  # until it is asked anew; 0: while the case is open


@dataclass(frozen=True)
class Activity:
    """What officers do in the scheme, counted in minutes for a service."""

    id: str
    name: str
    service: str


@dataclass(frozen=True)
class Measure:
    """What the scheme is judged by. `of` is a question or score, before and after; or nothing."""

    id: str
    name: str
    unit: str
    better: str  # lower | higher | neither
    of: str = ""
    days: tuple[int, ...] = ()


@dataclass(frozen=True)
class Equipment:
    """What is fitted or left, and how long it lasts."""

    id: str
    name: str
    life_years: int
    serial: bool
    check_months: int


@dataclass(frozen=True)
class Retention:
    """How long the papers of a case are kept, counted from what; a schedule owner confirms it."""

    class_: str
    years: int
    starts: str
    child_until_age: int
    source: str


@dataclass(frozen=True)
class Fact:
    """A published figure of the scheme. `works_out` names how it follows from other facts."""

    id: str
    text: str
    value: float | None
    unit: str
    source: str
    note: str = ""
    works_out: tuple[str, ...] = ()  # (operation, fact, fact, …)


@dataclass(frozen=True)
class Target:
    """How soon, from the referral: somebody has spoken with the person; somebody has been there."""

    first_contact: timedelta
    visit: timedelta


@dataclass(frozen=True)
class Trigger:
    """A tier that holds at once where its condition does."""

    tier: Tier
    rule: When


@dataclass(frozen=True)
class Weight:
    """Points towards a tier."""

    points: int
    rule: When


@dataclass(frozen=True)
class Risk:
    """How the tier is found: the highest of the triggers that hold and of the tier by points."""

    triggers: tuple[Trigger, ...]
    weights: tuple[Weight, ...]
    thresholds: Mapping[Tier, int]  # from so many points on


@dataclass(frozen=True)
class TriageRule:
    """One row of the triage table, read from the top. `where` is a route or says it in words."""

    outcome: Outcome
    rule: When
    where: str = ""


@dataclass(frozen=True)
class Change:
    """How answers of the version before come along into this one.

    `renamed` maps old ids to new; `answers` maps, by new id, old answers to new; `removed` are no
    longer asked.
    """

    from_version: int
    renamed: Mapping[str, str]
    removed: tuple[str, ...]
    answers: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Scheme:
    """A named way of working. `digest` is of the file and of all it includes."""

    id: str
    version: int
    digest: str
    name: str
    summary: str
    place: str
    lead: str
    purpose: Purpose
    purposes: tuple[Purpose, ...]  # of the agreements that it needs
    about: str  # person | household | premises
    referrers: tuple[str, ...]
    targets: Mapping[Tier, Target]
    forms: Mapping[str, Form]
    scores: Mapping[str, Score]
    risk: Risk
    triage: tuple[TriageRule, ...]
    needs: Mapping[str, Need]
    actions: Mapping[str, Action]
    routes: Mapping[str, Route]
    consents: Mapping[str, Consent]
    activities: Mapping[str, Activity]
    measures: Mapping[str, Measure]
    equipment: Mapping[str, Equipment]
    retention: Retention
    facts: Mapping[str, Fact]
    instruments: Mapping[str, Instrument]
    sources: tuple[str, ...]
    change: Change | None

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question of every form; one that two forms ask stands once."""
        found: dict[str, Question] = {}
        for form in self.forms.values():
            for one in form.questions:
                found.setdefault(one.id, one)
        return found

    def named(self, name: str) -> Question | Score | None:
        """Return what a name in a condition means."""
        return self.questions.get(name) or self.scores.get(name)

    def classes(self, condition: Condition) -> frozenset[DataClass]:
        """Return the data classes that a condition tells of to whoever sees that it holds."""
        return frozenset(kind for name in names(condition) for kind in self.classes_of(name))

    def classes_of(self, name: str) -> frozenset[DataClass]:
        """Return the data classes of a question, or of all that a score counts."""
        score = self.scores.get(name)
        asked: tuple[Any, ...] = score.questions if score else (name,)
        return frozenset(self.questions[one].data_class for one in asked if one in self.questions)
