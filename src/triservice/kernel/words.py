"""Numbers and dates in sentences, and the words of an enumeration to choose from."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


def many(count: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun: many(1, "row") is '1 row', many(2000, "row") '2,000 rows'."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def long_date(day: date) -> str:
    """Return a date in the GOV.UK style: "27 March 2026". A moment is said as it is, unmoved."""
    return f"{day.day} {day:%B %Y}"


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    """Return the words of an enumeration as choices of a field; an empty word is not offered.

    A choice is the word and how it is shown: with its first letter large, the others as they are.
    """
    return [(str(word), str(word)[:1].upper() + str(word)[1:]) for word in words if str(word)]
