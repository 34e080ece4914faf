from __future__ import annotations

from datetime import date
from enum import StrEnum

import pytest

from triservice.kernel.words import choices, long_date, many


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (2000, ("row",), "2,000 rows"),
        (1, ("outline crossed itself", "outlines crossed themselves"), "1 outline crossed itself"),
        (2, ("category", "categories"), "2 categories"),
    ],
)
def test_one_is_singular(count, words, said):
    assert many(count, *words) == said


def test_choices_keep_capitals_and_leave_out_the_empty_word():
    words = StrEnum("words", {"NONE": "", "VISIT": "prevention visit", "NHS": "an NHS trust"})
    said = [("prevention visit", "Prevention visit"), ("an NHS trust", "An NHS trust")]
    assert choices(words) == said


def test_a_date_has_no_zero_before_its_day():
    assert long_date(date(2026, 11, 8)) == "8 November 2026"
