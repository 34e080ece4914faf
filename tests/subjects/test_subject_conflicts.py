"""What a conflict of interest closes, and what a pair may not tell of what is withheld."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import signing_in
from partnership import Partnership
from triservice.access.models import ConflictOfInterest
from triservice.access.record import Kind, Refused, recording
from triservice.kernel.access_words import DataClass, Role
from triservice.subjects.actions.joins import unmerge
from triservice.subjects.actions.linkage import link_exact
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Candidate, Household, Merge, Person, Premises
from triservice.subjects.queries import people, review
from triservice.subjects.queries.places import household_view, premises_view
from triservice.subjects.queries.search import search_people, suggest

pytestmark = pytest.mark.django_db
Row = Callable[..., dict[str, Any]]


def joined() -> tuple[Person, Person]:
    """Return the root of the two who are one in the invented town, and the other."""
    other = Person.objects.get(root__isnull=False)
    assert other.root is not None
    return other.root, other


@pytest.mark.parametrize("named", [0, 1], ids=["the root", "the other"])
def test_a_conflict_closes_all_who_are_one_on_every_page(town: Partnership, named: int) -> None:
    pair = joined()
    keys = {str(each.key) for each in pair}
    reader = town.reader("police")
    place = Premises.objects.get()
    home = Household.objects.filter(links__owner=town.agencies["fire"]).distinct().get()
    before = premises_view(reader, place.key)
    assert keys & {one.key for one in before.people}
    assert "Invented visit" in repr(before)
    ConflictOfInterest.objects.create(
        officer=town.officer("police"), subject_key=pair[named].key, why="An invented cousin"
    )
    there, at_home = premises_view(reader, place.key), household_view(reader, home.key)
    assert not keys & {one.key for one in (*there.people, *at_home.members)}
    for secret in ("Invented visit", "Invented burglary", "dangerous dog"):
        assert secret not in repr((there, at_home))
    assert not keys & {one.key for one in search_people(reader, "trevanion").people}
    assert len(suggest(reader, "Morwenna Trev")) <= 1  # the patient, who is not one with them
    with recording(reader, Kind.CONSULTATION, "test") as record:
        assert people.names_of(record, [each.pk for each in pair]) == {}
    candidate = Candidate.objects.filter(left__in=pair).first()
    assert candidate is not None
    with pytest.raises(Refused):
        review.pair_view(reader, candidate.pk)
    assert candidate.pk not in {row.pk for row in review.review_queue(reader)}


def test_a_conflict_ends_where_people_are_parted(town: Partnership) -> None:
    root, other = joined()
    ConflictOfInterest.objects.create(
        officer=town.officer("police"), subject_key=root.key, why="An invented cousin"
    )
    reader = town.reader("police")
    with pytest.raises(Refused):
        people.person_view(reader, other.key)
    unmerge(town.reader("fire", Role.DATA_OWNER), Merge.objects.get().pk, "Another birthday")
    assert people.person_view(reader, other.key).records
    with pytest.raises(Refused):
        people.person_view(reader, root.key)


def two_with_a_telephone(invented: Partnership, row: Row) -> Candidate:
    """Two agencies each know somebody of the same name, birthday and telephone."""
    invented.term("police", "fire", (DataClass.IDENTITY,))
    for kind in ("police", "fire"):
        reader = invented.reader(kind, Role.DATA_OWNER)
        sent = row("1", phone="01632 960001")
        receipt = receive_records(reader, invented.agencies[kind], "system", [sent])
        link_exact(reader, receipt.people)
    return Candidate.objects.get()


def test_that_a_withheld_telephone_agrees_is_not_told(invented: Partnership, row: Row) -> None:
    """Fire sees its own telephone; that it agrees would tell the one that the police withhold."""
    pair = two_with_a_telephone(invented, row)
    assert pair.evidence["phone"] == "agrees"
    leader = invented.reader("fire", Role.TEAM_LEADER)
    shown = review.pair_view(leader, pair.pk)
    assert {line.label: line.agreement for line in shown.lines}["Telephone"] == "not known"
    assert shown.thin
    (queued,) = review.review_queue(leader)
    assert "phone" not in queued.agrees
    assert "given name" in queued.agrees
    client = signing_in.sign_in(Client(), invented.officer("fire", Role.TEAM_LEADER))
    page = client.get(reverse("subjects:pairs")).content.decode()
    assert "Agree: given name" in page
    assert "phone" not in page


def test_a_join_does_not_tell_what_withheld_numbers_agreed(invented: Partnership, row: Row) -> None:
    pair = two_with_a_telephone(invented, row)
    Merge.objects.create(
        left=pair.left, right=pair.right, evidence=pair.evidence, made_at=pair.proposed_at
    )
    Person.objects.filter(pk=pair.right_id).update(root=pair.left)
    (join,) = people.joins_view(invented.reader("fire"), pair.left.key)
    assert ("given name", "agrees") in join.evidence
    assert "phone" not in dict(join.evidence)
    invented.term("police", "fire", (DataClass.CONTACT,))
    (join,) = people.joins_view(invented.reader("fire"), pair.left.key)
    assert ("phone", "agrees") in join.evidence
    shown = review.pair_view(invented.reader("fire", Role.TEAM_LEADER), pair.pk)
    assert {line.label: line.agreement for line in shown.lines}["Telephone"] == "agrees"
