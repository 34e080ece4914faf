"""What a password may be, how it is kept and changed, and that no way round the second step."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import software_key
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from cryptography.fernet import InvalidToken
from django.conf import settings as configured
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from fido2.webauthn import AuthenticatorData
from invented_workforce import PASSWORD
from software_key import SoftwareKey
from test_sign_in import INSIDE, options_in

from triservice.agencies import actions
from triservice.agencies.models import Officer
from triservice.agencies.sign_in.second_factor import FactorAdapter, mark
from triservice.kernel.clock import frozen, now

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NEW = "another four words here"


@pytest.fixture
def officer(people: SimpleNamespace, settings: Any) -> Officer:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    found: Officer = people.officer
    found.set_password(PASSWORD)
    found.save()
    return found


def page(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def code() -> str:
    counter = list(totp.yield_hotp_counters_from_time())[1]
    return totp.format_hotp_value(totp.hotp_value(SECRET, counter))


def give(client: Client, email: str, password: str) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": email, "password": password})


def whole_session(officer: Officer) -> Client:
    """Return a browser signed in by password, its second step marked as given."""
    client = Client()
    give(client, officer.email, PASSWORD)
    session = client.session
    mark(session, officer)
    session.save()
    assert client.get(reverse(INSIDE)).status_code == 200
    return client


def test_kept_as_argon2id_within_current_guidance() -> None:
    kept = make_password(PASSWORD)
    hasher = identify_hasher(kept)
    found = hasher.decode(kept)
    assert (hasher.algorithm, found["variety"]) == ("argon2", "argon2id")
    assert found["memory_cost"] >= 19 * 1024  # KiB
    assert found["time_cost"] >= 2
    assert make_password(PASSWORD) != kept  # salted


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("elevenchars", "too short"),
        ("counterstrike", "too common"),
        ("oz@fire.example", "too similar"),
        ("Penrose-Fire-2026!", "would try here first"),
        ("TriServicePolice1", "would try here first"),
        ("welcomeSummer2026", "would try here first"),
    ],
)
def test_what_is_guessed_first_is_refused(
    people: SimpleNamespace, password: str, said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, people.officer)
    assert said in " ".join(refused.value.messages)


@pytest.mark.parametrize(
    "password",
    [
        "twelve chars",
        "correct horse battery staple" * 5,  # 140 characters
        "aaaabbbbccccdd",  # no rule of composition
        "ťřï şérvïcé ☂ räin",
        "fireside lantern cobweb",
    ],
)
def test_any_composition_and_length_is_taken(people: SimpleNamespace, password: str) -> None:
    validate_password(password, people.officer)


def test_compared_exactly_as_typed(officer: Officer) -> None:
    officer.set_password(" Three invented words ")
    officer.save()
    wrong = ("Three invented words", " three invented words ", " Three invented words")
    for password in wrong:
        assert "not correct" in page(give(Client(), officer.email, password))
    assert give(Client(), officer.email, " Three invented words ").status_code == 302


def test_changing_asks_for_the_old_one_and_ends_other_sessions(officer: Officer) -> None:
    here, elsewhere = whole_session(officer), whole_session(officer)
    change = reverse("account_change_password")
    new = {"password1": NEW, "password2": NEW}
    refused = here.post(change, {"oldpassword": "wrong", **new})
    assert refused.status_code == 200
    assert Officer.objects.get(pk=officer.pk).check_password(PASSWORD)
    here.post(change, {"oldpassword": PASSWORD, **new})
    assert Officer.objects.get(pk=officer.pk).check_password(NEW)
    assert here.get(reverse(INSIDE)).status_code == 200
    assert elsewhere.get(reverse(INSIDE)).url.startswith(reverse("account_login"))
    assert "password" in mail.outbox[-1].subject.lower()
    assert mail.outbox[-1].to == [officer.email]


def test_boxes_hide_it_and_let_managers_fill_it_in(officer: Officer) -> None:
    text = page(Client().get(reverse("account_login")))
    (box,) = re.findall(r'<input[^>]*name="password"[^>]*>', text)
    assert 'type="password"' in box
    assert 'autocomplete="current-password"' in box
    assert not re.search(r"onpaste|oncopy|readonly|maxlength", box)
    changing = page(whole_session(officer).get(reverse("account_change_password")))
    boxes = re.findall(r'<input[^>]*name="(?:old)?password[12]?"[^>]*>', changing)
    assert len(boxes) == 3
    assert all('type="password"' in one for one in boxes)


def link_for(officer: Officer) -> str:
    Client().post(reverse("account_reset_password"), {"email": officer.email})
    found = re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)
    assert found
    return found.group(1)


def test_a_new_password_by_link_is_no_way_round_the_second_step(officer: Officer) -> None:
    totp.TOTP.activate(officer, SECRET)
    client = Client()
    action = client.get(link_for(officer), follow=True).redirect_chain[-1][0]
    client.post(action, {"password1": NEW, "password2": NEW})
    assert "_auth_user_id" not in client.session
    assert give(client, officer.email, NEW).url == reverse("mfa_authenticate")
    assert client.get(reverse(INSIDE)).url.startswith(reverse("account_login"))


def test_a_link_lasts_four_hours_at_most(officer: Officer, settings: Any) -> None:
    assert configured.PASSWORD_RESET_TIMEOUT <= 4 * 3600
    link = link_for(officer)
    settings.PASSWORD_RESET_TIMEOUT = -1  # as if the hours had passed
    assert "does not work any more" in page(Client().get(link, follow=True))


def test_a_new_password_ends_sessions_opened_with_the_old(officer: Officer) -> None:
    old = whole_session(officer)
    client = Client()
    action = client.get(link_for(officer), follow=True).redirect_chain[-1][0]
    client.post(action, {"password1": NEW, "password2": NEW})
    assert old.get(reverse(INSIDE)).url.startswith(reverse("account_login"))


def test_signing_in_gives_the_session_another_key(officer: Officer) -> None:
    client = Client()
    client.get(reverse("account_login"))
    client.session.save()
    client.cookies[configured.SESSION_COOKIE_NAME] = client.session.session_key
    before = client.session.session_key
    give(client, officer.email, PASSWORD)
    after = client.session.session_key
    assert before != after
    assert len(after) >= 32  # of 36 letters and digits: 165 bits
    stale = Client()
    stale.cookies[configured.SESSION_COOKIE_NAME] = before
    assert "_auth_user_id" not in stale.session


def test_signing_out_ends_the_session_on_the_server(officer: Officer) -> None:
    client = whole_session(officer)
    kept = client.cookies[configured.SESSION_COOKIE_NAME].value
    assert client.get(reverse("account_logout")).status_code == 200  # asks first
    client.post(reverse("account_logout"))
    stolen = Client()
    stolen.cookies[configured.SESSION_COOKIE_NAME] = kept
    assert stolen.get(reverse(INSIDE)).url.startswith(reverse("account_login"))


def test_an_administrator_ends_the_sessions_of_a_lost_phone(
    officer: Officer, people: SimpleNamespace
) -> None:
    client = whole_session(officer)
    totp.TOTP.activate(officer, SECRET)
    actions.withdraw_second_factor(people.admin, officer, why="Rang on a known number")
    assert client.get(reverse(INSIDE)).url.startswith(reverse("account_login"))
    again = Client()
    give(again, officer.email, PASSWORD)
    again.post(reverse("mfa_authenticate"), {"code": code()})  # the lost one is worth nothing
    assert again.get(reverse(INSIDE)).status_code == 302


def test_a_passkey_alone_must_have_checked_its_owner(
    officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, client = SoftwareKey(), Client()
    give(client, officer.email, PASSWORD)
    options = options_in(client.get(reverse("mfa_add_webauthn")), "creation_options")
    add = {"name": "Key", "passwordless": "on", "credential": key.register(options)}
    client.post(reverse("mfa_add_webauthn"), add)
    login = reverse("mfa_login_webauthn")
    for verified in (False, True):
        flag = AuthenticatorData.FLAG.UV if verified else AuthenticatorData.FLAG(0)
        monkeypatch.setattr(software_key, "VERIFIED", flag)
        fresh = Client()
        asked = fresh.get(login, headers={"accept": "application/json"}).json()["request_options"]
        fresh.post(login, {"credential": key.sign(asked)})
        assert ("_auth_user_id" in fresh.session) == verified


def test_there_are_no_accounts_until_one_is_made(db: None) -> None:
    assert not Officer.objects.exists()


def test_an_old_password_still_holds(officer: Officer) -> None:
    with frozen(now() + timedelta(days=900)):
        assert give(Client(), officer.email, PASSWORD).status_code == 302


def test_recovery_codes_are_of_eight_digits(officer: Officer) -> None:
    totp.TOTP.activate(officer, SECRET)
    codes = RecoveryCodes.activate(officer).generate_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"\d{8}", one) for one in codes)  # 26 bits, limited tries


def test_a_factor_is_kept_encrypted_and_altering_it_is_noticed(officer: Officer) -> None:
    adapter = FactorAdapter()
    kept = adapter.encrypt(SECRET)
    assert SECRET not in kept
    assert adapter.encrypt(SECRET) != kept  # another vector each time
    assert adapter.decrypt(kept) == SECRET
    for place in (10, len(kept) // 2, len(kept) - 4):
        other = "A" if kept[place] != "A" else "B"
        with pytest.raises(InvalidToken):
            adapter.decrypt(kept[:place] + other + kept[place + 1 :])
