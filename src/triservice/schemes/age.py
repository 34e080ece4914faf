"""Age alone is never the highest tier: every scheme is tried out, and one that breaks it refused.

Tried with every age at which a rule of the scheme changes: first with nothing else known, then with
everything else answered at random, against a rule that holds whatever else is true.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice, product
from typing import Any

from triservice.schemes.conditions import Condition, leaves, name_of
from triservice.schemes.scheme import Question, Risk, Scheme
from triservice.schemes.scoring import Sheet, by_points, rank
from triservice.schemes.words import NOT_KNOWN, Kind, Tier

LOOKS_LIKE_AGE = re.compile(r"(\b|_)(age|aged|ages|born|birth|years? old)(\b|_)", re.IGNORECASE)
MOST_AGES, SAMPLES = 2_000, 200
TODAY = date(2026, 7, 1)  # of the trial only: ages are counted from it


def reaches_highest(scheme: Scheme) -> str | None:
    """Return the answer, in words, that reaches the highest tier by age alone; else None."""
    ages = {one.id: one for one in scheme.questions.values() if one.age}
    if not ages:
        return None
    chance = random.Random(1)
    for values in islice(_combinations(scheme, ages), MOST_AGES):
        alone = Sheet(scheme.questions, scheme.scores, values, TODAY)
        if rank(scheme, alone).tier is Tier.VERY_HIGH or _whatever_else(scheme, values, chance):
            return ", ".join(f"{name} = {value}" for name, value in values.items())
    return None


def _whatever_else(scheme: Scheme, ages: Mapping[str, Any], chance: random.Random) -> bool:
    """Whether one trigger, or the points, reach the highest tier in every one of many samples."""
    highest = [one.rule.condition for one in scheme.risk.triggers if one.tier is Tier.VERY_HIGH]
    always: list[Condition | None] = [*highest, None]  # None stands for the points
    for _ in range(SAMPLES):
        values = {one.id: sample(one, chance) for one in scheme.questions.values()} | dict(ages)
        sheet = Sheet(scheme.questions, scheme.scores, values, TODAY)
        always = [one for one in always if _holds(scheme.risk, sheet, one)]
        if not always:
            return False
    return True


def _holds(risk: Risk, sheet: Sheet, condition: Condition | None) -> bool:
    if condition is not None:
        return sheet.holds(condition) is True
    points = sum(one.points for one in risk.weights if sheet.holds(one.rule.condition))
    return by_points(risk, points) is Tier.VERY_HIGH


def _combinations(scheme: Scheme, ages: Mapping[str, Question]) -> Iterator[dict[str, Any]]:
    turns = _turning_points(scheme)
    choices = [list(_ages_of(one, turns.get(name, set()))) for name, one in ages.items()]
    for values in product(*choices):
        yield {name: value for name, value in zip(ages, values, strict=True) if value is not None}


def _turning_points(scheme: Scheme) -> dict[str, set[float]]:
    """Return by question the numbers that any condition of the scheme compares it with."""
    rules = [
        *(one.rule.condition for one in scheme.risk.triggers),
        *(one.rule.condition for one in scheme.risk.weights),
        *(one.show_if for one in scheme.questions.values() if one.show_if),
    ]
    found: dict[str, set[float]] = {}
    for leaf in (leaf for rule in rules for leaf in leaves(rule) if leaf[0] != "known"):
        literals = leaf[2] if leaf[0] == "in" else (leaf[2],)
        numbers = {one for one in literals if isinstance(one, (int, float))}
        found.setdefault(name_of(leaf[1]), set()).update(numbers)
    return found


def _ages_of(question: Question, turns: set[float]) -> Iterator[Any]:
    """Give the answers at which something changes, and None: not answered."""
    yield None
    if question.kind in {Kind.CHOICE, Kind.MULTI}:
        several = question.kind is Kind.MULTI
        yield from ([one] if several else one for one in question.options if one != NOT_KNOWN)
        return
    numbers = {int(turn) + step for turn in turns for step in (-1, 0, 1)} | {0, 110}
    for number in sorted(numbers):
        if question.kind is Kind.NUMBER:
            if (question.low or 0) <= number <= (question.high or 110):
                yield number
        elif 0 <= number <= 110:
            born = TODAY.replace(year=TODAY.year - number).isoformat()
            yield {"name": "A", "born": born} if question.kind is Kind.PERSON else born


def sample(question: Question, chance: random.Random) -> Any:
    """Return some answer to a question, never “not known”."""
    options = [one for one in question.options if one != NOT_KNOWN]
    if question.kind in {Kind.CHOICE, Kind.YES_NO}:
        return chance.choice(options)
    if question.kind in {Kind.MULTI, Kind.PLAN}:
        chosen = [one for one in options if chance.random() < 0.3]
        return chosen if question.kind is Kind.MULTI else dict.fromkeys(chosen, "")
    if question.kind is Kind.NUMBER:
        low, high = question.low or 0, 100 if question.high is None else question.high
        return round(chance.uniform(low, high), question.decimals)
    day = f"{chance.randrange(1930, 2026)}-{chance.randrange(1, 13):02}-15"
    return {
        Kind.DATE: day,
        Kind.PERSON: {"name": "A", "born": day},
        Kind.ADDRESS: {"line": "1 Example Street"},
        Kind.PHOTO: ["a"],
        Kind.SIGNATURE: {"name": "A"},
    }.get(question.kind, chance.choice(["a", "b"]))
