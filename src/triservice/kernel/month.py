"""Months as text, `YYYY-MM`: the partition key of the lake and the step of every series."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from triservice.kernel.errors import InputError

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def parse_month(text: str) -> tuple[int, int]:
    """Return (year, month). Raises InputError when `text` is not YYYY-MM."""
    match = _MONTH.fullmatch(text)
    if not match:
        raise InputError(f"{text!r} is not a month", do="Write it as YYYY-MM, for example 2025-01.")
    return int(match[1]), int(match[2])


def next_month(month: str, step: int = 1) -> str:
    """Return the month `step` months after `month` (before it when negative)."""
    year, number = parse_month(month)
    years, index = divmod(year * 12 + number - 1 + step, 12)
    return f"{years:04d}-{index + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """Return every month from `first` to `last`, both included; empty when last is earlier."""
    (y0, m0), (y1, m1) = parse_month(first), parse_month(last)
    return [next_month(first, step) for step in range((y1 - y0) * 12 + m1 - m0 + 1)]


def month_bounds(month: str, time_zone: str) -> tuple[datetime, datetime]:
    """Return the aware instants at which `month` starts and the next one starts, local midnight."""
    zone = ZoneInfo(time_zone)

    def start(text: str) -> datetime:
        year, number = parse_month(text)
        return datetime(year, number, 1, tzinfo=zone)

    return start(month), start(next_month(month))
