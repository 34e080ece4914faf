"""The pages of people and places in a real browser, on a phone and at a desk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from axe import assert_accessible
from browsing import DESK, PHONE
from partnership import Partnership
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.subjects.actions.links import report_wrong_link
from triservice.subjects.actions.records import receive_records
from triservice.subjects.actions.relations import add_relation
from triservice.subjects.models import (
    AccessibleNeed,
    Candidate,
    Household,
    Link,
    Merge,
    Organisation,
    Person,
    Premises,
    Quarantined,
    WarningMarker,
)
from triservice.subjects.words import Kin

HOME = {
    "uprn": "100000001",
    "address": "14 Invented Lane, Nowhere",
    "postcode": "ZZ1 1AA",
    "organisation_kind": "school",
    "role": "at risk",
    "fire.summary": "Invented visit to a school",
}
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Any]
SIZES = pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
PICTURES = os.environ.get("TRISERVICE_SCREENSHOTS")


def look(page: Any, name: str, viewport: dict[str, int]) -> None:
    """Hold a page to the rules of access, within the width of the screen; keep a picture."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}-{viewport['width']}.png", full_page=True)
    assert "Sorry" not in page.get_by_role("heading", level=1).inner_text(), name
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{name} is {wide} px wider than the screen"
    assert_accessible(page)


def key_of(involved: str) -> str:
    link = Link.objects.get(person__isnull=False, involved=involved)
    assert link.person is not None
    return str(link.person.key)


@SIZES
def test_every_page(visit: Visit, live_town: Partnership, viewport: dict[str, int]) -> None:
    police, leader = (live_town.officer("police", r) for r in (Role.OFFICER, Role.TEAM_LEADER))
    owner = live_town.officer("police", Role.DATA_OWNER)
    reader = live_town.reader("police", at=live_town.version.starts)  # type: ignore[union-attr]
    person = key_of("victim")
    report_wrong_link(reader, person, "The visit was to the flat above")  # type: ignore[arg-type]
    link = Link.objects.filter(household__isnull=False, owner=live_town.agencies["fire"])
    home = Household.objects.get(pk=link.values("household")[:1])
    body = HOME | {
        "source_key": "o",
        "organisation": "Trelawn House",
        "organisation_kind": "school",
    }
    sender = live_town.reader("fire", Role.DATA_OWNER)
    receive_records(sender, live_town.agencies["fire"], "system", [body])
    crew, known = live_town.officer("fire"), Person.objects.get(key=person)
    marker = WarningMarker.objects.get()
    WarningMarker.objects.update(review_on=marker.made_at.date())
    tie = add_relation(
        live_town.reader("fire", at=clock.now()),
        known.key,
        UUID(key_of("witness")),
        Kin.CARER,
        "She said so",
    )
    need = AccessibleNeed.objects.get().pk
    pages = (
        ("due", reverse("subjects:due"), crew),
        ("review", reverse("subjects:review", args=[marker.pk]), crew),
        ("own-person", reverse("subjects:person", args=[person]), crew),
        ("warn", reverse("subjects:warn_of_person", args=[person]), crew),
        ("needs", reverse("subjects:needs", args=[person]), crew),
        ("need", reverse("subjects:change_need", args=[need]), crew),
        ("relations", reverse("subjects:relations", args=[person]), crew),
        ("end-relation", reverse("subjects:end_relation", args=[tie]), crew),
        ("search", reverse("subjects:search"), police),
        ("person", reverse("subjects:person", args=[person]), police),
        ("patient", reverse("subjects:person", args=[key_of("patient")]), police),
        ("joins", reverse("subjects:joins", args=[person]), leader),
        ("undo", reverse("subjects:undo", args=[person, Merge.objects.get().pk]), leader),
        ("wrong", reverse("subjects:wrong", args=[person]), police),
        ("places", reverse("subjects:places"), police),
        ("premises", reverse("subjects:premises", args=[Premises.objects.get().key]), police),
        (
            "organisation",
            reverse("subjects:organisation", args=[Organisation.objects.get().key]),
            police,
        ),
        ("household", reverse("subjects:household", args=[home.key]), police),
        ("pairs", reverse("subjects:pairs"), leader),
        ("pair", reverse("subjects:pair", args=[Candidate.objects.latest("pk").pk]), leader),
        ("reports", reverse("subjects:reports"), leader),
        ("unread", reverse("subjects:unread"), owner),
        ("row", reverse("subjects:settle_row", args=[Quarantined.objects.get().pk]), owner),
    )
    for name, address, officer in pages:
        page = visit(address, officer, viewport=viewport)
        look(page, name, viewport)


@SIZES
def test_an_officer_searches(
    visit: Visit, live_town: Partnership, viewport: dict[str, int]
) -> None:
    page = visit(reverse("subjects:search"), live_town.officer("police"), viewport=viewport)
    page.get_by_label("Name, address").fill("trevannion")
    page.get_by_label("Date of birth").fill("12/3/1948")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="people found").wait_for()
    look(page, "found", viewport)
    page.get_by_role("link", name="Morwenna Trevanion").first.click()
    page.get_by_role("heading", name="Morwenna Trevanion").wait_for()
    page.get_by_role("link", name="Report that this is somebody else").first.click()
    page.get_by_role("button", name="Report").click()
    assert page.title().startswith("Error: ")
    look(page, "wrong-error", viewport)
