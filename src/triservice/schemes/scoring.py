"""Scores, needs and tiers from answers, each with its reasons; what is unknown stays unknown.

A score of which some answers are missing is a span: from the least to the most that it can be. So
“3 or more” may already hold, or be ruled out, before the last question is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from triservice.kernel.access_words import DataClass
from triservice.schemes import answers
from triservice.schemes.conditions import (
    HIDDEN,
    Condition,
    Span,
    Truth,
    evaluate,
    names,
)
from triservice.schemes.scheme import Question, Risk, Scheme, Score, When
from triservice.schemes.words import NOT_KNOWN, Kind, Tier

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Reason:
    """Why something was found; `classes` are the data classes that the sentence tells of."""

    text: str
    classes: frozenset[DataClass]

    def __str__(self) -> str:
        """Return the sentence."""
        return self.text


@dataclass(frozen=True)
class Worked:
    """A score as worked out. `low` is `high` where every answer is there."""

    id: str
    name: str
    low: float
    high: float
    band: str  # "" where the bands of low and high differ, or there are none
    unit: str

    @property
    def value(self) -> float | None:
        """The score; None while answers are missing that could change it."""
        return self.low if self.low == self.high else None

    def __str__(self) -> str:
        """Return "4", or "3 to 5" while answers are missing."""
        if self.low == self.high:
            return f"{self.low:g}"
        return f"{self.low:g} to {self.high:g}"


class Sheet:
    """The answers of some questions, as conditions ask them: hidden ones apart, scores worked out.

    A question whose show_if is certainly false is hidden, and its answer takes part in nothing.
    """

    def __init__(
        self,
        questions: Mapping[str, Question],
        scores: Mapping[str, Score],
        values: Mapping[str, Any],
        today: date,
    ) -> None:
        """Look at `values`; a show_if asks earlier questions only, so one pass is enough."""
        self.questions, self.scores, self.values, self.today = questions, scores, values, today
        self.hidden: set[str] = set()
        for one in questions.values():
            if one.show_if is not None and self.holds(one.show_if) is False:
                self.hidden.add(one.id)

    def holds(self, condition: Condition) -> Truth:
        """Return whether a condition holds; None where it is unknown."""
        return evaluate(condition, self.look, self.today)

    def look(self, name: str) -> Any:
        """Return the value of a question or score as conditions take it."""
        if name in self.scores:
            return self.span(self.scores[name])
        return HIDDEN if name in self.hidden else self.values.get(name)

    def span(self, score: Score) -> Span:
        """Return the least and the most that a score can be."""
        spans = [self._points(one, points) for one, points in score.points.items()]
        spans += [self._number(one) for one in score.values]
        if score.combine == "greatest":
            return Span(max(s.low for s in spans), max(s.high for s in spans))
        return Span(sum(s.low for s in spans), sum(s.high for s in spans))

    def _points(self, name: str, points: Mapping[str, float]) -> Span:
        value = self.look(name)
        if value is HIDDEN:
            return Span(0, 0)
        several = self.questions[name].kind in {Kind.MULTI, Kind.PLAN}
        if value in (None, NOT_KNOWN) or (several and NOT_KNOWN in value):
            if several:
                return Span(*(sum(p for p in points.values() if sign * p > 0) for sign in (-1, 1)))
            options = (one for one in self.questions[name].options if one != NOT_KNOWN)
            possible = [points.get(one, 0) for one in options]
            return Span(min(possible), max(possible))
        found = sum(points.get(one, 0) for one in value) if several else points.get(value, 0)
        return Span(found, found)

    def _number(self, name: str) -> Span:
        value = self.look(name)
        if value is HIDDEN:
            return Span(0, 0)
        if value in (None, NOT_KNOWN):
            question = self.questions[name]
            return Span(question.low or 0, question.high or 0)
        return Span(value, value)


def worked(sheet: Sheet, score: Score) -> Worked:
    """Return a score with the name of its band."""
    span = sheet.span(score)
    low, high = (_band(score, value) for value in span)
    return Worked(score.id, score.name, *span, low if low == high else "", score.unit)


def _band(score: Score, value: float) -> str:
    return next((band.name for band in reversed(score.bands) if value >= band.low), "")


def reason(scheme: Scheme, sheet: Sheet, rule: When) -> Reason:
    """Return the sentence of a rule that holds, with the answers filled in."""

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        if name in scheme.scores:
            return str(worked(sheet, scheme.scores[name]))
        return answers.said(scheme.questions[name], sheet.values.get(name)) or "not known"

    told = _PLACE.findall(rule.reason)
    classes = scheme.classes(rule.condition).union(*(scheme.classes_of(name) for name in told))
    return Reason(_PLACE.sub(filled, rule.reason), classes)


@dataclass(frozen=True)
class Ranked:
    """A tier with its reasons; `at_most` is what it may yet become, `ask` what would settle it."""

    tier: Tier
    at_most: Tier
    points: int
    reasons: tuple[Reason, ...]
    ask: frozenset[str]


def rank(scheme: Scheme, sheet: Sheet) -> Ranked:
    """Return the tier: the highest trigger that holds, or the tier by points if that is higher."""
    risk = scheme.risk
    reasons: list[Reason] = []
    tiers, possible = [Tier.LOW], [Tier.LOW]
    open_rules: list[Condition] = []
    for trigger in risk.triggers:
        holds = sheet.holds(trigger.rule.condition)
        if holds:
            tiers.append(trigger.tier)
            reasons.append(reason(scheme, sheet, trigger.rule))
        elif holds is None:
            possible.append(trigger.tier)
            open_rules.append(trigger.rule.condition)
    low = high = 0
    for weight in risk.weights:
        holds = sheet.holds(weight.rule.condition)
        if holds:
            low, high = low + weight.points, high + weight.points
            reasons.append(_weighed(reason(scheme, sheet, weight.rule), weight.points))
        elif holds is None:
            high += weight.points
            open_rules.append(weight.rule.condition)
    tiers.append(by_points(risk, low))
    possible += [by_points(risk, high), *tiers]
    tier, at_most = (max(some, key=lambda one: one.rank) for some in (tiers, possible))
    ask = frozenset(unanswered(sheet, open_rules)) if at_most is not tier else frozenset()
    return Ranked(tier, at_most, low, tuple(reasons), ask)


def _weighed(why: Reason, points: int) -> Reason:
    return Reason(f"{why.text} ({points} point{'' if points == 1 else 's'})", why.classes)


def by_points(risk: Risk, points: int) -> Tier:
    """Return the highest tier whose threshold the points reach."""
    reached = [tier for tier, least in risk.thresholds.items() if points >= least]
    return max(reached, key=lambda tier: tier.rank, default=Tier.LOW)


def unanswered(sheet: Sheet, conditions: Iterable[Condition]) -> Iterable[str]:
    """Give the questions, unanswered so far, that conditions ask themselves or through a score."""
    for condition in conditions:
        for name in names(condition):
            score = sheet.scores.get(name)
            for asked in score.questions if score else (name,):
                if asked not in sheet.hidden and sheet.values.get(asked) in (None, NOT_KNOWN):
                    yield asked
