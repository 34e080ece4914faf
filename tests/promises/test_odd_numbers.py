"""Numbers that no row can have, and digits that are none, find nothing and break nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from promised_world import World

from triservice.access.pages import number_in
from triservice.kernel.access_words import Role

ODD = ["²", "٣", "-1", "0", "1e9", "9" * 30, "9" * 5_000, "a", "", "\x00"]


@pytest.mark.parametrize(
    ("said", "number"),
    [("7", 7), ("100", 100), ("101", 1), *((odd, 1) for odd in ODD if odd != "0"), (None, 1)],
)
def test_a_number_in_an_address(said: str | None, number: int) -> None:
    assert number_in(said, 1, 100) == number


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_number_is_answered(world: World, odd: str) -> None:
    lead = world.client("police", Role.DATA_PROTECTION_LEAD)
    asked: dict[str, dict[str, Any]] = {
        "access:disclosures": {
            "page": odd,
            "agency": odd,
            "row": f"subjects.recordpart {odd}",
            "about": odd,
        },
        "subjects:pairs": {"after": odd},
        "picture:pictures": {"page": odd},
    }
    for name, query in asked.items():
        assert lead.get(reverse(name), query).status_code == 200, name
    for name in ("access:request_new", "access:emergency_new"):
        query = {"subject": world.args["person"], "owner": odd, "class": "health"}
        assert lead.get(reverse(name), query).status_code == 404, name
    sent = {"why": "Invented: another birthday", "record": odd}
    wrong = lead.post(reverse("subjects:wrong", args=[world.args["person"]]), sent)
    assert wrong.status_code in (302, 404, 422)
