"""On SQLite one page at a time is made in a process; nobody waits long, or for who sends."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from triservice.web.middleware import requests
from triservice.web.middleware.requests import OneAtATime


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(requests, "connection", SimpleNamespace(vendor=request.param))
    return str(request.param)


class Page:
    """A page that takes a while, and knows how many of it were made at once."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.now, self.most, self.lock = seconds, 0, 0, threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.seconds)
        with self.lock:
            self.now -= 1
        return HttpResponse()


def answer(page: Page, method: str, times: int) -> list[float]:
    """Ask for the page by so many threads at once; return what each waited."""
    asked = [RequestFactory().generic(method, "/") for _ in range(times)]
    with ThreadPoolExecutor(times) as threads:
        list(threads.map(OneAtATime(page), asked))
    return [getattr(each, "waited", 0.0) for each in asked]


def test_pages_are_made_in_turn_where_they_wait_for_the_processor_alone(vendor: str) -> None:
    page = Page(0.02)
    waited = answer(page, "GET", 4)
    assert (page.most == 1) is (vendor == "sqlite")
    assert (max(waited) > 0) is (vendor == "sqlite")


def test_who_sends_waits_for_nobody(vendor: str) -> None:
    page = Page(0.1)
    assert answer(page, "POST", 3) == [0.0] * 3
    assert page.most == 3


def test_a_long_page_keeps_nobody_waiting_long(
    vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "PATIENCE", 0.02)
    page = Page(0.3)
    answer(page, "GET", 3)
    assert page.most == 3


def test_a_page_that_fails_lets_the_next_one_in(vendor: str) -> None:
    def fails(request: HttpRequest) -> HttpResponse:
        raise ValueError("invented")

    one_at_a_time = OneAtATime(fails)
    for _ in range(2):
        asked = RequestFactory().get("/")
        with pytest.raises(ValueError, match="invented"):
            one_at_a_time(asked)
        assert getattr(asked, "waited", 0.0) < requests.PATIENCE
