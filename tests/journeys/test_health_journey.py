"""An officer asks for health data, the Caldicott guardian narrows and approves, and it runs out.

The data protection lead then sees all of it on the record.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from small_partnership import ILLNESS, Small

from browsing import DESK, PHONE
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHY = "Invented: she may be on oxygen, and there are scorch marks by her chair"


def write_day(page: Any, days: int) -> None:
    """Write the day that is `days` ahead into the one date on the page."""
    day = (clock.now() + timedelta(days=days)).date()
    for name, part in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(name, exact=True).fill(str(part))


def test_an_officer_asks_and_reads_until_it_ends(
    small: Small,
    visit: Callable[..., Any],
    look: Callable[[Any, str], None],
    later: Callable[..., None],
) -> None:
    officer, guardian = (small.officers[n] for n in ("Morwenna Tregarth", "Eseld Hambly"))
    page = visit(reverse("subjects:search"), officer, viewport=PHONE)
    look(page, "1-search")
    page.get_by_label("Name, address").fill("tegan penberthy")  # misspelt
    page.get_by_role("button", name="Search").click()
    look(page, "2-found")
    page.get_by_role("link", name="Tegen Penberthy").click()
    said = page.locator("main").inner_text()
    assert {"Penmarric Police", "Penmarric Fire", "Penmarric Council"} <= set(
        page.get_by_role("group", name="Known to").locator(".govuk-tag").all_inner_texts()
    )
    assert "Health withheld by Penmarric Health" in said
    assert "because the agreement opens this only on approval" in said
    assert ILLNESS not in said
    look(page, "3-person")
    person = page.url

    page.get_by_role("link", name="for Health").click()
    look(page, "4-ask")
    page.get_by_role("button", name="Send the request").click()
    assert page.title().startswith("Error: ")
    look(page, "5-error")
    page.get_by_label("Why do you need it?").fill(WHY)
    page.get_by_label("Which case or visit is it for?").fill("Visit 12 (invented)")
    page.get_by_label("What was the person told?").fill(
        "Invented: told on the doorstep, and agreed"
    )
    page.get_by_label("Summary").check()
    page.get_by_label("Details").check()
    write_day(page, 14)
    page.get_by_role("button", name="Send the request").click()
    page.get_by_text("Your request has gone to Penmarric Health").wait_for()
    assert page.url == person  # back where they were
    look(page, "6-sent")

    deciding = visit(reverse("access:request_queue"), guardian)
    assert "About Tegen Penberthy" in deciding.locator("main").inner_text()
    look(deciding, "7-queue")
    deciding.get_by_role("link", name="Health data").click()
    assert WHY in deciding.locator("main").inner_text()
    who = deciding.get_by_role("link", name="Tegen Penberthy")
    assert str(small.person("Penberthy").key) in who.get_attribute("href")
    look(deciding, "8-request")
    deciding.get_by_role("button", name="Approve, or approve less").click()
    assert "records about Tegen Penberthy" in deciding.locator("main").inner_text()
    deciding.get_by_label("Details").uncheck()
    write_day(deciding, 2)
    deciding.get_by_label("What the officer should know").fill("The summary is enough for a visit")
    look(deciding, "9-approve")
    deciding.get_by_role("button", name="Approve", exact=True).click()
    deciding.get_by_text("Narrowed").wait_for()
    look(deciding, "10-approved")

    page.goto(page.url.replace(page.evaluate("location.pathname"), reverse("access:requests")))
    assert "About Tegen Penberthy" in page.locator("main").inner_text()
    page.get_by_role("link", name="Health data").click()
    look(page, "11-answer")
    page.goto(person)
    said = page.locator("main").inner_text()
    assert ILLNESS in said
    assert "weekly" not in said  # of the details, which the guardian left out
    look(page, "12-reading")

    later(days=3)
    page = visit(person.split("//")[1].partition("/")[2].join(("/", "")), officer, viewport=PHONE)
    assert page.url == person
    said = page.locator("main").inner_text()
    assert ILLNESS not in said
    assert "Health withheld by Penmarric Health" in said
    look(page, "13-over")

    lead = visit(
        reverse("access:disclosures"), small.officers["Sidwella Rule"], Purpose.ADMINISTRATION, DESK
    )
    said = lead.locator("main").inner_text()
    assert "Morwenna Tregarth" in said
    assert "opened a person" in said
    assert "approve a request" in said
    look(lead, "14-record")

    lead = visit(reverse("access:disclosures"), small.officers["Loveday Spargo"])
    said = lead.locator("main").inner_text()
    assert "searched for people" in said
    assert "ask for access" in said
    look(lead, "15-record-of-ours")
    tegen = reverse("subjects:person", args=[small.person("Penberthy").key])
    lead.goto(lead.url.replace(reverse("access:disclosures"), tegen))
    lead.get_by_role("link", name="Report of who read our records here").click()
    lead.get_by_role("radio", name="Subject rights").check()  # asked first
    lead.get_by_role("button", name="Continue").click()
    lead.get_by_role("heading", name="Who read about Tegen Penberthy").wait_for()
    assert "Morwenna Tregarth, officer, Penmarric Fire" in lead.locator("main").inner_text()
    look(lead, "16-who-read")
