"""The pages of casework in a real browser, on a phone and at a desk: accessible, and they work."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from invented_referrals import GIVEN, RISK, SCHEME

from axe import assert_accessible
from browsing import DESK, PHONE
from partnership import Partnership, make_partnership
from triservice.casework.cases.actions.sharing import add_agency
from triservice.casework.directory.actions import Said, add_service
from triservice.casework.filters.actions import save
from triservice.casework.models import Case, OnwardReferral, Referral
from triservice.casework.needs.actions import add_action, add_need
from triservice.casework.notes.actions import add_note, raise_concern, record_consent
from triservice.casework.onward.actions import send
from triservice.casework.referrals.actions import refer
from triservice.casework.triage.actions import accept
from triservice.casework.visits.actions import Done, Fitted, plan, record_visit
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.kernel.keys import new_key

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Any]
SIZES = pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
PICTURES = os.environ.get("TRISERVICE_SCREENSHOTS")
WHY = "Invented: they know her well"


def look(page: Any, name: str, viewport: dict[str, int]) -> None:
    """Hold a page to the rules of access, within the width of the screen; keep a picture."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}-{viewport['width']}.png", full_page=True)
    assert "Sorry" not in page.get_by_role("heading", level=1).inner_text(), name
    assert_accessible(page)


@pytest.fixture
def made(transactional_db: None) -> Partnership:
    made = make_partnership(terms=False, roles=(Role.OFFICER, Role.TEAM_LEADER, Role.REFERRER))
    made.term("fire", "police", RISK)
    return made


@pytest.fixture
def rich(made: Partnership) -> int:
    """A case with something of everything, and two referrals that wait."""
    now = clock.now()
    officer, sender = (
        made.reader(kind, role, at=now)
        for kind, role in (("fire", Role.OFFICER), ("police", Role.REFERRER))
    )
    fire, council = made.agencies["fire"].pk, made.agencies["council"].pk
    for more in ({"elsewhere": "yes"}, {"fell": "yes"}):
        refer(sender, new_key(), SCHEME, GIVEN | more, to=fire)
    sent = refer(sender, new_key(), SCHEME, GIVEN, to=fire)
    case = accept(officer, sent.referral, officer=officer.officer)
    person = str(Case.objects.get(pk=case).subject_key)
    visit = plan(officer, case, now + timedelta(hours=1), key=new_key())
    fitted = [Fitted("alarm", "Hall", "S1")]
    answers = {"alarms": "no", "fell": "yes"}
    record_visit(
        officer, case, visit, Done(new_key(), answers, now, now, fitted, "Test it each week")
    )
    plan(officer, case, now + timedelta(minutes=5), key=new_key(), officer=officer.officer)
    add_note(officer, case, "She walks with a stick.\nHer nephew has a key.", "risk")
    need = add_need(officer, case, "falls")
    due = now + timedelta(days=3)
    add_action(
        officer, case, "Move the rug", due=due, agency=fire, officer=officer.officer, need=need
    )
    record_consent(
        officer, case, person, "I agree that what is needed is passed on.", given=True,
        capacity="has capacity", asked_on=now.date(),
    )  # fmt: skip
    send(officer, case, "falls-service", key=new_key(), why="Please see her soon", need=need)
    falls = Said(
        "Invented falls service", None, "Invented charity", ("falls",), "letter", now.date(),
        eligible="Has fallen in the last year", age_from=65,
    )  # fmt: skip
    add_service(made.reader("council", Role.PROGRAMME_MANAGER), falls)
    add_agency(officer, case, made.agencies["police"].pk, made.officer("police").pk, WHY)
    raise_concern(
        officer, case, person, "She is afraid of her nephew, who takes her pension",
        kinds=["financial"], care_needs=True, at_risk=True, cannot_protect=None, sent_to=council,
    )  # fmt: skip
    return case


@SIZES
def test_somebody_is_referred_in_a_browser(
    made: Partnership, visit: Visit, viewport: dict[str, int]
) -> None:
    referrer = made.officer("police", Role.REFERRER)
    page = visit("/casework/refer", referrer, viewport=viewport)
    look(page, "refer", viewport)
    page.get_by_role("link", name="Small visit").click()
    look(page, "refer-form", viewport)
    page.get_by_role("button", name="Continue").click()
    look(page, "refer-errors", viewport)
    page.get_by_label("Full name").fill("Morwenna Trevanion")
    for part, value in (("Day", "12"), ("Month", "3"), ("Year", "1948")):
        page.get_by_label(part).fill(value)
    page.get_by_label("Building, street and town").fill("14 Invented Lane, Nowhere")
    page.get_by_label("Postcode").fill("TR1 1AA")
    page.get_by_label("Why now?").fill("She no longer hears the bell")
    page.get_by_role("group", name="Does a smoke alarm work?").get_by_label(
        "No", exact=True
    ).check()
    page.get_by_role("button", name="Continue").click()
    look(page, "acknowledged", viewport)
    page.get_by_role("link", name="Sent").first.click()
    look(page, "sent", viewport)
    assert Referral.objects.get().tier == "high"


@SIZES
def test_the_pages_of_who_works_on_it(
    made: Partnership, rich: int, visit: Visit, viewport: dict[str, int]
) -> None:
    officer = made.officer("fire")
    page = visit("/casework/", officer, viewport=viewport)
    look(page, "my-day", viewport)
    page.goto(page.url + "triage")
    look(page, "triage", viewport)
    for box in page.get_by_role("checkbox", name="Choose R-").all():
        box.check()
    page.get_by_role("button", name="Ask for more about those chosen").click()
    look(page, "several", viewport)
    page.get_by_label("What do you need to know?").fill("Invented: when is she at home?")
    page.get_by_role("button", name="Ask for more about 2 referrals").click()
    look(page, "several-done", viewport)
    page.get_by_role("link", name="Referrals that wait for triage").click()
    page.get_by_role("heading", level=2).get_by_role("link").first.click()
    look(page, "referral", viewport)
    page.get_by_role("button", name="Accept").click()
    look(page, "accept", viewport)
    base = re.sub("/casework.*", "/casework", page.url)
    waits = Referral.objects.filter(state="need more").order_by("pk")[0].pk
    for name, path in (
        ("signpost", f"triage/{waits}/signpost"),
        ("cases", "cases"),
        ("case", f"cases/{rich}"),
        *((step, f"cases/{rich}/{step}") for step in ("note", "concern", "consent", "action",
                                                      "onward", "allocate", "close")),
    ):  # fmt: skip
        page.goto(f"{base}/{path}")
        look(page, name, viewport)
    sent = OnwardReferral.objects.get().pk
    for name, path in (("services", "services"), ("letter", f"cases/{rich}/onward/{sent}/letter")):
        page.goto(f"{base}/{path}")
        look(page, name, viewport)
    keeper = made.officer("council", Role.PROGRAMME_MANAGER)
    look(visit("/casework/services/new", keeper, viewport=viewport), "service-new", viewport)


@SIZES
def test_another_agency_sees_what_it_may_of_a_case(
    made: Partnership, rich: int, visit: Visit, viewport: dict[str, int]
) -> None:
    page = visit(f"/casework/cases/{rich}", made.officer("police"), viewport=viewport)
    look(page, "case-police", viewport)
    text = page.locator("main").inner_text()
    assert "Morwenna Trevanion" in text
    assert "nephew, who takes" not in text  # safeguarding is not open
    assert "They have fallen" not in text  # nor is health


def test_who_knows_somebody_is_asked_whether_it_is_them(
    made: Partnership, rich: int, visit: Visit
) -> None:
    address = f"/casework/refer/{SCHEME}/{made.agencies['fire'].pk}"
    page = visit(address, made.officer("police", Role.REFERRER), viewport=PHONE)
    page.get_by_label("Full name").fill("Morwenna Trevanion")
    page.get_by_label("Building, street and town").fill("14 Invented Lane, Nowhere")
    page.get_by_label("Why now?").fill("She no longer hears the bell")
    page.get_by_role("button", name="Continue").click()
    look(page, "known", PHONE)
    page.get_by_label("Morwenna Trevanion").first.check()
    page.get_by_role("button", name="Send the referral").click()
    page.get_by_text("Referral sent").wait_for()
    assert Referral.objects.count() == 4


@SIZES
def test_the_pages_that_find_and_tell(
    rich: int, visit: Visit, viewport: dict[str, int], made: Partnership
) -> None:
    leader = made.officer("fire", Role.TEAM_LEADER)
    save(made.reader("fire", Role.TEAM_LEADER), "cases", "Very high risk", {"tier": "very high"})
    look(visit("/", leader, viewport=viewport), "home", viewport)
    page = visit("/casework/find", leader, viewport=viewport)
    page.get_by_label("Reference, name").fill("Trevanion")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("heading", name="found").wait_for()
    look(page, "find", viewport)
    page = visit("/casework/cases", leader, viewport=viewport)
    page.get_by_role("link", name="Very high risk", exact=True).click()
    page.get_by_role("link", name="Save this filter").wait_for()
    look(page, "saved-filter", viewport)
    for name, path in (
        ("numbers", "/casework/numbers"), ("outcomes", "/casework/outcomes"),
        ("calendar", "/casework/calendar"), ("notice-mail", "/access/notices/mail"),
    ):  # fmt: skip
        look(visit(path, leader, viewport=viewport), name, viewport)
