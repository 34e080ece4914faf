"""Local clocks ↔ instants in UTC, whole columns at a time; months and ends of spans."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.schema import TIME_PRECISIONS

Micros = NDArray[np.int64]  # since 1970

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
SECOND_CODE, MINUTE_CODE, HOUR_CODE, DAY_CODE, MONTH_CODE = range(len(TIME_PRECISIONS))
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100


@lru_cache(maxsize=32)
def _transitions(zone: str) -> tuple[Micros, Micros, Micros]:
    """Return (UTC instants of change, the local clock at which each takes hold, offsets)."""
    info = ZoneInfo(zone)

    def offset_at(second: int) -> int:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
        delta = moment.astimezone(info).utcoffset()
        return int(delta.total_seconds()) if delta is not None else 0

    first = int(datetime(EARLIEST_YEAR - 1, 12, 30, tzinfo=UTC).timestamp())
    last = int(datetime(LATEST_YEAR + 1, 1, 3, tzinfo=UTC).timestamp())
    step = 7 * 86_400  # no zone changes its clock and back within a week
    instants: list[int] = []
    locals_: list[int] = []
    offsets = [offset_at(first)]
    for start in range(first, last, step):
        before, after = offsets[-1], offset_at(start + step)
        if before == after:
            continue
        low, high = start, start + step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset_at(middle) == before else (low, middle)
        instants.append(high)
        # A local time that occurs twice means the first; one that is skipped counts on with the
        # old offset: both hold when the new offset begins at the later of the two clock readings.
        locals_.append(high + max(before, after))
        offsets.append(after)
    return (
        np.array(instants, np.int64) * SECOND,
        np.array(locals_, np.int64) * SECOND,
        np.array(offsets, np.int64) * SECOND,
    )


def local_to_utc(micros: Micros, zone: str) -> Micros:
    """Return instants (n,) of local clock times (n,) in `zone`, as Python does with fold=0."""
    if zone == "UTC" or len(micros) == 0:
        return micros
    _, locals_, offsets = _transitions(zone)
    return micros - _lookup(locals_, offsets, micros)


def utc_to_local(micros: Micros, zone: str) -> Micros:
    """Return the local clock (n,) in `zone` at instants (n,)."""
    if zone == "UTC" or len(micros) == 0:
        return micros
    instants, _, offsets = _transitions(zone)
    return micros + _lookup(instants, offsets, micros)


def _lookup(boundaries: Micros, offsets: Micros, micros: Micros) -> Micros:
    low, high = np.searchsorted(boundaries, [micros.min(), micros.max()], side="right")
    if low == high:  # the whole block lies between two changes of the clock
        return np.full(len(micros), offsets[low])
    near = np.searchsorted(boundaries[low:high], micros, side="right")
    return offsets[low : high + 1][near]


def months_of(micros: Micros) -> NDArray[np.int64]:
    """Return months since 1970-01 (n,) of local clock times (n,)."""
    days = micros // DAY
    first = int(days.min()) if len(days) else 0
    span = np.arange(first, int(days.max()) + 1 if len(days) else 0)
    months: Micros = span.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months[days - first]  # few days, many times


def end_of(local: Micros, precision: NDArray[np.uint8]) -> Micros:
    """Return the local clock time (n,) at which each time, of its precision, is over."""
    steps = np.array([0, MINUTE, HOUR, DAY, 0])
    ends: Micros = local + steps[precision]
    month = precision == MONTH_CODE
    if month.any():
        after = (months_of(local[month]) + 1).astype("datetime64[M]")
        ends[month] = after.astype("datetime64[us]").astype(np.int64)
    return ends
