"""A join from which every record was moved away: said plainly, and taken back all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnership import Partnership
from signing_in import sign_in
from triservice.access.errors import Refused
from triservice.kernel.access_words import Role
from triservice.subjects.actions.joins import confirm_same, propose_by_hand, unmerge
from triservice.subjects.actions.links import move_record
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import (
    AccessibleNeed,
    AgencyNumber,
    Link,
    Merge,
    Person,
    Relation,
    SourceRecord,
    WarningMarker,
)
from triservice.subjects.queries import people

Row = Callable[..., dict[str, Any]]
WHY = "The same custody photograph and handwriting"


@pytest.mark.django_db
def test_a_join_whose_records_were_moved_away_is_shown_and_taken_back(
    invented: Partnership, row: Row
) -> None:
    reader, owner = invented.reader("fire"), invented.reader("fire", Role.DATA_OWNER)
    rows = [row(number, given_name=f"Invented{number}") for number in "123"]
    receipt = receive_records(owner, invented.agencies["fire"], "system", rows)
    one, two, three = Person.objects.filter(pk__in=receipt.people).order_by("pk")
    for left, right in ((one, two), (two, three)):
        pair = propose_by_hand(reader, left, right, WHY)
        confirm_same(reader, pair.pk, WHY)
        confirm_same(owner, pair.pk, WHY)
    event = Merge.objects.get(left=one)
    assert not any(join.bare for join in people.joins_view(reader, one.key))
    for person in (one, two):
        move_record(reader, Link.objects.get(person=person, ended_at=None).record_id, three, WHY)
    shown = people.joins_view(reader, three.key)
    assert [join.pk for join in shown if join.bare] == [join.pk for join in shown]
    assert not any(join.evidence for join in shown)
    page = sign_in(Client(), invented.officer("fire")).get(f"/people/{three.key}/joins")
    assert "Nothing is left to take apart" in page.content.decode()
    with pytest.raises(Refused):
        unmerge(invented.reader("police"), event.pk, WHY)  # who sees nobody of the group
    unmerge(reader, event.pk, WHY)
    assert Person.objects.get(pk=one.pk).root is None
    assert Person.objects.get(pk=three.pk).root_id == two.pk


DOG = {"marker": "dangerous dog", "marker_source": "invented postman",
       "marker_review_on": "2027-01-01"}  # fmt: skip
SON = {"relation": "child", "relation_to": "P3"}
TELLS: tuple[dict[str, Any], ...] = (
    {"language": "Cornish", **DOG, **SON}, {"language": "Cornish"}, {"language": "Breton"},
)  # fmt: skip


def known_of(person: Person) -> tuple[set[str], set[str], set[int]]:
    """Return the needs, markers and relations that hold of a person, each told once."""
    found = []
    for model, name in ((AccessibleNeed, "need"), (WarningMarker, "kind"), (Relation, "other_id")):
        rows = list(model._default_manager.filter(person=person, ended_at=None))
        assert {row.subject_key for row in rows} <= {person.key}
        said = [getattr(row, name) for row in rows]
        assert len(said) == len(set(said)), "told twice"
        found.append(set(said))
    return found[0], found[1], found[2]


def told_of(person: Person, other: int) -> tuple[set[str], set[str], set[int]]:
    """Return what the records that are about a person tell of them."""
    about = Link.objects.filter(person=person, ended_at=None).values_list("record", flat=True)
    sent = [one.sent for one in SourceRecord.objects.filter(pk__in=about)]
    return (
        {one["language"] for one in sent if "language" in one},
        {one["marker"] for one in sent if "marker" in one},
        {other for one in sent if "relation_to" in one and person.pk != other},
    )


@pytest.mark.django_db
def test_markers_needs_and_relations_go_with_the_record_that_told_them(
    invented: Partnership, row: Row
) -> None:
    reader, owner = invented.reader("fire"), invented.reader("fire", Role.DATA_OWNER)
    rows = [row(str(number), **tells) for number, tells in enumerate(TELLS, 1)]
    receive_records(owner, invented.agencies["fire"], "system", rows)
    numbers = AgencyNumber.objects.filter(of="person").order_by("number")
    people = [one.person for one in numbers.select_related("person") if one.person]
    third = people[2].pk
    start = [known_of(person) for person in people]
    assert start == [told_of(person, third) for person in people]
    assert start[0] == ({"Cornish"}, {"dangerous dog"}, {third})
    records = [Link.objects.get(person=person, ended_at=None).record_id for person in people]

    def move(which: int, whom: int) -> None:
        about = Link.objects.get(record=records[which], person__isnull=False, ended_at=None)
        if about.person_id != people[whom].pk:
            move_record(reader, records[which], people[whom], WHY)

    @settings(
        max_examples=10, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=5))
    def moved_and_back(moves: list[tuple[int, int]]) -> None:
        for which, whom in moves:
            move(which, whom)
            assert [known_of(one) for one in people] == [told_of(one, third) for one in people]
        for which in range(3):
            move(which, which)
        assert [known_of(one) for one in people] == start

    moved_and_back()


@pytest.mark.django_db
def test_a_marker_that_an_officer_wrote_stays_where_it_was_put(
    invented: Partnership, row: Row
) -> None:
    reader, owner = invented.reader("fire"), invented.reader("fire", Role.DATA_OWNER)
    receive_records(owner, invented.agencies["fire"], "system", [row("1", **DOG)])
    WarningMarker.objects.update(made_by=invented.officer("fire"))
    person = Person.objects.get()
    move_record(reader, Link.objects.get(person=person, ended_at=None).record_id, None, WHY)
    assert known_of(person)[1] == {"dangerous dog"}
