"""Two records are joined by two people, and parted again. Name and birthday alone join nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from small_partnership import Small

from browsing import PHONE
from triservice.kernel.access_words import Purpose
from triservice.subjects.models import Merge, Person, RecordPart

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHY = "Invented: I called; the same late wife, and the same dog"


def people_named(family_name: str) -> list[Person]:
    """Return who has records under a name, joined or not, by the number of the record."""
    parts = RecordPart.objects.filter(data_class="identity", family_name=family_name)
    links = [part.record.links.get(person__isnull=False) for part in parts.order_by("pk")]
    return [link.person for link in links if link.person]


def say_same(page: Any, why: str) -> None:
    """Say of the pair on the page that it is one person."""
    page.get_by_label("the same", exact=False).first.check()
    page.get_by_label("Why").fill(why)
    page.get_by_role("button", name="Save").click()


def test_two_people_join_two_records_and_one_parts_them(
    small: Small, visit: Callable[..., Any], look: Callable[[Any, str], None]
) -> None:
    first, second = people_named("Rescorla")
    assert first.root is None
    assert second.root is None  # the same name and birthday: proposed, never joined by the rule
    leader, owner = (small.officers[name] for name in ("Demelza Roskilly", "Ruan Chenoweth"))
    page = visit(reverse("subjects:pairs"), leader, viewport=PHONE)
    look(page, "1-pairs")
    page.get_by_role("link", name="Jowan Rescorla and Jowan Rescorla").click()
    page.get_by_text("That is never enough by itself").wait_for()
    look(page, "2-pair")
    say_same(page, "no")
    assert page.title().startswith("Error: ")
    look(page, "3-why")
    say_same(page, WHY)
    page.get_by_text("A second person must confirm").wait_for()
    page.get_by_text("waits for another person").wait_for()
    look(page, "4-one-word")
    assert people_named("Rescorla")[1].root is None

    other = visit(reverse("subjects:pairs"), owner, Purpose.ADMINISTRATION)
    theirs = other.get_by_role("link", name="Jowan Rescorla and Jowan Rescorla")
    while not theirs.count():  # an owner may judge those of other agencies too: there are many
        other.get_by_role("link", name="Next pairs").click()
    theirs.click()
    other.get_by_text("Judge by what you see yourself").wait_for()
    assert WHY not in other.locator("main").inner_text()
    look(other, "5-second")
    say_same(other, "Invented: the same person opened the door both times")
    other.get_by_text("They are one person from now on").wait_for()
    assert people_named("Rescorla")[1].root == first

    person = reverse("subjects:person", args=[second.key])
    page = visit(person, leader, viewport=PHONE)
    said = page.locator("main").inner_text()
    assert "visit 1" in said
    assert "visit 2" in said
    look(page, "6-one")
    page.get_by_role("link", name="How this person came to be one").click()
    look(page, "7-joins")
    page.get_by_role("link", name="Take back").click()
    page.get_by_label("Why").fill("Invented: they are father and son, the birthday was a slip")
    look(page, "8-undo")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("Both are exactly who they were before").wait_for()
    look(page, "9-parted")
    assert Merge.objects.filter(undone_at__isnull=False).count() == 1
    assert [one.root for one in people_named("Rescorla")] == [None, None]
    page = visit(person, leader, viewport=PHONE)
    said = page.locator("main").inner_text()
    assert "visit 2" in said
    assert "visit 1" not in said
