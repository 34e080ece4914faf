"""Signing in: nothing opens without a second factor, wrong guesses are limited, leavers are out."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from queue import Queue
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from invented_workforce import PASSWORD
from software_key import SoftwareKey

from triservice.agencies import actions
from triservice.agencies.models import Officer
from triservice.agencies.sign_in import mailing
from triservice.agencies.sign_in.urls import PAGES
from triservice.agencies.signals import officer_left
from triservice.kernel import clock
from triservice.kernel.clock import frozen

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
INSIDE = "mfa_list_webauthn"  # any page that is not part of setting up a factor


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def officer(people: SimpleNamespace) -> Officer:
    """An officer with a password and no second factor yet."""
    people.officer.set_password(PASSWORD)
    people.officer.save()
    return people.officer  # type: ignore[no-any-return]


@pytest.fixture
def with_app(officer: Officer) -> Officer:
    """The officer with an authenticator app."""
    totp.TOTP.activate(officer, SECRET)
    return officer


def code(secret: str = SECRET, ahead: int = 0) -> str:
    counter = list(totp.yield_hotp_counters_from_time())[1] + ahead
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def sign_in(client: Client, email: str, password: str = PASSWORD) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": email, "password": password})


def signed_in(client: Client, officer: Officer) -> Client:
    """Sign in with both steps."""
    assert sign_in(client, officer.email).url == reverse("mfa_authenticate")
    answer = client.post(reverse("mfa_authenticate"), {"code": code()})
    assert answer.status_code == 302, answer.content.decode()
    return client


def is_inside(client: Client) -> bool:
    return client.get(reverse(INSIDE)).status_code == 200


def page(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_password_alone_leads_to_setting_up_a_second_step(
    client: Client, officer: Officer
) -> None:
    sign_in(client, officer.email)
    for name in (INSIDE, "account_change_password", "mfa_generate_recovery_codes"):
        answer = client.get(reverse(name))
        assert (answer.status_code, answer.url) == (302, reverse("mfa_index")), name
    assert "Set up a second step" in page(client.get(reverse("mfa_index")))


@pytest.mark.django_db(transaction=True)  # the session is opened when the factor is committed
def test_setting_up_an_app_opens_the_session_and_shows_recovery_codes_once(
    client: Client, officer: Officer
) -> None:
    sign_in(client, officer.email)
    shown = client.get(reverse("mfa_activate_totp"))
    secret = re.search(r"app-key\">([A-Z2-7]+)<", shown.content.decode()).group(1)  # type: ignore[union-attr]
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert wrong.status_code == 200
    assert not is_inside(client)
    done = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert done.url == reverse("mfa_view_recovery_codes")
    assert re.findall(r"<code>\d+</code>", page(client.get(done.url)))
    assert is_inside(client)
    client.post(reverse("account_logout"))
    totp_row = Authenticator.objects.get(user=officer, type="totp")
    assert secret not in json.dumps(totp_row.data)  # never in the clear
    assert any(
        "added" in m.subject.lower() or "activated" in m.subject.lower() for m in mail.outbox
    )


def test_an_officer_with_a_factor_must_give_it(client: Client, with_app: Officer) -> None:
    sign_in(client, with_app.email)
    assert client.get(reverse(INSIDE)).url.startswith(reverse("account_login"))
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert not is_inside(client)
    assert client.post(reverse("mfa_authenticate"), {"code": code()}).status_code == 302
    assert is_inside(client)


def test_a_code_works_once(client: Client, with_app: Officer) -> None:
    used = code()
    sign_in(client, with_app.email)
    client.post(reverse("mfa_authenticate"), {"code": used})
    other = Client()
    sign_in(other, with_app.email)
    assert other.post(reverse("mfa_authenticate"), {"code": used}).status_code == 200
    assert not is_inside(other)


def test_a_session_that_skipped_the_factor_is_ended(client: Client, with_app: Officer) -> None:
    client.force_login(with_app)
    assert client.get(reverse("mfa_index")).url == reverse("account_login")
    assert "_auth_user_id" not in client.session


def test_a_recovery_code_signs_in_once(client: Client, with_app: Officer) -> None:
    signed_in(client, with_app)
    assert "You have no codes left" in page(client.get(reverse("mfa_generate_recovery_codes")))
    made = client.post(reverse("mfa_generate_recovery_codes"), follow=True)
    codes = re.findall(r"<code>(\d+)</code>", page(made))
    assert len(codes) == 10
    assert codes[0] not in page(client.get(reverse("mfa_view_recovery_codes")))
    for status in (302, 200):
        again = Client()
        sign_in(again, with_app.email)
        answer = again.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert answer.status_code == status


def test_the_last_factor_cannot_be_taken_away(client: Client, with_app: Officer) -> None:
    signed_in(client, with_app)
    assert "only second step" in page(client.get(reverse("mfa_deactivate_totp")))
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=with_app, type="totp").exists()


@pytest.mark.parametrize("email", ["oz@fire.example", "stranger@fire.example"])
def test_five_wrong_passwords_lock_the_address(
    client: Client, officer: Officer, email: str
) -> None:
    for _ in range(5):
        assert "not correct" in page(sign_in(client, email, "wrong"))
    other = Client(REMOTE_ADDR="192.0.2.77")  # from elsewhere too
    locked = sign_in(other, email)
    assert "Too many failed" in page(locked)
    assert "_auth_user_id" not in other.session
    assert sign_in(other, "somebody-else@fire.example").status_code == 200  # only this address


def test_wrong_codes_are_limited_too(client: Client, with_app: Officer) -> None:
    sign_in(client, with_app.email)
    answers = [
        page(client.post(reverse("mfa_authenticate"), {"code": "000000"})) for _ in range(12)
    ]
    assert "Incorrect code" in answers[0]
    assert "Incorrect code" not in answers[-1]
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert not is_inside(client)


def test_the_page_says_the_same_of_strangers_and_of_wrong_passwords(
    client: Client, officer: Officer
) -> None:
    wrong = sign_in(client, officer.email, "wrong")
    strange = sign_in(client, "stranger@fire.example", "wrong")
    said = [re.findall(r'error-summary__list">(.*?)</ul>', page(x)) for x in (wrong, strange)]
    assert said[0]
    assert said[0] == said[1]


def test_nobody_signs_up(client: Client) -> None:
    for answer in (
        client.get(reverse("account_signup")),
        client.post(reverse("account_signup"), {"email": "x@fire.example", "password1": PASSWORD}),
    ):
        assert "Accounts are made by your agency" in page(answer)
    assert not Officer.objects.filter(email="x@fire.example").exists()


def test_a_leaver_is_out_at_the_next_click(
    client: Client, with_app: Officer, people: SimpleNamespace
) -> None:
    signed_in(client, with_app)
    assert is_inside(client)
    actions.leave(people.admin, with_app)
    answer = client.get(reverse(INSIDE))
    assert answer.url.startswith(reverse("account_login"))
    back = sign_in(Client(), with_app.email)
    assert "not correct" in page(back)
    assert not Authenticator.objects.filter(user=with_app).exists()


def test_a_leaver_stays_out_of_old_sessions_when_reinstated(
    client: Client, with_app: Officer, people: SimpleNamespace
) -> None:
    signed_in(client, with_app)
    stale = dict(client.cookies)
    actions.leave(people.admin, with_app)
    actions.reinstate(people.admin, with_app, why="Came back")
    again = Client()
    again.cookies.update(stale)  # type: ignore[arg-type]
    assert not is_inside(again)


def test_leaving_is_undone_when_another_room_cannot_take_back_its_own(
    client: Client, with_app: Officer, people: SimpleNamespace
) -> None:
    signed_in(client, with_app)

    def broken(**_: Any) -> None:
        raise OSError("a room is broken")

    officer_left.connect(broken)
    try:
        with pytest.raises(OSError, match="a room is broken"):
            actions.leave(people.admin, with_app)
    finally:
        officer_left.disconnect(broken)
    assert Officer.objects.get(pk=with_app.pk).is_active
    assert is_inside(client)


def test_a_password_link_of_a_leaver_is_dead(
    client: Client, officer: Officer, people: SimpleNamespace
) -> None:
    link = ask_for_link(client, officer)
    actions.leave(people.admin, officer)
    assert "does not work any more" in page(client.get(link, follow=True))
    mail.outbox.clear()
    client.post(reverse("account_reset_password"), {"email": officer.email})
    assert not mail.outbox


def ask_for_link(client: Client, officer: Officer) -> str:
    client.post(reverse("account_reset_password"), {"email": officer.email})
    return re.search(r"http://testserver(/\S+)", mail.outbox[-1].body).group(1)  # type: ignore[union-attr]


def test_a_new_officer_sets_a_password_by_the_link_once(
    client: Client, people: SimpleNamespace
) -> None:
    new = actions.engage(people.admin, email="new@fire.example", name="New", employer=people.fire)
    link = ask_for_link(client, new)
    form = client.get(link, follow=True)
    action = form.redirect_chain[-1][0]
    short = client.post(action, {"password1": "short", "password2": "short"})
    assert "at least 12" in page(short)
    both = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(action, both).url == reverse("account_reset_password_from_key_done")
    assert "does not work any more" in page(Client().get(link, follow=True))
    assert sign_in(client, new.email).status_code == 302


def test_no_link_is_sent_to_strangers_and_the_page_does_not_tell(
    client: Client, officer: Officer
) -> None:
    known = client.post(reverse("account_reset_password"), {"email": officer.email})
    mail.outbox.clear()
    strange = client.post(reverse("account_reset_password"), {"email": "x@fire.example"})
    assert not mail.outbox
    assert (known.status_code, known.url) == (strange.status_code, strange.url)


def test_a_mail_server_that_fails_does_not_tell_either(
    client: Client, officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: EmailMessage, *_: object) -> None:
        raise ConnectionRefusedError("an invented server is down")

    monkeypatch.setattr(EmailMessage, "send", fail)
    ask = reverse("account_reset_password")
    known = client.post(ask, {"email": officer.email})
    strange = client.post(ask, {"email": "x@fire.example"})
    assert (known.status_code, known.url) == (strange.status_code, strange.url)


def test_an_answer_does_not_wait_for_the_mail_server(
    client: Client, officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, sent, senders = Event(), Queue[str](), ThreadPoolExecutor(1)
    monkeypatch.setattr(mailing, "_SENDERS", senders)

    def slow(self: EmailMessage, *_: object) -> None:
        sent.put("in time" if answered.wait(30) else "first")

    monkeypatch.setattr(EmailMessage, "send", slow)
    client.post(reverse("account_reset_password"), {"email": officer.email})
    answered.set()
    assert sent.get(timeout=60) == "in time"
    senders.shutdown()


def test_an_idle_session_ends(client: Client, with_app: Officer, settings: Any) -> None:
    signed_in(client, with_app)
    later = clock.now() + timedelta(seconds=settings.SESSION_IDLE_SECONDS + 1)
    with frozen(later):
        answer = client.get(reverse(INSIDE))
        assert answer.url.startswith(reverse("account_login"))
        assert not is_inside(client)


def test_sensitive_changes_ask_again_after_some_minutes(
    client: Client, with_app: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(client, with_app)
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200  # just signed in
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**r, "at": r["at"] - 600} for r in records]
    session.save()
    asked = client.get(reverse("mfa_add_webauthn"))
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert client.post(asked.url, {"password": "wrong"}).status_code == 200
    assert client.get(reverse("mfa_add_webauthn")).status_code == 302
    assert client.post(asked.url, {"password": PASSWORD}).url == reverse("mfa_add_webauthn")
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200


def options_in(answer: HttpResponse, name: str) -> dict[str, Any]:
    found = re.search(r'id="js_data" type="application/json">(.*?)</script>', page(answer))
    assert found
    return json.loads(found.group(1))[name]  # type: ignore[no-any-return]


def test_a_passkey_is_registered_and_signs_in_alone(client: Client, officer: Officer) -> None:
    key = SoftwareKey()
    sign_in(client, officer.email)
    options = options_in(client.get(reverse("mfa_add_webauthn")), "creation_options")
    forged = {**options, "publicKey": {**options["publicKey"], "challenge": "AAAA"}}
    add = {"name": "Work phone", "passwordless": "on"}
    refused = client.post(reverse("mfa_add_webauthn"), {**add, "credential": key.register(forged)})
    assert refused.status_code == 200
    assert not is_inside(client)
    options = options_in(client.get(reverse("mfa_add_webauthn")), "creation_options")
    done = client.post(reverse("mfa_add_webauthn"), {**add, "credential": key.register(options)})
    assert done.url == reverse("mfa_view_recovery_codes")
    assert "Work phone" in page(client.get(reverse("mfa_list_webauthn")))

    fresh = Client()
    login = reverse("mfa_login_webauthn")
    asked = fresh.get(login, headers={"accept": "application/json"}).json()["request_options"]
    fresh.post(login, {"credential": key.sign(asked)})
    assert is_inside(fresh)


def test_a_key_signs_in_after_the_password(client: Client, officer: Officer) -> None:
    key = SoftwareKey()
    sign_in(client, officer.email)
    options = options_in(client.get(reverse("mfa_add_webauthn")), "creation_options")
    client.post(reverse("mfa_add_webauthn"), {"name": "Key", "credential": key.register(options)})
    fresh = Client()
    asked = fresh.get(sign_in(fresh, officer.email).url)
    answer = key.sign(options_in(asked, "request_options"))
    fresh.post(reverse("mfa_authenticate"), {"credential": answer})
    assert is_inside(fresh)


@pytest.mark.parametrize("one", [one for one in PAGES if one.signed_in], ids=lambda one: one.name)
def test_pages_for_the_signed_in_ask_to_sign_in(client: Client, one: Any) -> None:
    args = [1] if "<int:pk>" in one.route else []
    answer = client.get(reverse(one.name, args=args))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_allauths_own_templates_are_never_shown(client: Client, with_app: Officer) -> None:
    signed_in(client, with_app)
    for one in PAGES:
        if "<" in one.route:
            continue
        answer = client.get(reverse(one.name))
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            assert "app-marking" in answer.content.decode(), one.name
