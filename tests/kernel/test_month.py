"""Months as text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triservice.kernel.errors import InputError
from triservice.kernel.month import month_bounds, months_between, next_month, parse_month

months = st.builds("{:04d}-{:02d}".format, st.integers(1000, 8000), st.integers(1, 12))


def test_parse():
    assert parse_month("2025-01") == (2025, 1)


@pytest.mark.parametrize("text", ["", "2025", "2025-13", "2025-00", "2025-1", "2025-01-01", "a"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(InputError, match="is not a month"):
        parse_month(text)


@pytest.mark.parametrize(
    ("month", "step", "then"),
    [
        ("2024-12", 1, "2025-01"),
        ("2025-01", -1, "2024-12"),
        ("2025-01", 0, "2025-01"),
        ("2025-01", 25, "2027-02"),
        ("2025-03", -15, "2023-12"),
    ],
)
def test_next(month, step, then):
    assert next_month(month, step) == then


@given(months, st.integers(-1200, 1200))
def test_there_and_back(month, step):
    assert next_month(next_month(month, step), -step) == month


@given(months, st.integers(0, 60))
def test_between_holds_both_ends_in_order(month, step):
    found = months_between(month, next_month(month, step))
    assert len(found) == step + 1
    assert found[0] == month
    assert found == sorted(set(found))


def test_between_is_empty_backwards():
    assert months_between("2025-02", "2025-01") == []


def test_bounds_are_local_midnights_across_a_change_of_clock():
    start, end = month_bounds("2025-03", "Europe/London")
    assert start.astimezone(UTC) == datetime(2025, 3, 1, 0, tzinfo=UTC)
    assert end.astimezone(UTC) == datetime(2025, 3, 31, 23, tzinfo=UTC)
