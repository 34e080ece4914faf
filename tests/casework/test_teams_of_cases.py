"""The team of a case: given with its officer, shown to who leads it, told first, filtered by."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from invented_referrals import Send, referral

import signing_in
from partnership import NOON, Partnership
from triservice.access.models import Notice
from triservice.agencies.actions import add_area
from triservice.agencies.models import Holding, Post, Team
from triservice.casework.cases.actions import life
from triservice.casework.cases.queries.lists import MINE, Filter, case_list
from triservice.casework.models import Case, Referral, SavedFilter
from triservice.casework.triage import jobs
from triservice.casework.triage.actions import accept
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Role

pytestmark = pytest.mark.django_db
LATE = NOON + timedelta(days=60)


@pytest.fixture
def hayle(town: Partnership, officer: Reader) -> Team:
    """The team of the officer, whom a team leader outside it leads."""
    made = Team.objects.create(name="Hayle", agency=town.agencies["fire"])
    town.officer("fire", Role.TEAM_LEADER)
    lead = Post.objects.get(agency=town.agencies["fire"], role=Role.TEAM_LEADER)
    posts = Post.objects.filter(agency=town.agencies["fire"], role=Role.OFFICER)
    posts.update(team=made, team_leader=lead)
    return made


@pytest.fixture
def truro(town: Partnership, hayle: Team) -> Team:
    """Another team, of the tasking lead."""
    made = Team.objects.create(name="Truro", agency=town.agencies["fire"])
    town.officer("fire", Role.TASKING_LEAD)
    posts = Post.objects.filter(agency=town.agencies["fire"], role=Role.TASKING_LEAD)
    posts.update(team=made)
    return made


@pytest.fixture
def cases(send: Send, officer: Reader, town: Partnership, truro: Team) -> tuple[int, int]:
    """A case of each team: of the officer's, and of the tasking lead's."""
    mine = accept(officer, send().referral, officer=officer.officer)
    theirs = accept(officer, send().referral)
    life.allocate(officer, theirs, town.officer("fire", Role.TASKING_LEAD).pk)
    return mine, theirs


def home(town: Partnership, role: Role) -> str:
    client = signing_in.sign_in(Client(), town.officer("fire", role))
    shown = re.sub(r"\s+", " ", client.get("/").content.decode())
    return shown[shown.index("My team") :]


def test_a_case_has_the_team_of_the_post_of_its_officer(
    cases: tuple[int, int], officer: Reader, hayle: Team, truro: Team
) -> None:
    mine, theirs = (Case.objects.get(pk=pk) for pk in cases)
    assert (mine.team, theirs.team) == (hayle, truro)
    Post.objects.filter(team=hayle).update(team=None)
    life.allocate(officer, theirs.pk, officer.officer)
    assert Case.objects.get(pk=theirs.pk).team is None


def test_my_team_is_who_answers_to_me_and_else_the_agency(
    cases: tuple[int, int], town: Partnership
) -> None:
    mine, theirs = (Case.objects.get(pk=pk).reference for pk in cases)
    with clock.frozen(LATE):
        leader = home(town, Role.TEAM_LEADER)
        assert "All cases of Hayle" in leader
        assert '/casework/cases?team=mine"' in leader
        assert (mine in leader, theirs in leader) == (True, False)
        lead = home(town, Role.TASKING_LEAD)
        assert "All cases of Truro" in lead
        assert (mine in lead, theirs in lead) == (False, True)
        Post.objects.update(team=None)
        agency = home(town, Role.TEAM_LEADER)
        assert "All cases of your agency" in agency
        assert (mine in agency, theirs in agency) == (True, True)


def test_a_list_is_of_one_team_or_of_mine(
    cases: tuple[int, int], officer: Reader, town: Partnership, truro: Team
) -> None:
    mine, theirs = cases
    assert [row.pk for row in case_list(officer, Filter(team=MINE)).rows] == [mine]
    assert [row.pk for row in case_list(officer, Filter(team=str(truro.pk))).rows] == [theirs]
    both = case_list(town.reader("fire", Role.TEAM_LEADER), Filter()).rows
    assert {row.pk for row in both} == {mine, theirs}


def test_a_late_case_is_told_to_who_leads_its_team(
    cases: tuple[int, int], town: Partnership
) -> None:
    mine, theirs = cases
    Notice.objects.all().delete()
    with clock.frozen(LATE):
        jobs.escalate_cases()
        assert jobs.escalate_cases() == 0
    late = Notice.objects.filter(text__contains="is late")
    leader = town.officer("fire", Role.TEAM_LEADER)
    assert [row.officer for row in late.filter(path__endswith=f"/{mine}")] == [leader]
    (other,) = late.filter(path__endswith=f"/{theirs}")  # nobody leads Truro: all leaders hear
    assert (other.officer, other.role) == (None, "team leader")


def test_who_leads_a_team_and_is_late_is_told_of_to_the_others(
    cases: tuple[int, int], officer: Reader, town: Partnership
) -> None:
    leader = town.officer("fire", Role.TEAM_LEADER)
    Post.objects.filter(role=Role.TEAM_LEADER).update(team=Team.objects.get(name="Hayle"))
    life.allocate(officer, cases[0], leader.pk)
    Notice.objects.all().delete()
    with clock.frozen(LATE):
        jobs.escalate_cases()
    late = Notice.objects.filter(text__contains="is late", path__endswith=f"/{cases[0]}")
    assert [(row.officer, row.role) for row in late] == [(None, "team leader")]


def test_cases_that_were_allocated_before_get_their_team(
    cases: tuple[int, int], hayle: Team, truro: Team
) -> None:
    name = "triservice.casework.migrations.0009_cases_have_the_team_of_their_officer"
    Case.objects.update(team=None)
    import_module(name).give_teams(apps, None)
    assert {row.pk: row.team for row in Case.objects.all()} == dict(
        zip(cases, (hayle, truro), strict=True)
    )


def listed(town: Partnership, address: str) -> set[str]:
    """Return the references on a page or in a file, as a team leader gets it."""
    client = signing_in.sign_in(Client(), town.officer("fire", Role.TEAM_LEADER))
    answer = client.get(address)
    assert answer.status_code == 200, address
    return set(re.findall(r"[CR]-\w{4}-\w{4}", answer.content.decode()))


def test_lists_and_their_files_are_narrowed_by_officer_team_and_area(
    cases: tuple[int, int], send: Send, town: Partnership, truro: Team
) -> None:
    around = add_area(None, kind="district", code="D1", name="Invented district")
    add_area(None, kind="ward", code="E1", name="Invented ward", parent=around)
    mine, theirs = (Case.objects.get(pk=pk) for pk in cases)
    Case.objects.filter(pk=theirs.pk).update(area="E1")
    waits, here = referral(send()), referral(send())
    Referral.objects.filter(pk=here.pk).update(area="E1")
    lead = town.officer("fire", Role.TASKING_LEAD)
    for said in (f"officer={lead.pk}", f"team={truro.pk}", "area=E1", "area=D1"):
        assert listed(town, f"/casework/cases?{said}") == {theirs.reference}, said
        assert listed(town, f"/casework/export/cases.csv?{said}") == {theirs.reference}, said
    assert listed(town, "/casework/cases?team=mine") == {mine.reference}  # whom they lead
    for said, found in (("", {waits, here}), ("area=D1", {here})):
        references = {row.reference for row in found}
        assert listed(town, f"/casework/triage?{said}") == references
        assert listed(town, f"/casework/export/queue.csv?{said}") == references


def test_an_officer_who_left_can_be_filtered_by_and_nonsense_is_said(
    cases: tuple[int, int], town: Partnership
) -> None:
    mine, _ = (Case.objects.get(pk=pk) for pk in cases)
    Holding.objects.filter(officer=mine.officer).update(until=NOON.date())
    assert listed(town, f"/casework/cases?officer={mine.officer_id}") == {mine.reference}
    client = signing_in.sign_in(Client(), town.officer("fire", Role.TEAM_LEADER))
    elsewhere = town.officer("police").pk
    for wrong in (f"officer={elsewhere}", "officer=x", f"officer={'9' * 40}", "team=x", "area=x"):
        shown = client.get(f"/casework/cases?{wrong}").content.decode()
        assert "is not one of the available choices" in shown, wrong
        assert client.get(f"/casework/export/cases.csv?{wrong}").status_code == 404, wrong


def test_a_filter_by_team_is_saved(cases: tuple[int, int], town: Partnership) -> None:
    client = signing_in.sign_in(Client(), town.officer("fire", Role.TEAM_LEADER))
    lead = town.officer("fire", Role.TASKING_LEAD).pk
    to = f"/casework/filters/cases/save?team=mine&officer={lead}"
    client.post(to, {"name": "Mine"})
    assert SavedFilter.objects.get().said == {"officer": lead, "team": "mine"}
    shown = client.get("/casework/cases").content.decode()
    assert f'href="/casework/cases?officer={lead}&amp;team=mine">Mine' in shown
