"""Periods as people write them: months or days, both ends included."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triservice.kernel.errors import InputError
from triservice.kernel.month import month_bounds


def read_period(
    since: str | None, until: str | None, time_zone: str
) -> tuple[datetime | None, datetime | None]:
    """Return the aware start (included) and end (excluded) of a period of local days.

    Each end is YYYY-MM or YYYY-MM-DD or None (open); the whole month or day counts.
    Raises InputError for other text, and for a period that ends before it starts.
    """
    start = _bounds(since, time_zone, "--since")[0] if since else None
    end = _bounds(until, time_zone, "--until")[1] if until else None
    if start and end and end <= start:
        raise InputError(f"the period ends ({until}) before it starts ({since})")
    return start, end


def _bounds(text: str, time_zone: str, option: str) -> tuple[datetime, datetime]:
    """Return the first moment of a month or day, and of the next one."""
    try:
        if len(text) == 7:
            return month_bounds(text, time_zone)
        day = date.fromisoformat(text)
        after = day + timedelta(days=1)
    except (InputError, ValueError, OverflowError):  # there is no day after 9999-12-31
        raise InputError(
            f"{option} {text!r} is neither a month nor a day",
            do="Write 2018-10 or 2018-10-31.",
        ) from None
    zone = ZoneInfo(time_zone)
    return (
        datetime.combine(day, time(), zone),
        datetime.combine(after, time(), zone),
    )
