"""Every sign-in, refusal and change of a factor leaves a line in the log that names nobody."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from invented_workforce import PASSWORD

from triservice.agencies.models import Officer
from triservice.agencies.sign_in import events

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def officer(people: SimpleNamespace, settings: Any) -> Officer:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    people.officer.set_password(PASSWORD)
    people.officer.save()
    totp.TOTP.activate(people.officer, SECRET)
    found: Officer = people.officer
    return found


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.INFO, "triservice.sign_in")

    def lines() -> list[tuple[str, dict[str, Any]]]:
        found = [r for r in caplog.records if r.name == "triservice.sign_in"]
        return [(r.getMessage(), r.fields) for r in found]  # type: ignore[attr-defined]

    return lines


def code() -> str:
    counter = list(totp.yield_hotp_counters_from_time())[1]
    return totp.format_hotp_value(totp.hotp_value(SECRET, counter))


def give(client: Client, email: str, password: str = PASSWORD) -> None:
    client.post(reverse("account_login"), {"login": email, "password": password})


def test_a_sign_in_says_who_how_and_from_where(officer: Officer, said: Any) -> None:
    client = Client(REMOTE_ADDR="198.51.100.77")
    give(client, officer.email)
    assert [what for what, _ in said()] == ["step given"]  # the password alone is no sign-in
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code()})
    client.post(reverse("account_logout"))
    by = dict(said())
    assert by["factor refused"]["sender"] == events.hashed("198.51.100.77")
    assert by["signed in"]["officer"] == by["signed out"]["officer"] == officer.pk
    assert by["signed in"]["ways"] == ["password", "mfa totp"]


def test_wrong_passwords_and_locks_are_told_apart_and_found_together(
    officer: Officer, said: Any
) -> None:
    for _ in range(6):
        give(Client(), officer.email, "wrong")
    found = said()
    assert [what for what, _ in found] == ["sign-in failed"] * 5 + ["sign-in locked"]
    assert {fields["tried"] for _, fields in found} == {events.hashed(officer.email)}


@pytest.mark.django_db(transaction=True)  # factors are told of when they are committed
def test_changes_of_password_and_factor_are_logged(officer: Officer, said: Any) -> None:
    client = Client()
    give(client, officer.email)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    new = {"password1": "another three words", "password2": "another three words"}
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD} | new)
    client.post(reverse("mfa_generate_recovery_codes"))
    assert {("password changed", ""), ("factor renewed", Authenticator.Type.RECOVERY_CODES)} <= {
        (what, fields.get("factor", "")) for what, fields in said()
    }


def test_a_line_names_nobody(officer: Officer, said: Any) -> None:
    give(Client(REMOTE_ADDR="198.51.100.77"), officer.email, "wrong")
    give(Client(), "stranger@fire.example")
    text = str(said())
    for secret in (officer.email, "stranger", "198.51", PASSWORD, officer.name):
        assert secret not in text
