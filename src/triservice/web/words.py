"""How pages say dates, times, numbers and lists: filters of the Jinja2 environment.

Dates follow the GOV.UK style (27 March 2026, 4:05pm), in the time of the place (Europe/London).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from triservice.kernel.words import long_date

UNKNOWN = "Not known"


def day(value: date | datetime | None) -> str:
    """Return "27 March 2026"; an aware moment is first taken to the local day."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return long_date(value)


def clock(value: datetime | None) -> str:
    """Return "4:05pm" in local time."""
    return UNKNOWN if value is None else _clock(timezone.localtime(value))


def _clock(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local.minute:02}{'am' if local.hour < 12 else 'pm'}"


def moment(value: datetime | None) -> str:
    """Return "27 March 2026 at 4:05pm" in local time."""
    if value is None:
        return UNKNOWN
    local = timezone.localtime(value)
    return f"{long_date(local)} at {_clock(local)}"


def number(value: float | None) -> str:
    """Return a whole number with thousands separated, another with three significant figures."""
    if value is None:
        return UNKNOWN
    return f"{value:,}" if value == int(value) else f"{value:,.3g}"


def known(value: Any) -> Any:
    """Return the value, or "Not known" for nothing: unknown is said, never left blank."""
    return UNKNOWN if value is None or value == "" else value


def listed(values: Iterable[Any], last: str = "and") -> str:
    """Return "a, b and c"."""
    words = [str(value) for value in values]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def first_up(value: Any) -> str:
    """Return the text with its first letter a capital and the rest as it is (unlike capitalize)."""
    text = str(value)
    return text[:1].upper() + text[1:]


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return "1 visit", "3 visits", "2 children"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "clock": clock,
    "moment": moment,
    "number": number,
    "known": known,
    "listed": listed,
    "first_up": first_up,
    "plural": plural,
}
