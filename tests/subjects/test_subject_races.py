"""Two at the same time: one wins, the other is told, and nothing is half done. PostgreSQL only."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from partnership import Partnership
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.kernel.errors import InputError
from triservice.subjects.actions.joins import confirm_same, propose_by_hand, unmerge
from triservice.subjects.actions.markers import Warned, add_marker
from triservice.subjects.actions.needs import add_need
from triservice.subjects.actions.records import receive_records
from triservice.subjects.actions.relations import add_relation
from triservice.subjects.models import Merge, Person, SourceRecord
from triservice.subjects.words import Kin

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "The same invented tattoo and the same sister"
Row = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def real_database() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time (run: python tests/postgres.py pytest …)")


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """Do things in threads that start together; return each answer, or the InputError."""
    start = Barrier(len(doings))

    def do(doing: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return doing()
        except InputError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(do, doings))


def wrong(answers: list[Any]) -> int:
    return sum(isinstance(answer, InputError) for answer in answers)


def three(town: Partnership, row: Row) -> list[Person]:
    rows = [row(str(n), given_name=f"Name{n}", date_of_birth=f"19{n}0-01-01") for n in range(3)]
    reader = town.reader("fire", Role.DATA_OWNER)
    receive_records(reader, town.agencies["fire"], "race", rows)
    return list(Person.objects.order_by("-pk")[:3])


@pytest.mark.parametrize("go", range(5))
def test_two_confirm_one_pair(live_town: Partnership, row: Row, go: int) -> None:
    one, two, _ = three(live_town, row)
    roles = (Role.DATA_OWNER, Role.OFFICER, Role.TEAM_LEADER)
    first, *readers = (live_town.reader("fire", role) for role in roles)
    pair = propose_by_hand(first, one, two, WHY)
    confirm_same(first, pair.pk, WHY)
    before = Merge.objects.count()
    answers = at_once(*(lambda r=r: confirm_same(r, pair.pk, WHY) for r in readers))
    assert wrong(answers) == 1
    assert Merge.objects.count() == before + 1


@pytest.mark.parametrize("go", range(5))
def test_a_ring_of_three_is_closed_by_two(live_town: Partnership, row: Row, go: int) -> None:
    people = three(live_town, row)
    reader, other = live_town.reader("fire"), live_town.reader("fire", Role.TEAM_LEADER)
    pairs = [
        propose_by_hand(reader, people[a], people[b], WHY) for a, b in ((0, 1), (1, 2), (0, 2))
    ]
    for pair in pairs:
        confirm_same(reader, pair.pk, WHY)
    answers = at_once(*(lambda p=p: confirm_same(other, p.pk, WHY) for p in pairs))
    assert wrong(answers) == 1
    roots = {p.root_id or p.pk for p in Person.objects.filter(pk__in=[p.pk for p in people])}
    assert roots == {min(p.pk for p in people)}


def test_two_take_one_join_back(live_town: Partnership) -> None:
    event = Merge.objects.get()
    readers = [live_town.reader("fire", role) for role in (Role.OFFICER, Role.TEAM_LEADER)]
    assert wrong(at_once(*(lambda r=r: unmerge(r, event.pk, WHY) for r in readers))) == 1


@pytest.mark.parametrize("go", range(3))
def test_what_is_written_of_somebody_is_sent_twice(
    live_town: Partnership, row: Row, go: int
) -> None:
    one, two, _ = (person.key for person in three(live_town, row))
    reader, until = live_town.reader("fire"), (clock.now() + timedelta(days=90)).date()
    said = Warned("Weapons", "Anyone who visits", "My visit", until)
    for write in (
        lambda: add_marker(reader, said, person=one),
        lambda: add_relation(reader, one, two, Kin.FRIEND, WHY),
        lambda: add_need(reader, one, "language", "Cornish"),
    ):
        assert wrong(at_once(write, write, write)) == 2


def test_two_send_the_same_rows(live_town: Partnership, row: Row) -> None:
    rows = [row(f"same{n}") for n in range(50)]
    reader = live_town.reader("fire", Role.DATA_OWNER)
    sends = [lambda: receive_records(reader, live_town.agencies["fire"], "race", rows)] * 3
    answers = at_once(*sends)
    assert sum(answer.new for answer in answers) == 50
    assert SourceRecord.objects.filter(system="race").count() == 50
