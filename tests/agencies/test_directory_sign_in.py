"""Signing in through an agency's own OpenID Connect directory: a real provider, started here."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from triservice.agencies import actions
from triservice.agencies.models import Agency, Officer, SignInDirectory
from triservice.agencies.sign_in.directories import Claim, refusal
from triservice.agencies.sign_in.second_factor import mark
from triservice.kernel.errors import InputError

PEOPLE = (  # who is in the fire service's directory: invented
    {"sub": "1", "email": "oz@fire.example", "email_verified": True},
    {"sub": "2", "email": "Oz@Fire.Example", "email_verified": True},
    {"sub": "3", "email": "oz@fire.example", "email_verified": False},
    {"sub": "4", "email": "oz@fire.example"},
    {"sub": "5", "email": "pat@police.example", "email_verified": True},
    {"sub": "6", "email": "stranger@fire.example", "email_verified": True},
    {"sub": "7", "email_verified": True},
    {"sub": "8", "email": "guest@fire.example", "email_verified": True},
    {"sub": "9", "email": "oz@fire.example", "email_verified": "true"},  # a text is not a yes
)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider in a process of its own; the test ends it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("strict_provider.py"))]
    command += ["--port", str(port), "--require-registration", "true", "--require-nonce", "true"]
    for person in PEOPLE:
        command += ["--user-claims", json.dumps(person)]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={**os.environ, "NO_COLOR": "1"}, **quiet)
    address = f"http://localhost:{port}"
    try:
        for _ in range(300):
            try:
                requests.get(address, timeout=1)
                break
            except requests.ConnectionError:
                assert process.poll() is None, "the provider did not start"
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def directory(
    provider: str, people: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> SignInDirectory:
    """The fire service's directory, connected, with this application registered there."""
    cache.clear()
    back = "http://testserver" + reverse("openid_connect_callback", args=["penrose-fire"])
    registered = requests.post(
        f"{provider}/oauth2/clients",
        json={"redirect_uris": [back], "token_endpoint_auth_method": "client_secret_post"},
        timeout=5,
    ).json()
    monkeypatch.setenv("TRISERVICE_OIDC_PENROSE_FIRE_SECRET", registered["client_secret"])
    return actions.connect_directory(
        people.admin,
        people.fire,
        slug="penrose-fire",
        server=provider,
        client=registered["client_id"],
        domains=["fire.example"],
    )


def come_in(client: Client, subject: str) -> HttpResponse:
    """Press the button, say at the provider who one is, and come back."""
    away = client.post(reverse("openid_connect_login", args=["penrose-fire"]))
    assert away.status_code == 302, away.content.decode()
    assert "code_challenge=" in away.url  # PKCE
    assert "code_challenge_method=S256" in away.url
    back = requests.post(away.url, data={"sub": subject}, allow_redirects=False, timeout=5)
    return client.get(back.headers["location"].removeprefix("http://testserver"))


def page(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def user_of(client: Client) -> str | None:
    return client.session.get("_auth_user_id")  # type: ignore[no-any-return]


def test_an_officer_comes_in_and_still_needs_the_second_step(
    client: Client, directory: SignInDirectory, people: SimpleNamespace
) -> None:
    assert "Sign in with Penrose Fire" in page(client.get(reverse("account_login")))
    come_in(client, "1")
    assert user_of(client) == str(people.officer.pk)
    assert client.get(reverse("mfa_list_webauthn")).url == reverse("mfa_index")
    client.post(reverse("account_logout"))
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(people.officer, secret)
    assert come_in(client, "1").url == reverse("mfa_authenticate")
    assert user_of(client) is None
    counter = list(totp.yield_hotp_counters_from_time())[1]
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get(reverse("mfa_list_webauthn")).status_code == 200


@pytest.mark.parametrize("instead", ["code_challenge=" + "another" * 3, "left_out=", None])
def test_the_provider_itself_verifies_the_challenge(
    client: Client, directory: SignInDirectory, people: SimpleNamespace, instead: str | None
) -> None:
    """Who took the code on its way cannot use it: the one who began must answer the challenge."""
    away = client.post(reverse("openid_connect_login", args=["penrose-fire"])).url
    if instead:
        away = re.sub("code_challenge=", instead, away)
    back = requests.post(away, data={"sub": "1"}, allow_redirects=False, timeout=5)
    if "location" in back.headers:
        client.get(back.headers["location"].removeprefix("http://testserver"))
    assert (user_of(client) is None) is bool(instead)


def test_the_provider_sends_nobody_to_an_address_that_is_not_registered(
    client: Client, directory: SignInDirectory
) -> None:
    away = client.post(reverse("openid_connect_login", args=["penrose-fire"])).url
    away = re.sub("redirect_uri=[^&]+", "redirect_uri=https%3A%2F%2Fattacker.example%2F", away)
    back = requests.post(away, data={"sub": "1"}, allow_redirects=False, timeout=5)
    assert back.status_code == 400
    assert "location" not in back.headers


def test_no_token_of_a_directory_is_kept(
    client: Client, directory: SignInDirectory, people: SimpleNamespace
) -> None:
    come_in(client, "1")
    assert not SocialToken.objects.exists()
    (kept,) = SocialAccount.objects.all()
    texts = str(kept.extra_data) + str(dict(client.session))
    assert "access_token" not in texts
    assert not re.search(r"eyJ[\w-]{10,}\.eyJ", texts)  # no token in its encoded form


def test_addresses_are_compared_in_small_letters(
    client: Client, directory: SignInDirectory, people: SimpleNamespace
) -> None:
    come_in(client, "2")
    assert user_of(client) == str(people.officer.pk)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("3", "has not verified your e-mail address"),
        ("4", "has not verified your e-mail address"),
        ("5", "may not speak for this e-mail address"),
        ("6", "Nobody is registered here"),
        ("7", "did not give your e-mail address"),
        ("8", "registered here with another employer"),
        ("9", "has not verified your e-mail address"),
    ],
)
def test_who_is_refused_and_why(
    client: Client,
    directory: SignInDirectory,
    people: SimpleNamespace,
    subject: str,
    said: str,
) -> None:
    Officer.objects.create_user("guest@fire.example", name="Guest", employer=people.police)
    count = Officer.objects.count()
    answer = come_in(client, subject)
    assert answer.status_code == 403
    assert said in page(answer)
    assert user_of(client) is None
    assert Officer.objects.count() == count  # a directory never makes an officer
    assert not SocialAccount.objects.exists()


def test_a_leaver_is_refused_even_with_a_bound_account(
    client: Client, directory: SignInDirectory, people: SimpleNamespace
) -> None:
    come_in(client, "1")
    assert SocialAccount.objects.filter(user=people.officer).exists()
    actions.leave(people.admin, people.officer)
    assert client.get(reverse("mfa_index")).url.startswith(reverse("account_login"))
    fresh = Client()
    assert "This account is closed" in page(come_in(fresh, "1"))
    assert user_of(fresh) is None


def test_an_officer_who_changed_employer_is_refused(
    client: Client, directory: SignInDirectory, people: SimpleNamespace
) -> None:
    come_in(client, "1")
    client.post(reverse("account_logout"))
    Officer.objects.filter(pk=people.officer.pk).update(employer=people.police)
    assert "another employer" in page(come_in(client, "1"))


def test_an_address_given_to_somebody_else_does_not_open_the_account(
    client: Client, directory: SignInDirectory, people: SimpleNamespace
) -> None:
    come_in(client, "1")
    other = Client()
    assert "another account of this directory" in page(come_in(other, "2"))
    assert user_of(other) is None


def test_a_closed_directory_and_one_without_its_secret_are_not_there(
    client: Client, directory: SignInDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = reverse("openid_connect_login", args=["penrose-fire"])
    monkeypatch.delenv("TRISERVICE_OIDC_PENROSE_FIRE_SECRET")
    assert client.post(login).status_code == 404
    monkeypatch.setenv("TRISERVICE_OIDC_PENROSE_FIRE_SECRET", "anything")
    actions.disconnect_directory(None, directory)
    assert client.post(login).status_code == 404
    assert "Penrose Fire" not in page(client.get(reverse("account_login")))


def test_a_wrong_secret_signs_nobody_in(
    client: Client, directory: SignInDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRISERVICE_OIDC_PENROSE_FIRE_SECRET", "wrong")
    answer = come_in(client, "1")
    assert (answer.status_code, user_of(client)) == (403, None)
    assert "did not sign you in" in page(answer)


def test_a_directory_that_does_not_answer_is_said(
    client: Client, directory: SignInDirectory
) -> None:
    SignInDirectory.objects.update(server="http://localhost:9")
    answer = client.post(reverse("openid_connect_login", args=["penrose-fire"]))
    assert answer.status_code == 403
    assert "did not sign you in" in page(answer)


def test_an_answer_that_nobody_asked_for_signs_nobody_in(
    client: Client, directory: SignInDirectory
) -> None:
    back = reverse("openid_connect_callback", args=["penrose-fire"])
    for query in ({"code": "x", "state": "forged"}, {"code": "x"}, {"error": "access_denied"}):
        answer = client.get(back, query)
        assert answer.status_code == 403, query
        assert user_of(client) is None


def test_a_signed_in_officer_does_not_connect_another_account(
    client: Client, directory: SignInDirectory, people: SimpleNamespace
) -> None:
    come_in(client, "1")
    session = client.session
    mark(session, people.officer)  # as if a second factor had been given
    session.save()
    login = reverse("openid_connect_login", args=["penrose-fire"])
    away = client.post(f"{login}?process=connect")
    back = requests.post(away.url, data={"sub": "6"}, allow_redirects=False, timeout=5)
    answer = client.get(back.headers["location"].removeprefix("http://testserver"))
    assert answer.status_code == 403
    assert SocialAccount.objects.filter(user=people.officer).count() == 1


def test_a_get_does_not_start_a_sign_in(client: Client, directory: SignInDirectory) -> None:
    answer = client.get(reverse("openid_connect_login", args=["penrose-fire"]))
    assert answer.status_code == 200
    assert "Continue to Penrose Fire" in page(answer)


GOOD = Claim("oz@fire.example", True, True, ("fire.example",), True, True, True, False)


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"subject_agrees": False}, False),
        ({"email": ""}, False),
        ({"verified": False}, False),
        ({"domains": ()}, False),
        ({"known": False}, False),
        ({"active": False}, False),
        ({"same_employer": False}, False),
        ({"bound_to_other": True}, False),
    ],
)
def test_every_condition_of_a_claim_counts(change: dict[str, Any], allowed: bool) -> None:
    claim = Claim(**{name: getattr(GOOD, name) for name in Claim.__slots__} | change)
    assert (refusal(claim) is None) == allowed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"server": "http://fire.example"}, "https"),
        ({"server": "ftp://localhost"}, "https"),
        ({"client": " "}, "both needed"),
        ({"domains": [" "]}, "is empty"),
        ({"domains": ["fire example"]}, "characters that it may not"),
        ({"slug": "a/b"}, "characters that it may not"),
    ],
)
def test_a_directory_that_could_not_be_trusted_is_not_connected(
    people: SimpleNamespace, change: dict[str, Any], said: str
) -> None:
    good: dict[str, Any] = {"slug": "fire", "server": "https://fire.example", "client": "c"}
    good |= {"domains": ["fire.example"]}
    with pytest.raises(InputError, match=said):
        actions.connect_directory(None, people.fire, **good | change)


def test_a_directory_keeps_its_agency(people: SimpleNamespace) -> None:
    good: dict[str, Any] = {"slug": "fire", "server": "https://fire.example/", "client": "c"}
    good |= {"domains": ["fire.example", "FIRE.example"]}
    row = actions.connect_directory(None, people.fire, **good)
    assert (row.server, row.domains) == ("https://fire.example", ["fire.example"])
    with pytest.raises(InputError, match="another agency"):
        actions.connect_directory(None, Agency.objects.get(pk=people.police.pk), **good)
