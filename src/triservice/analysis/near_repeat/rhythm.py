"""When events come: hours of the week, with spans spread evenly over the hours they cover.

The aoristic method (Ratcliffe 2002, "Aoristic signatures and the spatio-temporal analysis of high
volume crime patterns"): an event known only to lie between two times counts in each hour by the
share of its span in that hour.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from triservice.analysis.near_repeat.incidents import local_times

Times = NDArray[np.datetime64]
Floats = NDArray[np.float64]
WEEK_HOURS = 168
_MONDAY = 4 * 86_400  # 1970-01-01 was a Thursday: seconds until its first Monday


def week_profile(
    start: Times,
    end: Times,
    time_zone: str,
    group: NDArray[np.integer] | None = None,
    groups: int = 1,
) -> Floats:
    """Return (groups, 168) expected events in each local hour of the week, Monday 00:00 first.

    `start`, `end` (n,) UTC; `group` (n,) the group of each event. Each row adds up to the number
    of events of the group. A span longer than a week is spread over the whole week.
    """
    first = local_times(start, time_zone).astype(np.int64)
    last = first + (end - start).astype("timedelta64[s]").astype(np.int64)
    which = np.zeros(len(first), np.int64) if group is None else np.asarray(group, np.int64)
    profile: Floats = _spread(first - _MONDAY, last - _MONDAY, which, groups)
    return profile


def by_hour(week: Floats) -> Floats:
    """Return (…, 24) hours of the day from (…, 168) hours of the week."""
    hours: Floats = week.reshape(*week.shape[:-1], 7, 24).sum(-2)
    return hours


def busiest_window(hours: Floats, length: int) -> tuple[int, float]:
    """Return the first hour of the busiest `length` hours running, and their share.

    The hours may run past midnight; the earliest of equals. The share is 0 when nothing is counted.
    """
    around = np.concatenate((hours, hours[: length - 1]))
    sums = np.convolve(around, np.ones(length), mode="valid")
    first = int(np.argmax(sums >= sums.max() * (1 - 1e-12)))
    total = hours.sum()
    return first, float(sums[first] / total) if total else 0.0


@njit(cache=True, nogil=True)
def _spread(start, end, group, groups):  # type: ignore[no-untyped-def]
    profile = np.zeros((groups, WEEK_HOURS))
    for i in range(len(start)):
        span = end[i] - start[i]
        hour = start[i] // 3600
        if span <= 0:
            profile[group[i], hour % WEEK_HOURS] += 1.0
        elif span >= WEEK_HOURS * 3600:
            profile[group[i]] += 1.0 / WEEK_HOURS
        else:
            at = start[i]
            while at < end[i]:
                beyond = min((hour + 1) * 3600, end[i])
                profile[group[i], hour % WEEK_HOURS] += (beyond - at) / span
                at = beyond
                hour += 1
    return profile
