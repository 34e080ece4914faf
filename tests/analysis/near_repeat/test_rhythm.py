"""Hours of the week against hand-worked examples and minute-by-minute counting."""

from __future__ import annotations

import numpy as np
import pytest

from triservice.analysis.near_repeat.rhythm import busiest_window, by_hour, week_profile


def when(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[s]")


def test_exact_events_fall_into_their_local_hour() -> None:
    # 1 June 2026 is a Monday; 23:10 UTC is 00:10 on Tuesday in London.
    at = when("2026-06-01T00:10:00", "2026-06-01T23:10:00")
    week = week_profile(at, at, "Europe/London")[0]
    assert week[1] == 1  # Monday, 01
    assert week[24] == 1  # Tuesday, 00
    assert week.sum() == 2


def test_a_span_is_shared_by_its_hours() -> None:
    """From 22:30 to 01:00 (2.5 h): a fifth before 23:00, two fifths in each hour after."""
    week = week_profile(when("2026-01-05T22:30:00"), when("2026-01-06T01:00:00"), "UTC")[0]
    assert week[[22, 23, 24]] == pytest.approx([0.2, 0.4, 0.4])
    assert by_hour(week)[[22, 23, 0]] == pytest.approx([0.2, 0.4, 0.4])


def test_spans_as_counted_minute_by_minute() -> None:
    rng = np.random.default_rng(2)
    start = np.datetime64("2026-01-05", "s") + rng.integers(0, 14 * 1440, 40) * 60
    minutes = rng.integers(1, 7 * 1440 - 1, 40)
    end = start + minutes * np.timedelta64(60, "s")
    expected = np.zeros(168)
    for first, length in zip(start, minutes, strict=True):
        every = (first + np.arange(length) * np.timedelta64(60, "s")).astype("datetime64[h]")
        hour = (every.astype(int) - 96) % 168
        np.add.at(expected, hour, 1 / length)
    assert week_profile(start, end, "UTC")[0] == pytest.approx(expected)


def test_long_spans_say_nothing_and_groups_are_apart() -> None:
    start = when("2026-01-01T00:00:00", "2026-01-01T05:00:00")
    end = when("2026-02-01T00:00:00", "2026-01-01T05:00:00")
    week = week_profile(start, end, "UTC", np.array([1, 0]), 3)
    assert week[1] == pytest.approx(np.full(168, 1 / 168))
    assert week.sum(1) == pytest.approx([1, 1, 0])


def test_busiest_window_runs_past_midnight() -> None:
    hours = np.zeros(24)
    hours[[23, 0, 1, 12]] = [4, 3, 2, 1]
    assert busiest_window(hours, 4) == (22, 0.9)
    assert busiest_window(np.zeros(24), 4) == (0, 0.0)
    assert busiest_window(np.ones(24), 24) == (0, 1.0)
