"""Whom a request or an emergency is about is told to who decides, as far as each may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import signing_in
from partnership import NOON, Partnership, make_list
from triservice.access.about import About, named, told_about
from triservice.access.approvals import actions as approvals
from triservice.access.approvals import queries as requests
from triservice.access.emergency import actions as emergency
from triservice.access.emergency import queries as emergencies
from triservice.access.models import ConflictOfInterest, Disclosure
from triservice.access.record import Kind, recording
from triservice.kernel.access_words import DataClass, Reader, Role
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Organisation, Person, Premises, RecordPart

pytestmark = pytest.mark.django_db
WHY = "Invented: her inhaler is needed to plan a safe visit to her home"
GUARDIAN = Role.CALDICOTT_GUARDIAN


def told(reader: Reader, key: Any, owner: int | None = None) -> About | None:
    with recording(reader, Kind.CONSULTATION, "test") as record:
        return told_about(record, [key, None], owner).get(key)


def patient() -> Person:
    return Person.objects.get(links__involved="patient")


def the_police_ask(town: Partnership, key: Any) -> int:
    return approvals.ask(
        town.reader("police"), town.agencies["health"].pk, DataClass.HEALTH, subject=key,
        fields=None, case="V-17", why=WHY, told=WHY, until=NOON + timedelta(days=1),
    )  # fmt: skip


def test_who_decides_is_told_by_the_owners_rows_and_it_is_recorded(town: Partnership) -> None:
    """The officer and the guardian each see the name; whom the owner does not know, only they."""
    known, unknown = patient().key, Person.objects.get(links__involved="witness").key
    town.term("fire", "health", [DataClass.IDENTITY])  # what the guardian reads is not its own
    pks = [the_police_ask(town, key) for key in (known, unknown)]
    guardian = town.reader("health", GUARDIAN)
    at = reverse("subjects:person", args=[known])
    queue = {row.pk: row.about for row in requests.queue(guardian)}
    assert queue == {pks[0]: About("Morwenna Trevanion", at), pks[1]: None}
    said = Disclosure.objects.latest("seq").what
    own = RecordPart.objects.get(owner=guardian.agency, data_class="identity")
    assert f'"subjects.recordpart":{{"identity":["{own.pk}"]}}' in said
    mine = {row.pk: row.about for row in requests.my_requests(town.reader("police"))}
    assert [named(mine[pk]) for pk in pks] == ["Morwenna Trevanion", "Jory Bosquite"]
    client = signing_in.sign_in(Client(), town.officer("health", GUARDIAN))
    listed = client.get(reverse("access:request_queue")).content.decode()
    assert "About Morwenna Trevanion" in listed
    assert "Whom it is about is not open to you" in listed
    pages = [client.get(reverse("access:request", args=[pk])).content.decode() for pk in pks]
    assert f'<a class="govuk-link" href="{at}">Morwenna Trevanion</a>' in pages[0]
    assert "Nothing that is open to you says who or where" in pages[1]
    assert "Bosquite" not in pages[1]
    approving = client.get(reverse("access:request_approve", args=[pks[0]])).content.decode()
    assert "about Morwenna Trevanion" in approving


def test_who_reviews_an_emergency_is_told_whom_it_was_about(town: Partnership) -> None:
    pk = emergency.break_glass(
        town.reader("police"), town.agencies["health"].pk, DataClass.HEALTH,
        subject=patient().key, reason="threat to life", text=WHY, minutes=15,
    )  # fmt: skip
    guardian = town.reader("health", GUARDIAN)
    (row,) = emergencies.to_review(guardian)
    assert named(row.about) == "Morwenna Trevanion"
    client = signing_in.sign_in(Client(), town.officer("health", GUARDIAN))
    for name in ("emergency", "emergency_review"):
        page = client.get(reverse(f"access:{name}", args=[pk])).content.decode()
        assert "Morwenna Trevanion" in page
    RecordPart.objects.filter(owner=guardian.agency).update(
        restriction=make_list(town.officer("health", Role.DATA_OWNER))
    )
    assert emergencies.to_review(guardian)[0].about is None
    page = client.get(reverse("access:emergency", args=[pk])).content.decode()
    assert "Nothing that is open to you says who or where" in page


def test_a_withheld_name_or_a_tie_is_not_told(town: Partnership) -> None:
    health, key = town.agencies["health"], patient().key
    town.term("health", "council", [DataClass.IDENTITY], fields=["sex"])
    about = told(town.reader("council"), key)
    assert about == About("", reverse("subjects:person", args=[key]))
    assert "names" in named(about)
    assert told(town.reader("ambulance"), key) is None
    assert told(town.reader("police"), key, town.agencies["police"].pk) is None
    ConflictOfInterest.objects.create(
        officer=town.officer("health", GUARDIAN), subject_key=key, why="Invented cousin",
        declared_at=NOON,
    )  # fmt: skip
    assert told(town.reader("health", GUARDIAN), key, health.pk) is None


def test_all_who_are_one_are_told_under_each_key(town: Partnership) -> None:
    other = Person.objects.get(root__isnull=False)
    police = town.agencies["police"].pk
    for key in (other.key, other.root.key):  # type: ignore[union-attr]
        about = told(town.reader("police", Role.DATA_OWNER), key, police)
        assert about == About("Morwenna Trevanion", reverse("subjects:person", args=[key]))


def test_a_place_and_an_organisation_are_told(
    town: Partnership, row: Callable[..., dict[str, Any]]
) -> None:
    place = Premises.objects.get(uprn="100000001")
    owner = town.reader("police", Role.DATA_OWNER)
    at = reverse("subjects:premises", args=[place.key])
    assert told(owner, place.key) == About(place.address, at)
    body = {"organisation": "Invented Lodge", "address": "2 Invented Row", "postcode": "ZZ1 1AB"}
    receive_records(owner, town.agencies["police"], "system", [row("9") | body])
    lodge = Organisation.objects.get()
    about = told(owner, lodge.key, owner.agency)
    assert about == About("Invented Lodge", reverse("subjects:organisation", args=[lodge.key]))
    assert told(town.reader("health", GUARDIAN), lodge.key, town.agencies["health"].pk) is None
    ConflictOfInterest.objects.create(
        officer=town.officer("police", Role.DATA_OWNER), subject_key=place.key, why="Invented",
        declared_at=NOON,
    )  # fmt: skip
    assert told(town.reader("police", Role.DATA_OWNER), place.key) is None
