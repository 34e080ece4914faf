"""A data owner suspends an agreement while an officer of another agency is reading under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from small_partnership import Small

from browsing import PHONE
from triservice.access.models import Disclosure
from triservice.kernel.access_words import Purpose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_agreement_is_suspended_while_someone_reads(
    small: Small, visit: Callable[..., Any], look: Callable[[Any, str], None]
) -> None:
    person = reverse("subjects:person", args=[small.person("Penberthy").key])
    officer = small.officers["Morwenna Tregarth"]
    reading = visit(person, officer, viewport=PHONE)
    assert "found walking at night" in reading.locator("main").inner_text()  # the police's
    look(reading, "1-reading")

    owner = visit(
        reverse("access:agreements"), small.officers["Tristan Bosanko"], Purpose.ADMINISTRATION
    )
    look(owner, "2-agreements")
    owner.get_by_role("link", name="Version 1").first.click()
    look(owner, "3-agreement")
    owner.get_by_role("button", name="Suspend").click()
    look(owner, "4-suspend")
    owner.get_by_role("button", name="Suspend").click()  # without a reason
    assert owner.title().startswith("Error: ")
    look(owner, "5-why")
    owner.get_by_label("Why").fill("Invented: a lost telephone is being looked into")
    owner.get_by_role("button", name="Suspend").click()
    owner.get_by_text("Suspended", exact=True).first.wait_for()
    look(owner, "6-suspended")

    before = Disclosure.objects.count()
    reading.reload()
    said = reading.locator("main").inner_text()
    assert "found walking at night" not in said
    assert "help twice a day" not in said
    assert "scorch marks" in said  # what their own agency holds
    assert "is suspended, so nothing is open under it" in said
    look(reading, "7-next-click")
    assert Disclosure.objects.count() > before
    reading.get_by_role("link", name="What happened").click()
    reading.get_by_text("a lost telephone is being looked into").wait_for()
    look(reading, "8-why")
