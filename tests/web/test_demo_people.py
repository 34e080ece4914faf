"""The demonstration: everyone invented, one click signs in, and never in production."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from triservice.access.models import AgreementVersion
from triservice.agencies.models import Agency, Officer
from triservice.kernel.access_words import Role
from triservice.web.demo import people
from triservice.web.demo.agreement import make_agreement
from undoing import db  # noqa: F401

pytestmark = pytest.mark.usefixtures("db")
AREAS = [("E02000001", "Somewhere 001"), ("E02000002", "Somewhere 002")]


@pytest.fixture(scope="module")
def everyone(module_database: None) -> dict[str, Officer]:
    agencies = people.make_agencies(AREAS)
    officers = people.make_officers(agencies)
    make_agreement(agencies, officers)
    return officers


@pytest.fixture
def demo(everyone: dict[str, Officer], settings: object) -> dict[str, Officer]:
    settings.DEMO = True  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = "demo_urls"  # type: ignore[attr-defined]
    return everyone


def test_five_agencies_and_officers_in_every_role(demo: dict[str, Officer]) -> None:
    assert sorted(Agency.objects.values_list("kind", flat=True)) == [
        "ambulance",
        "council",
        "fire",
        "health",
        "police",
    ]
    assert len(demo) == 40
    roles = {officer.holdings.get().post.role for officer in demo.values()}
    assert roles == {str(role) for role in Role}
    assert all(officer.email.endswith(".invalid") for officer in demo.values())
    assert not any(officer.has_usable_password() for officer in demo.values())


def test_the_agreement_is_in_force(demo: dict[str, Officer]) -> None:
    version = AgreementVersion.objects.get()
    assert version.state == AgreementVersion.State.IN_FORCE
    assert version.parties.count() == 5


def test_one_click_signs_in(demo: dict[str, Officer], client: Client) -> None:
    page = client.get(reverse("demo_people", urlconf="demo_urls")).content.decode()
    assert "Morwenna Tregarth" in page
    answer = client.post("/demo/sign-in", {"name": "Morwenna Tregarth"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    home = client.get("/").content.decode()
    assert "Morwenna Tregarth" in home
    assert "Penmarric Fire" in home


@pytest.mark.parametrize("name", ["", "Nobody", "morwenna tregarth", "Morwenna Tregarth\0"])
def test_only_the_invented_sign_in(demo: dict[str, Officer], client: Client, name: str) -> None:
    Officer.objects.create(
        name="Nobody", email="nobody@real.test", employer=Agency.objects.all()[0]
    )
    assert client.post("/demo/sign-in", {"name": name}).status_code == 404


def test_one_who_left_does_not_sign_in(demo: dict[str, Officer], client: Client) -> None:
    Officer.objects.filter(name="Morwenna Tregarth").update(is_active=False)
    assert client.post("/demo/sign-in", {"name": "Morwenna Tregarth"}).status_code == 404


@pytest.mark.parametrize(("demo_on", "production"), [(False, False), (True, True)])
def test_the_view_itself_refuses_outside_a_demonstration(
    demo: dict[str, Officer], client: Client, settings: object, demo_on: bool, production: bool
) -> None:
    settings.DEMO, settings.PRODUCTION = demo_on, production  # type: ignore[attr-defined]
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/sign-in", {"name": "Morwenna Tregarth"}).status_code == 404


def test_the_address_does_not_exist_outside_a_demonstration(client: Client) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("demo_people")
    assert "demo/" not in {str(each.pattern) for each in get_resolver().url_patterns}


def test_production_does_not_start_with_the_demonstration_on() -> None:
    environment = os.environ | {
        "TRISERVICE_ENV": "production",
        "TRISERVICE_DEMO": "1",
        "TRISERVICE_SECRET_KEY": "x7" * 40,
        "TRISERVICE_HOSTS": "triservice.invalid",
        "TRISERVICE_ORIGINS": "https://triservice.invalid",
    }
    for key in ("TRISERVICE_DATABASE", "DJANGO_SETTINGS_MODULE"):
        environment.pop(key, None)
    done = subprocess.run(
        [sys.executable, "-m", "triservice.web.manage", "check"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "TRISERVICE_DEMO is on" in done.stderr
