"""The pages, asked as a browser asks them: refer, triage, my day, a case and each of its steps."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from invented_referrals import SCHEME, Send

import signing_in
from partnership import NOON, Partnership
from triservice.access.models import Notice
from triservice.casework.cases.steps import STEPS
from triservice.casework.files.actions import Sent, add_file
from triservice.casework.models import (
    Acknowledgement,
    Case,
    CaseSubject,
    Concern,
    Consent,
    Equipment,
    File,
    Need,
    Note,
    Referral,
    Visit,
)
from triservice.casework.needs import actions as needs
from triservice.casework.onward import actions as onward
from triservice.casework.triage.actions import accept
from triservice.casework.visits import actions as visits
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.keys import new_key
from triservice.subjects.models import Premises

BOXES = {
    "person.name": "Morwenna Trevanion",
    "person.born.day": "12",
    "person.born.month": "3",
    "person.born.year": "1948",
    "person.phone": "01632 960001",
    "address.line": "14 Invented Lane, Nowhere",
    "address.postcode": "TR1 1AA",
    "why": "She no longer hears the bell",
    "alarms": "no",
}


def signed_in(town: Partnership, agency: str, role: Role = Role.OFFICER) -> Client:
    return signing_in.sign_in(Client(), town.officer(agency, role))


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_somebody_is_referred_acknowledged_and_followed(town: Partnership) -> None:
    client = signed_in(town, "police", Role.REFERRER)
    assert "Small visit" in text(client.get("/casework/refer"))
    address = f"/casework/refer/{SCHEME}/{town.agencies['fire'].pk}"
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', text(client.get(address)))
    assert key
    wrong = client.post(address, BOXES | {"key": key[1], "person.name": ""})
    assert wrong.status_code == 422
    assert "There is a problem" in text(wrong)
    assert not Referral.objects.exists()
    for _ in range(2):  # the button is pressed twice
        sent = client.post(address, BOXES | {"key": key[1], "is": "new"}, follow=True)
        assert "Referral sent" in text(sent)
    row = Referral.objects.get()
    assert row.reference in text(sent)
    assert "Received" in text(client.get(f"/casework/sent/{row.acknowledgement.pk}"))
    assert row.reference in text(client.get("/casework/sent"))
    assert "Morwenna" not in text(client.get("/casework/sent"))


def test_people_known_already_are_shown_to_who_may_see_them(send: Send, town: Partnership) -> None:
    send()
    address = f"/casework/refer/{SCHEME}/{town.agencies['fire'].pk}"
    client = signed_in(town, "police", Role.REFERRER)
    asked = text(client.post(address, BOXES | {"key": str(new_key())}))
    assert "Is it one of these people?" in asked
    assert "Born 12 March 1948. 14 Invented Lane, Nowhere, TR1 1AA. Known to fire." in asked
    assert "Open case" not in asked
    accept(town.reader("fire"), Referral.objects.get().pk)
    case = Case.objects.get()
    asked = text(client.post(address, BOXES | {"key": str(new_key())}))
    assert f"Open case {case.reference}: Small visit, high risk." in asked
    council = signed_in(town, "council", Role.REFERRER)
    blind = council.post(address, BOXES | {"key": str(new_key())})
    assert blind.status_code == 302  # nothing to choose from: it is sent
    assert Referral.objects.count() == 2


def test_an_address_is_chosen_from_those_known_at_its_postcode(
    send: Send, town: Partnership
) -> None:
    send(address={"line": "14 Invented Lane, Nowhere", "postcode": "TR1 1AA", "uprn": "100004"})
    place = Premises.objects.get()
    address = f"/casework/refer/{SCHEME}/{town.agencies['fire'].pk}"
    client = signed_in(town, "council", Role.REFERRER)  # to whom no person is shown
    typed = BOXES | {"key": str(new_key()), "address.line": "14 Invented Ln"}
    asked = text(client.post(address, typed))
    assert "Is it one of these addresses?" in asked
    assert "14 Invented Lane, Nowhere, UPRN 100004" in asked
    assert "Is it one of these people?" not in asked
    assert client.post(address, typed | {"is": "new", "at": str(place.key)}).status_code == 302
    assert Referral.objects.latest("pk").premises_id == place.pk
    other = typed | {"key": str(new_key()), "is": "new", "at": "no such place"}
    assert client.post(address, other).status_code == 302
    assert Referral.objects.latest("pk").premises_id != place.pk


def test_a_sender_whom_no_term_lets_see_is_told_so(send: Send, town: Partnership) -> None:
    receipt = send(by=town.reader("council", Role.REFERRER))
    client = signed_in(town, "council", Role.REFERRER)
    shown = text(client.get(f"/casework/sent/{receipt.acknowledgement}"))
    assert "Withheld" in shown
    assert "because no agreement opens this to your agency" in shown
    assert "Received" not in shown


def test_the_queue_is_worked_through(send: Send, town: Partnership) -> None:
    receipts = [send(), send(fell="yes"), send(alarms="yes")]
    client = signed_in(town, "fire")
    shown = text(client.get("/casework/triage"))
    assert shown.index("Very high risk") < shown.index("High risk") < shown.index("Low risk")
    assert "Morwenna Trevanion" in shown
    assert text(client.get("/casework/triage?tier=low")).count("Choose R-") == 1
    page = text(client.get(f"/casework/triage/{receipts[0].referral}"))
    assert "No working alarm" in page
    assert Referral.objects.get(pk=receipts[0].referral).first_seen_at == NOON
    asked = client.post(
        f"/casework/triage/{receipts[0].referral}/ask-more-about", {"why": "Which floor?"}
    )
    assert asked.status_code == 302
    form = text(client.get(f"/casework/triage/{receipts[0].referral}/accept"))
    assert "officer of fire" in form
    officer = town.officer("fire").pk
    taken = client.post(
        f"/casework/triage/{receipts[0].referral}/accept", {"officer": officer}, follow=True
    )
    assert "First contact" in text(taken)
    chosen = "&".join(f"referral={r.referral}" for r in receipts)
    several = client.post(f"/casework/triage/several/accept?{chosen}", {"officer": officer})
    assert "2 referrals accepted" in text(several)
    assert "so you cannot accept it" in text(several)
    assert Case.objects.filter(officer=officer).count() == 3
    again = client.get(f"/casework/triage/{receipts[0].referral}/decline", follow=True)
    assert "This referral is accepted" in text(again)


def test_a_referral_is_signposted_as_the_scheme_proposes(send: Send, town: Partnership) -> None:
    pk = send(elsewhere="yes").referral
    client = signed_in(town, "fire")
    assert "rules say: signpost" in text(client.get(f"/casework/triage/{pk}"))
    form = text(client.get(f"/casework/triage/{pk}/signpost"))
    assert "The service of that area" in form
    said = {"where": "The service of that area", "why": "It lies in their area"}
    client.post(f"/casework/triage/{pk}/signpost", said)
    assert Referral.objects.get().state == "signposted"


def test_my_day_shows_what_is_due(officer: Reader, case: int, town: Partnership) -> None:
    visits.plan(officer, case, NOON + timedelta(hours=2), key=new_key())
    needs.add_action(
        officer, case, "Bring the alarm", due=NOON + timedelta(days=1), agency=officer.agency,
        officer=officer.officer,
    )  # fmt: skip
    shown = text(signed_in(town, "fire").get("/casework/"))
    for words in ("Visits today", "1 June 2026 at 3:00pm", "Bring the alarm", "Morwenna Trevanion"):
        assert words in shown


def test_a_case_says_who_where_why_and_what_is_next(
    officer: Reader, case: int, town: Partnership
) -> None:
    shown = text(signed_in(town, "fire").get(f"/casework/cases/{case}"))
    glance = shown[shown.index("data-glance") :][:3000]
    for words in ("14 Invented Lane", "No working alarm", "First contact", "24 hours left",
                  "officer of fire"):  # fmt: skip
        assert words in glance
    assert "Referred to Small visit" in shown
    found = text(signed_in(town, "fire").get("/casework/cases?reference=" + reference(case)))
    assert reference(case) in found
    assert reference(case) in text(signed_in(town, "fire").get("/casework/cases"))


def reference(case: int) -> str:
    return Case.objects.get(pk=case).reference


DAY = {"_day": "2", "_month": "6", "_year": "2026"}


def day(name: str) -> dict[str, str]:
    return {f"{name}{part}": value for part, value in DAY.items()}


def test_each_step_of_a_case_is_taken_by_its_page(
    officer: Reader, case: int, send: Send, town: Partnership
) -> None:
    other = accept(officer, send().referral)
    visit = [
        visits.plan(officer, case, NOON + timedelta(hours=n), key=new_key()) for n in (1, 2, 3)
    ]
    need = needs.add_need(officer, case, "alarm")
    action = needs.add_action(officer, case, "Call", due=NOON + timedelta(1), agency=officer.agency)
    on = onward.send(officer, case, "falls-service", key=new_key(), why="Please see her")
    add_file(officer, case, Sent("plan.txt", b"The way to the back door", 24), "risk")
    person = str(Case.objects.get(pk=case).subject_key)
    police, council = (str(town.agencies[kind].pk) for kind in ("police", "council"))
    leader = town.officer("fire", Role.TEAM_LEADER)
    why = {"why": "Because it is so"}
    said: list[tuple[str, int, dict[str, Any]]] = [
        ("note", 0, {"text": "She has a dog", "data_class": "risk", "contact": "on"}),
        ("contact", 0, {}),
        ("need", 0, {"kind": "falls", "why": "She told me"}),
        ("settle", need, {"state": "met", "why": "It works"}),
        ("action", 0, {"what": "Fit", "agency": council, "who": "", "need": "", **day("due")}),
        ("end-action", action, {"done": "yes", "result": "Called her"}),
        ("consent", 0, {"person": person, "scope": "Onward referral", "given": "yes",
                        "capacity": "has capacity", **day("asked_on")}),
        ("concern", 0, {"person": person, "child": "no", "danger_now": "no", "kinds": ["neglect"],
                        "what": "She has not eaten for days, she says", "sent_to": council}),
        ("add-person", 0, {"name": "Tamsin Penhale", "part": "carer", **why}),
        ("add-place", 0, {"line": "3 Invented Lane", "postcode": "TR1 9ZZ", **why}),
        ("plan-visit", 0, {"at": "2026-06-03T10:00"}),
        ("move-visit", visit[0], {"at": "2026-06-03T11:00"}),
        ("joint", visit[0], {}),
        ("go-in", visit[1], {"minutes": "30"}),
        ("stay-longer", visit[1], {"minutes": "60"}),
        ("danger", visit[1], {"what": "A gas leak; 999 and the gas line were called"}),
        ("no-access", visit[1], {"at": "2026-06-01T12:00", "card_left": "on"}),
        ("cancel-visit", visit[2], why),
        ("remove-file", File.objects.get().pk, why),
        ("onward", 0, {"route": "falls-service", "why": "Please see her", "how": "letter"}),
        ("handed", on, day("on") | {"on_day": "1"}),
        ("answer-onward", on, {"step": "accept", "result": ""}),
        ("outcome", 0, {"measure": "alarms", "before": "0", "after": "1"}),
        ("risk", 0, {"tier": "very high", "why": "Her nephew has come back to the house"}),
        ("allocate", 0, {"officer": str(leader.pk)}),
        ("join", 0, {"agency": police, **why}),
        ("leave", int(police), why),
        ("link", 0, {"reference": reference(other).lower(), **why}),
        ("unlink", other, why),
        ("offer", 0, {"agency": police, **why}),
        ("give-back", 0, why),
    ]  # fmt: skip
    fire, led = signed_in(town, "fire"), signed_in(town, "fire", Role.TEAM_LEADER)
    theirs = signed_in(town, "police", Role.TEAM_LEADER)
    taken = set()

    def take(pk: int, step: str, row: int, values: dict[str, Any]) -> None:
        by = {"offer": led, "give-back": theirs, "take-over": theirs}.get(step, fire)
        address = f"/casework/cases/{pk}/{step}" + (f"/{row}" if row else "")
        assert by.get(address).status_code == 200, step
        if values:
            assert by.post(address, {}).status_code == 422, step
        answer = by.post(address, values)
        assert answer.status_code == 302, (step, text(answer))
        taken.add(step)

    for step, row, values in said:
        take(case, step, row, values)
    take(case, "correct-note", Note.objects.get().pk, {"text": "She has two dogs", **why})
    take(case, "safe", visit[1], {})
    take(case, "correct-note", Note.objects.earliest("pk").pk, {"text": "As it should be", **why})
    fitted = [visits.Fitted("alarm")] * 2
    visits.record_visit(
        officer, case, visit[0], visits.Done(new_key(), {"alarms": "yes"}, NOON, NOON, fitted)
    )
    for step, row in zip(("check-fitted", "remove-fitted"), Equipment.objects.all(), strict=True):
        take(case, step, row.pk, {**day("on"), **why})
    take(case, "withdraw-consent", Consent.objects.get().pk, why)
    take(case, "end-part", CaseSubject.objects.get(part="carer").pk, why)
    decided = {"decision": "The council makes enquiries"}
    take(case, "decide-concern", Concern.objects.get().pk, decided)
    take(other, "merge", 0, {"reference": reference(case), **why})
    take(other, "part", 0, why)
    take(other, "close", 0, {"outcome": "opened in error", **why})
    take(other, "reopen", 0, why)
    take(case, "offer", 0, {"agency": police, **why})
    take(case, "take-over", 0, {})
    assert taken == set(STEPS)
    assert Need.objects.filter(case=case, state="met").exists()
    assert Visit.objects.filter(case=case).count() == 4


def test_a_step_that_is_not_ones_own_is_not_there(case: int, town: Partnership) -> None:
    constable = signed_in(town, "police")
    assert constable.get(f"/casework/cases/{case}").status_code == 200  # risk is open to police
    for step in ("note", "close", "offer", "take-over", "nonsense"):
        assert constable.get(f"/casework/cases/{case}/{step}").status_code == 404, step
    council = signed_in(town, "council")
    assert council.get(f"/casework/cases/{case}").status_code == 404
    assert council.get(f"/casework/triage/{Referral.objects.get().pk}").status_code == 404


def test_nobody_is_named_in_an_address_or_a_notice(case: int, town: Partnership) -> None:
    for notice in Notice.objects.all():
        assert not {"Morwenna", "Trevanion"} & set(notice.text.split())
        assert re.fullmatch(r"/casework/[a-z]+/\d+", notice.path)


@pytest.mark.parametrize("said", ["", "nonsense", "C-1", "20260601T120000.000000-x"])
def test_a_broken_address_shows_the_first_page(case: int, town: Partnership, said: str) -> None:
    client = signed_in(town, "fire")
    for address in (f"/casework/cases?after={said}", f"/casework/cases/{case}?before={said}",
                    f"/casework/triage?after={said}&tier={said}"):  # fmt: skip
        assert client.get(address).status_code == 200
    assert Acknowledgement.objects.count() == 1


def test_somebody_of_the_public_asks_and_nothing_is_shown_back(
    send: Send, town: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    send()  # she is known already
    client, asks = Client(), 'href="/casework/self-refer"'
    for page in ("/", reverse("account_login")):
        assert asks in client.get(page).content.decode()
        with monkeypatch.context() as nobody:
            nobody.setattr("triservice.web.context.public_choices", tuple)
            assert asks not in client.get(page).content.decode()
    assert asks not in signed_in(town, "fire").get("/").content.decode()
    assert "Small visit" in text(client.get("/casework/self-refer"))
    address = f"/casework/self-refer/{SCHEME}/{town.agencies['fire'].pk}"
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 422
    sent = text(client.post(address, BOXES | {"key": str(new_key())}))
    row = Referral.objects.get(sender=None)
    assert row.reference in sent
    assert "Morwenna" not in sent
    assert client.get(f"/casework/triage/{row.pk}").status_code == 302  # to sign in
    police = f"/casework/self-refer/{SCHEME}/{town.agencies['police'].pk}"
    assert client.get(police).status_code == 404


def test_the_public_form_is_limited(town: Partnership, settings: Any) -> None:
    settings.RATE_LIMITS_ON = True
    address = f"/casework/self-refer/{SCHEME}/{town.agencies['fire'].pk}"
    client = Client()
    client.get(address)
    client.cookies["sessionid"] = "x"  # the limit of posts before sign-in is another
    statuses = [client.post(address, {}).status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]
