"""Schemes in a real browser: accessible on phone and desk, and a form that follows its answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from axe import assert_accessible
from browsing import DESK, PHONE
from partnership import Partnership, make_partnership
from triservice.kernel.access_words import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Any]
VISIT = "/schemes/home-fire-safety/try/visit"


@pytest.fixture
def partnership(transactional_db: None) -> Partnership:
    return make_partnership(terms=False, roles=())


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_are_accessible(partnership: Partnership, visit: Visit, viewport: Any) -> None:
    officer = partnership.officer("fire", Role.OFFICER)
    page = visit("/schemes/", officer, viewport=viewport)
    for path in ("", "home-fire-safety", "home-fire-safety/paper/visit", VISIT.split("/", 2)[2]):
        page.goto(page.url.split("/schemes/")[0] + "/schemes/" + path)
        for details in page.locator("details").all():
            details.evaluate("one => one.open = true")
        assert_accessible(page)
    page.get_by_role("button", name="See what it comes to").click()
    page.get_by_role("alert").wait_for()
    assert_accessible(page)


def test_questions_come_and_go_with_the_answers(partnership: Partnership, visit: Visit) -> None:
    page = visit(VISIT, partnership.officer("fire", Role.OFFICER), viewport=PHONE)
    agrees = page.get_by_role("group", name="Does the person agree to be referred to the falls")
    assert not agrees.is_visible()
    for name in ("fallen in the last", "four or more medicines", "trouble with balance"):
        page.get_by_role("group", name=name).get_by_label("Yes").check()
    assert agrees.is_visible()
    page.get_by_role("group", name="trouble with balance").get_by_label("No", exact=True).check()
    assert not agrees.is_visible()
    drink = page.get_by_role("group", name="How often does the person have a drink")
    drink.get_by_label("2 to 4 times a month").check()
    units = page.get_by_role("group", name="how many units do they have")
    assert units.is_visible()
    drink.get_by_label("Never").check()
    assert not units.is_visible()


def test_without_script_every_question_is_there(partnership: Partnership, visit: Visit) -> None:
    officer = partnership.officer("fire", Role.OFFICER)
    page = visit(VISIT, officer, viewport=PHONE, java_script_enabled=False)
    assert page.get_by_text("Only if “Falls risk score” is 3 or more:").is_visible()
    assert page.get_by_role("group", name="agree to be referred to the falls").is_visible()
    assert page.get_by_label("What is the danger, and what did you do?").is_visible()
