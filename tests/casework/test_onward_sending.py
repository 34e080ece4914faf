"""Sent to a real server on this machine: once, what may go, only where the list lets it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from invented_referrals import Send
from service_system import DRIBBLES, TAKEN, There, serving
from test_directory import FALLS
from test_onward_letter import agree

from partnership import NOON, Partnership
from triservice.access.models import Disclosure, Notice
from triservice.access.tokens.actions import issue
from triservice.access.tokens.rules import Scope
from triservice.agencies.models import Holding
from triservice.casework.cases.actions.sharing import add_agency
from triservice.casework.cases.queries.view import case_view
from triservice.casework.directory.actions import add_service
from triservice.casework.fhir import writing
from triservice.casework.fhir.rules import read_service_request
from triservice.casework.models import (
    Consent,
    DirectoryService,
    Dispatch,
    Entry,
    OnwardReferral,
)
from triservice.casework.onward import jobs, posting
from triservice.casework.onward.actions import answered, send
from triservice.casework.onward.wire import AFTER
from triservice.casework.triage.actions import accept
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Purpose, Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[There, Path]]:
    with serving(tmp_path_factory.mktemp("there")) as (there, file):
        yield there, file


@pytest.fixture
def there(running: tuple[There, Path], settings: Any) -> There:
    """The same, on the list and trusted."""
    made, file = running
    made.answers, made.got, made.headers, made.known = [TAKEN], [], [], set()
    settings.SEND_TO = (f"localhost:{made.port}", "127.0.0.0/8", "::1/128")
    settings.SEND_CA = file
    return made


@pytest.fixture
def fell(send: Send, officer: Reader) -> int:
    """An open case of somebody who has fallen, and agrees to being referred on."""
    made = accept(officer, send(fell="yes").referral, officer=officer.officer)
    agree(officer, made)
    return made


@pytest.fixture
def service(town: Partnership, there: There) -> int:
    """A service of a charity that takes referrals by FHIR."""
    return entered(town, there, "FHIR")


def entered(town: Partnership, there: There, takes: str, **more: Any) -> int:
    admin = town.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    said = replace(
        FALLS, takes=takes, address=there.address, areas=(),
        shares=("identity", "contact", "location", "health"), **more,
    )  # fmt: skip
    return add_service(admin, said)


def refer_on(officer: Reader, case: int, service: int) -> OnwardReferral:
    pk = send(officer, case, key=new_key(), why="Please see her", service=service)
    return OnwardReferral.objects.get(pk=pk)


def test_it_goes_once_as_fhir_and_is_recorded(
    officer: Reader, fell: int, service: int, there: There
) -> None:
    row = refer_on(officer, fell, service)
    assert Dispatch.objects.get().state == "waiting"
    assert not there.got  # nothing is sent while somebody waits for the page
    assert jobs.send_due() == 1
    assert jobs.send_due() == 0
    (got,) = there.got
    read = read_service_request(got)
    assert read.person == {"name": "Morwenna Trevanion", "born": "1948-03-12",
                           "phone": "01632 960001"}  # fmt: skip
    assert read.address == {"line": "14 Invented Lane, Nowhere", "postcode": "TR1 1AA"}
    assert read.answers == {"fell": "yes"}
    assert str(row.key) in read.key
    assert there.headers[0]["Idempotency-Key"] == str(row.key)
    assert there.headers[0]["Content-Type"] == "application/fhir+json"
    assert "hears the bell" not in json.dumps(got)  # of a class that the service is not told
    kept = Dispatch.objects.get()
    assert (kept.state, kept.data_class, kept.payload == got) == ("sent", "health", True)
    record = Disclosure.objects.get(doing="send an onward referral to a service")
    assert (record.kind, record.officer_name) == ("disclosure", "officer of fire")
    (told,) = json.loads(record.what)["disclosed"]
    assert (told["how"], told["host"]) == ("FHIR", f"localhost:{there.port}")
    (seen,) = case_view(officer, fell).onward
    assert seen.sending.startswith("Their system has it since 01 June")


def test_an_answer_that_comes_back_at_once_lands_on_the_case(
    officer: Reader, fell: int, town: Partnership, there: There
) -> None:
    there.answers = [(200, {"state": "accepted", "said": "We see her on Monday"})]
    row = refer_on(officer, fell, entered(town, there, "API"))
    assert jobs.send_due() == 1
    assert there.got[0]["person"]["name"] == "Morwenna Trevanion"
    row.refresh_from_db()
    assert (row.state, row.result) == ("accepted", "We see her on Monday")


@pytest.mark.parametrize(
    ("body", "state", "result"),
    [
        (b'{"state": "declined", "said": "no"}', "declined", "Said by their system: no"),
        (b'{"state": "declined"}', "declined", "Said by their system"),
        (b'{"state": "accepted", "said": "\\ud800Mon\\u0000day"}', "accepted", "Mon day"),
        (b'{"resourceType": "Task", "status": "rejected"}', "declined", "Said by their system"),
        (b"[" * 60_000, "sent", ""),
        (b'{"state": ' + b"9" * 5_000 + b"}", "sent", ""),
        (b"\xff\xfe", "sent", ""),
    ],
)
def test_whatever_a_system_answers_is_taken(
    officer: Reader, fell: int, town: Partnership, there: There, body: bytes, state: str,
    result: str,
) -> None:  # fmt: skip
    there.answers = [(200, body)]
    row = refer_on(officer, fell, entered(town, there, "API"))
    assert jobs.send_due() == 1
    row.refresh_from_db()
    assert (row.state, row.result) == (state, result)
    assert Dispatch.objects.get().state == "sent"


def test_what_nobody_thought_of_is_given_up_aloud_and_holds_up_nothing(
    officer: Reader, fell: int, service: int, there: There, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    first, other = refer_on(officer, fell, service), refer_on(officer, fell, service)
    real = jobs._prepare

    def breaks(pk: int) -> Any:
        if pk == first.dispatch.pk:
            raise LookupError("Morwenna Trevanion")
        return real(pk)

    monkeypatch.setattr(jobs, "_prepare", breaks)
    assert jobs.send_due() == 1
    kept = Dispatch.objects.get(onward=first)
    assert (kept.state, kept.said) == ("given up", "It could not be handled")
    assert Notice.objects.filter(text__contains="could not be handled").exists()
    assert Dispatch.objects.get(onward=other).state == "sent"
    assert "LookupError in" in caplog.text
    assert "Morwenna" not in caplog.text


def test_killed_at_the_last_try_it_is_not_sent_for_ever(
    officer: Reader, fell: int, service: int, there: There
) -> None:
    refer_on(officer, fell, service)
    Dispatch.objects.update(tries=len(AFTER) + 1)
    assert jobs.send_due() == 0
    assert not there.got
    assert Dispatch.objects.get().said.startswith("It was tried too often")


def test_a_server_in_trouble_is_tried_again_later_and_later(
    officer: Reader, fell: int, service: int, there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.answers = [(500, {}), ("slow", 3), (429, {}), TAKEN]
    refer_on(officer, fell, service)
    at = NOON
    for wait, said in zip(AFTER, ("answered 500", "did not answer in time", "answered 429"),
                          strict=False):  # fmt: skip
        with clock.frozen(at), monkeypatch.context() as patch:
            if "in time" in said:
                patch.setattr(posting, "SECONDS", 1.0)
            assert jobs.send_due() == 0
            assert jobs.send_due() == 0  # not before its time
        assert said in Dispatch.objects.get().said
        at += wait
    with clock.frozen(at):
        assert jobs.send_due() == 1
    assert len(there.got) == 4
    assert len(there.known) == 1  # the same key each time


def test_a_server_that_stays_down_is_given_up_and_told(
    officer: Reader, fell: int, service: int, there: There
) -> None:
    there.answers = [(503, {})]
    row = refer_on(officer, fell, service)
    at = NOON
    for wait in (*AFTER, timedelta(0)):
        with clock.frozen(at):
            jobs.send_due()
        at += wait
    kept = Dispatch.objects.get()
    assert (kept.state, kept.tries, kept.next_at) == ("given up", len(AFTER) + 1, None)
    notice = Notice.objects.get(text__contains="could not be sent")
    assert notice.officer_id == officer.officer
    assert "Morwenna" not in notice.text
    row.refresh_from_db()
    assert row.chase_at is not None
    assert row.chase_at <= at
    answered(officer, fell, row.pk, "accept", "By telephone instead")  # a person goes on


def test_one_that_dribbles_has_no_more_time_than_another(
    there: There, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.answers = [(DRIBBLES, {})]
    monkeypatch.setattr(posting, "SECONDS", 1.0)
    to = posting.target(there.address, posting.allowed_of(settings.SEND_TO))
    began = time.monotonic()
    assert posting.post(to, b"{}", {"Idempotency-Key": "1"}, settings.SEND_CA)[0] == DRIBBLES
    assert 0.9 < time.monotonic() - began < 3


@pytest.mark.parametrize("status", [302, 400, 401, 404])
def test_what_is_refused_or_sent_elsewhere_is_not_tried_again(
    officer: Reader, fell: int, service: int, there: There, status: int
) -> None:
    there.answers = [(status, {})]
    refer_on(officer, fell, service)
    assert jobs.send_due() == 0
    assert Dispatch.objects.get().state == "given up"
    assert len(there.got) == 1


@pytest.mark.parametrize(
    "listed",
    [(), ("127.0.0.0/8", "::1/128"), ("localhost", "127.0.0.0/8", "::1/128"), ("localhost:{}",)],
)
def test_only_what_is_listed_is_called(
    officer: Reader, fell: int, service: int, there: There, settings: Any, listed: tuple[str, ...]
) -> None:
    settings.SEND_TO = tuple(each.format(there.port) for each in listed)
    refer_on(officer, fell, service)
    assert jobs.send_due() == 0
    assert not there.got
    assert "on the list" in Dispatch.objects.get().said


def test_a_certificate_that_is_not_trusted_is_not_spoken_to(
    officer: Reader, fell: int, service: int, there: There, settings: Any
) -> None:
    settings.SEND_CA = None
    refer_on(officer, fell, service)
    assert jobs.send_due() == 0
    assert not there.got
    assert Dispatch.objects.get().state == "waiting"


def test_killed_between_sending_and_noting_it_is_known_by_its_key(
    officer: Reader, fell: int, service: int, there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    refer_on(officer, fell, service)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_settle", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.send_due()
    assert Dispatch.objects.get().state == "waiting"
    with clock.frozen(NOON + AFTER[0]):
        assert jobs.send_due() == 1
    assert len(there.got) == 2
    assert len(there.known) == 1
    assert there.got[0] == there.got[1]


def test_what_may_not_go_any_more_does_not(
    officer: Reader, fell: int, service: int, there: There, town: Partnership
) -> None:
    with_consent = Consent.objects.get()
    Consent.objects.update(withdrawn_at=NOON, given=True)
    with pytest.raises(InputError, match="Consent withdrawn"):
        refer_on(officer, fell, service)
    assert not OnwardReferral.objects.exists()
    assert not Dispatch.objects.exists()
    Consent.objects.update(withdrawn_at=None)
    refer_on(officer, fell, service)
    Consent.objects.filter(pk=with_consent.pk).update(withdrawn_at=NOON)
    assert jobs.send_due() == 0
    assert "Consent withdrawn" in Dispatch.objects.get().said
    assert Notice.objects.filter(text__contains="could not be sent").exists()
    Consent.objects.update(withdrawn_at=None)
    withdrawn = refer_on(officer, fell, service)
    answered(officer, fell, withdrawn.pk, "withdraw", "She is in hospital")
    refer_on(officer, fell, service)
    Holding.objects.filter(officer=officer.officer).update(until=NOON.date())
    assert jobs.send_due() == 0
    assert not there.got
    assert {row.state for row in Dispatch.objects.all()} == {"given up"}


def plain(key: str, state: str) -> dict[str, Any]:
    return {"state": state, "said": "We see her on Monday"}


def as_task(key: str, state: str) -> dict[str, Any]:
    return {
        "resourceType": "Task", "intent": "order", "statusReason": {"text": "We see her on Monday"},
        "status": {"declined": "rejected"}.get(state, state),
        "focus": {"identifier": {"system": writing.ONWARD, "value": key}},
    }  # fmt: skip


WAYS = [("/api/onward-referrals/{}/answer", plain), ("/api/fhir/Task", as_task)]


@pytest.mark.parametrize(("path", "body"), WAYS)
def test_the_agency_that_got_it_answers_from_its_system(
    officer: Reader, fell: int, town: Partnership, there: There, path: str, body: Any
) -> None:
    health = town.agencies["health"]
    row = refer_on(officer, fell, entered(town, there, "FHIR", agency=health.pk, organisation=""))

    def call(agency: str, key: object, state: str) -> int:
        headers = {"Authorization": f"Bearer {token(town, agency)}"}
        sent = body(str(key), state)
        return int(Client().post(path.format(key), sent, "application/json", headers=headers)
                   .status_code)  # fmt: skip

    assert call("police", row.key, "accepted") == 404  # it was not sent to them
    assert call("health", new_key(), "accepted") == 404
    assert call("health", row.key, "accepted") == 200
    assert call("health", row.key, "accepted") == 200  # said twice, known once
    row.refresh_from_db()
    assert (row.state, row.result) == ("accepted", "We see her on Monday")
    assert Entry.objects.filter(verb="onward").count() == 1
    notice = Notice.objects.get(text__contains="was answered: accepted")
    assert notice.officer_id == officer.officer
    assert call("health", row.key, "declined") == 200
    assert call("health", row.key, "completed") == 422  # it is over
    row.refresh_from_db()
    assert (row.state, row.chase_at) == ("declined", None)


def token(town: Partnership, agency: str) -> str:
    admin = town.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    return issue(
        admin, town.agencies[agency], f"System of {agency} {new_key()}", roles=[Role.OFFICER],
        scopes=[Scope.REFERRALS], purposes=[Purpose.PREVENTION_VISIT], days=30,
    ).secret  # fmt: skip


def test_one_who_joined_the_case_is_told_that_they_do_not_send_it(
    officer: Reader, fell: int, service: int, town: Partnership
) -> None:
    town.term("fire", "police", list(DataClass))
    add_agency(officer, fell, town.agencies["police"].pk, None, "They know her")
    with pytest.raises(InputError, match="Only the agency that runs the case"):
        refer_on(town.reader("police"), fell, service)
    assert not Dispatch.objects.exists()


def test_a_service_that_changed_hands_is_sent_nothing(
    officer: Reader, fell: int, service: int, town: Partnership, there: There
) -> None:
    refer_on(officer, fell, service)
    DirectoryService.objects.update(agency=town.agencies["health"], organisation="")
    assert jobs.send_due() == 0
    assert not there.got
    assert "changed hands" in Dispatch.objects.get().said


def test_what_goes_to_another_agency_is_what_the_agreement_opens(
    officer: Reader, fell: int, town: Partnership, there: There
) -> None:
    town.term("fire", "health", [DataClass.IDENTITY])
    health = town.agencies["health"]
    refer_on(officer, fell, entered(town, there, "API", agency=health.pk, organisation=""))
    assert jobs.send_due() == 1
    (got,) = there.got
    assert got["person"] == {"name": "Morwenna Trevanion", "born": "1948-03-12"}
    assert (got["address"], got["answers"]) == ({}, [])
