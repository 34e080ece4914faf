"""Records on need-to-know lists and their markings: by whom, and what comes in later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from partnership import Partnership, make_list
from signing_in import sign_in
from triservice.access.errors import Refused
from triservice.access.models import Notice, RestrictionMember
from triservice.access.restrictions.actions import lift
from triservice.kernel.access_words import DataClass, Marking, Reader, Role
from triservice.kernel.errors import InputError
from triservice.subjects.actions.following import JOINED
from triservice.subjects.actions.joins import confirm_same, propose_by_hand, unmerge
from triservice.subjects.actions.linkage import link_exact
from triservice.subjects.actions.links import move_record
from triservice.subjects.actions.records import receive_records
from triservice.subjects.actions.restricting import mark_record, restrict_person, restrict_record
from triservice.subjects.models import (
    AccessibleNeed,
    Candidate,
    Link,
    Merge,
    Person,
    RecordPart,
    SearchKey,
)
from triservice.subjects.queries.people import person_view
from triservice.subjects.queries.search import search_people
from triservice.subjects.words import State

pytestmark = pytest.mark.django_db
Row = Callable[..., dict[str, Any]]
WHY = "She is a witness and her family must not find her"
PLAIN, SENSITIVE = Marking.OFFICIAL, Marking.OFFICIAL_SENSITIVE


@pytest.fixture
def shared(invented: Partnership, row: Row) -> Partnership:
    """Two records of the police about one person; who and what is open to the fire service."""
    invented.term("police", "fire", (DataClass.IDENTITY, DataClass.POLICE, DataClass.CONTACT))
    send(invented, row("1"), row("2", person_number="P1", language="Cornish"))
    return invented


def send(made: Partnership, *rows: dict[str, Any]) -> None:
    for each in rows:
        each.setdefault("police.summary", "Invented burglary")
    receive_records(owner(made), made.agencies["police"], "system", rows)


def owner(made: Partnership, agency: str = "police") -> Reader:
    return made.reader(agency, Role.DATA_OWNER)


def records_of(made: Partnership, agency: str = "fire") -> set[str]:
    """Return the keys (of the sender) of the records that an officer sees of the person."""
    try:
        seen = person_view(made.reader(agency), Person.objects.get().key)
    except Refused:
        return set()
    links = Link.objects.filter(record__in=[one.pk for one in seen.records])
    return set(links.values_list("record__source_key", flat=True))


def record_of(key: str) -> int:
    return Link.objects.get(record__source_key=key, record__current=True).record_id


def test_a_record_is_closed_with_what_finds_it_and_its_corrections(
    shared: Partnership, row: Row
) -> None:
    listed = make_list(shared.officer("police", Role.DATA_OWNER)).pk
    assert records_of(shared) == {"1", "2"}
    restrict_record(owner(shared), record_of("1"), listed)
    assert records_of(shared) == {"2"}
    assert records_of(shared, "police") == {"2"}
    for model in (RecordPart, Link):
        assert not model.objects.filter(record__source_key="1", restriction=None).exists()
    assert not SearchKey.objects.filter(part__record__source_key="1", restriction=None).exists()
    send(shared, row("1", given_name="Morwena"), row("3", person_number="P1"))
    assert records_of(shared) == {"2", "3"}
    found = search_people(shared.reader("fire"), "Morwena Trevanion").people
    assert {name for one in found for name in one.names} == {"Morwenna Trevanion"}
    RestrictionMember.objects.create(restriction_id=listed, officer=shared.officer("fire"))
    assert records_of(shared) == {"1", "2", "3"}
    shown = person_view(shared.reader("fire"), Person.objects.get().key).records
    assert {part.listed for one in shown for part in one.parts} == {True, False}


def test_a_person_is_closed_with_what_comes_later(shared: Partnership, row: Row) -> None:
    listed = make_list(shared.officer("police", Role.DATA_OWNER)).pk
    assert AccessibleNeed.objects.count() == 1
    restrict_person(owner(shared), Person.objects.get().key, listed)
    assert records_of(shared) == set()
    assert not AccessibleNeed.objects.filter(restriction=None).exists()
    send(shared, row("3", person_number="P1", hearing="Loop"))
    assert records_of(shared) == set()
    assert search_people(shared.reader("fire"), "Morwenna Trevanion").people == ()
    lift(owner(shared), listed, WHY)
    assert records_of(shared) == {"1", "2", "3"}
    send(shared, row("4", person_number="P1"))
    assert records_of(shared) == {"1", "2", "3", "4"}


def told_of(list_: int) -> list[str]:
    """Return what the keepers of a list are told and have not dealt with, each once."""
    open_ = Notice.objects.filter(key__startswith=f"list:{list_}:", dealt_at__isnull=True)
    return sorted(set(open_.values_list("text", flat=True)))


def test_a_record_that_is_moved_to_somebody_on_a_list_goes_on_it(
    shared: Partnership, row: Row
) -> None:
    listed = make_list(shared.officer("police", Role.DATA_OWNER)).pk
    person = Person.objects.get()
    restrict_person(owner(shared), person.key, listed)
    send(shared, row("3"))
    other = Person.objects.exclude(pk=person.pk).get()
    assert person_view(shared.reader("fire"), other.key).records
    move_record(owner(shared), record_of("3"), person, WHY)
    for of_it in (
        RecordPart.objects.filter(record__source_key="3"),
        Link.objects.filter(record__source_key="3"),
        SearchKey.objects.filter(part__record__source_key="3"),
    ):
        assert of_it.exists()
        assert not of_it.exclude(restriction=listed).exists()
    with pytest.raises(Refused):
        person_view(shared.reader("fire"), other.key)
    moved = Link.objects.get(record__source_key="3", ended_at__isnull=True)
    back = move_record(owner_on(shared, listed), moved.record_id, other, WHY)
    with pytest.raises(Refused):  # to move it away from them opens nothing
        person_view(shared.reader("fire"), back.key)


def owner_on(made: Partnership, listed: int) -> Reader:
    """Return the data owner, put on a list."""
    officer = made.officer("police", Role.DATA_OWNER)
    RestrictionMember.objects.create(restriction_id=listed, officer=officer)
    return owner(made)


def test_who_becomes_one_with_somebody_on_a_list_is_told_of_and_put_on_it(
    shared: Partnership, row: Row
) -> None:
    listed = make_list(shared.officer("police", Role.DATA_OWNER)).pk
    person = Person.objects.get()
    restrict_person(owner_on(shared, listed), person.key, listed)
    send(shared, row("3"))
    other = Person.objects.exclude(pk=person.pk).get()
    keeper = sign_in(Client(), shared.officer("police", Role.DATA_OWNER))
    page = f"/people/lists/{listed}/later"
    assert "Nothing of your agency" in keeper.get(page).content.decode()
    pair = propose_by_hand(owner(shared), person, other, WHY)
    confirm_same(owner(shared), pair.pk, WHY)
    lead = shared.officer("police", Role.TEAM_LEADER)
    RestrictionMember.objects.create(restriction_id=listed, officer=lead)
    if Candidate.objects.get(pk=pair.pk).state != State.LINKED:
        confirm_same(shared.reader("police", Role.TEAM_LEADER), pair.pk, WHY)
    assert told_of(listed) == [JOINED]
    assert person_view(shared.reader("fire"), other.key).records  # a join closes nothing by itself
    send(shared, row("4", person_number="P3"))  # what comes about either from now on is on it
    assert RecordPart.objects.filter(record__source_key="4", restriction=None).count() == 0
    assert "about those on this list is on no list" in keeper.get(page).content.decode()
    sent: Any = keeper.post(page)
    assert sent.headers["Location"] == f"/access/lists/{listed}"
    assert told_of(listed) == []
    with pytest.raises(Refused):
        person_view(shared.reader("fire"), other.key)
    unmerge(owner(shared), Merge.objects.get().pk, WHY)
    with pytest.raises(Refused):  # nor does taking the join back open anything
        person_view(shared.reader("fire"), other.key)


def test_a_join_in_bulk_tells_the_keepers_too(shared: Partnership, row: Row) -> None:
    listed = make_list(shared.officer("police", Role.DATA_OWNER)).pk
    restrict_person(owner(shared), Person.objects.get().key, listed)
    sure = {"nhs_number": "9434765919", "phone": "01632 960001"}
    send(shared, row("1", person_number="P1", **sure), row("5", **sure), row("6", **sure))
    new = Person.objects.exclude(key=Person.objects.earliest("pk").key)
    link_exact(owner(shared), list(new.values_list("pk", flat=True)))
    assert told_of(listed) == ([JOINED] if Merge.objects.exists() else [])
    assert Merge.objects.exists()


def test_only_the_agency_that_sent_it_closes_it(shared: Partnership) -> None:
    own = make_list(shared.officer("police", Role.DATA_OWNER)).pk
    others = make_list(shared.officer("fire", Role.DATA_OWNER)).pk
    person, record = Person.objects.get().key, record_of("1")
    for reader, listed in ((owner(shared, "fire"), others), (owner(shared), others),
                           (shared.reader("police"), own)):  # fmt: skip
        with pytest.raises(Refused):
            restrict_record(reader, record, listed)
        with pytest.raises(Refused):
            restrict_person(reader, person, listed)
    with pytest.raises(Refused):
        mark_record(owner(shared, "fire"), record, SENSITIVE, "")
    assert records_of(shared) == {"1", "2"}


def test_a_marking_goes_up_by_anyone_and_down_with_a_reason(shared: Partnership, row: Row) -> None:
    record = record_of("1")
    mark_record(shared.reader("police"), record, SENSITIVE, "")
    assert records_of(shared) == {"2"}
    send(shared, row("1", given_name="Morwena"))  # says nothing of a marking: it does not fall
    assert records_of(shared) == {"2"}
    record = record_of("1")
    with pytest.raises(InputError, match="marked OFFICIAL-SENSITIVE already"):
        mark_record(shared.reader("police"), record, SENSITIVE, "")
    with pytest.raises(Refused):
        mark_record(shared.reader("police"), record, PLAIN, WHY)
    with pytest.raises(InputError, match="Why is it lowered"):
        mark_record(owner(shared), record, PLAIN, "")
    mark_record(owner(shared), record, PLAIN, "It was marked by mistake, nothing in it is so")
    assert records_of(shared) == {"1", "2"}


def test_the_pages_offer_it_to_the_agency_that_sent_it(shared: Partnership) -> None:
    person, record = Person.objects.get().key, record_of("1")
    here, to_list = f"/people/{person}", f"/people/records/{record}/list"
    fire = sign_in(Client(), shared.officer("fire", Role.DATA_OWNER)).get(here).content.decode()
    assert "Declare a conflict of interest" in fire
    assert "need-to-know list" in fire  # of the person, where one's own agency holds something
    assert to_list not in fire
    officer = sign_in(Client(), shared.officer("police")).get(here).content.decode()
    assert "Change its marking" in officer
    assert "need-to-know list" not in officer
    keeper = sign_in(Client(), shared.officer("police", Role.DATA_OWNER))
    assert to_list in keeper.get(here).content.decode()
    none_yet: Any = keeper.get(to_list)
    assert none_yet.headers["Location"] == "/access/lists/"
    listed = make_list(shared.officer("police", Role.DATA_OWNER)).pk
    assert "nobody on it" in keeper.get(to_list).content.decode()
    sent: Any = keeper.post(to_list, {"listed": listed})
    assert sent.headers["Location"] == f"/access/lists/{listed}"
    assert records_of(shared) == {"2"}
    marking = f"/people/records/{record_of('2')}/marking?next={here}"
    done: Any = keeper.post(marking, {"marking": "OFFICIAL-SENSITIVE"})
    assert done.headers["Location"] == here
    low = keeper.post(marking, {"marking": "OFFICIAL"})
    assert "Why is it lowered?" in low.content.decode()
