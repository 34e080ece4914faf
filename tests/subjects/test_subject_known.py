"""Warnings, accessible needs and relations that officers write, look at again and end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

import signing_in
from partnership import NOON, Partnership, make_list
from triservice.access.errors import Refused
from triservice.access.models import Disclosure, Notice
from triservice.access.restrictions.actions import add_member
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Marking, Role
from triservice.kernel.errors import InputError
from triservice.subjects.actions.joins import confirm_same, propose_by_hand, unmerge
from triservice.subjects.actions.links import move_record
from triservice.subjects.actions.markers import Warned, add_marker, end_marker, review_marker
from triservice.subjects.actions.needs import add_need, change_need
from triservice.subjects.actions.records import receive_records
from triservice.subjects.actions.relations import add_relation, end_relation
from triservice.subjects.actions.restricting import restrict_person
from triservice.subjects.jobs import remind_of_warnings
from triservice.subjects.models import (
    AccessibleNeed,
    Link,
    MarkerReview,
    Merge,
    Person,
    Premises,
    Relation,
    SourceRecord,
    WarningMarker,
)
from triservice.subjects.queries.known import marker_view, markers_due, needs_of, relations_of
from triservice.subjects.queries.people import person_view
from triservice.subjects.queries.shown import MarkerSeen
from triservice.subjects.words import Kin

pytestmark = pytest.mark.django_db
Row = Callable[..., dict[str, Any]]
WHY = "The neighbour says so, and I saw it"
NEXT = (NOON + timedelta(days=200)).date()
DOG = Warned("Weapons", "Anyone who visits", "My visit", NEXT)


def known(kind: str = "fire") -> Person:
    """Return whom an agency knows as the resident or victim of the town."""
    link = Link.objects.filter(person__isnull=False, owner__short_name=kind)
    found = link.exclude(involved="witness").get().person
    assert found is not None
    return found


def sign_in(town: Partnership, kind: str, role: Role = Role.OFFICER) -> Client:
    return signing_in.sign_in(Client(), town.officer(kind, role))


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return " ".join(response.content.decode().split())


def day(name: str, said: date) -> dict[str, int]:
    return {f"{name}_day": said.day, f"{name}_month": said.month, f"{name}_year": said.year}


def warnings(town: Partnership, kind: str, key: UUID) -> dict[str, MarkerSeen]:
    return {one.kind: one for one in person_view(town.reader(kind), key).markers}


def test_an_officer_warns_others_of_a_person_and_of_a_place(town: Partnership) -> None:
    fire, where = sign_in(town, "fire"), Premises.objects.get()
    said = {
        "kind": "Weapons", "relevance": "Anyone who visits", "advice": "Go in twos",
        "source": "My visit", "data_class": "risk", "marking": "OFFICIAL", **day("review_on", NEXT),
    }  # fmt: skip
    for warn, name, key in (
        ("subjects:warn_of_person", "person", known().key),
        ("subjects:warn_of_place", "premises", where.key),
    ):
        address = reverse(warn, args=[key])
        assert "kept" not in text(fire.get(address))
        for wrong, sentence in (
            ({"kind": ""}, "Answer: What is the warning?"),
            (day("review_on", NOON.date()), "Review it after today"),
            (day("review_on", NOON.date() + timedelta(days=900)), "and by"),
        ):
            assert sentence in text(fire.post(address, said | wrong), 422), wrong
        assert fire.post(address, said).status_code == 302
        assert "has this warning already" in text(fire.post(address, said), 422)
        page = reverse(f"subjects:{name}", args=[key])
        for kind in ("fire", "police"):
            assert "Go in twos" in text(sign_in(town, kind).get(page)), (name, kind)
        assert "Review this warning" in text(fire.get(page))
        assert "Review this warning" not in text(sign_in(town, "police").get(page))
        assert "Go in twos" not in text(sign_in(town, "council").get(page))
    made = WarningMarker.objects.filter(made_by__isnull=False)
    assert {row.made_by for row in made} == {town.officer("fire")}
    assert Disclosure.objects.filter(doing="added a warning", kind="collection").count() == 2


def test_a_review_brings_a_stale_warning_back_and_keeps_what_was_found(town: Partnership) -> None:
    fire, key = town.reader("fire"), known().key
    marker = WarningMarker.objects.get()
    sent = SourceRecord.objects.get(agency=fire.agency, source_key="1").sent
    with clock.frozen(NOON + timedelta(days=365)):
        late = town.reader("fire", at=clock.now())
        assert warnings(town, "fire", key)["dangerous dog"].stale
        assert [one.marker.pk for one in markers_due(late)] == [marker.pk]
        client = sign_in(town, "fire")
        page = text(client.get(reverse("subjects:due")))
        assert "Out of date" in page
        assert "Morwenna Trevanion" in page
        address = reverse("subjects:review", args=[marker.pk])
        WarningMarker.objects.update(advice="Call before you go in")
        assert "Call before you go in" in text(client.get(address))  # whoever reviews reads it all
        for wrong in ({"holds": "yes", "why": WHY}, {"why": WHY}, {"holds": "no", "why": "ok"}):
            text(client.post(address, wrong), 422)
        until = (clock.now() + timedelta(days=90)).date()
        asked = {"holds": "yes", "why": WHY, **day("review_on", until)}
        assert client.post(address, asked).status_code == 302
        again = warnings(town, "fire", key)["dangerous dog"]
        assert (again.stale, again.review_on) == (False, until)
        assert markers_due(late) == ()
        assert WHY in text(client.get(address))
        kept = MarkerReview.objects.get()
        assert (kept.before, kept.review_on) == (date(2027, 1, 1), until)
        assert client.post(address, {"holds": "no", "why": "The dog has died"}).status_code == 302
        assert "dangerous dog" not in warnings(town, "fire", key)
        assert "The dog has died" in text(client.get(address))
        with pytest.raises(InputError, match="ended already"):
            review_marker(late, marker.pk, until, WHY)
    assert SourceRecord.objects.get(agency=fire.agency, source_key="1").sent == sent


def test_only_whose_warning_it_is_reviews_it_and_only_who_works_there(town: Partnership) -> None:
    marker, key = WarningMarker.objects.get(), known().key
    address = reverse("subjects:review", args=[marker.pk])
    for kind, role, status in (
        ("police", Role.OFFICER, 404), ("fire", Role.CALDICOTT_GUARDIAN, 403),
        ("fire", Role.TEAM_LEADER, 200),
    ):  # fmt: skip
        client = sign_in(town, kind, role)
        assert client.get(address).status_code == status, (kind, role)
    with pytest.raises(Refused):
        end_marker(town.reader("police"), marker.pk, WHY)
    for call in (
        lambda r: add_marker(r, DOG, person=key),
        lambda r: add_need(r, key, "language", "Welsh"),
        lambda r: add_relation(r, key, known("health").key, Kin.CARER, "said so"),
        lambda r: needs_of(r, key),
        lambda r: relations_of(r, key),
    ):
        with pytest.raises(Refused):
            call(town.reader("ambulance"))  # to whom nobody opens anything


def test_what_is_written_of_somebody_on_a_list_is_on_it_too(town: Partnership) -> None:
    keeper, key = town.reader("fire", Role.DATA_OWNER), known().key
    listed = make_list(town.officer("fire", Role.DATA_OWNER)).pk
    add_member(keeper, listed, town.officer("fire"), WHY)
    restrict_person(keeper, key, listed)
    made = add_marker(town.reader("fire"), DOG, person=key)
    assert WarningMarker.objects.get(pk=made).restriction_id == listed
    assert "Weapons" in warnings(town, "fire", key)
    leader = town.reader("fire", Role.TEAM_LEADER)
    with pytest.raises(Refused):
        marker_view(leader, made)
    need = add_need(town.reader("fire"), key, "interpreter", "Breton")
    assert add_need(leader, key, "interpreter", "Breton") == need  # that it was there is not told
    jory = Person.objects.get(links__involved="witness").key
    tie = add_relation(town.reader("fire"), jory, key, Kin.CARER, "Seen at the refuge")
    assert Relation.objects.get(pk=tie).restriction_id == listed
    assert relations_of(leader, jory)[1] == ()


def test_a_delivery_does_not_undo_what_an_officer_looked_at(town: Partnership, row: Row) -> None:
    fire, owner = town.reader("fire"), town.reader("fire", Role.DATA_OWNER)

    def told(key: str, **more: str) -> set[tuple[str, date]]:
        marker = {"marker": "dangerous dog", "marker_source": "invented postman"}
        rows = [row(key, person_number="P1", **marker | more)]
        receive_records(owner, town.agencies["fire"], "system", rows)
        live = WarningMarker.objects.filter(ended_at__isnull=True)
        return {(one.kind, one.review_on) for one in live}

    first = WarningMarker.objects.get()
    review_marker(fire, first.pk, date(2027, 6, 1), WHY)
    by_hand = add_marker(fire, DOG, person=known().key)
    stands = {("dangerous dog", date(2027, 6, 1)), ("Weapons", NEXT)}
    assert told("5", marker_review_on="2027-01-01") == stands  # no more than what was reviewed
    later = {("dangerous dog", date(2027, 9, 1)), ("Weapons", NEXT)}
    assert told("6", marker_review_on="2027-09-01") == later
    end_marker(fire, WarningMarker.objects.get(review_on=date(2027, 9, 1)).pk, WHY)
    gone = {("Weapons", NEXT)}
    assert told("7", marker_review_on="2027-09-01") == gone
    assert told("8", marker="weapons", marker_review_on="2027-09-01") >= gone
    assert WarningMarker.objects.get(pk=by_hand).ended_at is None


def test_needs_are_added_said_otherwise_and_ended(town: Partnership) -> None:
    fire, key = sign_in(town, "fire"), known().key
    base = reverse("subjects:needs", args=[key])
    assert "Cornish" in text(fire.get(base))
    said = {"kind": "interpreter", "need": "Cornish interpreter"}
    assert fire.post(base, said).status_code == 302
    assert "says so already" in text(fire.post(base, said), 422)
    page = reverse("subjects:person", args=[key])
    assert "Cornish interpreter" in text(sign_in(town, "police").get(page))
    pk = AccessibleNeed.objects.get(need="Cornish interpreter").pk
    change = reverse("subjects:change_need", args=[pk])
    assert "Cornish interpreter" in text(fire.get(change))
    assert sign_in(town, "police").get(change).status_code == 404
    assert fire.post(change, said | {"need": "Breton interpreter"}).status_code == 302
    before, after = AccessibleNeed.objects.filter(kind="interpreter").order_by("pk")
    assert (before.ended_by, before.need) == (town.officer("fire"), "Cornish interpreter")
    assert after.made_by == town.officer("fire")
    with pytest.raises(InputError, match="says so already"):
        change_need(town.reader("fire"), after.pk, "interpreter", "Breton interpreter")
    assert fire.post(reverse("subjects:end_need", args=[after.pk])).status_code == 302
    name, left = needs_of(town.reader("fire"), key)
    assert (name, [one.need for one in left]) == ("Morwenna Trevanion", ["Cornish"])


def test_a_relation_is_found_by_name_shown_on_both_pages_and_ended(town: Partnership) -> None:
    client, fire, key = sign_in(town, "fire"), town.reader("fire"), known().key
    jory = Person.objects.get(links__involved="witness")
    base = reverse("subjects:relations", args=[key])
    said = {"text": "Jory Bosquite", "kin": "carer", "evidence": "He opened the door"}
    assert "Which of these?" in text(client.post(base, said), 422)
    assert "Nobody found" in text(client.post(base, said | {"text": "Qqqqq"}), 422)
    shown = person_view(fire, key).key  # of all who are one
    itself = said | {"text": "Morwenna Trevanion", "other": shown}
    assert "the same person" in text(client.post(base, itself), 422)
    assert client.post(base, said | {"other": str(jory.key)}).status_code == 302
    assert "says so already" in text(client.post(base, said | {"other": str(jory.key)}), 422)

    def ties(kind: str, whom: UUID) -> set[tuple[str, str]]:
        others = person_view(town.reader(kind), whom).others
        return {(one.name, one.how) for one in others if "household" not in one.how}

    assert ties("fire", key) == {("Jory Bosquite", "carer")}
    assert ties("fire", jory.key) == {("Morwenna Trevanion", "cared for")}
    assert ties("council", key) == set()  # fire opens no fire data to the council
    made = add_relation(fire, jory.key, key, Kin.LIVES_WITH, "He told me")
    assert ("Morwenna Trevanion", "lives with") in ties("fire", jory.key)
    end = reverse("subjects:end_relation", args=[Relation.objects.get(kind="cared for").pk])
    assert sign_in(town, "police").get(end).status_code == 404
    assert "carer" in text(client.get(end))
    assert client.post(end, {"why": "He moved away"}).status_code == 302
    assert ties("fire", key) == {("Jory Bosquite", "lives with")}
    end_relation(fire, made, "She moved too")
    assert relations_of(fire, key)[1] == ()
    ended = Relation.objects.filter(ended_by=town.officer("fire"))
    assert {row.ended_why for row in ended} == {"He moved away", "She moved too"}


def test_what_was_written_of_one_stays_with_them_when_a_join_is_taken_back(
    town: Partnership,
) -> None:
    one, other = known(), known("health")
    merge = _join(town, one, other)
    made = add_marker(town.reader("fire"), DOG, person=other.key)  # fire knows one, not the other
    assert "Weapons" in warnings(town, "fire", other.key)
    unmerge(town.reader("fire", Role.TEAM_LEADER), merge, WHY, different=False)
    assert WarningMarker.objects.get(pk=made).person == one
    assert "Weapons" not in warnings(town, "fire", other.key)


def _join(town: Partnership, one: Person, other: Person) -> int:
    pair = propose_by_hand(town.reader("fire", Role.TEAM_LEADER), one, other, WHY)
    for role in (Role.TEAM_LEADER, Role.DATA_OWNER):
        confirm_same(town.reader("fire", role), pair.pk, WHY)
    return Merge.objects.latest("pk").pk


def test_a_moved_record_takes_the_reviewed_warning_and_leaves_what_was_written(
    town: Partnership,
) -> None:
    fire, key = town.reader("fire"), known().key
    review_marker(fire, WarningMarker.objects.get().pk, NEXT, WHY)
    add_marker(fire, DOG, person=key)
    record = SourceRecord.objects.get(agency=fire.agency, source_key="1").pk
    new = move_record(fire, record, None, WHY)
    assert set(warnings(town, "fire", new.key)) == {"dangerous dog"}
    move_record(fire, record, Person.objects.get(key=key), WHY)
    assert set(warnings(town, "fire", key)) == {"dangerous dog", "Weapons"}


def test_whoever_reviews_is_reminded_once_until_it_is_done(town: Partnership) -> None:
    fire = town.reader("fire")
    soon = (NOON + timedelta(days=20)).date()
    made = add_marker(fire, Warned("Weapons", "Anyone", "My visit", soon,
                                   marking=Marking.OFFICIAL_SENSITIVE,
                                   data_class=DataClass.SAFEGUARDING),
                      person=known().key)  # fmt: skip
    assert (remind_of_warnings(), remind_of_warnings()) == (2, 0)
    told = Notice.objects.filter(kind="warning")
    assert {(one.role, one.officer) for one in told} == {
        ("team leader", None), ("", town.officer("fire"))
    }  # fmt: skip
    assert not any("Weapons" in one.text or "Morwenna" in one.text for one in told)
    review_marker(fire, made, NEXT, WHY)
    assert not told.filter(dealt_at__isnull=True).exists()
    assert remind_of_warnings() == 0
    with clock.frozen(NOON + timedelta(days=1)):  # another comes into the week that was dealt with
        add_marker(fire, Warned("Dog", "Anyone", "My visit", soon), person=known().key)
        assert (remind_of_warnings(), remind_of_warnings()) == (2, 0)
        add_marker(fire, Warned("Needles", "Anyone", "My visit", soon), person=known().key)
        assert remind_of_warnings() == 0  # the reminder waits still
        assert told.filter(dealt_at__isnull=True).count() == 2
    with clock.frozen(NOON + timedelta(days=190)):
        assert remind_of_warnings() == 3  # and of the dog of the delivery, which is due as well
