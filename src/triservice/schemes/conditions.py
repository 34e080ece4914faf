"""Conditions: a small language with three answers, because unknown is never no.

    alarms = none
    smokes = yes and not (lives_alone = no)
    tenure in [social, private] or health has "home oxygen"
    years(born) >= 80 and known(heating)
    falls_score >= 3

A condition is parsed to nested tuples that are JSON as they stand, so that a browser evaluates the
same tree (web/front/src/lib/conditions.js). What is not answered is None, and so is "not known".
A condition is True or False only where no answer that is missing could change it; else None.
The logic is Kleene's. `known(x)` alone asks whether there is an answer, and is always yes or no.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from triservice.kernel.errors import InputError
from triservice.schemes.words import NOT_KNOWN

# ("and", *parts) | ("or", *parts) | ("not", part) | ("known", term) | (operator, term, literal)
# | ("in", term, (literal, …)); a term is a name, or ("years", name); operators as in OPERATORS.
Condition = tuple[Any, ...]
Truth = bool | None
ALWAYS: Condition = ("and",)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
WORDS = frozenset({"and", "or", "not", "in", "has", "known", "years"})
DEEPEST = 40
_TOKEN = re.compile(
    r"""\s*(?:(?P<op><=|>=|!=|[=<>])|(?P<mark>[()\[\],])|(?P<text>"[^"]*"|'[^']*')"""
    r"""|(?P<date>\d{4}-\d\d-\d\d)|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w-]*))""",
    re.ASCII,
)


class Span(NamedTuple):
    """A number of which only the least and the greatest value are known, both included."""

    low: float
    high: float


class Hidden:
    """The answer of a question that does not apply: no comparison with it holds."""


HIDDEN = Hidden()
Look = Callable[[str], Any]  # the answer to a question or a score by name; None: unknown


def parse(text: str) -> Condition:
    """Parse a condition. Raises InputError that says at which character it goes wrong."""
    reading = _Reading(text)
    found = reading.either()
    reading.end()
    return found


class _Reading:
    """One condition being read, from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.tokens: list[tuple[str, str, int]] = []
        while self.at < len(text.rstrip()):
            match = _TOKEN.match(text, self.at)
            if not match or not match.lastgroup:
                raise self.refuse(f"{text[self.at :].strip()[:1]!r} is not understood", self.at)
            self.tokens.append((match.lastgroup, match[match.lastgroup], match.start(0)))
            self.at = match.end()
        self.next = 0

    def refuse(self, what: str, at: int | None = None) -> InputError:
        if at is None:
            at = self.tokens[self.next][2] if self.next < len(self.tokens) else len(self.text)
        shown = len(self.text) - len(self.text[at:].lstrip()) + 1
        return InputError(f"the condition “{self.text.strip()}”: {what} (character {shown})")

    def is_next(self, word: str) -> bool:
        if self.next < len(self.tokens):
            kind, text, _ = self.tokens[self.next]
            return kind in {"word", "mark"} and text == word
        return False

    def taken(self, word: str) -> bool:
        if self.is_next(word):
            self.next += 1
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.taken(word):
            raise self.refuse(f"expects {word!r} here")

    def end(self) -> None:
        if self.next < len(self.tokens):
            raise self.refuse("expects “and”, “or” or the end here")

    def either(self) -> Condition:
        return self.several("or", lambda: self.several("and", self.negated))

    def several(self, word: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self.taken(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else (word, *parts)

    def negated(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refuse("lies too deep in brackets")
        found = ("not", self.negated()) if self.taken("not") else self.simple()
        self.depth -= 1
        return found

    def simple(self) -> Condition:
        if self.taken("("):
            found = self.either()
            self.expect(")")
            return found
        if self.taken("known"):
            self.expect("(")
            name = self.name()
            self.expect(")")
            return ("known", name)
        return self.comparison(self.term())

    def term(self) -> str | Condition:
        if self.taken("years"):
            self.expect("(")
            name = self.name()
            self.expect(")")
            return ("years", name)
        return self.name()

    def name(self) -> str:
        if self.next < len(self.tokens):
            kind, text, _ = self.tokens[self.next]
            if kind == "word" and text not in WORDS:
                self.next += 1
                return text
        raise self.refuse("expects the name of a question or score here")

    def comparison(self, term: str | Condition) -> Condition:
        if self.taken("in"):
            return ("in", term, self.list_of_values())
        if self.taken("has"):
            return ("has", term, self.value())
        if self.next < len(self.tokens) and self.tokens[self.next][0] == "op":
            sign = self.tokens[self.next][1]
            self.next += 1
            return (sign, term, self.value())
        raise self.refuse("expects =, !=, <, <=, >, >=, in or has here")

    def list_of_values(self) -> tuple[Any, ...]:
        self.expect("[")
        values = [self.value()]
        while self.taken(","):
            values.append(self.value())
        self.expect("]")
        return tuple(values)

    def value(self) -> Any:
        if self.next < len(self.tokens):
            kind, text, _ = self.tokens[self.next]
            if kind in {"text", "date", "number"} or (kind == "word" and text not in WORDS):
                self.next += 1
                return _literal(kind, text)
        raise self.refuse("expects a value here")


def _literal(kind: str, text: str) -> Any:
    if kind == "number":
        return float(text) if "." in text else int(text)
    return text[1:-1] if kind == "text" else text


def evaluate(condition: Condition, look: Look, today: date) -> Truth:
    """Return whether a condition holds; None where an unknown answer could change it."""
    sign, *parts = condition
    if sign == "and":
        return conjunction(evaluate(part, look, today) for part in parts)
    if sign == "or":
        return negation(conjunction(negation(evaluate(part, look, today)) for part in parts))
    if sign == "not":
        return negation(evaluate(parts[0], look, today))
    value = _value_of(parts[0], look, today)
    if sign == "known":
        return not (value is HIDDEN or _unknown(value))
    if value is HIDDEN:
        return bool(sign == "!=")
    return None if value is None else _compared(sign, value, parts[1])


def conjunction(truths: Iterable[Truth]) -> Truth:
    """Return no if any is no, else unknown if any is unknown, else yes."""
    answer: Truth = True
    for truth in truths:
        if truth is False:
            return False
        answer = answer if truth else None
    return answer


def negation(truth: Truth) -> Truth:
    """Return the opposite; the opposite of unknown is unknown."""
    return None if truth is None else not truth


def _unknown(value: Any) -> bool:
    return value is None or bool(value in (NOT_KNOWN, [], {}, [NOT_KNOWN]))


def _value_of(term: str | Condition, look: Look, today: date) -> Any:
    """Return the value of a term; None where it is unknown."""
    if isinstance(term, str):
        value = look(term)
        return None if value is not HIDDEN and _unknown(value) else value
    value = look(term[1])
    return value if value is HIDDEN else years_since(value, today)


def years_since(value: Any, today: date) -> int | None:
    """Return whole years since a date, or since a person was born; None where it is unknown."""
    text = value.get("born") if isinstance(value, dict) else value
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    year, month, day = (int(part) for part in text.split("-"))
    years = today.year - year - ((today.month, today.day) < (month, day))
    return years if years >= 0 else None


def _compared(sign: str, value: Any, literal: Any) -> Truth:
    if sign == "in":
        return negation(conjunction(negation(_compared("=", value, one)) for one in literal))
    if sign == "has":
        if literal in value:
            return True
        return None if NOT_KNOWN in value else False
    low, high = value if isinstance(value, Span) else (value, value)
    if not _alike(low, literal):
        return None
    if low == high:
        return COMPARE[sign](low, literal)
    return _within(sign, low, high, literal)


def _alike(value: Any, literal: Any) -> bool:
    """Whether two values can be compared at all: numbers with numbers, text with text."""
    numbers = (int, float)
    return (isinstance(value, numbers) and isinstance(literal, numbers)) or (
        isinstance(value, str) and isinstance(literal, str)
    )


def _within(sign: str, low: float, high: float, literal: float) -> Truth:
    """Compare a number of which two bounds are known."""
    if sign in {"=", "!="}:
        outside = literal < low or literal > high
        return (sign == "!=") if outside else None
    at_low, at_high = COMPARE[sign](low, literal), COMPARE[sign](high, literal)
    return at_low if at_low == at_high else None


def leaves(condition: Condition) -> Iterator[Condition]:
    """Give every comparison and `known` of a condition."""
    if condition[0] in {"and", "or", "not"}:
        for part in condition[1:]:
            yield from leaves(part)
    else:
        yield condition


def name_of(term: str | Condition) -> str:
    """Return the name of the question or score that a term asks."""
    return term if isinstance(term, str) else str(term[1])


def names(condition: Condition) -> frozenset[str]:
    """Return the names of all questions and scores that a condition asks."""
    return frozenset(name_of(leaf[1]) for leaf in leaves(condition))


def both(*conditions: Condition | None) -> Condition | None:
    """Return what holds where all of the conditions hold that are given."""
    given = [one for one in conditions if one is not None]
    return given[0] if len(given) == 1 else ("and", *given) if given else None


def spelled(condition: Condition) -> str:
    """Return a condition as text that parses to the same condition."""
    sign, *parts = condition
    if sign in {"and", "or"}:
        return "(" + f" {sign} ".join(map(spelled, parts)) + ")"
    if sign == "not":
        return f"not {spelled(parts[0])}"
    term = parts[0] if isinstance(parts[0], str) else f"years({parts[0][1]})"
    if sign == "known":
        return f"known({term})"
    if sign == "in":
        return f"{term} in [{', '.join(map(_quoted, parts[1]))}]"
    return f"{term} {sign} {_quoted(parts[1])}"


def _quoted(value: Any) -> str:
    if not isinstance(value, str):
        return str(value)
    return f'"{value}"' if '"' not in value else f"'{value}'"
