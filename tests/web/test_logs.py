"""Logs are JSON and hold nobody's data."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from triservice.web.logs import JsonLines

SECRETS = ("smith", "jane.smith@nhs.example", "198.51.100.77", "TR15", "hunter2")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Collect what every logger writes, as it would be written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.django_db
def test_a_request_leaves_route_and_status_only(lines: io.StringIO) -> None:
    client = Client(raise_request_exception=False, REMOTE_ADDR="198.51.100.77")
    client.get("/?q=jane.smith@nhs.example&postcode=TR15")
    client.get("/people/jane.smith@nhs.example/")
    client.post("/accounts/sign-in/", {"login": "jane.smith@nhs.example", "password": "hunter2"})
    client.get("/", headers={"Host": "smith.example"})
    written = read(lines)
    answered = [line for line in written if line["said"] == "answered"]
    assert [(a["route"], a["status"]) for a in answered] == [
        ("", 200),
        (None, 404),
        ("accounts/sign-in/", 200),
        (None, 400),
    ]
    assert all(len(a["request"]) == 32 and a["ms"] >= a["waited"] >= 0 for a in answered)
    for secret in SECRETS:
        assert secret not in lines.getvalue().lower(), secret


def test_who_was_refused_is_a_number(lines: io.StringIO, signed_in: Client) -> None:
    assert signed_in.get("/agencies/officers/new/").status_code == 403
    (line,) = [line for line in read(lines) if line["said"] == "answered"]
    number = int(signed_in.session["_auth_user_id"])
    assert (line["status"], line["officer"]) == (403, number)
    assert "Featherstonehaugh" not in lines.getvalue()


@pytest.mark.django_db
def test_a_fault_leaves_its_type_and_place(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        try:
            raise KeyError("Key (email)=(jane.smith@nhs.example) already exists")
        except KeyError as cause:
            raise ValueError("row: ('Smith', '198.51.100.77', 'hunter2')") from cause

    monkeypatch.setattr("triservice.web.views.sections_for", broken)
    answer = Client(raise_request_exception=False).get("/?q=smith")
    (fault,) = [line for line in read(lines) if "fault" in line]
    assert (fault["fault"], fault["causes"]) == ("ValueError", ["KeyError"])
    assert fault["where"][-1].endswith("broken")
    assert fault["request"] == answer["X-Request-ID"]
    for secret in SECRETS:
        assert secret not in lines.getvalue().lower(), secret


def written(name: str, message: str, *arguments: object) -> str:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, arguments, None)
    return JsonLines().format(record)


@pytest.mark.parametrize(
    ("name", "message", "arguments"),
    [
        ("triservice.x", "mail to %s failed", ("jane.smith@nhs.example",)),
        ("triservice.x", "GET /people?q=smith&p=TR15", ()),
        ("triservice.x", "from 198.51.100.77", ()),
        ("django.request", "%s: %s", ("Not Found", "/people/jane.smith@nhs.example/")),
        ("django.security.DisallowedHost", "Invalid HTTP_HOST header: 'smith.example'.", ()),
        ("django.server", '"GET /people?q=smith" %s', ("198.51.100.77",)),
        ("allauth.account", "no such account %s", ("jane.smith@nhs.example",)),
    ],
)
def test_other_loggers_are_scrubbed(name: str, message: str, arguments: tuple[str, ...]) -> None:
    line = written(name, message, *arguments).lower()
    assert not [secret for secret in SECRETS if secret.lower() in line], line
    assert json.loads(line)["from"] == name.lower()


def test_one_record_is_one_line() -> None:
    assert "\n" not in written("triservice.x", "two\nlines\r\nhere")
