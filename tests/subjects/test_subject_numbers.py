"""Numbers in their one spelling, or a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triservice.subjects import numbers


@pytest.mark.parametrize(
    ("read", "written", "spelt"),
    [
        (numbers.postcode, "tr131ab", "TR13 1AB"),
        (numbers.postcode, " sw1a  2aa ", "SW1A 2AA"),
        (numbers.telephone, "+44 (0)1736 000 000", "01736000000"),
        (numbers.telephone, "0044 7700 900123", "07700900123"),
        (numbers.nhs_number, "943 476 5919", "9434765919"),  # the Data Dictionary's example
        (numbers.uprn, "000100012345", "100012345"),
        (numbers.day, "12/03/1948", date(1948, 3, 12)),
        (numbers.day, "1948-03-12", date(1948, 3, 12)),
        (numbers.day, "29.2.2000", date(2000, 2, 29)),
    ],
)
def test_one_spelling(read: Callable[[str], object], written: str, spelt: object) -> None:
    assert read(written) == spelt


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (numbers.postcode, "TR13"),
        (numbers.telephone, "none"),
        (numbers.telephone, "12"),
        (numbers.nhs_number, "9434765918"),
        (numbers.nhs_number, "123"),
        (numbers.uprn, "ABC"),
        (numbers.uprn, "1234567890123"),
        (numbers.day, "31/02/1948"),
        (numbers.day, "12/03/48"),
        (numbers.day, "March"),
    ],
)
def test_refused_with_what_is_wrong(read: Callable[[str], object], written: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        read(written)


@given(st.integers(0, 9), st.integers(0, 8))
def test_any_one_wrong_digit_of_an_nhs_number_is_found(digit: int, place: int) -> None:
    right = "9434765919"
    wrong = right[:place] + str(digit) + right[place + 1 :]
    if wrong != right:
        with pytest.raises(ValueError, match="check digit"):
            numbers.nhs_number(wrong)
