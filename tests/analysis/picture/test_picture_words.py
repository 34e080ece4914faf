"""Numbers and lists as people write them."""

import math

import pytest

from triservice.analysis.picture import words


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (14893, 0, "14,893"),
        (62.14, 1, "62.1"),
        (-0.4, 1, "−0.4"),
        (-0.04, 1, "0.0"),
        (None, 0, "–"),
        (math.nan, 0, "–"),
    ],
)
def test_numbers(value: float | None, digits: int, text: str) -> None:
    assert words.number(value, digits) == text


def test_p_is_never_zero() -> None:
    assert words.p_value(0.0) == "p\u00a0<\u00a00.001"
    assert words.p_value(0.0123) == "p\u00a0=\u00a00.012"
    assert words.p_value(0.42) == "p\u00a0=\u00a00.42"
    assert words.p_only(0.0001) == "<\u00a00.001"
    assert words.p_only(0.25) == "0.25"
    assert words.p_only(None) == "–"


def test_lists_shares_and_periods() -> None:
    assert words.listing(["a", "b", "c"]) == "a, b and c"
    assert words.listing(["a"]) == "a"
    assert words.worst_share(0.2) == "worst fifth"
    assert words.worst_share(0.15) == "worst 15%"
    months = ["2018-11", "2018-12", "2019-01", "2025-01"]
    assert words.runs(months) == [("2018-11", "2019-01"), ("2025-01", "2025-01")]
    assert words.period(months) == "November 2018 to January 2019 and January 2025"
    assert words.period([]) == "no months"


def test_counts_and_means_of_counts() -> None:
    assert words.count(12.0) == "12"
    assert words.count(10 / 3) == "3.3"
    assert words.interval(1.0, None) == ""
    assert words.interval(1.0, 2.0, 1) == "1.0 to 2.0"
