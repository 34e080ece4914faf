"""Times as text in a column of a file → local clock, offset, precision, from the bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake import time_formats as op
from triservice.analysis.lake.clocks import (
    DAY,
    DAY_CODE,
    EARLIEST_YEAR,
    LATEST_YEAR,
    MINUTE,
    SECOND,
    Micros,
    local_to_utc,
)
from triservice.analysis.lake.compiled import compiled
from triservice.analysis.lake.numbers import parse_number
from triservice.analysis.lake.records import Bytes, Offsets, is_missing, trim
from triservice.analysis.lake.time_formats import Formats

OK, MISSING, BAD = 0, 1, 2
_NAMES = (
    b"january february march april may june july august september october november december"
).split()
_MONTH_NAMES = np.frombuffer(b"".join(_NAMES), np.uint8)
_NAME_BOUNDS = np.cumsum([0, *map(len, _NAMES)])
_NO_OFFSET = 1 << 40
# %Y-%m-%d %H:%M:%S
_PLAIN = np.array(
    [
        *(op.YEAR, op.LITERAL + 45, op.MONTH, op.LITERAL + 45, op.DAY, op.LITERAL + 32),
        *(op.HOUR, op.LITERAL + 58, op.MINUTE, op.LITERAL + 58, op.SECOND),
    ],
    np.int64,
)


@compiled
def days_from_civil(year: int, month: int, day: int) -> int:
    """Return days since 1970-01-01 of a Gregorian date (Howard Hinnant's algorithm)."""
    if month <= 2:
        year -= 1
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@compiled
def _days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


@compiled
def _digits(data: Bytes, at: int, end: int, most: int) -> tuple[int, int]:
    """Return (number, position after it); position `at` when there is no digit."""
    value, start = 0, at
    while at < end and at - start < most and 48 <= data[at] <= 57:
        value = value * 10 + int(data[at]) - 48
        at += 1
    return value, at


@compiled
def _letters(data: Bytes, at: int, end: int) -> int:
    while at < end and (65 <= data[at] <= 90 or 97 <= data[at] <= 122):
        at += 1
    return at


@compiled
def _month_name(data: Bytes, start: int, end: int) -> int:
    """Return the month whose name, or at least its first three letters, stands there; or 0."""
    if end - start < 3:
        return 0
    for month in range(12):
        name, over = _NAME_BOUNDS[month], _NAME_BOUNDS[month + 1]
        if end - start > over - name:
            continue
        same = True
        for index in range(end - start):
            same &= (data[start + index] | 32) == _MONTH_NAMES[name + index]
        if same:
            return month + 1
    return 0


@compiled
def _offset(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Return (minutes east of UTC, position after), or position -1."""
    if at < end and (data[at] == 90 or data[at] == 122):
        return 0, at + 1
    if at >= end or (data[at] != 43 and data[at] != 45):
        return 0, -1
    sign = -1 if data[at] == 45 else 1
    hours, after = _digits(data, at + 1, end, 2)
    if after != at + 3:
        return 0, -1
    if after < end and data[after] == 58:
        after += 1
    minutes, last = _digits(data, after, end, 2)
    if last == after:
        minutes = 0
    return sign * (hours * 60 + minutes), last


@compiled
def _parse_one(
    data: Bytes, start: int, end: int, operations: NDArray[np.int64], first: int, last: int
) -> tuple[int, int, int]:
    """Return (microseconds on the local clock, offset in minutes or _NO_OFFSET, status).

    A status above BAD is that of an Excel date without a time of day.
    """
    year, month, day, hour, minute, second, micro = 1970, 1, 1, 0, 0, 0, 0
    offset, half = _NO_OFFSET, 0
    at = start
    for index in range(first, last):
        operation = operations[index]
        before = at
        if operation >= op.LITERAL:
            if at >= end or data[at] != operation - op.LITERAL:
                return 0, 0, BAD
            at += 1
        elif operation == op.SPACE_OR_T:
            if at >= end or (data[at] != 32 and data[at] != 84 and data[at] != 116):
                return 0, 0, BAD
            at += 1
        elif operation == op.YEAR:
            year, at = _digits(data, at, end, 4)
            if at - before != 4:
                return 0, 0, BAD
        elif operation == op.SHORT_YEAR:
            year, at = _digits(data, at, end, 2)
            if at - before != 2:
                return 0, 0, BAD
            year += 2000 if year < 69 else 1900  # as POSIX has it
        elif operation == op.NAME:
            at = _letters(data, at, end)
            month = _month_name(data, before, at)
            if month == 0:
                return 0, 0, BAD
        elif operation in (op.WEEKDAY, op.HALF):
            at = _letters(data, at, end)
            if at == before:
                return 0, 0, BAD
            if operation == op.HALF:
                half = int(data[before]) | 32  # a or p
        elif operation == op.OFFSET:
            offset, at = _offset(data, at, end)
            if at < 0:
                return 0, 0, BAD
        elif operation == op.FRACTION:
            micro, at = _digits(data, at, end, 6)
            if at == before:
                return 0, 0, BAD
            for _ in range(6 - (at - before)):
                micro *= 10
            _, at = _digits(data, at, end, 3)  # nanoseconds are cut
        elif operation in (op.EXCEL, op.UNIX, op.UNIX_MS):
            value, status = parse_number(data, at, end, 46)
            if status == BAD or (status == OK and not 0 <= value < 1e14):
                return 0, 0, BAD
            if status != OK:  # more than 15 digits: a serial day's fraction; cut to 14
                value, status = parse_number(data, at, min(end, at + 15), 46)
                if status != OK:
                    return 0, 0, BAD
            if operation == op.EXCEL:
                if not 1 <= value < 73_051:  # the year 2100
                    return 0, 0, BAD
                seconds = round((value - 25_569.0) * 86_400.0)
                return seconds * SECOND, _NO_OFFSET, (DAY_CODE + 10 if value % 1 == 0 else OK)
            scale = 1_000 if operation == op.UNIX_MS else SECOND
            micros = round(value * scale)
            if not 0 <= micros < 130 * 366 * DAY:
                return 0, 0, BAD
            return micros, 0, OK
        else:
            value, at = _digits(data, at, end, 2)
            if at == before:
                return 0, 0, BAD
            if operation == op.MONTH:
                month = value
            elif operation == op.DAY:
                day = value
            elif operation == op.MINUTE:
                minute = value
            elif operation == op.SECOND:
                second = value
            else:
                hour = value
                if operation == op.HOUR12 and not 1 <= hour <= 12:
                    return 0, 0, BAD
    if at != end:
        return 0, 0, BAD
    if half == 112 and hour < 12:  # p
        hour += 12
    elif half == 97 and hour == 12:  # a
        hour = 0
    elif half != 0 and half != 97 and half != 112:
        return 0, 0, BAD
    if not (EARLIEST_YEAR <= year <= LATEST_YEAR and 1 <= month <= 12):
        return 0, 0, BAD
    if not (1 <= day <= _days_in_month(year, month) and hour < 24 and minute < 60 and second < 60):
        return 0, 0, BAD
    seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
    return seconds * SECOND + micro, offset, OK


@compiled
def _pair(data: Bytes, at: int) -> int:
    """Return the number that two digits make; at least 100 when they are not digits."""
    tens, ones = int(data[at]) - 48, int(data[at + 1]) - 48
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else 10_000


@compiled
def _parse_plain(data: Bytes, at: int) -> int:
    """Return the microseconds of a value written YYYY-MM-DD HH:MM:SS, or -1 << 62."""
    year = _pair(data, at) * 100 + _pair(data, at + 2)
    month, day = _pair(data, at + 5), _pair(data, at + 8)
    hour, minute, second = _pair(data, at + 11), _pair(data, at + 14), _pair(data, at + 17)
    ok = data[at + 4] == 45 and data[at + 7] == 45 and data[at + 13] == 58 and data[at + 16] == 58
    if not (ok and (data[at + 10] == 32 or data[at + 10] == 84)):
        return -1 << 62
    if not (EARLIEST_YEAR <= year <= LATEST_YEAR and 1 <= month <= 12):
        return -1 << 62
    if not (1 <= day <= _days_in_month(year, month) and hour < 24 and minute < 60 and second < 60):
        return -1 << 62
    days = days_from_civil(year, month, day)
    return (days * 86_400 + hour * 3600 + minute * 60 + second) * SECOND


@compiled
def _parse_times(
    data: Bytes,
    starts: Offsets,
    ends: Offsets,
    operations: NDArray[np.int64],
    bounds: NDArray[np.int64],
    precisions: NDArray[np.int64],
    words: Bytes,
    word_bounds: Offsets,
    micros: Micros,
    offsets: NDArray[np.int64],
    precision: NDArray[np.uint8],
    status: NDArray[np.uint8],
) -> None:
    plain = -1  # the format that is YYYY-MM-DD HH:MM:SS, for which there is a quicker way
    for index in range(len(precisions)):
        first = bounds[index]
        if bounds[index + 1] - first == len(_PLAIN) and plain < 0:
            same = True
            for step in range(len(_PLAIN)):
                operation = operations[first + step]
                same &= operation == _PLAIN[step] or (step == 5 and operation == op.SPACE_OR_T)
            if same:
                plain = index
    t_allowed = plain >= 0 and operations[bounds[plain] + 5] == op.SPACE_OR_T
    likely = 0  # rows mostly share a format: try the last one that fitted first
    count = len(precisions)
    for row in range(len(micros)):
        start, end = trim(data, starts[row], ends[row])
        micros[row], offsets[row], precision[row] = 0, _NO_OFFSET, 0
        status[row] = MISSING if start == end else BAD
        if start == end:
            continue
        if plain >= 0 and end - start == 19 and (t_allowed or data[start + 10] == 32):
            value = _parse_plain(data, start)
            if value != -1 << 62:
                micros[row], status[row], precision[row] = value, OK, precisions[plain]
                continue
        for attempt in range(count):
            index = (likely + attempt) % count
            value, offset, said = _parse_one(
                data, start, end, operations, bounds[index], bounds[index + 1]
            )
            if said != BAD:
                micros[row], offsets[row], status[row] = value, offset, OK
                precision[row] = said - 10 if said >= 10 else precisions[index]
                likely = index
                break
        if status[row] == BAD and is_missing(data, start, end, words, word_bounds):
            status[row] = MISSING


@dataclass
class Times:
    """One column of parsed times: all (n,).

    micros: microseconds since 1970 on the local clock (on UTC where `offset` is known);
    offset: minutes east of UTC stated in the value, or NO_OFFSET; precision: index into
    TIME_PRECISIONS; status: OK, MISSING or BAD.
    """

    micros: Micros
    offset: NDArray[np.int64]
    precision: NDArray[np.uint8]
    status: NDArray[np.uint8]

    def has_offsets(self) -> bool:
        """Say whether any value states its distance from UTC."""
        return bool((self.offset != _NO_OFFSET).any())

    def in_utc(self, zone: str) -> Micros:
        """Return instants in UTC, reading local clocks in `zone`."""
        stated = self.offset != _NO_OFFSET
        if not stated.any():
            return local_to_utc(self.micros, zone)
        local = local_to_utc(np.where(stated, 0, self.micros), zone)
        return np.where(stated, self.micros - self.offset * MINUTE, local)


def read_times(
    data: Bytes, starts: Offsets, ends: Offsets, formats: Formats, words: Bytes, bounds: Offsets
) -> Times:
    """Parse one column of times."""
    n = len(starts)
    times = Times(
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.uint8), np.empty(n, np.uint8)
    )
    _parse_times(
        data, starts, ends, formats.operations, formats.bounds, formats.precisions, words, bounds,
        times.micros, times.offset, times.precision, times.status,
    )  # fmt: skip
    return times
