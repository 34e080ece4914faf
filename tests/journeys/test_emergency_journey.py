"""The glass is broken for minutes; the owner is told, reviews it, and the officer learns of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from small_partnership import ILLNESS, Small

from browsing import PHONE
from triservice.kernel.access_words import Purpose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHY = "Invented: smoke is seen at the window, and nobody knows whether oxygen is in the house"
FOUND = "Invented: right to open it; the crew needed to know about the oxygen"


def test_the_glass_is_broken_and_it_is_reviewed(
    small: Small,
    visit: Callable[..., Any],
    look: Callable[[Any, str], None],
    later: Callable[..., None],
) -> None:
    officer, guardian = (small.officers[n] for n in ("Morwenna Tregarth", "Eseld Hambly"))
    person = reverse("subjects:person", args=[small.person("Penberthy").key])
    page = visit(person, officer, Purpose.RESPONSE, PHONE)
    assert ILLNESS not in page.locator("main").inner_text()
    page.get_by_role("link", name="Emergency access to health data").click()
    look(page, "1-before")
    page.get_by_role("radio", name="Danger to a crew").check()
    page.get_by_label("What is happening?").fill("help help help help help help")
    page.get_by_role("button", name="Open it now").click()
    assert page.title().startswith("Error: ")
    look(page, "2-no-reason")
    page.get_by_label("What is happening?").fill(WHY)
    page.get_by_role("radio", name="15 minutes").check()
    page.get_by_role("button", name="Open it now").click()
    page.get_by_text("Open to you until").wait_for()
    look(page, "3-open")
    opened = page.url
    page.get_by_role("button", name="Go on to what you need").click()
    assert ILLNESS in page.locator("main").inner_text()
    look(page, "4-reading")

    lead = visit(reverse("access:notices"), small.officers["Sidwella Rule"])
    assert "emergency" in lead.locator("main").inner_text().lower()  # told at once
    look(lead, "5-told")

    later(minutes=16)
    page = visit(person, officer, Purpose.RESPONSE, PHONE)
    assert ILLNESS not in page.locator("main").inner_text()
    page.goto(opened)
    said = page.locator("main").inner_text()
    assert "Open to you until" not in said
    assert "Ended" in said
    look(page, "6-over")

    later(days=1)
    owner = visit(reverse("access:emergency_reviews"), guardian)
    assert "About Tegen Penberthy" in owner.locator("main").inner_text()
    look(owner, "7-to-review")
    owner.get_by_role("link", name="Health data of Penmarric Health").click()
    said = owner.locator("main").inner_text()
    assert WHY in said
    assert "opened a person" in said  # what was read under it
    assert owner.get_by_role("link", name="Tegen Penberthy").is_visible()
    look(owner, "8-what-was-read")
    owner.get_by_role("button", name="Review").click()
    assert "about Tegen Penberthy" in owner.locator("main").inner_text()
    owner.get_by_label("Justified", exact=True).check()
    owner.get_by_label("What did the review find?").fill(FOUND)
    look(owner, "9-review")
    owner.get_by_role("button", name="Record the review").click()
    owner.get_by_text("The review is recorded").wait_for()

    page = visit(opened.split("/", 3)[3].join(("/", "")), officer, Purpose.RESPONSE, PHONE)
    assert FOUND in page.locator("main").inner_text()
    look(page, "10-reviewed")
