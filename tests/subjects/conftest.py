"""The invented partnership at noon, with no terms yet, and rows about an invented person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from partnership import NOON, Partnership, make_partnership
from triservice.kernel import clock
from triservice.kernel.access_words import Role


@pytest.fixture
def invented(db: None) -> Iterator[Partnership]:
    with clock.frozen(NOON):
        yield make_partnership(
            terms=False,
            roles=(Role.OFFICER, Role.DATA_OWNER, Role.TEAM_LEADER, Role.CALDICOTT_GUARDIAN),
        )


@pytest.fixture
def row() -> Callable[..., dict[str, Any]]:
    """Return a function that makes a row about an invented person; columns may be changed."""

    def make(key: str, **more: object) -> dict[str, Any]:
        return {
            "source_key": key,
            "kind": "invented record",
            "person_number": f"P{key}",
            "given_name": "Morwenna",
            "family_name": "Trevanion",
            "date_of_birth": "1948-03-12",
            "happened_at": "2026-05-01T12:00:00+00:00",
            "role": "resident",
        } | more

    return make
