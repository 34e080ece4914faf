"""A visit in a real browser on a phone: kept, recorded, and the pages beside it; accessible."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from invented_referrals import GIVEN, RISK, SCHEME
from test_casework_browser import look

from browsing import DESK, PHONE
from invented_photos import picture
from partnership import make_partnership
from triservice.casework.models import Equipment, File, OnwardReferral
from triservice.casework.referrals.actions import refer
from triservice.casework.triage.actions import accept
from triservice.casework.visits import actions as visits
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.kernel.keys import new_key

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_visit_is_recorded_on_a_phone(visit: Callable[..., Any]) -> None:
    made = make_partnership(terms=False, roles=())
    made.term("fire", "police", RISK)
    now = clock.now()
    officer = made.reader("fire", at=now)
    sender = made.reader("police", Role.REFERRER, at=now)
    sent = refer(sender, new_key(), SCHEME, GIVEN, to=made.agencies["fire"].pk)
    case = accept(officer, sent.referral, officer=officer.officer)
    soon = visits.Fitted("alarm", "Hall", "S1", now.date() + timedelta(days=20))
    first, second = (
        visits.plan(officer, case, now + timedelta(minutes=n), key=new_key()) for n in (5, 9)
    )
    visits.record_visit(
        officer, case, first, visits.Done(new_key(), {"alarms": "no"}, now, now, [soon])
    )
    visits.go_in(officer, case, second, now + timedelta(hours=1))
    page = visit(f"/casework/cases/{case}/visits/{second}", made.officer("fire"), viewport=PHONE)
    base = page.url.split("/casework")[0] + "/casework"
    look(page, "visit-planned", PHONE)
    page.get_by_role("button", name="Record the visit").click()
    look(page, "visit-form", PHONE)
    for question in ("Does a smoke alarm work?", "Have they fallen?"):
        answer = "Yes" if "fallen" in question else "No"
        page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()
    page.get_by_label("Photos of what was found").set_input_files(
        [
            {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture(quality=n)}
            for n in (50, 60)
        ]
    )
    page.get_by_role("button", name="Continue").click()
    look(page, "visit-finish", PHONE)
    page.get_by_label("Falls prevention: Falls prevention").check()
    page.get_by_label("Has capacity").check()
    page.get_by_label("Fitted or left (1)").select_option("alarm")
    page.get_by_role("button", name="Record the visit").click()
    look(page, "visit-done", PHONE)
    a_file_is_added(page, f"{base}/cases/{case}")
    assert Equipment.objects.count() == 2
    assert OnwardReferral.objects.get().state == "sent"
    for name in ("inside", "equipment", "order", "pack"):
        page.goto(f"{base}/{name}")
        look(page, name, PHONE)
    page.goto(f"{base}/cases/{case}/visits/{second}/card")
    look(page, "card", PHONE)


def a_file_is_added(page: Any, case: str) -> None:
    page.goto(f"{case}/add-file")
    look(page, "add-file", PHONE)
    page.set_viewport_size(DESK)
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "a.exe", "mimeType": "text/plain", "buffer": b"MZ\x90"}
    )
    page.get_by_label("Risk", exact=True).check()
    page.get_by_role("button", name="Add the file").click()
    look(page, "add-file-wrong", DESK)
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "Letter.txt", "mimeType": "text/plain", "buffer": b"Invented"}
    )
    page.get_by_label("Risk", exact=True).check()
    page.get_by_role("button", name="Add the file").click()
    look(page, "case-files", DESK)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Letter.txt", exact=True).click()
    assert saved.value.path().read_bytes() == b"Invented"
    page.set_viewport_size(PHONE)
    look(page, "case-files", PHONE)
    assert File.objects.count() == 3
