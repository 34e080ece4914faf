"""A day of home fire safety visits on a phone without signal, sent when it is back. Invented."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from small_partnership import Small
from test_casework_journeys import choose, draw, fill, fill_day, said

from browsing import PHONE
from phone_browsing import says, session_of, set_up_phone, start_phone, unlock
from triservice.agencies.models import Officer
from triservice.casework.models import (
    AnswerPart,
    Equipment,
    File,
    Need,
    Note,
    OnwardReferral,
    Submission,
    Visit,
)
from triservice.casework.referrals.actions import refer
from triservice.casework.triage.actions import accept
from triservice.casework.visits.actions.doing import plan
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose
from triservice.kernel.keys import new_key
from triservice.offline.models import Operation
from triservice.offline.rules import State
from triservice.web.demo.people import reader

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Look = Callable[[Any, str], None]
SCHEME = "home-fire-safety"
REFERRED = {
    "agreed": "yes", "officer_danger": "no", "why": "She fell on the stairs (invented)",
    "smokers": "yes", "alarms": "none", "outside_area": "no", "business_premises": "no",
}  # fmt: skip
ADVICE = "Invented: keep the way to the door free, and a lamp by the bed"


def plan_visits(small: Small, officer: Officer) -> list[Visit]:
    """Let the police refer two homes, and the officer take both and plan to call this hour."""
    sender = reader(small.officers["Denzel Rowse"], Purpose.PREVENTION_VISIT)
    own = reader(officer, Purpose.PREVENTION_VISIT)
    found = []
    for minutes, (name, born, line) in enumerate((
        ("Kerensa Tregonna", "1941-06-03", "7 Invented Hill, Porthmenor"),
        ("Lowen Angwin", "1950-01-19", "9 Invented Hill, Porthmenor"),
    )):  # fmt: skip
        given = REFERRED | {"person": {"name": name, "born": born},
                            "address": {"line": line, "postcode": "ZZ1 2BB"}}  # fmt: skip
        sent = refer(sender, new_key(), SCHEME, given, to=small.agencies["fire"].pk)
        case = accept(own, sent.referral, officer=officer.pk)
        at = clock.now() + timedelta(minutes=minutes)
        pk = plan(own, case, at, key=new_key(), officer=officer.pk)
        found.append(Visit.objects.get(pk=pk))
    return found


def photograph() -> dict[str, Any]:
    """Return a photograph of nothing, as a camera's file."""
    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(content, "JPEG")
    return {"name": "hall.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def open_deed(page: Any, home: str, deed: str) -> None:
    """Open a visit of the day by its address, and what is done there."""
    page.get_by_role("link", name=home).click()
    page.get_by_role("link", name=deed).click()
    page.get_by_role("heading", name=deed).first.wait_for()


def save(page: Any, waiting: int) -> None:
    """Save what is done; it waits with the rest."""
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Your day").wait_for()
    says(page, f"{waiting} thing{'s'[: waiting > 1]} waiting")


@pytest.fixture
def phone(browser: Any, live_server: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return a function that starts the officer's phone, anew when it was started before."""
    running: list[Any] = []

    def started(officer: Officer | None = None, *, offline: bool = False) -> Any:
        for context in running:
            context.close()
        folder = tmp_path / "phone"
        page = start_phone(browser, folder, live_server.url, officer, offline=offline)
        running[:] = [page.context]
        return page

    yield started
    for context in running:
        context.close()


def test_a_day_without_signal_is_sent_once_and_the_case_shows_it(
    agreed: Small, phone: Any, visit: Any, look: Look, live_server: Any
) -> None:
    officer = agreed.officers["Jory Penhallow"]
    done, vain = plan_visits(agreed, officer)
    page = phone(officer)
    set_up_phone(page)
    look(page, "1-day")

    page.context.set_offline(True)
    page.get_by_role("link", name="7 Invented Hill").click()
    look(page, "2-door")
    page.get_by_role("link", name="Record the visit").click()
    choose(page, immediate_danger="no", smokers="yes", cannot_escape="no", fire_conditions="none",
           alarms="none", escape_plan="no", falls_last_year="yes", falls_medicines="yes",
           falls_condition="no", falls_balance="yes", falls_chair="yes")  # fmt: skip
    fill(page, alarms_fitted="2", clutter_bedroom="5", signature__name="Kerensa Tregonna")
    fill(page, **{"advice given": ADVICE})
    draw(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Answer: Does the person agree to be referred").wait_for()
    look(page, "3-form")
    page.wait_for_timeout(1_000)  # the draft is kept
    page.reload()  # without signal
    unlock(page)
    assert page.locator('[name="advice given"]').input_value() == ADVICE
    choose(page, falls_agreed="yes", **{"photos agreed": "yes"})
    page.locator("[name=photos]").set_input_files(photograph())
    save(page, 1)
    for waiting, serial in enumerate(("INV-1", "INV-2"), start=2):
        open_deed(page, "7 Invented Hill", "Note what was fitted")
        choose(page, kind="smoke-alarm")
        fill(page, place="Hall", serial=serial)
        fill_day(page, "expires", "2036-03-01")
        save(page, waiting)
    open_deed(page, "7 Invented Hill", "Refer on")
    choose(page, to="falls-service", agreed="has capacity")
    fill(page, why="She falls on the stairs (invented)")
    save(page, 4)
    open_deed(page, "9 Invented Hill", "Nobody could be visited")
    choose(page, card="yes")
    save(page, 5)

    page = phone(offline=True)  # started anew, still without signal
    unlock(page)
    says(page, "5 things waiting")
    look(page, "4-waiting")
    page.context.add_cookies([session_of(officer, live_server.url)])
    page.context.set_offline(False)
    says(page, "Everything is sent")
    look(page, "5-sent")
    assert page.locator("[data-told]").count() == 0

    assert list(Operation.objects.values_list("state", flat=True)) == [State.APPLIED] * 5
    done.refresh_from_db()
    vain.refresh_from_db()
    assert (done.state, done.advice, vain.state) == ("done", ADVICE, "no access")
    answers = AnswerPart.objects.filter(submission=done.submission_id)
    health = answers.get(data_class="health").answers
    assert (health["falls_chair"], health["falls_agreed"]) == ("yes", "yes")
    signature = answers.get(data_class="identity").answers["signature"]
    assert signature["name"] == "Kerensa Tregonna"
    assert signature["drawing"].startswith("M")
    assert Submission.objects.get(pk=done.submission_id).door == "phone"
    assert File.objects.get().visit_id == done.pk
    fitted = Equipment.objects.order_by("serial").values_list("serial", "expires_on")
    assert list(fitted) == [(f"INV-{n}", date(2036, 3, 1)) for n in (1, 2)]
    assert OnwardReferral.objects.get().case_id == done.case_id
    assert Need.objects.get(kind="falls").case_id == done.case_id
    assert Note.objects.count() == 0

    case = visit(reverse("casework:case", args=[done.case_id]), officer, viewport=PHONE)
    look(case, "6-case")
    shown = said(case)
    for words in (
        "Smoke alarm, sealed battery, Hall, INV-2", "Falls prevention", "Referred on",
        "Kerensa Tregonna",
    ):  # fmt: skip
        assert words in shown
    page = visit(reverse("casework:visit", args=[done.case_id, done.pk]), officer, viewport=PHONE)
    look(page, "7-visit")
    assert page.get_by_role("img", name="Signature of Kerensa Tregonna").is_visible()
    other = visit(reverse("casework:case", args=[vain.case_id]), officer, viewport=PHONE)
    assert "No access" in said(other)
