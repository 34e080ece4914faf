"""Who has nothing to confirm with is not sent round in a circle."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from partnership import Partnership, make_partnership
from signing_in import confirm, sign_in
from triservice.kernel.access_words import Purpose, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Partnership:
    return make_partnership(terms=False, roles=())


def suspend(made: Partnership) -> tuple[str, Client]:
    """Return the address of a guarded page, and an owner without password or second step."""
    officer = made.officer("police", Role.DATA_OWNER)
    officer.set_unusable_password()
    officer.save()
    assert made.version is not None
    address = reverse("access:agreement_step", args=[made.version.pk, "suspend"])
    return address, sign_in(Client(), officer, Purpose.ADMINISTRATION)


def test_they_sign_in_again_and_come_back(made: Partnership) -> None:
    address, client = suspend(made)
    answer = client.get(address, follow=True)
    assert answer.redirect_chain[0][0].startswith(reverse("account_login"))
    assert address in unquote(answer.redirect_chain[0][0])
    assert "_auth_user_id" not in client.session
    assert answer.status_code == 200


def test_who_confirmed_lately_goes_on(made: Partnership) -> None:
    address, client = suspend(made)
    assert confirm(client, made.officer("police", Role.DATA_OWNER)).get(address).status_code == 200


@pytest.mark.parametrize(("demo", "production", "status"), [
    (True, False, 200), (True, True, 302), (False, False, 302),
])  # fmt: skip
def test_in_a_demonstration_nobody_is_asked(
    made: Partnership, settings: object, demo: bool, production: bool, status: int
) -> None:
    settings.DEMO, settings.PRODUCTION = demo, production  # type: ignore[attr-defined]
    address, client = suspend(made)
    assert client.get(address).status_code == status
