"""The pages of people and places, for those whose work it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import signing_in
from partnership import Partnership
from triservice.access.approvals.actions import ask, withdraw
from triservice.access.errors import Refused
from triservice.kernel.access_words import DataClass, Role
from triservice.subjects.actions.links import report_wrong_link, settle_wrong_link
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import (
    Candidate,
    Household,
    Link,
    Merge,
    Organisation,
    Person,
    Premises,
    Quarantined,
    WrongLink,
)
from triservice.subjects.queries import review
from triservice.subjects.queries.places import household_view, premises_view

pytestmark = pytest.mark.django_db
Row = Callable[..., dict[str, Any]]
WHO = (DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION)
WHY = "The same telephone and the same neighbour named"


def sign_in(town: Partnership, kind: str, role: Role = Role.OFFICER) -> Client:
    return signing_in.sign_in(Client(), town.officer(kind, role))


def known() -> Person:
    link = Link.objects.get(person__isnull=False, involved="victim")
    assert link.person is not None
    return link.person


def text(response: Any) -> str:
    assert response.status_code in (200, 422), response.status_code
    return str(response.content.decode())


def test_an_officer_finds_a_person_and_opens_them(town: Partnership) -> None:
    police = sign_in(town, "police")
    found = text(police.post(reverse("subjects:search"), {"text": "trevanion ZZ1 1AA"}))
    assert "2 people found" in found  # of police and fire, joined; of health, not yet
    page = text(police.get(reverse("subjects:person", args=[known().key])))
    assert "Morwenna Trevanion" in page
    assert "Invented visit" in page
    assert "dangerous dog" in page.lower()
    assert "Invented burglary" in page
    assert ">victim<" in page


def test_what_is_withheld_is_not_on_the_page(town: Partnership) -> None:
    fire = sign_in(town, "fire")
    page = text(fire.get(reverse("subjects:person", args=[known().key])))
    assert "Invented burglary" not in page
    assert "victim" not in page
    patient = Person.objects.get(links__involved="patient")
    page = text(fire.get(reverse("subjects:person", args=[patient.key])))
    assert "Secret invented illness" not in page
    assert "Health withheld" in page
    assert "opens this only on approval" in page
    assert "Duty desk of Penmarric Health Trust" in page


def test_what_one_has_asked_for_already_is_said_with_where_it_stands(town: Partnership) -> None:
    patient = Person.objects.get(links__involved="patient")
    address = reverse("subjects:person", args=[patient.key])
    reader = town.reader("fire")
    request = ask(
        reader, town.agencies["health"].pk, DataClass.HEALTH, subject=patient.key, fields=None,
        case="TRI-1", why="They fell twice and I fit rails", told="Told at the visit",
        until=reader.at + timedelta(days=3),
    )  # fmt: skip
    page = text(sign_in(town, "fire").get(address))
    assert "You asked for it on" in page
    assert reverse("access:request", args=[request]) in page
    assert reverse("access:request_new") not in page
    assert "You asked for it on" not in text(sign_in(town, "fire", Role.TEAM_LEADER).get(address))
    withdraw(reader, request)
    assert "You asked for it on" not in text(sign_in(town, "fire").get(address))


def test_a_person_of_whom_nothing_is_open_is_not_there(town: Partnership) -> None:
    ambulance = sign_in(town, "ambulance")
    for name, key in (
        ("subjects:person", known().key),
        ("subjects:joins", known().key),
        ("subjects:wrong", known().key),
        ("subjects:household", Household.objects.latest("pk").key),
    ):
        assert ambulance.get(reverse(name, args=[key])).status_code == 404


def test_a_place_is_open_and_who_is_there_is_not(town: Partnership) -> None:
    place = Premises.objects.get()
    police = text(sign_in(town, "police").get(reverse("subjects:premises", args=[place.key])))
    assert "Morwenna Trevanion" in police
    assert "Jory Bosquite" in police
    ambulance = sign_in(town, "ambulance").get(reverse("subjects:premises", args=[place.key]))
    assert "14 Invented Lane" in text(ambulance)
    assert "Trevanion" not in text(ambulance)
    found = text(sign_in(town, "police").post(reverse("subjects:places"), {"text": "zz11aa"}))
    assert "1 place" in found


def test_a_household(town: Partnership) -> None:
    home = Link.objects.filter(household__isnull=False, owner=town.agencies["fire"]).first()
    assert home is not None
    assert home.household is not None
    page = text(
        sign_in(town, "police").get(reverse("subjects:household", args=[home.household.key]))
    )
    assert "Jory Bosquite" in page


def test_two_people_link_and_one_takes_it_back(town: Partnership) -> None:
    pair = Candidate.objects.get(
        left__links__owner=town.agencies["police"], right__links__owner=town.agencies["health"]
    )
    address = reverse("subjects:pair", args=[pair.pk])
    first = sign_in(town, "police", Role.TEAM_LEADER)
    assert "Morwenna Trevanion" in text(first.get(reverse("subjects:pairs")))
    side_by_side = text(first.get(address))
    assert "Date of birth" in side_by_side
    assert "Secret" not in side_by_side
    assert first.post(address, {"word": "same", "why": "x"}).status_code == 422
    assert first.post(address, {"word": "same", "why": WHY}).status_code == 302
    assert first.post(address, {"word": "same", "why": WHY}).status_code == 422
    before = Person.objects.get(pk=pair.right_id).root_id
    second = sign_in(town, "fire", Role.DATA_OWNER)
    assert WHY in text(first.get(address))
    assert WHY not in text(second.get(address))  # it may tell of what they do not see
    assert second.post(address, {"word": "same", "why": WHY}).status_code == 302
    joined = Person.objects.get(pk=pair.right_id)
    assert joined.root == known()
    event = Merge.objects.get(candidate=pair)
    undo = reverse("subjects:undo", args=[known().key, event.pk])
    assert second.post(undo, {"why": WHY}).status_code == 302
    assert Person.objects.get(pk=pair.right_id).root_id == before
    history = text(second.get(reverse("subjects:joins", args=[known().key])))
    assert "Taken back" in history
    assert WHY in history


def test_an_officer_does_not_judge(town: Partnership) -> None:
    officer = sign_in(town, "police")
    for address in (reverse("subjects:pairs"), reverse("subjects:reports")):
        assert officer.get(address).status_code == 403


def test_anyone_reports_a_wrong_link_and_a_leader_settles_it(town: Partnership) -> None:
    officer = sign_in(town, "fire")
    link = Link.objects.get(involved="victim")
    address = reverse("subjects:wrong", args=[known().key])
    assert "Report a wrong link" in text(officer.get(address))
    said = {"why": "This visit was to the flat above", "record": ""}
    assert officer.post(address, said).status_code == 302
    hidden = officer.post(address, said | {"record": link.record_id + 999})
    assert hidden.status_code == 404
    leader = sign_in(town, "fire", Role.TEAM_LEADER)
    assert "the flat above" in text(leader.get(reverse("subjects:reports")))
    report = WrongLink.objects.get()
    settle = reverse("subjects:settle", args=[report.pk])
    assert leader.post(settle, {"why": "Looked at it: it was right"}).status_code == 302
    assert leader.get(settle).status_code == 404


def reports_offered(page: str) -> list[str]:
    """The addresses on a page where a wrong link is reported and this page come back to."""
    return re.findall(r'/people/[-0-9a-f/places]+/wrong\?next=[^"]+', page)


def test_a_wrong_link_is_reported_from_the_page_where_it_is_seen(town: Partnership) -> None:
    fire, place = sign_in(town, "fire"), Premises.objects.get()
    home = Link.objects.filter(household__isnull=False, owner__short_name="fire")[0].household
    assert home is not None
    reader = town.reader("fire", Role.OFFICER)
    for kind, key, people in (
        ("premises", place.key, premises_view(reader, place.key).people),
        ("household", home.key, household_view(reader, home.key).members),
    ):
        seen_on = reverse(f"subjects:{kind}", args=[key])
        wrong = [reverse("subjects:wrong", args=[one.key]) for one in people]
        wrong.append(reverse("subjects:wrong_place", args=[place.key]))
        offered = reports_offered(text(fire.get(seen_on)))
        assert offered == [f"{address}?next={seen_on}" for address in wrong]
        for address in (offered[0], offered[-1]):
            answer = fire.post(address, {"why": "They moved away in spring"})
            assert (answer.status_code, answer.headers["Location"]) == (302, seen_on)
        assert WrongLink.objects.filter(page=seen_on).count() == 2
    away = fire.post(f"{wrong[0]}?next=https://example.org/", {"why": "They moved away, truly"})
    assert away.headers["Location"] == "/"


def test_that_a_record_is_of_another_place_is_told_to_who_sees_it(town: Partnership) -> None:
    fire, place = sign_in(town, "fire"), Premises.objects.get()
    there = reverse("subjects:premises", args=[place.key])
    wrong = reverse("subjects:wrong_place", args=[place.key])
    own = Link.objects.filter(premises=place, owner__short_name="fire")[0].record_id
    assert f"{wrong}?record={own}" in text(fire.get(there))
    assert "does not belong to 14 Invented Lane" in text(fire.get(f"{wrong}?record={own}"))
    assert "at least" in text(fire.post(wrong, {"why": "no"}))
    outside = sign_in(town, "ambulance")  # who may know the address, and no record of it
    assert reports_offered(text(outside.get(there))) == [f"{wrong}?next={there}"]
    assert "say that something does not" in text(outside.get(f"{wrong}?record={own}"))
    for officer, record, why, status in (
        (fire, own, "This was two doors further on", 302),
        (fire, "", "Nobody of that name lives here", 302),
        (outside, own, "Somebody guessed this number", 404),
        (outside, 10**6, "Nothing has this number yet", 404),
    ):
        assert officer.post(wrong, {"why": why, "record": record}).status_code == status, why
    told = {kind: sign_in(town, kind, Role.TEAM_LEADER) for kind in ("fire", "police", "ambulance")}
    pages = {kind: text(leader.get(reverse("subjects:reports"))) for kind, leader in told.items()}
    for why, agencies in (
        ("two doors further on", {"fire", "police"}),  # the agreement opens that record to police
        ("Nobody of that name", {"fire"}),
        ("guessed this number", set()),
    ):
        assert {kind for kind, page in pages.items() if why in page} == agencies, why
    report = WrongLink.objects.get(premises=place, record=None)
    settle = reverse("subjects:settle", args=[report.pk])
    said = {"why": "Right: it is the house beyond"}
    for kind, status in (("ambulance", 404), ("police", 404), ("fire", 302)):
        assert told[kind].post(settle, said).status_code == status, kind


def test_a_report_on_a_record_is_told_to_who_sees_all_of_it(
    town: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = Person.objects.get(links__involved="patient")
    record = Link.objects.get(involved="patient").record_id
    own = town.reader("health", Role.DATA_OWNER)
    why = "The invented illness is her sister's"
    secret = report_wrong_link(own, patient.key, why, record)
    report_wrong_link(own, patient.key, "These two are not one person")
    judges = [town.reader("health", role) for role in (Role.TEAM_LEADER, Role.DATA_OWNER)]
    leader = town.reader("fire", Role.TEAM_LEADER)  # sees her name in that record, no more
    monkeypatch.setattr(review, "REPORTS", 1)  # one report is looked at
    for judge in judges:
        assert [one.record for one in review.reports(judge)] == [record]
    assert [one.record for one in review.reports(leader)] == [None]
    with pytest.raises(Refused):
        settle_wrong_link(leader, secret.pk, "Looked at it: it was right")
    settle_wrong_link(judges[0], secret.pk, "Looked at it: it was wrong")


def test_rows_not_read_are_their_own_agency_s(town: Partnership) -> None:
    own = sign_in(town, "police", Role.DATA_OWNER)
    assert "31/02/1948" in text(own.get(reverse("subjects:unread")))
    address = reverse("subjects:settle_row", args=[Quarantined.objects.get().pk])
    assert "not a day of the calendar" in text(own.get(address))
    other = sign_in(town, "fire", Role.DATA_OWNER)
    assert "31/02/1948" not in text(other.get(reverse("subjects:unread")))
    assert other.get(address).status_code == 404
    assert own.post(address, {"why": "Sent again with the right date"}).status_code == 302


def test_suggestions_are_names_that_may_be_seen(town: Partnership) -> None:
    address = reverse("subjects:suggest")
    assert sign_in(town, "police").post(address, {"text": "trev"}).json() == {
        "names": ["Morwenna Trevanion"]
    }
    assert sign_in(town, "ambulance").post(address, {"text": "trev"}).json() == {"names": []}


def test_no_name_is_in_an_address(town: Partnership) -> None:
    found = sign_in(town, "police").get(reverse("subjects:search"), {"text": "trevanion"})
    assert "Trevanion" not in text(found)


def test_an_empty_search_says_what_to_do(town: Partnership) -> None:
    police = sign_in(town, "police")
    assert "Enter something to look for" in text(police.post(reverse("subjects:search"), {}))
    nobody = text(police.post(reverse("subjects:search"), {"text": "zzzz zzzz"}))
    assert "Nobody found" in nobody
    wrong = police.post(reverse("subjects:search"), {"text": "x", "born": "31/02/1948"})
    assert "Enter a date such as" in text(wrong)


BODY = {
    "organisation": "Trelawn House",
    "organisation_kind": "care home",
    "uprn": "100000009",
    "address": "9 Invented Lane, Nowhere",
    "postcode": "ZZ1 1AA",
}


@pytest.fixture
def care_home(town: Partnership, row: Row) -> Organisation:
    """A care home that fire inspected, and where health and the police know someone."""
    for kind, sent in {
        "fire": {
            "source_key": "o",
            "role": "at risk",
            "fire.summary": "Invented inspection",
            "marker": "oxygen in use",
            "marker_on": "premises",
            "marker_source": "invented supplier",
            "marker_review_on": "2027-01-01",
        },
        "police": row("o", given_name="Kerensa", **{"police.summary": "Invented theft"}),
        "health": {"source_key": "o", "health.summary": "Secret invented outbreak"},
    }.items():
        sender = town.reader(kind, Role.DATA_OWNER)
        receive_records(sender, town.agencies[kind], "system", [sent | BODY])
    return Organisation.objects.get()


def test_an_organisation_is_found_by_name_and_opened(
    town: Partnership, care_home: Organisation
) -> None:
    police = sign_in(town, "police")
    found = text(police.post(reverse("subjects:places"), {"text": "trelawn hous"}))
    assert "1 organisation" in found
    assert "9 Invented Lane" in found
    address = reverse("subjects:organisation", args=[care_home.key])
    assert address in found
    page = text(police.get(address))
    for told in ("Trelawn House", "care home", "Oxygen in use", "Kerensa Trevanion", "at risk"):
        assert told in page, told
    assert "Invented inspection" in page
    assert "Invented theft" in page
    person = Person.objects.get(links__record__source_key="o", links__owner__kind="police")
    for name, key in (("person", person.key), ("premises", BODY["uprn"])):
        if name == "premises":
            key = Premises.objects.get(uprn=key).key
        assert address in text(police.get(reverse(f"subjects:{name}", args=[key]))), name


def test_what_is_withheld_of_an_organisation_is_asked_for_on_its_page(
    town: Partnership, care_home: Organisation
) -> None:
    page = text(sign_in(town, "fire").get(reverse("subjects:organisation", args=[care_home.key])))
    assert "Invented theft" not in page
    assert "Secret invented outbreak" not in page
    assert "Health withheld" in page
    assert f"subject={care_home.key}" in page


def test_an_organisation_that_nothing_is_open_of_is_not_there(
    town: Partnership, care_home: Organisation
) -> None:
    """Where a refuge is may be a secret: neither its page, its place nor a search tell of it."""
    ambulance = sign_in(town, "ambulance")
    missing = ambulance.get(reverse("subjects:organisation", args=[care_home.key]))
    assert missing.status_code == 404
    found = text(ambulance.post(reverse("subjects:places"), {"text": "trelawn house"}))
    assert "No such place" in found
    place = Premises.objects.get(uprn=BODY["uprn"])
    assert "Trelawn" not in text(ambulance.get(reverse("subjects:premises", args=[place.key])))


def test_units_and_their_site_lead_to_each_other(town: Partnership) -> None:
    site, unit = (
        {"source_key": f"u{n}", "uprn": f"10000003{n}", "address": name}
        for n, name in enumerate(("Invented Court", "Flat 1, Invented Court"))
    )
    sender = town.reader("fire", Role.DATA_OWNER)
    rows = [site, unit | {"parent_uprn": site["uprn"]}]
    receive_records(sender, town.agencies["fire"], "system", rows)
    block, flat = (Premises.objects.get(uprn=one["uprn"]) for one in (site, unit))
    ambulance = sign_in(town, "ambulance")
    addresses = [reverse("subjects:premises", args=[one.key]) for one in (block, flat)]
    assert f'href="{addresses[1]}">Flat 1, Invented Court' in text(ambulance.get(addresses[0]))
    assert f'Part of <a class="govuk-link" href="{addresses[0]}">' in text(
        ambulance.get(addresses[1])
    )
