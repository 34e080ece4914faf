"""Pages in a real browser: phone and desk, keyboard alone, without script, on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from axe import assert_accessible, violations
from browsing import DESK, PHONE
from triservice.agencies.models import Officer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("component_gallery"),
    pytest.mark.django_db(transaction=True),
]
Visit = Callable[..., Any]
SIZES = pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])


@SIZES
@pytest.mark.parametrize("path", ["/", "/nothing-here", "/accounts/sign-in/"])
def test_pages_before_signing_in(visit: Visit, path: str, viewport: dict[str, int]) -> None:
    assert_accessible(visit(path, viewport=viewport))


@SIZES
@pytest.mark.parametrize("path", ["/", "/gallery?said"])
def test_pages_of_an_officer(
    visit: Visit, officer: Officer, path: str, viewport: dict[str, int]
) -> None:
    assert_accessible(visit(path, officer, viewport=viewport))


@SIZES
def test_every_field_with_its_error(
    visit: Visit, officer: Officer, viewport: dict[str, int]
) -> None:
    page = visit("/gallery", officer, viewport=viewport)
    page.get_by_role("button", name="Send").click()
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    assert_accessible(page)
    page.get_by_role("link", name="Enter a valid date").or_(
        page.get_by_role("link", name="Enter date of birth")
    ).click()
    assert page.evaluate("document.activeElement.id") == "id_born_day"


def test_axe_would_find_what_is_wrong(visit: Visit) -> None:
    page = visit("/")
    page.evaluate("document.querySelector('main').innerHTML += '<img src=\"data:,\"><input>'")
    found = " ".join(violations(page))
    assert "image-alt" in found
    assert "label" in found


def test_by_keyboard_alone(visit: Visit, officer: Officer) -> None:
    page = visit("/gallery", officer)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"
    order = []
    for _ in range(60):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.name || ''"))
    wanted = ["name", "email", "password", "phone", "minutes", "why", "purpose", "born_day"]
    assert [name for name in dict.fromkeys(order) if name in wanted] == wanted


def test_focus_is_always_seen(visit: Visit, officer: Officer) -> None:
    page = visit("/gallery", officer)
    for _ in range(25):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => { const s = getComputedStyle(document.activeElement),
                l = getComputedStyle(document.activeElement.nextElementSibling || document.body);
                return s.outlineStyle !== 'none' || s.boxShadow !== 'none'
                    || l.boxShadow !== 'none' }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")


def test_targets_are_large_enough_for_a_finger(visit: Visit, officer: Officer) -> None:
    """WCAG 2.2, 2.5.8: 24 pixels, save links within a sentence."""
    page = visit("/gallery", officer, viewport=PHONE)
    small = page.evaluate(
        """() => [...document.querySelectorAll('a, button, select, input, summary')]
            .filter(e => e.offsetParent && !e.closest('p, dd, .app-withheld, .govuk-skip-link'))
            .filter(e => !['hidden', 'radio', 'checkbox'].includes(e.type))
            .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
            .filter(([, box]) => box.height < 24 || box.width < 24).map(([text]) => text)"""
    )
    assert not small


def test_without_script_everything_can_be_used(visit: Visit, officer: Officer) -> None:
    page = visit("/gallery", officer, java_script_enabled=False)
    assert page.get_by_text("Say which incident.").is_visible()  # nothing waits for script
    page.get_by_role("button", name="Send").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()


def test_on_paper_the_marking_is_there_and_the_buttons_are_not(
    visit: Visit, officer: Officer
) -> None:
    page = visit("/gallery", officer)
    page.emulate_media(media="print")
    assert page.locator(".app-marking").first.is_visible()
    assert page.locator(".app-marking").first.inner_text().endswith("OFFICIAL-SENSITIVE")
    assert page.get_by_role("button", name="Send").is_hidden()
    assert page.get_by_role("link", name="Change").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).page") == "sensitive"
    assert page.locator(".app-withheld").first.is_visible()


def test_large_text_does_not_break_the_page(visit: Visit, officer: Officer) -> None:
    page = visit("/gallery", officer, viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_typeface_is_our_own(visit: Visit) -> None:
    page = visit("/")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('16px \"Atkinson Hyperlegible\"')")
    family = page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")
    assert family.startswith('"Atkinson Hyperlegible"')
    assert "GDS" not in family
