"""Plans on which several work: what is another agency's stays theirs, and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

import signing_in
from partnership import NOON, Partnership
from triservice.casework import telling
from triservice.casework.cases.actions import life
from triservice.casework.models import Action, Finding, Plan
from triservice.casework.plans import actions, jobs
from triservice.casework.plans.actions import Problem
from triservice.casework.plans.queries import plan_view
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass as C
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.keys import new_key
from triservice.subjects.models import Premises

REVIEW = NOON.date() + timedelta(days=28)
FIRES = Problem("Fires behind the shops", "Invented Lane", "Bins burn; neighbours are afraid")
ADDRESS = "14 Invented Lane, Nowhere TR1 1AA"
TYPED = "Half as many fires by next spring"


def start(officer: Reader) -> int:
    return actions.start(officer, FIRES, REVIEW, key=new_key())


@pytest.fixture
def plan(officer: Reader) -> int:
    return start(officer)


@pytest.fixture
def client(town: Partnership) -> Client:
    return signing_in.sign_in(Client(), town.officer("fire"))


def day(name: str, on: date) -> dict[str, str]:
    return {f"{name}_{part}": str(getattr(on, part)) for part in ("year", "month", "day")}


def test_a_plan_that_moves_takes_no_finding_of_another_agency_where_a_term_opens_it(
    town: Partnership, case: int, plan: int
) -> None:
    Premises.objects.update(area="E1")
    town.term("police", "fire", [C.POLICE], areas=["E1"])
    officer, police = town.reader("fire"), town.reader("police")
    theirs = actions.add_finding(police, plan, "The same two are seen there", "police")
    ours = actions.add_finding(officer, plan, "Bins stand open", "risk")
    assert [one.data_class for one in plan_view(officer, plan).findings] == ["risk"]
    actions.set_place(officer, plan, ADDRESS)
    place = Premises.objects.get()
    about = dict(Finding.objects.values_list("pk", "area"))
    keys = dict(Finding.objects.values_list("pk", "subject_key"))
    assert about == {ours: "E1", theirs: ""}
    assert keys == {ours: place.key, theirs: None}
    assert [one.data_class for one in plan_view(officer, plan).findings] == ["risk"]


def test_a_plan_sent_twice_is_one(client: Client) -> None:
    page = client.get("/casework/plans/new").content.decode()
    key = next(box for box in re.findall("<input[^>]*>", page) if 'name="key"' in box)
    key = key.partition('value="')[2].partition('"')[0]
    new = {"title": "Fires", "place": "The lane", "harm": "Bins burn at night", "key": key}
    sent = [client.post("/casework/plans/new", new | day("review_on", REVIEW)) for _ in range(2)]
    assert [one.status_code for one in sent] == [302, 302]
    assert str(Plan.objects.get().key) == key


def test_what_was_typed_stays_when_somebody_closed_the_plan_or_the_case_meanwhile(
    client: Client, officer: Reader, plan: int, case: int
) -> None:
    actions.close(officer, plan, "given up", "Nobody could say more about it")
    sent = client.post(f"/casework/plans/{plan}/aims", {"aims": TYPED})
    said = sent.content.decode()
    assert (sent.status_code, TYPED in said, "is closed" in said) == (422, True, True)
    assert client.get(f"/casework/plans/{plan}/aims").status_code == 404
    life.close(officer, case, "opened in error", "It was a mistake")
    boxes = {"data_class": "risk", "text": TYPED}
    sent = client.post(f"/casework/cases/{case}/note", boxes)
    said = sent.content.decode()
    assert (sent.status_code, TYPED in said, "is closed" in said) == (422, True, True)
    assert client.get(f"/casework/cases/{case}/note").status_code == 404


def test_another_agency_takes_no_step_that_is_not_theirs(town: Partnership, plan: int) -> None:
    police = signing_in.sign_in(Client(), town.officer("police"))
    sent = police.post(f"/casework/plans/{plan}/aims", {"aims": TYPED})
    assert sent.status_code in {403, 404}
    assert Plan.objects.get().aims == ""


@pytest.mark.parametrize("year", [9999, 2201, 1899])
def test_a_day_that_nobody_means_gets_a_sentence(
    client: Client, officer: Reader, plan: int, year: int
) -> None:
    due = day("due", date(year, 12, 31))
    response = {"what": "Lock the bins", "agency": str(officer.agency), "who": "me"} | due
    sent = client.post(f"/casework/plans/{plan}/response", response)
    assert sent.status_code == 422
    assert "Write a year from 1900 to 2200" in sent.content.decode()
    assert not Action.objects.exists()


def test_every_plan_is_reminded_of_however_many_there_are(
    officer: Reader, town: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "AT_ONCE", 2)
    leader = town.officer("fire", Role.TEAM_LEADER)
    plans = [start(officer) for _ in range(3)]
    Plan.objects.filter(pk=plans[0]).update(officer=None)
    for plan in plans:
        actions.add_response(
            officer, plan, "Lock the bins", due=NOON + timedelta(days=7), agency=officer.agency,
            officer=officer.officer,
        )  # fmt: skip
    with clock.frozen(datetime.combine(REVIEW, NOON.time(), NOON.tzinfo)):
        assert [jobs.remind() for _ in range(3)] == [4, 2, 0]
        Plan.objects.filter(pk=plans[1]).update(officer=leader)  # given to another, who is told
        assert [jobs.remind() for _ in range(2)] == [1, 0]
