"""Numbers, months and lists as plain English: one way of saying each, used by page and findings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from triservice.kernel.month import parse_month

NOT_SHOWN = "fewer than {below}"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_SHARES = {0.5: "half", 0.25: "quarter", 0.2: "fifth", 0.1: "tenth", 0.05: "twentieth"}
_STRENGTHS = ((0.8, "very strongly"), (0.6, "strongly"), (0.4, "moderately"), (0.2, "weakly"))


def number(value: float | None, digits: int = 0) -> str:
    """Return '14,893' or '62.1'; an en dash when there is no value; a true minus sign."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:,.{digits}f}"
    if text.startswith("-"):
        text = f"−{text[1:]}" if any(c in "123456789" for c in text) else text[1:]
    return text


def count(value: float | None) -> str:
    """Return a count or a mean of counts: whole when it is whole, one decimal otherwise."""
    if value is None:
        return "–"
    return number(value, 0 if abs(value - round(value)) < 1e-9 or abs(value) >= 1000 else 1)


def percent(share: float | None, digits: int = 0) -> str:
    """Return '23%' of a share between 0 and 1."""
    return "–" if share is None or not math.isfinite(share) else f"{number(share * 100, digits)}%"


def interval(low: float | None, high: float | None, digits: int = 0) -> str:
    """Return '61.0 to 63.2'; empty when there is no interval."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"{number(low, digits)} to {number(high, digits)}"


def p_value(p: float | None) -> str:
    """Return 'p = 0.03', never more exact than readers can use, and never broken."""
    if p is None or not math.isfinite(p):
        return "p not known"
    if p < 0.001:
        return "p\u00a0<\u00a00.001"
    return f"p\u00a0=\u00a0{p:.3f}" if p < 0.1 else f"p\u00a0=\u00a0{p:.2f}"


def p_only(p: float | None) -> str:
    """Return '0.03' or '< 0.001', for a column headed p."""
    return "–" if p is None else p_value(p).removeprefix("p\u00a0").removeprefix("=\u00a0")


def small_number(value: int) -> str:
    """Return 'five' for 5, '15' for 15: words up to ten."""
    return _SMALL[value] if 0 <= value < len(_SMALL) else number(value)


def listing(items: Iterable[str], last: str = "and") -> str:
    """Return 'a, b and c'; 'none' when there is nothing to list."""
    words = list(items)
    if len(words) < 2:
        return words[0] if words else "none"
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def capital(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Return `text` with a small first letter, for the middle of a sentence."""
    return text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    """Return `text` with a capital first letter and a full stop."""
    text = capital(text)
    return text if text.endswith((".", "?", "!")) else text + "."


def month_name(month: str) -> str:
    """Return 'October 2018' of '2018-10'."""
    year, index = parse_month(month)
    return f"{_MONTHS[index - 1]} {year}"


def month_short(month: str) -> str:
    """Return 'Oct 2018' of '2018-10'."""
    year, index = parse_month(month)
    return f"{_MONTHS[index - 1][:3]} {year}"


def day_name(day: str) -> str:
    """Return '5 March 2026' of '2026-03-05'."""
    year, month, number_ = day.split("-")
    return f"{int(number_)} {_MONTHS[int(month) - 1]} {year}"


def plural(noun: str) -> str:
    """Return 'burglaries' of 'burglary', 'fire events' of 'fire event'."""
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"


def runs(months: Sequence[str]) -> list[tuple[str, str]]:
    """Return (first, last) of each unbroken run of `months`, which are sorted."""
    found: list[tuple[str, str]] = []
    for month in months:
        year, index = parse_month(month)
        if found:
            last_year, last_index = parse_month(found[-1][1])
            if year * 12 + index == last_year * 12 + last_index + 1:
                found[-1] = (found[-1][0], month)
                continue
        found.append((month, month))
    return found


def period(months: Sequence[str]) -> str:
    """Return 'October 2018 to February 2019 and January 2025 to August 2025'."""
    spans = [
        month_name(first) if first == last else f"{month_name(first)} to {month_name(last)}"
        for first, last in runs(sorted(months))
    ]
    return listing(spans) if spans else "no months"


def worst_share(share: float) -> str:
    """Return 'worst fifth' of 0.2, 'worst 15%' of 0.15."""
    for known, word in _SHARES.items():
        if abs(share - known) < 1e-9:
            return f"worst {word}"
    return f"worst {share * 100:g}%"


def strength(r: float) -> str:
    """Return how strongly two layers go together, of a rank correlation."""
    return next((word for limit, word in _STRENGTHS if abs(r) >= limit), "hardly")
