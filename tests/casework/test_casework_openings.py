"""What an officer is offered to ask for by name is what rows of that class tell, and no more."""

from __future__ import annotations

import pytest

from triservice.access.openings.queries import field_names, protected_models

WARNING = {"kind", "relevance", "advice", "source"}  # of what classes one may be written by hand


@pytest.mark.parametrize(
    ("data_class", "also"),
    [
        ("household", set()),
        *((each, WARNING) for each in ("risk", "safeguarding", "health", "police")),
        ("contact", {"phone", "other_phone", "email", "kind", "need"}),
    ],
)
def test_the_details_that_are_offered(data_class: str, also: set[str]) -> None:
    offered = {name for name, _ in field_names(data_class)}
    of_tests = {
        name
        for model in protected_models().values()
        if not model.__module__.startswith("triservice.")
        for name in model.FIELDS
    }
    told = {"summary", "details", "text", "answers"} | also
    assert told <= offered <= told | of_tests
