"""Limits count exactly, for all workers together."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Semaphore
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from signing_in import sign_in
from triservice.agencies.models import Officer
from triservice.kernel.clock import frozen
from triservice.web.middleware import limits, sessions
from triservice.web.middleware.limits import Limit, address, count, sender
from triservice.web.middleware.requests import Handler
from triservice.web.models import RateWindow

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
THREE = Limit("three", 3, 60, lambda request: True)


@pytest.mark.django_db
def test_a_window_counts_and_ends() -> None:
    with frozen(AT):
        assert [count(THREE, "a")[0] for _ in range(4)] == [1, 2, 3, 4]
        assert count(THREE, "b") == (1, 60)
    with frozen(AT + timedelta(seconds=59)):
        assert count(THREE, "a") == (5, 1)
    with frozen(AT + timedelta(seconds=60)):
        assert count(THREE, "a") == (1, 60)


@pytest.mark.django_db
def test_old_windows_are_forgotten() -> None:
    with frozen(AT):
        count(THREE, "a")
    with frozen(AT + timedelta(days=2)):
        count(THREE, "b")
    assert [row.key for row in RateWindow.objects.all()] == ["three|b"]


@pytest.mark.django_db
def test_too_many_sign_ins_are_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        limits, "LIMITS", (Limit("sign in", 2, 300, limits._sign_in),), raising=True
    )
    client = Client()
    with frozen(AT):
        answers = [client.post("/accounts/sign-in/", {}) for _ in range(3)]
        assert [a.status_code for a in answers] == [200, 200, 429]
        assert answers[2]["Retry-After"] == "300"
        assert b"Too many tries" in answers[2].content
        assert client.get("/accounts/sign-in/").status_code == 200  # reading is not counted
        other = Client(REMOTE_ADDR="192.0.2.9")
        assert other.post("/accounts/sign-in/", {}).status_code == 200
    with frozen(AT + timedelta(seconds=300)):
        assert client.post("/accounts/sign-in/", {}).status_code == 200


def test_what_no_person_reads_is_stopped_in_all_sessions_together(
    officer: Officer, settings: Any
) -> None:
    settings.PAGES_PER_MINUTE = 3
    with frozen(AT):
        one, other = (sign_in(Client(), officer) for _ in range(2))
        answers = [client.get("/agencies/") for client in (one, other, one, other)]
        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        assert answers[3]["Retry-After"] == "60"
        assert Client().get("/accounts/sign-in/").status_code == 200
    with frozen(AT + timedelta(seconds=60)):
        assert other.get("/agencies/").status_code == 200


def test_one_officer_does_not_keep_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "PATIENCE", 0.01)
    monkeypatch.setattr(sessions, "refused", lambda *_: HttpResponse(status=429))
    busy, done = Semaphore(0), Event()

    def slow(request: HttpRequest) -> HttpResponse:
        busy.release()
        assert done.wait(timeout=20)
        return HttpResponse()

    def ask(officer: int, page: Handler, path: str = "/") -> int:
        request = RequestFactory().get(path)
        request.user = SimpleNamespace(pk=officer)
        return sessions.few_at_once(page, request).status_code

    with ThreadPoolExecutor() as threads:
        first = [threads.submit(ask, 7, slow) for _ in range(sessions.AT_ONCE)]
        for _ in first:
            assert busy.acquire(timeout=20)
        quick = lambda _: HttpResponse()  # noqa: E731
        assert ask(7, quick) == 429
        assert ask(7, quick, "/static/triservice.css") == 200
        assert ask(8, quick) == 200
        done.set()
        assert [one.result() for one in first] == [200] * sessions.AT_ONCE
    assert ask(7, quick) == 200


@pytest.mark.django_db
def test_an_interface_is_told_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIMITS", (Limit("api", 0, 60, limits._api),))
    answer = Client().get("/api/anything")
    assert (answer.status_code, "detail" in answer.json()) == (429, True)


def test_a_sender_is_kept_as_a_hash() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION="Bearer s3cret")
    assert len(sender(request)) == len(address(request)) == 32
    assert "192" not in sender(request) + address(request)


@pytest.mark.parametrize("path", ["/accounts/sign-in/", "/api/me"])
@pytest.mark.django_db
def test_a_made_up_token_is_no_way_round_a_limit(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    few = tuple(replace(limit, most=2) for limit in limits.LIMITS)
    monkeypatch.setattr(limits, "LIMITS", few)
    with frozen(AT):
        answers = [
            Client().post(path, headers={"Authorization": f"Bearer tri_{number}"})
            for number in range(3)
        ]
    assert [a.status_code == 429 for a in answers] == [False, False, True]


@pytest.mark.parametrize(
    ("trusted", "header", "address"),
    [
        (False, "203.0.113.5", "127.0.0.1"),  # a claim of the sender's
        (True, "203.0.113.5", "203.0.113.5"),
        (True, "10.9.9.9, 203.0.113.5", "203.0.113.5"),  # the first was claimed before our proxy
        (True, "", "127.0.0.1"),
    ],
)
@pytest.mark.django_db
def test_whose_address_it_is(settings: Any, trusted: bool, header: str, address: str) -> None:
    settings.TRUSTED_PROXY = trusted
    headers = {"X-Forwarded-For": header} if header else {}
    request = Client().get("/", headers=headers).wsgi_request
    assert request.META["REMOTE_ADDR"] == address
    assert "HTTP_X_FORWARDED_FOR" not in request.META


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),  # one household
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "not an address", False),
    ],
)
def test_a_network_of_one_line_is_one_sender(one: str, other: str, same: bool) -> None:
    first, second = (RequestFactory(REMOTE_ADDR=each).get("/") for each in (one, other))
    assert (address(first) == address(second)) is same
    assert (sender(first) == sender(second)) is same


BEFORE = "import django; django.setup(); "
TABLE = "CREATE TABLE web_ratewindow (key text PRIMARY KEY, begins int, used int)"
WORKER = """
from triservice.web.middleware.limits import Limit, count
for _ in range(60):
    count(Limit("long", 1, 10**12, bool), "the same sender")
"""


def test_no_worker_loses_a_count(tmp_path: Path) -> None:
    """Three processes count at once; a cache that reads and then writes would lose some."""
    counts = tmp_path / "counts.sqlite3"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "triservice.web.settings",
        "TRISERVICE_DATABASE": str(counts),
    }
    with closing(sqlite3.connect(counts)) as database:
        database.execute(TABLE)
        command = [sys.executable, "-c", BEFORE + WORKER]
        workers = [subprocess.Popen(command, env=environment) for _ in range(3)]
        assert [worker.wait() for worker in workers] == [0, 0, 0]
        assert database.execute("SELECT used FROM web_ratewindow").fetchall() == [(180,)]
