"""Tokens of systems: shown once, kept as a digest, ended to the second, by a leaver, at once."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client
from django.urls import reverse

from partnership import NOON, Partnership
from signing_in import confirm, sign_in
from triservice.access.errors import Refused
from triservice.access.models import ApiToken, Disclosure
from triservice.access.tokens import actions, queries, rules
from triservice.access.tokens.actions import Issued, issue, renew, revoke
from triservice.access.tokens.rules import Scope
from triservice.agencies.actions import leave
from triservice.agencies.models import Holding, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.errors import InputError

SECOND = timedelta(seconds=1)


@pytest.fixture
def admin(partnership: Partnership) -> Reader:
    return partnership.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)


def make(partnership: Partnership, admin: Reader, **changed: object) -> Issued:
    said = {
        "system": "Control room",
        "roles": [Role.OFFICER],
        "scopes": [Scope.PEOPLE],
        "purposes": [Purpose.RESPONSE],
        "days": 30,
    } | changed
    return issue(admin, partnership.agencies["fire"], **said)  # type: ignore[arg-type]


def test_only_a_digest_of_256_random_bits_is_kept(partnership: Partnership, admin: Reader) -> None:
    made = make(partnership, admin)
    row = ApiToken.objects.get()
    assert row.sha256 == sha256(made.secret.encode()).hexdigest()
    assert made.secret.startswith(f"tri_{row.prefix}_")
    kept = repr(list(ApiToken.objects.values())) + repr(list(Disclosure.objects.values()))
    assert made.secret not in kept
    assert made.secret[15:] not in kept
    assert len({rules.new_secret().text for _ in range(50)}) == 50


def test_the_account_of_a_system_is_an_officer_that_nobody_signs_in_as(
    partnership: Partnership, admin: Reader
) -> None:
    make(partnership, admin, roles=[Role.OFFICER, Role.DATA_OWNER])
    account = Officer.objects.get(tokens__isnull=False)
    assert not account.has_usable_password()
    assert account.name == "Control room (system of fire)"
    held = Holding.objects.filter(officer=account).values_list("post__role", flat=True)
    assert sorted(held) == ["data owner", "officer"]


@pytest.mark.parametrize(
    ("after", "live"),
    [(timedelta(), True), (timedelta(days=30) - SECOND, True), (timedelta(days=30), False)],
)
def test_a_token_expires_to_the_second(
    partnership: Partnership, admin: Reader, after: timedelta, live: bool
) -> None:
    secret = make(partnership, admin).secret
    with clock.frozen(NOON + after):
        assert (queries.bearer(secret) is not None) is live


def test_a_token_ends_at_once_when_revoked(partnership: Partnership, admin: Reader) -> None:
    made = make(partnership, admin)
    assert queries.bearer(made.secret)
    revoke(admin, made.pk)
    assert queries.bearer(made.secret) is None
    with pytest.raises(InputError, match="already"):
        revoke(admin, made.pk)


def test_a_leaver_takes_the_token_along(partnership: Partnership, admin: Reader) -> None:
    made = make(partnership, admin)
    leave(None, Officer.objects.get(tokens__isnull=False))
    assert queries.bearer(made.secret) is None
    assert ApiToken.objects.get().revoked_at == NOON
    with pytest.raises(InputError, match="ended"):
        renew(admin, made.pk, 30)


@pytest.mark.parametrize("wrong", ["", "tri_", "tri_0123456789_" + "x" * 43, "Bearer", "\x00"])
def test_what_is_no_token_opens_nothing(
    partnership: Partnership, admin: Reader, wrong: str
) -> None:
    made = make(partnership, admin)
    assert queries.bearer(wrong) is None
    assert queries.bearer(made.secret[:-1] + ("a" if made.secret[-1] != "a" else "b")) is None
    assert queries.bearer(made.secret + "x") is None


def test_the_last_use_is_written_once_a_minute(
    partnership: Partnership, admin: Reader, django_assert_num_queries: object
) -> None:
    secret = make(partnership, admin).secret
    for seconds, kept in ((0, 0), (59, 0), (60, 60), (61, 60), (121, 121)):
        with clock.frozen(NOON + SECOND * seconds):
            found = queries.bearer(secret)
            assert found is not None
            actions.touch(found)
        assert ApiToken.objects.get().last_used_at == NOON + SECOND * kept


def test_renewing_lets_a_system_change_over(partnership: Partnership, admin: Reader) -> None:
    old = make(partnership, admin)
    new = renew(admin, old.pk, 10)
    both = [queries.bearer(each.secret) for each in (old, new)]
    assert both[0] is not None
    assert both[1] is not None
    assert both[0].account == both[1].account
    assert both[0].scopes == both[1].scopes == {"people"}
    revoke(admin, old.pk)
    assert queries.bearer(old.secret) is None
    assert queries.bearer(new.secret)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"system": "  "}, "Name the system"),
        ({"roles": []}, "roles: is empty"),
        ({"scopes": []}, "scopes: is empty"),
        ({"purposes": []}, "purposes: is empty"),
        ({"roles": [Role.ADMINISTRATOR]}, "not a role of a system"),
        ({"days": 0}, "between 1 and 366"),
        ({"days": 367}, "between 1 and 366"),
    ],
)
def test_a_token_says_what_it_is_for(
    partnership: Partnership, admin: Reader, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        make(partnership, admin, **changed)
    assert not ApiToken.objects.exists()
    assert not Officer.objects.filter(email__endswith="@triservice.invalid").exists()


def test_two_systems_of_an_agency_have_two_names(partnership: Partnership, admin: Reader) -> None:
    make(partnership, admin)
    with pytest.raises(InputError, match="already"):
        make(partnership, admin, system=" Control  room ")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_makes_tokens(
    partnership: Partnership, admin: Reader, role: Role
) -> None:
    with pytest.raises(Refused):
        make(partnership, partnership.reader("fire", role))


def test_the_lead_of_the_agency_revokes_others_do_not(
    partnership: Partnership, admin: Reader
) -> None:
    made = make(partnership, admin)
    for other in (
        partnership.reader("police", Role.DATA_PROTECTION_LEAD),
        partnership.reader("fire", Role.OFFICER),
    ):
        with pytest.raises(Refused):
            revoke(other, made.pk)
    assert not queries.tokens(partnership.reader("police", Role.DATA_PROTECTION_LEAD))
    lead = partnership.reader("fire", Role.DATA_PROTECTION_LEAD)
    assert [row.standing for row in queries.tokens(lead)] == [rules.Standing.LIVE]
    revoke(lead, made.pk)
    assert [row.standing for row in queries.tokens(lead)] == [rules.Standing.REVOKED]


def test_pages_make_show_once_renew_and_revoke(partnership: Partnership) -> None:
    officer = partnership.officer("council", Role.ADMINISTRATOR)
    client = confirm(sign_in(Client(), officer, Purpose.ADMINISTRATION), officer)
    listed = client.get(reverse("access:tokens"))
    assert b"No system has a token" in listed.content
    empty = client.post(reverse("access:make_token"), {})
    assert empty.status_code == 422
    made = client.post(
        reverse("access:make_token"),
        {
            "agency": partnership.agencies["fire"].pk,
            "system": "Control <room>",
            "roles": ["officer"],
            "scopes": ["people", "decide"],
            "purposes": ["response"],
            "days": "30",
        },
    )
    page = made.content.decode()
    secret = page.split("tri_")[1].split("<")[0].split()[0]
    assert queries.bearer(f"tri_{secret}")
    assert "no-store" in made.headers["Cache-Control"]
    assert "Control &lt;room&gt;" in page
    row = ApiToken.objects.get()
    listed = client.get(reverse("access:tokens")).content.decode()
    assert secret not in listed
    assert f"tri_{row.prefix}_…" in listed
    again = client.post(reverse("access:renew_token", args=[row.pk]), {"days": "90"})
    assert b"tri_" in again.content
    client.post(reverse("access:revoke_token", args=[row.pk]))
    assert queries.bearer(f"tri_{secret}") is None
    assert client.post(reverse("access:renew_token", args=[999])).status_code == 422
    assert client.post(reverse("access:renew_token", args=[999]), {"days": "30"}).status_code == 404
