"""Journeys walk through the small partnership in a real browser; each page is looked at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from small_partnership import Small, make_agreed, make_small

from axe import assert_accessible
from browsing import DESK, PHONE, browser, visit  # noqa: F401
from triservice.kernel import clock

PICTURES = os.environ.get("TRISERVICE_SCREENSHOTS")


@pytest.fixture
def small(transactional_db: None) -> Small:
    """The partnership, there for the server's threads too."""
    return make_small()


@pytest.fixture
def agreed(transactional_db: None) -> Small:
    """The partnership with its agreement, and no records of anybody."""
    return make_agreed()


@pytest.fixture
def later() -> Iterator[Callable[..., None]]:
    """Return a function that moves everybody's clock on: later(hours=2)."""
    with ExitStack() as moves:
        yield lambda **by: moves.enter_context(clock.moved(timedelta(**by)))


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Callable[[Any, str], None]:
    """Return a function that holds a page to the rules of access and keeps pictures of it.

    They go to the folder in TRISERVICE_SCREENSHOTS, if it is set: one of a phone, one of a desk.
    """

    def looked(page: Any, name: str) -> None:
        page.wait_for_load_state()  # a click ends when the next page begins
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            name = f"{request.node.name.removeprefix('test_')}-{name}"
            own = page.viewport_size
            for size in (PHONE, DESK):
                page.set_viewport_size(size)
                page.screenshot(path=f"{PICTURES}/{name}-{size['width']}.png", full_page=True)
            page.set_viewport_size(own)
        assert page.locator("h1").count() == 1, name
        assert_accessible(page)

    return looked
