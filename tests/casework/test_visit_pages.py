"""Visits on their pages: a form kept and recorded, what follows, the day, who is in alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from invented_referrals import Send
from test_directory import FALLS

import signing_in
from partnership import NOON, Partnership
from triservice.access.models import Notice
from triservice.casework.cases.queries import due, lists
from triservice.casework.directory.actions import add_service
from triservice.casework.models import (
    Action,
    AnswerPart,
    Case,
    Consent,
    Equipment,
    Need,
    OnwardReferral,
    Submission,
    Visit,
)
from triservice.casework.triage import jobs
from triservice.casework.triage.actions import accept
from triservice.casework.visits import actions as visits
from triservice.casework.visits.jobs import remind_of_equipment
from triservice.casework.visits.queries import visit_page
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.schemes import catalogue
from triservice.subjects.models import Premises

FOUND = {"alarms": "no", "fell": "yes"}
DONE = {"began": "2026-06-01T12:00", "ended": "2026-06-01T12:50", "rows": "3"}


def signed_in(town: Partnership, agency: str = "fire", role: Role = Role.OFFICER) -> Client:
    return signing_in.sign_in(Client(), town.officer(agency, role))


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def planned(officer: Reader, case: int) -> int:
    return visits.plan(
        officer, case, NOON + timedelta(hours=1), key=new_key(), officer=officer.officer
    )


def key_of(answer: Any) -> str:
    found = re.search(r'name="key" value="([0-9a-f-]{36})"', text(answer))
    assert found
    return found[1]


def test_a_form_is_kept_continued_and_recorded_with_what_follows(
    town: Partnership, officer: Reader, case: int, planned: int
) -> None:
    client, base = signed_in(town), f"/casework/cases/{case}/visits/{planned}"
    assert client.get(f"{base}/finish").status_code == 302  # nothing is answered yet
    assert client.post(f"{base}/record", {"draft": "1", "fell": "yes"}).status_code == 302
    assert Visit.objects.get().state == "planned"
    drafted = AnswerPart.objects.filter(submission=Visit.objects.get().draft)
    assert drafted.get().data_class == "health"
    again = text(client.get(f"{base}/record"))
    assert re.search(r'name="fell"[^>]* value="yes" checked', again)
    wrong = client.post(f"{base}/record", {"fell": "yes"})
    assert wrong.status_code == 422  # the alarm must be answered; what was is kept
    assert client.post(f"{base}/record", FOUND).url == f"{base}/finish"
    page = client.get(f"{base}/finish")
    for words in ("Very high risk", "No alarm, and they have fallen", "A working alarm",
                  "Advise on falls", "Falls prevention", "Call 999 first"):  # fmt: skip
        assert words in text(page), words
    more = text(client.post(f"{base}/finish", DONE | {"more": "1", "advice": "Test it"}))
    assert "Fitted or left (6)" in more
    assert "Test it" in more
    sent = DONE | {
        "key": key_of(page), "help": "falls:advice", "routes": "falls:falls-service",
        "kind1": "alarm", "place1": "Hall", "serial1": "S1", "kind2": "alarm",
        "until2_day": "1", "until2_month": "6", "until2_year": "2031",
        "advice": "Test it each week", "danger": "", "next_at": "2026-06-20T10:00",
    }  # fmt: skip
    asked = client.post(f"{base}/finish", sent)
    assert asked.status_code == 422
    assert "Say who agrees to being referred on" in text(asked)
    assert not Equipment.objects.exists()  # all of it or nothing
    for _ in range(2):  # the button is pressed twice
        client.post(f"{base}/finish", sent | {"agreed": "has capacity"})
    assert Visit.objects.get(pk=planned).state == "done"
    assert [one.expires_on for one in Equipment.objects.order_by("pk")] == [
        date(2036, 6, 1), date(2031, 6, 1)
    ]  # fmt: skip
    assert set(Need.objects.values_list("kind", flat=True)) == {"alarm", "falls"}
    assert Action.objects.get().state == "done"
    sent_on = OnwardReferral.objects.get()
    assert sent_on.need == Need.objects.get(kind="falls")
    assert sent_on.why == "Found at a visit: please see what is needed"  # not which: see `Passing`
    assert Consent.objects.get().scope == "I agree that what is needed is passed on."
    assert Visit.objects.get(state="planned").planned_at == NOON.replace(day=20, hour=9)
    assert (
        not Submission.objects.filter(form="visit")
        .exclude(pk=Visit.objects.get(pk=planned).submission_id)
        .exists()
    )  # the draft is gone
    shown = text(client.get(base))
    for words in ("Very high risk", "Test it each week", "Smoke alarm", "20 June 2026"):
        assert words in shown, words
    assert client.get(f"{base}/record").status_code == 404


def test_a_form_weighs_at_most_100_kb_where_styles_and_scripts_are_kept(
    town: Partnership, case: int, planned: int
) -> None:
    """Of every shipped scheme, as it is sent: nothing between us and the phone need press it."""
    client, fire = signed_in(town), town.agencies["fire"].pk
    for scheme in map(catalogue.scheme, catalogue.names()):
        Case.objects.filter(pk=case).update(scheme=scheme.id, version=scheme.version)
        pages = [client.get(f"/casework/cases/{case}/visits/{planned}/record")]
        if scheme.lead == "fire":
            pages.append(client.get(f"/casework/refer/{scheme.id}/{fire}"))
        for page in pages:
            assert page.status_code == 200
            assert 5_000 < len(page.content) <= 100_000, scheme.id


def test_services_of_the_directory_that_fit_are_offered_first_at_the_door(
    town: Partnership, case: int, planned: int
) -> None:
    manager = town.reader("council", Role.PROGRAMME_MANAGER)
    service = add_service(manager, replace(FALLS, areas=()))
    add_service(manager, replace(FALLS, name="For the very old", areas=(), age_from=99))
    client, base = signed_in(town), f"/casework/cases/{case}/visits/{planned}"
    client.post(f"{base}/record", FOUND)
    page = text(client.get(f"{base}/finish"))
    choice = f"falls:service:{service}"
    assert (
        "Fits: for needs about falls; covers everywhere; for ages 65 and over, and they are 78."
        in page
    )
    offered = re.findall(r'name="routes"[^>]*value="([^"]+)"', page)
    assert offered[:2] == [choice, "falls:falls-service"]
    assert "Does not fit" in page[page.index("For the very old") :]
    key = key_of(client.get(f"{base}/finish"))
    sent = DONE | {"key": key, "routes": [choice], "why": "Please see her", "next_at": ""}
    assert "Say who agrees" in text(client.post(f"{base}/finish", sent))
    assert client.post(f"{base}/finish", sent | {"agreed": "has capacity"}).status_code == 302
    row = OnwardReferral.objects.get()
    assert (row.service_id, row.route, row.need) == (service, "", Need.objects.get(kind="falls"))
    assert Consent.objects.get().scope == "I agree that what is needed is passed on."


def test_a_visit_is_set_beside_the_last_one_of_the_person(
    town: Partnership, officer: Reader, case: int, planned: int
) -> None:
    done = visits.Done(new_key(), FOUND, NOON, NOON + timedelta(minutes=40))
    visits.record_visit(officer, case, planned, done)
    again = visits.plan(officer, case, NOON + timedelta(days=30), key=new_key())
    assert visit_page(officer, case, planned).last is None
    with clock.frozen(NOON + timedelta(days=30)):
        later = town.reader("fire", at=clock.now())
        visits.keep_draft(later, case, again, {"alarms": "yes", "fell": "yes"})
        last = visit_page(later, case, again).last
    assert last is not None
    assert last.pk == planned
    sides = {one.name: (one.before, one.now) for one in (*last.scores, *last.answers)}
    assert sides["Smoke alarm"] == ("No", "Yes")
    assert sides["Falls"] == ("Yes", "Yes")
    assert sides["Risk by these answers alone"] == ("very high", "high")


def test_a_card_says_who_called_and_names_nobody(
    town: Partnership, officer: Reader, case: int, planned: int
) -> None:
    visits.no_access(officer, case, planned, NOON, card_left=True)
    shown = text(signed_in(town).get(f"/casework/cases/{case}/visits/{planned}/card"))
    assert Case.objects.get(pk=case).reference in shown
    main = shown[shown.index("<main") : shown.index("</main>")]
    assert "Morwenna" not in main
    assert "14 Invented Lane" not in main


def test_a_lone_officer_is_looked_for_at_the_very_second(
    town: Partnership, officer: Reader, case: int, planned: int
) -> None:
    until = NOON + timedelta(minutes=30)
    visits.go_in(officer, case, planned, until)
    leader = signed_in(town, role=Role.TEAM_LEADER)
    with clock.frozen(until - timedelta(seconds=1)):
        assert jobs.look_for_officers() == 0
        assert "Call them now" not in text(leader.get("/casework/inside"))
    with clock.frozen(until):
        assert jobs.look_for_officers() == 1
        assert jobs.look_for_officers() == 0  # told once
        assert "Call them now" in text(leader.get("/casework/inside"))
        told = Notice.objects.filter(text__contains="call them now", dealt_at=None)
        assert told.get().role == str(Role.TEAM_LEADER)
        visits.stay_longer(officer, case, planned, until + timedelta(hours=1))
        assert not told.exists()  # they were heard of
        assert jobs.look_for_officers() == 0
    with clock.frozen(until + timedelta(hours=1)):
        assert jobs.look_for_officers() == 1
        visits.safe(officer, case, planned)
        assert not told.exists()
    with clock.frozen(until + timedelta(days=1)):
        assert jobs.look_for_officers() == 0
    with pytest.raises(InputError, match="Nobody is at this visit now"):
        visits.safe(officer, case, planned)
    with pytest.raises(InputError, match="within the next twelve hours"):
        visits.go_in(officer, case, planned, NOON)


def test_immediate_danger_is_recorded_and_told(
    town: Partnership, officer: Reader, case: int, planned: int
) -> None:
    page = text(signed_in(town).get(f"/casework/cases/{case}/danger/{planned}"))
    assert "Call 999 first" in page
    visits.danger(officer, case, planned, "A gas leak: 999 was called at noon")
    assert Visit.objects.get().danger.startswith("A gas leak")
    assert not [one for one in Notice.objects.all() if "gas" in one.text]
    assert Notice.objects.filter(text__contains="Immediate danger").exists()


def test_a_days_visits_take_a_shorter_order_and_keep_agreed_times(
    town: Partnership, officer: Reader, send: Send
) -> None:
    made = []
    for hour, east in enumerate((0, 9000, 1000), start=1):
        case = accept(officer, send(address={"line": f"{hour} Invented Lane"}).referral,
                      officer=officer.officer)  # fmt: skip
        at = NOON + timedelta(hours=hour)
        pk = visits.plan(officer, case, at, key=new_key(), officer=officer.officer)
        made.append(pk)
        Premises.objects.filter(pk=Case.objects.get(pk=case).premises_id).update(
            easting=180_000.0 + east, northing=40_000.0
        )
    client = signed_in(town)
    shown = text(client.get("/casework/order"))
    for words in ("As planned: 17.0 km", "Shorter: 9.0 km", "straight lines"):
        assert words in shown, words
    kept = text(client.get(f"/casework/order?fixed={made[1]}&fixed={made[2]}"))
    assert "No shorter order was found" in kept
    assert client.post("/casework/order", {}).status_code == 302
    order = list(Visit.objects.order_by("planned_at").values_list("pk", flat=True))
    assert order in ([made[0], made[2], made[1]], [made[1], made[2], made[0]])
    pack = text(client.get("/casework/pack"))
    for words in ("1 Invented Lane", "Morwenna Trevanion", "No working alarm", "999"):
        assert words in pack, words


def test_what_was_fitted_is_reminded_of_checked_and_gone(
    town: Partnership, officer: Reader, case: int, planned: int
) -> None:
    soon = visits.Fitted("alarm", "Hall", "SERIAL-ONE", NOON.date() + timedelta(days=30))
    late = visits.Fitted("alarm", "Landing", "SERIAL-TWO", NOON.date() + timedelta(days=400))
    visits.record_visit(
        officer, case, planned, visits.Done(new_key(), FOUND, NOON, NOON, [soon, late])
    )
    client = signed_in(town)
    shown = text(client.get("/casework/equipment"))
    assert "SERIAL-ONE" in shown
    assert "SERIAL-TWO" not in shown
    assert "1 thing fitted by your agency" in text(client.get("/casework/"))
    assert "SERIAL-ONE" not in text(signed_in(town, "police").get("/casework/equipment"))

    assert (remind_of_equipment(), remind_of_equipment()) == (1, 0)
    told = Notice.objects.get(key=f"case:{case}:expires_on:2026-07-01")
    assert (told.officer_id, told.path) == (officer.officer, f"/casework/cases/{case}")
    assert told.text.endswith(": replace what was fitted, by 1 July 2026")
    Case.objects.filter(pk=case).update(officer=None)
    assert (remind_of_equipment(), remind_of_equipment()) == (1, 0)
    led = Notice.objects.get(role=Role.TEAM_LEADER, path="/casework/equipment")
    assert led.text == "What was fitted falls due in the week of 29 June 2026"
    Case.objects.filter(pk=case).update(officer=officer.officer)

    gone = Equipment.objects.get(serial="SERIAL-ONE").pk
    when = {"on_day": "1", "on_month": "6", "on_year": "2026", "why": "She moved"}
    assert client.post(f"/casework/cases/{case}/remove-fitted/{gone}", when).status_code == 302
    assert "SERIAL-ONE" not in text(client.get("/casework/equipment"))


def test_of_much_that_falls_due_the_soonest_is_shown_and_the_rest_only_told_of(
    town: Partnership, officer: Reader, case: int, planned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (due, lists):
        monkeypatch.setattr(room, "MOST", 1)
    later, soon = (
        visits.Fitted("alarm", "Hall", f"SERIAL-IN-{days}", NOON.date() + timedelta(days=days))
        for days in (30, 10)
    )
    visits.record_visit(
        officer, case, planned, visits.Done(new_key(), FOUND, NOON, NOON, [later, soon])
    )
    client = signed_in(town)
    shown = text(client.get("/casework/equipment"))
    assert "SERIAL-IN-10" in shown
    assert "SERIAL-IN-30" not in shown
    assert "More than 1 thing fitted by your agency" in text(client.get("/casework/"))
