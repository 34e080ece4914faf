"""Sessions end by time, to the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from signing_in import sign_in
from triservice.agencies.models import Officer
from triservice.agencies.sign_in.sessions import BEGAN, USED
from triservice.kernel.clock import frozen

START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half an hour before the clocks go forward
IDLE, WHOLE = timedelta(minutes=30), timedelta(hours=12)
SECOND = timedelta(seconds=1)


@pytest.fixture
def client(officer: Officer) -> Client:
    with frozen(START):
        return sign_in(Client(), officer)


def is_in(client: Client, at: datetime) -> bool:
    with frozen(at):
        return b"Sign out" in client.get("/", follow=True).content


def test_idle_to_the_second(client: Client) -> None:
    assert is_in(client, START + IDLE - SECOND)


def test_idle_is_over(client: Client) -> None:
    assert not is_in(client, START + IDLE)
    assert not is_in(client, START + SECOND)  # and does not come back


def test_use_keeps_it_alive_up_to_the_whole(client: Client) -> None:
    at = START
    while at + timedelta(minutes=29) < START + WHOLE:
        at += timedelta(minutes=29)
        assert is_in(client, at), at
    assert is_in(client, START + WHOLE - SECOND)
    assert not is_in(client, START + WHOLE)


def test_it_says_why_and_comes_back_to_the_page(client: Client) -> None:
    with frozen(START + IDLE):
        answer = client.get("/access/purpose?x=1")
        assert answer.status_code == 302
        assert answer["Location"].endswith("?next=%2Faccess%2Fpurpose%3Fx%3D1")
        assert "nothing was done for 30 minutes" in client.get("/").content.decode()


def test_an_interface_is_told_401(client: Client) -> None:
    with frozen(START + IDLE):
        assert client.get("/api/anything").status_code == 401


def test_a_page_knows_when_it_is_over_and_asking_is_no_use(client: Client) -> None:
    with frozen(START):
        page = client.get("/").content.decode()
        assert 'data-session-ends="1800" data-session="/session"' in page
    with frozen(START + timedelta(minutes=29)):
        assert client.get("/session").json() == {"left": 60}
    with frozen(START + IDLE):
        assert client.get("/session").status_code == 302


def test_near_its_end_the_whole_counts(client: Client) -> None:
    for minutes in range(0, 12 * 60, 20):
        with frozen(START + timedelta(minutes=minutes)):
            client.get("/")
    with frozen(START + WHOLE - 5 * SECOND):
        assert client.get("/session").json() == {"left": 5}


@pytest.mark.parametrize("spoiled", [{BEGAN: None}, {USED: "yesterday"}, {BEGAN: 5}])
def test_a_session_without_its_times_is_over(client: Client, spoiled: dict[str, Any]) -> None:
    session = client.session
    session.update(spoiled)
    session.save()
    assert not is_in(client, START + SECOND)


def test_a_session_from_the_future_is_over(client: Client) -> None:
    session = client.session
    session[BEGAN] = session[USED] = (START + timedelta(days=300)).isoformat()
    session.save()
    assert not is_in(client, START + SECOND)


def test_the_summer_clock_changes_nothing(client: Client) -> None:
    assert is_in(client, START + timedelta(minutes=29))
    assert is_in(client, START + timedelta(minutes=58))  # 02:28 by the wall, 01:28 by ours
