"""A join from which every record was moved away: said plainly, and taken back all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from partnership import Partnership
from signing_in import sign_in
from triservice.access.errors import Refused
from triservice.kernel.access_words import Role
from triservice.subjects.actions.joins import confirm_same, propose_by_hand, unmerge
from triservice.subjects.actions.links import move_record
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Link, Merge, Person
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
