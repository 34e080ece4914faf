"""Nothing of a session stays on the screen when its time is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browsing import PHONE
from triservice.agencies.models import Officer
from triservice.kernel.access_words import Purpose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_page_left_open_clears_itself(
    visit: Callable[..., Any],
    officer: Officer,
    settings: Any,
) -> None:
    settings.SESSION_IDLE_SECONDS = 3
    page = visit("/agencies/", officer, Purpose.ADMINISTRATION, PHONE)
    # Everybody behind one address asked too much: that is not the end of the session.
    refused = {"status": 429, "headers": {"Retry-After": "2"}}
    page.route("**/session*", lambda route: route.fulfill(**refused), times=1)
    with page.expect_response(lambda answer: answer.status == 429):
        pass
    page.wait_for_timeout(500)
    assert officer.name in page.content()
    page.wait_for_url("**/accounts/sign-in/?next=%2Fagencies%2F", timeout=15_000)
    assert officer.name not in page.content()
    page.get_by_text("You were signed out").wait_for()
