"""What a phone calls and what a desk opens, through the doors of the web application."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from invented_shift import Shift
from model_phone import ModelPhone

from signing_in import sign_in
from triservice.kernel.access_words import Role
from triservice.offline.models import Operation, Phone
from triservice.offline.rules import Ended, State

pytestmark = pytest.mark.django_db


def client_of(shift: Shift, role: Role = Role.OFFICER, agency: str = "fire") -> Client:
    return sign_in(Client(), shift.made.officer(agency, role))


def call(client: Client, name: str, said: Any, phone: str = "", status: int = 200) -> Any:
    answer = client.post(
        reverse(f"offline:{name}"),
        json.dumps(said),
        content_type="application/json",
        headers={"Triservice-Phone": phone} if phone else {},
    )
    assert answer.status_code == status, answer.content
    return answer.json()


def told(client: Client, phone: str) -> Any:
    return client.get(reverse("offline:contact"), headers={"Triservice-Phone": phone}).json()


def test_a_day_with_a_phone(shift: Shift) -> None:
    client = client_of(shift)
    made = call(client, "set_up", {"name": "Phone"})
    phone = made["phone"]
    assert call(client, "key", {}, phone) == {"key": made["key"]}
    assert told(client, phone)["mine"] is True
    pack = call(client, "pack", {}, phone)
    assert pack["parts"][0]["items"][0]["deeds"][0]["form"] == "home@1"
    assert pack["forms"]["home@1"]["title"] == "Visit"
    model = ModelPhone(shift.reader, Phone.objects.get(), b"")
    model.do("note.added", {"text": "Invented"})
    for already in (False, True):
        (outcome,) = call(client, "sync", {"operations": model.queue}, phone)["outcomes"]
        assert (outcome["state"], outcome["already"]) == ("applied", already)


def test_a_session_that_runs_out_keeps_the_phone_and_signing_out_ends_it(shift: Shift) -> None:
    client = client_of(shift)
    phone = call(client, "set_up", {"name": "Phone"})["phone"]
    session = client.session
    session["session used"] = "2026-01-01T00:00:00+00:00"
    session.save()
    assert call_redirect(client, phone).startswith("/accounts/sign-in/")
    said = told(client, phone)
    assert (said["order"], said["signed_in"]) == ("keep", False)
    client = client_of(shift)
    call(client, "key", {}, phone)
    answer = client.post(reverse("account_logout"))
    assert answer.headers["Location"] == reverse("offline:app")  # where it is wiped at once
    assert told(client, phone)["order"] == "wipe"
    assert Phone.objects.get().ended_how == Ended.SIGNED_OUT
    assert client_of(shift).post(reverse("account_logout")).headers["Location"] == "/"


def call_redirect(client: Client, phone: str) -> str:
    answer = client.post(reverse("offline:pack"), "{}", content_type="application/json")
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_nothing_is_sent_without_the_token_against_forgery(shift: Shift) -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, shift.made.officer("fire"))
    path, said = reverse("offline:set_up"), json.dumps({"name": "Phone"})
    assert client.post(path, said, content_type="application/json").status_code == 403
    token = client.get(reverse("offline:contact")).json()["csrf"]
    answer = client.post(
        path, said, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("said", [b"", b"[]", b"{", b'{"operations": 1}', b"null", b'"x"'])
def test_what_cannot_be_read_gets_a_sentence(shift: Shift, said: bytes) -> None:
    client = client_of(shift)
    for name in ("set_up", "sync", "photo", "hand_in"):
        answer = client.post(reverse(f"offline:{name}"), said, content_type="application/json")
        assert answer.status_code == 422
        assert answer.json()["said"].endswith(".")


def test_the_page_that_a_phone_keeps_is_the_same_for_everybody(shift: Shift) -> None:
    page = client_of(shift).get(reverse("offline:app")).content
    assert page == Client().get(reverse("offline:app")).content
    assert "fire" not in page.decode()
    manifest = Client().get(reverse("offline:manifest")).json()
    assert manifest["scope"] == manifest["start_url"] == "/offline/"
    worker = Client().get(reverse("offline:worker"))
    assert worker.headers["Content-Type"].startswith("text/javascript")
    kept = json.loads(worker.content.decode().split("self.SHELL = ")[1].split(";\n")[0])
    assert kept["page"] == "/offline/"
    assert all(name.startswith("/static/") for name in kept["files"])


def test_what_waits_is_settled_at_a_desk(shift: Shift) -> None:
    phones = [shift.phone("One"), shift.phone("Two")]
    base = {"version": 1, "values": dict(shift.home.said)}
    for phone, alarms in zip(phones, (2, 3), strict=True):
        phone.do("home.changed", {"alarms": alarms}, "Rose Cottage", base)
    phones[0].do("home.refused", {"text": "Invented text"})
    for phone in phones:
        phone.sync()
    leader = client_of(shift, Role.TEAM_LEADER)
    page = leader.get(reverse("offline:waiting")).content.decode()
    assert "Two versions" in page
    assert "The visit is closed. Open it again." in page
    row = Operation.objects.get(state=State.CONFLICT)
    at = reverse("offline:settle", args=[row.pk])
    page = leader.get(at).content.decode()
    assert "3 (from the phone)" in page
    assert "2 (as it is here)" in page
    assert leader.post(at).status_code == 422
    assert leader.post(at, {"side_0": "phone"}).status_code == 302
    shift.home.refresh_from_db()
    assert shift.home.said["alarms"] == 3
    refused = Operation.objects.get(state=State.REFUSED)
    leader.post(reverse("offline:again", args=[refused.pk]))
    assert Operation.objects.get(pk=refused.pk).state == State.REFUSED
    gone = leader.post(reverse("offline:let_go", args=[refused.pk]), {"why": "By hand"})
    assert gone.status_code == 302
    assert "Nothing waits" in leader.get(reverse("offline:waiting")).content.decode()
    other = client_of(shift, Role.TEAM_LEADER, "police")
    assert other.get(at).status_code == 404


def test_phones_are_taken_away_at_a_desk(shift: Shift) -> None:
    phone = shift.phone("Lost phone").phone
    leader = client_of(shift, Role.TEAM_LEADER)
    assert "Lost phone" in leader.get(reverse("offline:phones")).content.decode()
    leader.post(reverse("offline:revoke", args=[phone.pk]))
    assert "it has not come by" in leader.get(reverse("offline:phones")).content.decode()
    assert told(Client(), str(phone.key))["order"] == "wipe"
