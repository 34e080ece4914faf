"""Read the cells of a column of statistics: numbers, clock times, marks for "not known"."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any, Literal

Kind = Literal["count", "rate", "score"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KIND_WORDS: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("score", _words("rank decile quintile quartile percentile score index")),
    (
        "rate",
        _words(
            "rate rates per percent percentage pct proportion prop share ratio mean median "
            "density minutes time times"
        ),
    ),
)
# How publishers write "not known" or "too small to say".
_BLANK = _words("na n/a nan null none - -- – — . .. … : * ** c x [c] [x] [z] [u] [low]")
_NO_CODE = _words("na n/a nan null none -")
_EXCEL_TIME = re.compile(
    r"(?:1899-12-3[01]|1900-01-0[01])[T ](\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:Z|\+00:00)?"
)
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d(?:\.\d+)?)")


def infer_kind(column: str) -> Kind:
    """Return the kind that the words of a column's name suggest; count when none does."""
    words = set(re.split(r"[^a-z]+", column.lower()))
    return next((kind for kind, telling in _KIND_WORDS if words & telling), "count")


def is_blank(raw: Any) -> bool:
    """Whether a cell is empty or holds a publisher's mark for a value that is not given."""
    return raw is None or raw != raw or str(raw).strip().lower() in (_BLANK | {""})


def read_code(raw: Any) -> str:
    """Return an area code as text, "" when there is none."""
    text = "" if raw is None or raw != raw else str(raw).strip()
    return "" if text.lower() in _NO_CODE else text


def read_number(raw: Any) -> tuple[float | None, bool]:
    """Return a cell as a number (None when it is not one), and whether it was a clock time."""
    if isinstance(raw, bool):
        return None, False
    if isinstance(raw, (int, float)):
        return (None if raw != raw else float(raw)), False
    if isinstance(raw, timedelta):
        return raw.total_seconds() / 60, True
    if isinstance(raw, time):
        return raw.hour * 60 + raw.minute + raw.second / 60, True
    if isinstance(raw, datetime):
        raw = raw.isoformat()
    text = str(raw).strip()
    if clock := _EXCEL_TIME.fullmatch(text) or _CLOCK.fullmatch(text):
        hours, minutes, seconds = (float(part) for part in clock.groups())
        return hours * 60 + minutes + seconds / 60, True
    plain = re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", text).removesuffix("%").removeprefix("£")
    try:
        return (float(plain) if "_" not in plain else None), False
    except ValueError:
        return None, False
