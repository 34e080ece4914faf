"""Changes of the workforce: what they do, what they refuse, and the history they write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from invented_workforce import NOW, TODAY

from triservice.agencies import actions
from triservice.agencies.models import (
    Agency,
    Area,
    Duty,
    Holding,
    Officer,
    Post,
    PowerGrant,
    WorkforceChange,
)
from triservice.kernel.access_words import Role, Vetting
from triservice.kernel.clock import frozen
from triservice.kernel.errors import InputError

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def last_change() -> WorkforceChange:
    return WorkforceChange.objects.order_by("id").last()  # type: ignore[return-value]


def test_engaging_makes_an_officer_who_cannot_sign_in_by_password_yet(
    people: SimpleNamespace,
) -> None:
    made = actions.engage(
        people.admin, email=" New@Fire.Example ", name=" New  Person ", employer=people.fire
    )
    assert (made.email, made.name) == ("new@fire.example", "New Person")
    assert not made.has_usable_password()
    change = last_change()
    assert (change.verb, change.by, change.about, change.at) == ("engage", people.admin, made, NOW)
    assert change.after["email"] == "new@fire.example"


@pytest.mark.parametrize(
    ("email", "name", "said"),
    [
        ("not an address", "A", "is not an e-mail address"),
        ("a@fire.example", "  ", "is empty"),
        ("OZ@fire.example", "A", "belongs to an officer already"),
    ],
)
def test_engaging_refuses(people: SimpleNamespace, email: str, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        actions.engage(people.admin, email=email, name=name, employer=people.fire)


def test_appointing_and_ending_are_dated_and_written(people: SimpleNamespace) -> None:
    holding = actions.appoint(people.admin, people.officer, people.post, why="Started today")
    assert (holding.since, holding.until) == (TODAY, None)
    assert last_change().after["title"] == "Tri-service officer"
    ended = actions.end_holding(people.admin, holding, until=TODAY + WEEK)
    assert ended.until == TODAY + WEEK
    change = last_change()
    assert (change.before, change.after) == ({"until": None}, {"until": "2026-04-03"})
    longer = actions.end_holding(people.admin, ended, until=TODAY + WEEK * 2)
    assert longer.until == TODAY + WEEK  # never lengthens


def test_a_full_post_refuses_and_says_from_when(people: SimpleNamespace) -> None:
    actions.appoint(people.admin, people.officer, people.post, since=TODAY + WEEK)
    with pytest.raises(InputError, match="full on 03 April 2026"):
        actions.appoint(people.admin, people.other, people.post)
    until = TODAY + WEEK
    assert actions.appoint(people.admin, people.other, people.post, until=until).until == until


def test_the_same_post_is_not_held_twice_at_once(people: SimpleNamespace) -> None:
    people.post.places = 5
    people.post.save()
    actions.appoint(people.admin, people.officer, people.post)
    with pytest.raises(InputError, match="holds this post in that time already"):
        actions.appoint(people.admin, people.officer, people.post, since=TODAY + WEEK)


def test_an_appointment_that_ends_before_it_begins_is_refused(people: SimpleNamespace) -> None:
    with pytest.raises(InputError, match="field until"):
        actions.appoint(people.admin, people.officer, people.post, since=TODAY, until=TODAY)


Act = Callable[[SimpleNamespace, Officer | None, Officer], Any]
ACTS: dict[str, Act] = {
    "appoint": lambda p, by, whom: actions.appoint(by, whom, p.post),
    "leave": lambda p, by, whom: actions.leave(by, whom),
    "vetting": lambda p, by, whom: actions.record_vetting(
        by, whom, Vetting.NPPV3, until=TODAY + WEEK
    ),
    "training": lambda p, by, whom: actions.record_training(by, whom, until=TODAY + WEEK),
    "power": lambda p, by, whom: actions.grant_power(
        by, whom, "csas.alcohol-young", agency=p.police, until=TODAY + WEEK
    ),
    "factor": lambda p, by, whom: actions.withdraw_second_factor(by, whom, why="Rang and asked"),
}


@pytest.mark.parametrize("name", ACTS)
def test_nobody_changes_themselves(people: SimpleNamespace, name: str) -> None:
    before = WorkforceChange.objects.count()
    with pytest.raises(InputError, match="about themselves"):
        ACTS[name](people, people.admin, people.admin)
    assert WorkforceChange.objects.count() == before


@pytest.mark.parametrize("name", ACTS)
def test_officers_without_the_role_change_nothing(people: SimpleNamespace, name: str) -> None:
    before = Holding.objects.count(), PowerGrant.objects.count(), WorkforceChange.objects.count()
    with pytest.raises(InputError, match="does not make this change"):
        ACTS[name](people, people.other, people.officer)
    after = Holding.objects.count(), PowerGrant.objects.count(), WorkforceChange.objects.count()
    assert after == before


@pytest.mark.parametrize("name", ACTS)
def test_a_role_ends_with_the_post_that_gave_it(people: SimpleNamespace, name: str) -> None:
    Holding.objects.filter(officer=people.admin).update(until=TODAY + DAY)
    with frozen(NOW + DAY), pytest.raises(InputError, match="does not make this change"):
        ACTS[name](people, people.admin, people.officer)


@pytest.mark.parametrize("name", ACTS)
def test_every_change_is_undone_when_its_history_cannot_be_written(
    people: SimpleNamespace, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(WorkforceChange.objects, "create", broken)
    before = state(people.officer)
    with pytest.raises(OSError, match="no space"):
        ACTS[name](people, people.admin, people.officer)
    assert state(people.officer) == before


def state(officer: Officer) -> tuple[Any, ...]:
    row = Officer.objects.filter(pk=officer.pk).values().get()
    held = list(Holding.objects.filter(officer=officer).values())
    return row, held, list(PowerGrant.objects.filter(officer=officer).values())


def test_history_is_never_altered(people: SimpleNamespace) -> None:
    actions.record_training(people.admin, people.officer, until=TODAY + WEEK)
    change = last_change()
    change.why = "another reason"
    with pytest.raises(TypeError, match="never altered"):
        change.save()
    with pytest.raises(TypeError, match="never deleted"):
        change.delete()


def test_vetting_needs_an_end(people: SimpleNamespace) -> None:
    with pytest.raises(InputError, match="without an end"):
        actions.record_vetting(people.admin, people.officer, Vetting.NPPV2, until=None)
    actions.record_vetting(people.admin, people.officer, Vetting.NPPV2, until=TODAY + WEEK)
    actions.record_vetting(people.admin, people.officer, Vetting.NONE, until=TODAY + WEEK)
    officer = Officer.objects.get(pk=people.officer.pk)
    assert (officer.vetting, officer.vetting_until) == (0, None)
    assert last_change().before == {"vetting": 2, "vetting_until": "2026-04-03"}


def test_a_team_leader_sees_to_leavers_and_training_of_their_own_agency_only(
    people: SimpleNamespace,
) -> None:
    actions.record_training(people.leader, people.officer, until=TODAY + WEEK)
    with pytest.raises(InputError, match="own agency only"):
        actions.record_training(people.leader, people.other, until=TODAY + WEEK)
    with pytest.raises(InputError, match="own agency only"):
        actions.leave(people.leader, people.other)
    assert not actions.leave(people.leader, people.officer).is_active


def test_duty_is_booked_by_oneself_and_once(people: SimpleNamespace) -> None:
    spell = actions.start_duty(people.officer, people.officer)
    assert actions.start_duty(people.officer, people.officer) == spell
    with frozen(NOW + timedelta(hours=8)):
        ended = actions.end_duty(people.officer, people.officer)
        assert ended is not None
        assert ended.ends == NOW + timedelta(hours=8)
        assert actions.end_duty(people.officer, people.officer) is None
    Duty.objects.create(officer=people.officer, starts=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(officer=people.officer, starts=NOW)


@pytest.mark.parametrize(
    ("power", "giver", "until", "said"),
    [
        ("csas.alcohol-young", "fire", TODAY + WEEK, "a police agency gives it"),
        ("fire.emergency-entry", "police", TODAY + WEEK, "a fire agency gives it"),
        ("csas.arrest", "police", TODAY + WEEK, "not in the table of powers"),
        ("csas.penalty-dog-fouling", "police", TODAY + WEEK, "law does not give"),
        ("csas.alcohol-young", "police", TODAY, "field until"),
    ],
)
def test_powers_refused(
    people: SimpleNamespace, power: str, giver: str, until: Any, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        actions.grant_power(
            people.admin, people.officer, power, agency=getattr(people, giver), until=until
        )


def test_a_power_is_given_per_force(people: SimpleNamespace) -> None:
    second = Agency.objects.create(name="Tamar Police", short_name="Tamar", kind="police")
    give = {"power": "csas.alcohol-young", "until": TODAY + WEEK}
    first = actions.grant_power(people.admin, people.officer, agency=people.police, **give)
    with pytest.raises(InputError, match="has this power from Penrose Police"):
        actions.grant_power(people.admin, people.officer, agency=people.police, **give)
    actions.grant_power(people.admin, people.officer, agency=second, **give)
    actions.end_power(people.admin, first)
    first.refresh_from_db()
    assert first.until == TODAY
    actions.grant_power(people.admin, people.officer, agency=people.police, **give)


def test_line_management_has_two_leads_and_no_loop(people: SimpleNamespace) -> None:
    make = {"agency": people.fire, "team_leader": None, "tasking_lead": None}
    lead = actions.create_post(people.admin, title="L", role=Role.TEAM_LEADER, **make)
    tasks = actions.create_post(people.admin, title="T", role=Role.TASKING_LEAD, **make)
    actions.set_line_management(people.admin, people.post, team_leader=lead, tasking_lead=tasks)
    people.post.refresh_from_db()
    assert (people.post.team_leader, people.post.tasking_lead) == (lead, tasks)
    actions.set_line_management(people.admin, lead, team_leader=None, tasking_lead=tasks)
    with pytest.raises(InputError, match="would answer to itself"):
        actions.set_line_management(people.admin, tasks, team_leader=lead, tasking_lead=None)
    with pytest.raises(InputError, match="is not a tasking lead"):
        actions.set_line_management(people.admin, people.post, team_leader=None, tasking_lead=lead)
    assert Post.objects.get(pk=tasks.pk).team_leader is None


def test_agencies_cover_areas_many_to_many_and_dated(people: SimpleNamespace) -> None:
    county = actions.add_area(None, kind="county", code="E1", name="Penroseshire")
    west = actions.add_area(None, kind="district", code="E2", name="West", parent=county)
    actions.cover_area(people.admin, people.fire, county)
    cover = actions.cover_area(people.admin, people.police, county)
    actions.cover_area(people.admin, people.police, west)
    assert set(county.agencies.all()) == {people.fire, people.police}
    with pytest.raises(InputError, match="in that time already"):
        actions.cover_area(people.admin, people.police, county, since=TODAY + WEEK)
    actions.uncover_area(people.admin, cover, until=TODAY + DAY)
    actions.cover_area(people.admin, people.police, county, since=TODAY + DAY)
    with pytest.raises(InputError, match="another area"):
        actions.add_area(None, kind="ward", code="E1", name="Again")
    assert Area.objects.count() == 2


def test_a_contact_can_be_reached_and_is_replaced(people: SimpleNamespace) -> None:
    with pytest.raises(InputError, match="needs an e-mail address or a telephone"):
        actions.set_contact(people.admin, people.fire, "data protection lead", name="Dee")
    for name in ("Dee", "Dot"):
        actions.set_contact(
            people.admin, people.fire, "data protection lead", name=name, phone="01632 960001"
        )
    assert [contact.name for contact in people.fire.contacts.all()] == ["Dot"]
    assert last_change().before["name"] == "Dee"


def test_reinstating_gives_back_the_account_and_nothing_else(people: SimpleNamespace) -> None:
    actions.record_vetting(people.admin, people.officer, Vetting.NPPV2, until=TODAY + WEEK)
    actions.leave(people.admin, people.officer)
    with pytest.raises(InputError, match="field why"):
        actions.reinstate(people.admin, people.officer, why=" ")
    back = actions.reinstate(people.admin, people.officer, why="Came back from secondment")
    assert (back.is_active, back.left_on) == (True, None)
    assert not back.has_usable_password()
    assert not [h for h in back.holdings.all() if h.until is None or h.until > TODAY]


@pytest.mark.parametrize("places", [0, -1, 10**30])
def test_a_post_has_as_many_places_as_people_can_be_counted(
    people: SimpleNamespace, places: int
) -> None:
    with pytest.raises(InputError, match="is not between 1 and"):
        actions.create_post(
            people.admin, title="X", agency=people.fire, role=Role.OFFICER, places=places
        )
