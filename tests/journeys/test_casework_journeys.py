"""From a referral to what came of it, by the schemes that are shipped; everybody is invented.

Officers are on a phone; who refers, decides or answers sits at a desk.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from small_partnership import AREAS, Small

from browsing import DESK, PHONE
from triservice.kernel import clock
from triservice.subjects.actions.records import receive_records
from triservice.web.demo.people import reader

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Any]
Look = Callable[[Any, str], None]
CALLS = "Invented: nineteen calls since spring, most of them after a fall"
ILLNESS = "Invented: low blood pressure when rising"
CALLER = {
    "given_name": "Gerren", "family_name": "Colmer", "date_of_birth": "1939-05-04",
    "phone": "01632 960778", "address": "12 Invented Quay, Hayle", "postcode": "ZZ1 3CC",
    "area": AREAS[0][0], "source_key": "colmer/1", "person_number": "GC",
    "kind": "emergency call", "role": "patient", "happened_at": "2026-03-02T21:10:00+00:00",
    "ambulance.summary": CALLS, "health.summary": ILLNESS, "health.next_visit": "weekly",
}  # fmt: skip


def said(page: Any) -> str:
    """Return the words of a page."""
    words: str = page.locator("main").inner_text()
    return words


def choose(page: Any, **answers: str) -> None:
    """Choose an answer to each question; a question is known by its field's name."""
    for name, value in answers.items():
        page.locator(f'[name="{name}"][value="{value}"]').check()


def fill(page: Any, **answers: str) -> None:
    """Write into boxes, known by their fields' names (`__` for the dot of a part)."""
    for name, text in answers.items():
        page.locator(f'[name="{name.replace("__", ".")}"]').fill(text)


def fill_day(page: Any, name: str, day: str) -> None:
    """Write a day (2026-11-28) into the three boxes of a date."""
    for part, text in zip(("year", "month", "day"), day.split("-"), strict=True):
        page.locator(f'[name="{name}.{part}"], [name="{name}_{part}"]').fill(text)


def press(page: Any, name: str) -> None:
    """Press a button, or follow a link that looks like one."""
    page.get_by_role("button", name=name, exact=True).click()


def draw(page: Any) -> None:
    """Sign on the pad of a form, with a stroke."""
    pad = page.locator("[data-pad] canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 180, box["y"] + 60, steps=6)
    page.mouse.up()


def in_a_box(**by: int) -> str:
    """Return the moment some time from now as a box for day and time takes it."""
    return f"{timezone.localtime(clock.now()) + timedelta(**by):%Y-%m-%dT%H:%M}"


def begin_referral(visit: Visit, sender: Any, scheme: str) -> Any:
    """Go to the form of a scheme by the page that lists them."""
    page = visit("/casework/refer", sender, viewport=DESK)
    page.get_by_role("link", name=scheme).click()
    return page


def accept(visit: Visit, look: Look, name: str, officer: Any, viewport: dict[str, int]) -> Any:
    """Let an officer find a referral on the start page, look at it and take it; their page."""
    page = visit("/", officer, viewport=viewport)
    page.get_by_role("link", name=name).click()
    look(page, "3-referral")
    press(page, "Accept")
    page.get_by_label(officer.name).check()
    look(page, "4-accept")
    press(page, "Accept")
    page.get_by_text("Accepted.").wait_for()
    return page


def begin_visit(page: Any, look: Look) -> str:
    """Plan a visit for now and open its form; return the address of the case."""
    case: str = page.url
    press(page, "Plan a visit")
    fill(page, at=in_a_box(minutes=-1))
    press(page, "Plan a visit")
    page.get_by_text("The visit is planned.").wait_for()
    look(page, "5-case")
    page.goto(page.url.split("/casework")[0])
    look(page, "6-start")
    page.get_by_role("link", name="Record the visit").click()
    return case


def test_a_reassurance_visit_leads_to_the_falls_service(
    agreed: Small, visit: Visit, look: Look
) -> None:
    """Police refer; alarms are fitted; falls score 4; the falls service accepts."""
    page = begin_referral(visit, agreed.officers["Denzel Rowse"], "Police reassurance visit")
    fill(page, person__name="Talwyn Penrosa", home__line="3 Invented Row, Nansavallon",
         home__postcode="ZZ1 1AA")  # fmt: skip
    fill_day(page, "person.born", "1944-02-11")
    choose(page, incident="burglary", repeat_victim="yes", threat="likely", visitor_risk="no")
    look(page, "1-refer")
    press(page, "Continue")
    page.get_by_text("Referral sent").wait_for()
    look(page, "2-sent")

    officer = agreed.officers["Wella Uglow"]
    page = accept(visit, look, "Talwyn Penrosa", officer, PHONE)
    case = begin_visit(page, look)
    choose(page, feels_safe="unsafe", changed_life="yes", alarms="none", smokers="no",
           lives_alone="yes", abuse="no", falls_last_year="yes", falls_medicines="yes",
           falls_condition="no", falls_balance="yes", falls_chair="yes")  # fmt: skip
    look(page, "7-visit")
    press(page, "Continue")
    assert "Falls risk score 4 of 5" in said(page)
    choose(page, help="falls:falls-advice", routes="falls:falls-service", agreed="has capacity")
    for row, (where, serial) in enumerate((("Hall", "INV-1"), ("Landing", "INV-2")), start=1):
        page.locator(f"[name=kind{row}]").select_option("smoke-alarm")
        page.get_by_text(f"Where, serial and date ({row})").click()
        fill(page, **{f"place{row}": where, f"serial{row}": serial})
    look(page, "8-finish")
    press(page, "Record the visit")
    page.get_by_text("The visit is recorded.").wait_for()
    look(page, "9-visited")
    page.goto(case)
    assert "Smoke alarm, sealed battery, Landing, INV-2" in said(page)
    page.get_by_role("link", name="Answer").click()
    choose(page, step="accept")
    fill(page, result="They see her on Tuesday (invented)")
    look(page, "10-answer")
    press(page, "Record the answer")
    look(page, "11-case")
    assert "They see her on Tuesday (invented)" in said(page)
    assert "Accepted" in said(page)


def test_hoarding_and_safeguarding_at_a_fire_visit(agreed: Small, visit: Visit, look: Look) -> None:
    """Housing refers; clutter is rated 7; the three tests of the Care Act are met."""
    page = begin_referral(visit, agreed.officers["Kerra Vosper"], "Home fire safety")
    fill(page, person__name="Kerensa Tregonna", address__line="7 Invented Hill, Porthmenor",
         address__postcode="ZZ1 2BB", why="Rooms are full; a neighbour smelt smoke")  # fmt: skip
    choose(page, agreed="yes", officer_danger="no", smokers="yes", alarms="none",
           outside_area="no", business_premises="no")  # fmt: skip
    look(page, "1-refer")
    press(page, "Continue")
    page.get_by_text("Referral sent").wait_for()

    page = accept(visit, look, "Kerensa Tregonna", agreed.officers["Jory Penhallow"], PHONE)
    case = begin_visit(page, look)
    choose(page, immediate_danger="no", smokers="yes", cannot_escape="no", fire_conditions="none",
           alarms="none", care_needs="yes", abuse_or_neglect="yes",
           cannot_protect="yes")  # fmt: skip
    fill(page, alarms_fitted="2", clutter_living_room="6", clutter_kitchen="5",
         clutter_bedroom="7", signature="Kerensa Tregonna")  # fmt: skip
    draw(page)
    look(page, "7-visit")
    press(page, "Continue")
    assert "Greatest clutter rating 7" in said(page)
    assert "All three tests of the Care Act 2014, section 42, are met" in said(page)
    choose(page, help="clutter:clutter-plan", routes="clutter:adult-social-care",
           agreed="has capacity")  # fmt: skip
    look(page, "8-finish")
    press(page, "Record the visit")
    page.get_by_text("The visit is recorded.").wait_for()
    page.goto(case)
    assert page.locator('svg[aria-label="Signature of Kerensa Tregonna"]').count() == 1
    look(page, "9-case")
    press(page, "Raise a safeguarding concern")
    fill(page, what="Food is spoilt and the way out is blocked; she cannot manage (invented)")
    page.get_by_label("Kerensa Tregonna").check()
    choose(page, child="no", danger_now="no", kinds="self-neglect", care_needs="yes",
           at_risk="yes", cannot_protect="yes")  # fmt: skip
    page.get_by_label("Penmarric Council").check()
    look(page, "10-concern")
    press(page, "Raise a safeguarding concern")
    look(page, "11-case")
    assert "All three parts of section 42 are met" in said(page)
    assert "OFFICIAL-SENSITIVE" in page.locator("body").inner_text()


def test_a_frequent_caller_with_health_data_approved(
    agreed: Small, visit: Visit, look: Look
) -> None:
    """The ambulance trust refers; health is withheld, asked for, and approved in part."""
    owner, guardian = (agreed.officers[name] for name in ("Austol Uren", "Endelyn Rosewarne"))
    receive_records(reader(owner), agreed.agencies["ambulance"], "Invented system", [CALLER])
    sender = agreed.officers["Rosenwyn Tangye"]
    page = begin_referral(visit, sender, "Community risk intervention team")
    fill(page, person__name="Gerren Colmer", home__line="12 Invented Quay, Hayle",
         home__postcode="ZZ1 3CC", details="Nineteen calls since spring (invented)")  # fmt: skip
    choose(page, risk="fall")
    choose(page, fallen_now="no")
    press(page, "Continue")
    page.get_by_label("Gerren Colmer").check()
    look(page, "1-known")
    press(page, "Send the referral")
    page.get_by_text("Referral sent").wait_for()

    officer = agreed.officers["Morwenna Tregarth"]
    page = accept(visit, look, "Gerren Colmer", officer, PHONE)
    case: str = page.url
    assert ILLNESS not in said(page)
    assert "Health withheld by Far West Ambulance" in said(page)
    look(page, "5-withheld")
    page.get_by_role("link", name="for Health").click()
    fill(page, why="Invented: whether he may fall when he rises decides what is fitted",
         told="Invented: told on the telephone, and agreed")  # fmt: skip
    page.get_by_label("Summary").check()
    page.get_by_label("Details").check()
    fill_day(page, "until", f"{(clock.now() + timedelta(days=14)).date()}")
    look(page, "6-ask")
    press(page, "Send the request")
    page.get_by_text("Your request has gone to Far West Ambulance").wait_for()
    assert page.url == case

    deciding = visit(reverse("access:request_queue"), guardian, viewport=DESK)
    deciding.get_by_role("link", name="Health data").click()
    look(deciding, "7-request")
    press(deciding, "Approve, or approve less")
    deciding.get_by_label("Details").uncheck()
    fill_day(deciding, "ends", f"{(clock.now() + timedelta(days=7)).date()}")
    fill(deciding, why="The summary is enough for a visit")
    look(deciding, "8-approve")
    press(deciding, "Approve")
    deciding.get_by_text("Narrowed").wait_for()

    page.goto(case)
    page.locator("summary").filter(has_text="2 March 2026").click()
    look(page, "9-opened")
    assert ILLNESS in said(page)
    assert "weekly" not in said(page)  # of the details, which the guardian left out
    begin_visit(page, look)
    choose(page, alarms="every floor", falls_last_year="yes", falls_medicines="yes",
           falls_balance="yes", abuse="no", would_have="ambulance")  # fmt: skip
    press(page, "Continue")
    choose(page, help="falls:falls-advice", routes="falls:falls-service", agreed="has capacity")
    press(page, "Record the visit")
    page.get_by_text("The visit is recorded.").wait_for()
    page.goto(case)
    look(page, "10-worked")
    assert "Referred on: Falls prevention" in said(page)


def test_a_fire_setter_waits_for_a_parent(agreed: Small, visit: Visit, look: Look) -> None:
    """No visit is planned before a parent has agreed, and the page says why; then it is."""
    page = begin_referral(visit, agreed.officers["Denzel Rowse"], "Fire-setter scheme")
    fill(page, child__name="Jago Nancarrow", home__line="22 Invented Park, Liskeard",
         home__postcode="ZZ1 4DD", parent="Invented mother, 01632 960102")  # fmt: skip
    fill_day(page, "child.born", f"{clock.now().year - 11}-03-21")
    choose(page, behaviour="set", recent="yes", investigation="no", parent_knows="yes",
           harm_home="no")  # fmt: skip
    look(page, "1-refer")
    press(page, "Continue")
    page.get_by_text("Referral sent").wait_for()

    page = accept(visit, look, "Jago Nancarrow", agreed.officers["Kensa Trevose"], PHONE)
    case: str = page.url
    press(page, "Plan a visit")
    fill(page, at=in_a_box(days=2))
    press(page, "Plan a visit")
    assert "A parent or guardian has not agreed yet" in said(page)
    look(page, "5-not-agreed")
    page.goto(case)
    assert "Visit planned" not in said(page)
    page.get_by_text("More that you can do").click()
    page.get_by_role("link", name="Record consent").click()
    page.get_by_label("Jago Nancarrow").check()
    page.get_by_label("Parent's or guardian's consent to the scheme").check()
    fill(page, given_by="Invented mother")
    choose(page, given="yes", capacity="a parent consents")
    look(page, "6-consent")
    press(page, "Record consent")
    page.get_by_text("The consent is recorded.").wait_for()
    press(page, "Plan a visit")
    fill(page, at=in_a_box(days=2))
    press(page, "Plan a visit")
    page.get_by_text("The visit is planned.").wait_for()
    look(page, "7-planned")


def test_who_referred_reads_that_it_is_declined_or_signposted(
    agreed: Small, visit: Visit, look: Look
) -> None:
    """A police officer refers a garden fire and a shop; the leader says no, and who helps."""
    sender, leader = (agreed.officers[name] for name in ("Elowen Kitto", "Demelza Roskilly"))
    for name, why, business in (
        ("Lowen Angwin", "Wants a garden fire looked at", "no"),
        ("Meryasek Hocking", "A blocked way out of a shop", "yes"),
    ):
        page = begin_referral(visit, sender, "Home fire safety")
        fill(page, person__name=name, address__line="1 Invented Lane, Hayle", why=why)
        choose(page, agreed="yes", officer_danger="no", outside_area="no",
               business_premises=business)  # fmt: skip
        press(page, "Continue")
        page.get_by_text("Referral sent").wait_for()

    deciding = visit("/casework/triage", leader, viewport=DESK)
    look(deciding, "1-queue")
    deciding.get_by_role("link", name="Lowen Angwin").click()
    press(deciding, "Decline")
    fill(deciding, why="A bonfire is no danger in the home; our leaflet was sent (invented)")
    look(deciding, "2-decline")
    press(deciding, "Decline")
    deciding.goto(deciding.url.split("/casework")[0] + "/casework/triage")
    deciding.get_by_role("link", name="Meryasek Hocking").click()
    look(deciding, "3-advice")
    press(deciding, "Signpost")
    look(deciding, "4-signpost")
    press(deciding, "Signpost")

    page = visit("/casework/sent", sender, viewport=PHONE)
    look(page, "5-sent-list")
    for state, words in (
        ("Declined", "our leaflet was sent"), ("Signposted", "looked after by the protection team"),
    ):  # fmt: skip
        row = page.locator(".govuk-summary-list__row").filter(has_text=state)
        row.get_by_role("link").click()
        assert words in said(page)
        look(page, f"6-{state.lower()}")
        page.go_back()
