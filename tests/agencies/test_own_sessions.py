"""Where one is signed in: seen, ended one by one or all, and offered when a factor changes."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal import auth
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse

from partnership import Partnership, make_partnership
from signing_in import confirm, sign_in
from triservice.agencies.models import Officer
from triservice.agencies.sign_in.sessions import DEVICE, begin
from triservice.kernel.access_words import Role

WHERE, INSIDE = reverse("account_sessions"), reverse("mfa_index")
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)


@pytest.fixture
def made(db: None) -> Partnership:
    return make_partnership(terms=False, roles=(Role.OFFICER,))


@pytest.fixture
def officer(made: Partnership) -> Officer:
    return made.officer("fire")


def is_in(client: Client) -> bool:
    return client.get(INSIDE).status_code == 200


def whole(officer: Officer) -> Client:
    return confirm(sign_in(Client(headers={"user-agent": PHONE}), officer), officer)


def test_one_sees_ones_own_sessions_and_nobody_elses(made: Partnership, officer: Officer) -> None:
    here, _ = whole(officer), sign_in(Client(headers={"user-agent": "curl"}), officer)
    sign_in(Client(headers={"user-agent": "Gecko Firefox/1"}), made.officer("police"))
    page = here.get(WHERE).content.decode()
    assert page.count("Signed in ") == 2
    assert "A browser" in page
    assert "Firefox" not in page
    assert page.index("Here") < page.index("End all others")
    for row in Session.objects.all():
        assert row.session_key not in page  # whoever reads it takes over none


def test_one_other_is_ended_and_the_rest_goes_on(made: Partnership, officer: Officer) -> None:
    here, other, third = (whole(officer) for _ in range(3))
    police = sign_in(Client(), made.officer("police"))
    page = here.get(WHERE).content.decode()
    names = [part.split('"')[0] for part in page.split('name="end" value="')[1:]]
    assert len(names) == 2
    here.post(WHERE, {"end": names[0]})
    assert [is_in(each) for each in (here, other, third)].count(True) == 2
    assert is_in(here)
    police.post(WHERE, {"end": names[1]})  # not one of theirs
    assert [is_in(each) for each in (other, third)].count(True) == 1
    assert "There was nothing to end" in police.get(WHERE).content.decode()


def test_all_others_are_ended(made: Partnership, officer: Officer) -> None:
    here, other, third = (whole(officer) for _ in range(3))
    police = sign_in(Client(), made.officer("police"))
    here.post(WHERE)
    assert [is_in(each) for each in (here, other, third, police)] == [True, False, False, True]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_changed_factor_offers_to_end_other_sessions(
    transactional_db: None, officer: Officer, elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = whole(officer)
    if elsewhere:
        whole(officer)
    monkeypatch.setattr(auth, "validate_totp_code", lambda secret, code: True)
    here.get(reverse("mfa_activate_totp"))
    here.post(reverse("mfa_activate_totp"), {"code": "123456"})
    page = here.get(INSIDE).content.decode()
    assert page.count("end it under “Where you are signed in”") == int(elsewhere)
    assert f'href="{WHERE}"' in page


@pytest.mark.parametrize(
    ("said", "device"),
    [
        (PHONE, "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1",
         "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
         "Firefox on Linux"),
        ("", "A browser"),
    ],
)  # fmt: skip
def test_a_session_says_in_two_words_in_what_it_began(said: str, device: str) -> None:
    request: Any = RequestFactory(headers={"user-agent": said}).get("/")
    request.session = {}
    begin(None, request, None)
    assert request.session[DEVICE] == device
