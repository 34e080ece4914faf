from __future__ import annotations

from enum import StrEnum

import pytest

from triservice.kernel.words import choices, many


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
