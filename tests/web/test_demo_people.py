"""The demonstration: everyone invented, one click signs in, and never in production."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from signing_in import sign_in
from triservice.access.models import AgreementVersion
from triservice.agencies.models import Agency, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Role
from triservice.subjects.actions.records import receive_records
from triservice.subjects.invented import Invented, Place
from triservice.subjects.invented_warnings import add_warnings
from triservice.subjects.models import Premises
from triservice.web.demo import people
from triservice.web.demo.agreement import make_agreement
from triservice.web.demo.more_agreements import make_more_agreements
from undoing import db  # noqa: F401

pytestmark = pytest.mark.usefixtures("db")
AREAS = [("E02000001", "Somewhere 001"), ("E02000002", "Somewhere 002")]


@pytest.fixture(scope="module")
def everyone(module_database: None) -> dict[str, Officer]:
    agencies = people.make_agencies(AREAS)
    officers = people.make_officers(agencies)
    make_agreement(agencies, officers)
    make_more_agreements(agencies, officers)
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


def test_two_agreements_are_in_force_and_two_drafts_have_something_to_show(
    demo: dict[str, Officer], client: Client
) -> None:
    versions = AgreementVersion.objects.order_by("pk")
    assert [(one.state, one.number, one.parties.count()) for one in versions] == [
        ("in force", 1, 5), ("in force", 1, 2), ("draft", 2, 3), ("draft", 1, 4),
    ]  # fmt: skip
    sign_in(client, demo["Bersaba Lanyon"])
    second, draft = (one.pk for one in versions[2:])
    compared = client.get(reverse("access:agreement_compare", args=[second])).content.decode()
    assert "Penmarric Fire and Rescue Service" in compared
    assert "gains" in compared
    checked = client.get(reverse("access:agreement_checklist", args=[draft])).content.decode()
    assert "missing" in checked.lower()


def test_an_ambulance_crew_sees_by_the_second_what_the_first_does_not_open(
    demo: dict[str, Officer], client: Client
) -> None:
    made = Invented({"police": []}, {})
    add_warnings(made, Place("E02000001", 180_000.0, 40_000.0), clock.now().date())
    owner = people.reader(demo["Tristan Bosanko"])
    police = Agency.objects.get(kind="police")
    receive_records(owner, police, "Records management (invented)", made.rows["police"])
    pages = [reverse("subjects:premises", args=[place.key])
             for place in Premises.objects.order_by("uprn")]  # fmt: skip
    crew = demo["Sowena Gilbert"]

    def shown(purpose: Purpose) -> list[str]:
        sign_in(client, crew, purpose)
        return [client.get(page).content.decode() for page in pages]

    dog, weapon, old = shown(Purpose.RESPONSE)
    assert "Dangerous dog. Anyone who goes in. Ring first" in dog
    assert "1 Warning Quay" in dog
    assert "Weapon seen" in weapon
    assert "a warning of Penmarric Police that is not shown" in old
    assert "threatened" not in old
    assert not any("angerous dog" in page for page in shown(Purpose.PREVENTION_VISIT))


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
