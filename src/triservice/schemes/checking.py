"""What is checked of a scheme beyond its keys: conditions, reasons, figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from triservice.kernel.errors import InputError
from triservice.schemes.conditions import COMPARE, Condition, leaves, name_of
from triservice.schemes.scheme import Fact, Question, Score
from triservice.schemes.words import NOT_KNOWN, Kind
from triservice.toml_reader import near

ORDERED = frozenset(COMPARE)
EQUAL = frozenset({"=", "!=", "in"})
SIGNS: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: EQUAL,
    Kind.NUMBER: ORDERED | {"in"},
    Kind.DATE: ORDERED,
    Kind.CHOICE: EQUAL,
    Kind.YES_NO: EQUAL,
    Kind.MULTI: frozenset({"has"}),
    Kind.PLAN: frozenset({"has"}),
}
WITH_OPTIONS = frozenset({Kind.CHOICE, Kind.MULTI, Kind.YES_NO, Kind.PLAN})


def check_condition(
    condition: Condition, questions: Mapping[str, Question], scores: Mapping[str, Score]
) -> None:
    """Raise InputError for a name, an operator or a value that does not fit."""
    for leaf in leaves(condition):
        name = name_of(leaf[1])
        if name in scores and isinstance(leaf[1], str):
            _check_literal(leaf, Kind.NUMBER, None)
        elif name in questions:
            _check_question(leaf, questions[name])
        else:
            known = [*questions, *scores]
            raise InputError(
                f"“{name}” is no question or score that is known here", do=near(name, known) or None
            )


def _check_question(leaf: Condition, question: Question) -> None:
    if leaf[0] == "known":
        return
    if isinstance(leaf[1], tuple):
        if question.kind not in {Kind.DATE, Kind.PERSON}:
            raise InputError(f"years({question.id}) asks for a date or a person")
        _check_literal(leaf, Kind.NUMBER, None)
        return
    signs = SIGNS.get(question.kind, frozenset())
    if leaf[0] not in signs:
        allowed = ", ".join(sorted(signs)) or f"known({question.id}) only"
        raise InputError(f"“{question.id}” is a {question.kind} question: use {allowed}")
    _check_literal(leaf, question.kind, question)


def _check_literal(leaf: Condition, kind: Kind, question: Question | None) -> None:
    if leaf[0] == "known":
        return
    name = name_of(leaf[1])
    for value in leaf[2] if leaf[0] == "in" else (leaf[2],):
        if kind is Kind.NUMBER and not isinstance(value, (int, float)):
            raise InputError(f"“{name}” is compared with {value!r}, which is no number")
        if kind is Kind.DATE:
            _check_day(name, value)
        if value == NOT_KNOWN:
            raise InputError("“not known” is no answer to compare with", do=f"Write known({name})")
        if question and question.kind in WITH_OPTIONS and value not in question.options:
            raise InputError(
                f"{value!r} is no answer of “{name}”",
                do=near(str(value), question.options) or f"Use {', '.join(question.options)}",
            )


def _check_day(name: str, value: Any) -> None:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"“{name}” is compared with {value!r}, which is no date") from None


def check_reason(text: str, known: Mapping[str, Any]) -> None:
    """Raise InputError for a {name} in a reason that is no question and no score."""
    for name in re.findall(r"\{([^}]*)\}", text):
        if name not in known:
            raise InputError(f"{{{name}}} is no question or score", do=near(name, known) or None)


def check_fact(fact: Fact, facts: Mapping[str, Fact]) -> None:
    """Raise InputError where a figure does not follow from the others and no note says why."""
    if not fact.works_out:
        return
    sign, *others = fact.works_out
    if sign not in WORKED_OUT:
        raise InputError(f"{sign!r} is none of {', '.join(WORKED_OUT)}")
    values = []
    for name in others:
        if name not in facts or facts[name].value is None:
            raise InputError(f"{name!r} is no fact with a value", do=near(name, facts) or None)
        values.append(facts[name].value or 0.0)
    if fact.value is None or len(values) < 2:
        raise InputError("a figure that works out has a value and at least two others")
    found = WORKED_OUT[sign](values)
    if abs(found - fact.value) > _tolerance(fact.value) and not fact.note:
        raise InputError(
            f"is {fact.value:g}, but works out to {found:,.6g}", do="Say in a note why they differ"
        )


def _divided(values: list[float]) -> float:
    first, *rest = values
    for value in rest:
        first /= value
    return first


def _multiplied(values: list[float]) -> float:
    found = 1.0
    for value in values:
        found *= value
    return found


WORKED_OUT: Mapping[str, Callable[[list[float]], float]] = {
    "divide": _divided,
    "multiply": _multiplied,
    "add": sum,
    "subtract": lambda values: values[0] - sum(values[1:]),
    "percent": lambda values: 100 * _divided(values),
}


def _tolerance(value: float) -> float:
    """Half a unit of the last decimal that the figure states."""
    _, _, decimals = f"{value:.10f}".rstrip("0").partition(".")
    return 0.5 * 10.0 ** -len(decimals) + 1e-9
