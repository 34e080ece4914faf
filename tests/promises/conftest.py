"""One partnership for a whole module, put back after each test. Everything is invented."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from promised_world import World, make_world

from partnership import NOON
from triservice.kernel import clock
from undoing import db  # noqa: F401

SMALL = Path(__file__).parents[1] / "casework" / "schemes" / "small-visit.toml"


@pytest.fixture(scope="module")
def whole_world(module_database: None, tmp_path_factory: Any) -> Iterator[World]:
    """The invented partnership with one thing of each kind, at noon."""
    folder = tmp_path_factory.mktemp("schemes")
    small = SMALL.read_text(encoding="utf-8")
    for fire, police in (('lead = "fire"', 'lead = "police"'), ("small-visit", "police-visit")):
        small = small.replace(fire, police)
    (folder / "police-visit.toml").write_text(small, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, clock.frozen(NOON):
        patch.setenv("TRISERVICE_SCHEMES", str(folder))
        yield make_world()


@pytest.fixture
def world(whole_world: World, db: None, settings: Any) -> World:  # noqa: F811
    """The world of the module, for one test, without limits on how fast it asks."""
    settings.RATE_LIMITS_ON = False
    whole_world.clients.clear()  # sessions and tokens of the test before were undone with it
    whole_world.tokens.clear()
    return whole_world
