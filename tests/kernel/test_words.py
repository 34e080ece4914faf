from __future__ import annotations

import pytest

from triservice.kernel.words import many


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
