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
    assert officer.name in page.content()
    page.wait_for_url("**/accounts/sign-in/?next=%2Fagencies%2F", timeout=15_000)
    assert officer.name not in page.content()
    page.get_by_text("You were signed out").wait_for()
