"""What the browser is told with every page."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

PATHS = ("/", "/nothing-here", "/health/live", "/accounts/sign-in/")


@pytest.fixture(params=PATHS)
def page(request: Any, db: None) -> Any:
    return Client().get(request.param)


def directives(page: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in page["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in parts}


def test_every_answer_carries_the_headers(page: Any) -> None:
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page["Cross-Origin-Resource-Policy"] == "same-origin"
    assert page["Cache-Control"] in {
        "no-store, private",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    }
    assert "camera=()" in page["Permissions-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_the_policy_is_strict(page: Any) -> None:
    policy = directives(page)
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["worker-src"] == ["'self'", "blob:"]  # MapLibre
    everything = {source for sources in policy.values() for source in sources}
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & everything
    assert not any("://" in source for source in everything)


def test_the_one_inline_script_is_the_one_that_is_allowed(db: None) -> None:
    text = Client().get("/").content.decode()
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert [f"'sha256-{digest}'" for digest in digests] == [settings.GOVUK_SCRIPT]


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/accounts/sign-in/"])
def test_pages_need_nothing_inline_and_nothing_from_elsewhere(path: str, db: None) -> None:
    text = Client().get(path).content.decode()
    assert not re.search(r"\sstyle=|\son\w+=|<style", text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)


def test_style_may_be_kept_by_the_browser(db: None) -> None:
    answer = Client().get("/static/triservice.css")
    answer.close()
    assert "no-store" not in answer.get("Cache-Control", "")


def test_the_number_of_a_request_is_its_own(db: None) -> None:
    client = Client()
    assert client.get("/")["X-Request-ID"] != client.get("/")["X-Request-ID"]
    sent = client.get("/", headers={"X-Request-ID": "chosen by the sender"})
    assert sent["X-Request-ID"] != "chosen by the sender"
