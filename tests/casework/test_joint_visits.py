"""Joint visits: who comes along, for which agency, what they see of it, and who is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from icalendar import Calendar
from invented_referrals import RISK

import signing_in
from partnership import NOON, Partnership, make_officer
from query_plans import plans_of
from triservice.access.models import Notice
from triservice.agencies.models import Officer
from triservice.casework.calendar.actions import make
from triservice.casework.calendar.queries import feed
from triservice.casework.cases.actions import joining, sharing
from triservice.casework.cases.queries.lists import my_day
from triservice.casework.cases.queries.view import case_view
from triservice.casework.models import Case, Entry, Visit, VisitOfficer
from triservice.casework.triage import jobs
from triservice.casework.triage.actions import accept
from triservice.casework.visits import actions as visits
from triservice.casework.visits.queries import could_come, inside_now, my_visits
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.offline.actions.phones import set_up, take_along
from triservice.offline.actions.syncing import Outcome, take
from triservice.offline.rules import State

pytestmark = pytest.mark.django_db
AT = NOON + timedelta(hours=1)
WHY = "They know the house"


@pytest.fixture
def colleague(town: Partnership) -> Officer:
    return make_officer(town.agencies["fire"], Role.OFFICER, "Crew member")


@pytest.fixture
def constable(town: Partnership, officer: Reader, case: int) -> Reader:
    """An officer of the police, which works on the case jointly."""
    sharing.add_agency(officer, case, town.agencies["police"].pk, None, WHY)
    return town.reader("police")


@pytest.fixture
def joint(officer: Reader, case: int, constable: Reader, colleague: Officer) -> int:
    """A visit of the officer, with a colleague and with an officer of the police."""
    return visits.plan(
        officer, case, AT, key=new_key(), joint=[constable.officer, colleague.pk, officer.officer]
    )


def page(town: Partnership, address: str, agency: str = "fire", **said: Any) -> str:
    client = signing_in.sign_in(Client(), town.officer(agency))
    answer = client.post(address, said) if said else client.get(address)
    return re.sub(r"\s+", " ", answer.content.decode())


def told(officer: int) -> list[str]:
    rows = Notice.objects.filter(officer=officer).order_by("pk")
    return [re.sub(r" C-\S+", "", row.text) for row in rows]


def days(reader: Reader) -> list[int]:
    """Return the visits that stand on an officer's day, in the order, the calendar and the pack."""
    on_my_day = [one.pk for one in my_day(reader).visits]
    assert [one.seen.pk for one in my_visits(reader, AT.date()).given] == on_my_day
    phone = set_up(reader, "Phone")[0]
    (part,) = (p for p in take_along(reader, phone.key)["parts"] if p["name"] == "visits")
    assert [item["about"] for item in part["items"]] == [
        f"visit {Visit.objects.get(pk=pk).key}" for pk in on_my_day
    ]
    return on_my_day


def test_each_has_the_visit_on_their_day_by_their_own_terms(
    town: Partnership, joint: int, officer: Reader, constable: Reader
) -> None:
    town.term("fire", "police", RISK, offline=True)
    before = visits.plan(officer, Visit.objects.get(pk=joint).case_id, NOON, key=new_key())
    assert days(officer) == [before, joint]
    assert days(constable) == [joint]
    (one,) = my_day(constable).visits
    assert one.who == "officer of fire with officer of police (police) and Crew member (fire)"
    for where in ("/casework/", "/casework/pack", f"/casework/cases/{one.case}/visits/{joint}"):
        assert "Crew member (fire)" in page(town, where, "police"), where
    for where in ("/casework/", "/casework/order", "/casework/pack"):
        assert "joint visit" in page(town, where).lower(), where
    assert "Comes along" not in page(town, f"/casework/cases/{one.case}/visits/{before}")
    for reader in (officer, constable):
        made = feed(make(reader))
        assert made is not None
        uids = [str(event["uid"]) for event in Calendar.from_ical(made).walk("vevent")]
        assert f"{Visit.objects.get(pk=joint).key}@triservice" in uids
    town.version.terms.all().delete()  # type: ignore[union-attr]
    assert my_day(constable).visits == ()
    assert take_along(constable, set_up(constable, "Other")[0].key)["parts"][1]["items"] == []


def test_what_terms_do_not_let_go_along_stays_here(
    town: Partnership, joint: int, constable: Reader
) -> None:
    assert [one.pk for one in my_day(constable).visits] == [joint]
    taken = take_along(constable, set_up(constable, "Phone")[0].key)
    assert [part["items"] for part in taken["parts"] if part["name"] == "visits"] == [[]]


def test_who_may_not_see_the_case_is_said_before_it_is_planned(
    town: Partnership, officer: Reader, case: int, constable: Reader
) -> None:
    council = town.reader("council")
    with pytest.raises(InputError, match="Penmarric Council, which does not work on this case"):
        visits.plan(officer, case, AT, key=new_key(), joint=[council.officer])
    sharing.add_agency(officer, case, council.agency, None, WHY)
    assert council.officer in [one.officer for one in could_come(officer, case)]
    shown = page(
        town, f"/casework/cases/{case}/plan-visit", at="2026-06-01T14:00", joint=council.officer
    )
    assert "The agreements do not let officer of council see this case" in shown
    nobody = town.officer("police", Role.DATA_OWNER)
    with pytest.raises(InputError, match="holds no post for casework"):
        visits.plan(officer, case, AT, key=new_key(), joint=[nobody.pk])
    with pytest.raises(InputError, match="from the list"):
        visits.plan(officer, case, AT, key=new_key(), joint=[10**9])
    assert not Visit.objects.exists()
    assert not Notice.objects.filter(officer=council.officer).exists()


def test_a_term_on_a_case_opens_to_who_comes_along_until_the_visit_is_over(
    town: Partnership, officer: Reader, case: int, constable: Reader
) -> None:
    town.version.terms.all().delete()  # type: ignore[union-attr]
    town.term("fire", "police", RISK, needs_case=True)
    key = str(Case.objects.get(pk=case).subject_key)
    assert key not in town.reader("police").cases
    made = visits.plan(officer, case, AT, key=new_key(), joint=[constable.officer])
    assert key in town.reader("police").cases
    assert [one.pk for one in my_day(town.reader("police")).visits] == [made]
    late = town.reader("police", at=AT + timedelta(days=3))
    assert key not in late.cases  # nobody recorded what became of it
    visits.no_access(officer, case, made, NOON, card_left=True)
    assert key not in town.reader("police").cases


def test_who_comes_along_is_chosen_by_the_agency_whose_case_it_is(
    town: Partnership, officer: Reader, case: int, constable: Reader
) -> None:
    made = visits.plan(officer, case, AT, key=new_key())
    for chosen in (constable.officer, make_officer(town.agencies["police"], Role.OFFICER, "X").pk):
        with pytest.raises(InputError, match="chosen by Penmarric Fire"):
            visits.choose_joint(constable, case, made, [chosen])
    assert not VisitOfficer.objects.exists()
    visits.choose_joint(officer, case, made, [constable.officer])
    visits.choose_joint(constable, case, made, [])  # whoever cannot come may say so
    assert not VisitOfficer.objects.filter(coming=True).exists()


def test_who_comes_is_changed_and_whoever_it_concerns_is_told(
    town: Partnership, joint: int, officer: Reader, constable: Reader, colleague: Officer
) -> None:
    case = Visit.objects.get(pk=joint).case_id
    form = page(town, f"/casework/cases/{case}/joint/{joint}")
    offered = re.findall(r'value="(\d+)"[^>]*( checked)?[^>]*> *<label[^>]*> *([^<]+?) *<', form)
    assert (str(colleague.pk), "Crew member (fire)") in [(pk, name) for pk, _, name in offered]
    assert str(officer.officer) not in [pk for pk, _, _ in offered]  # whose visit it is
    assert len(re.findall(r"<input[^>]*name=\"joint\"[^>]*checked", form)) == 2
    page(town, f"/casework/cases/{case}/joint/{joint}", joint=colleague.pk)
    assert told(constable.officer) == [
        "You come along to a visit of case", "You no longer come along to a visit of case"
    ]  # fmt: skip
    assert told(colleague.pk) == ["You come along to a visit of case"]
    assert my_day(constable).visits == ()
    changed = Entry.objects.filter(verb="choose who comes along").latest("pk")
    assert changed.before == {"comes along": "Crew member and officer of police"}
    assert changed.after == {"comes along": "Crew member"}
    assert VisitOfficer.objects.filter(until__isnull=False).count() == 1
    visits.choose_joint(officer, case, joint, [colleague.pk])  # as it is: nothing happens
    assert Entry.objects.filter(verb="choose who comes along").count() == 2
    visits.choose_joint(officer, case, joint, [colleague.pk, constable.officer])  # and again
    assert [one.pk for one in my_day(constable).visits] == [joint]


def test_they_are_told_of_a_new_time_and_that_there_is_no_visit(
    joint: int, officer: Reader, constable: Reader, colleague: Officer
) -> None:
    case = Visit.objects.get(pk=joint).case_id
    visits.move(constable, case, joint, AT + timedelta(days=1))
    assert told(officer.officer)[-1] == "There is a new time for a joint visit of case"
    assert told(colleague.pk)[-1] == "There is a new time for a joint visit of case"
    assert len(told(constable.officer)) == 1  # who moved it knows
    assert my_day(constable).visits == ()
    with clock.frozen(AT + timedelta(days=1)):
        later = replace(constable, at=AT + timedelta(days=1))
        assert [one.pk for one in my_day(later).visits] == [joint]
    visits.cancel(officer, case, joint, "She is away")
    assert told(constable.officer)[-1] == "There will be no joint visit of case"
    assert not VisitOfficer.objects.filter(coming=True).exists()


def test_an_agency_that_leaves_a_case_takes_its_officers_off(
    town: Partnership, joint: int, officer: Reader, constable: Reader, colleague: Officer
) -> None:
    case = Visit.objects.get(pk=joint).case_id
    leader = town.reader("fire", Role.TEAM_LEADER)
    sharing.remove_agency(officer, case, constable.agency, "Not needed any more")
    assert told(constable.officer)[-1] == "You no longer come along to a visit of case"
    sharing.add_agency(officer, case, constable.agency, None, WHY)
    visits.choose_joint(officer, case, joint, [colleague.pk, constable.officer])
    sharing.offer(leader, case, constable.agency, "They know her well")
    sharing.answer_offer(town.reader("police", Role.TEAM_LEADER), case, take=True)
    coming = VisitOfficer.objects.filter(coming=True)
    assert [one.officer_id for one in coming] == [constable.officer]


def test_one_time_holds_for_all_who_went_in_and_the_leaders_of_each_are_told(
    town: Partnership, joint: int, officer: Reader, constable: Reader
) -> None:
    case, until = Visit.objects.get(pk=joint).case_id, NOON + timedelta(minutes=30)
    assert "Go in together" in page(town, f"/casework/cases/{case}/visits/{joint}")
    visits.go_in(officer, case, joint, until)
    assert Entry.objects.filter(text="Went in together").exists()
    assert [one.pk for one in inside_now(constable)] == [joint]
    assert inside_now(town.reader("council")) == ()
    for leaves in (
        lambda: visits.choose_joint(officer, case, joint, []),
        lambda: sharing.remove_agency(officer, case, constable.agency, "Not needed any more"),
    ):
        with pytest.raises(InputError, match="not said that they are safe"):
            leaves()
    with clock.frozen(until):
        assert jobs.look_for_officers() == 2
        assert jobs.look_for_officers() == 0
        alarms = Notice.objects.filter(kind=Notice.Kind.SAFETY, dealt_at=None)
        assert {row.agency.short_name for row in alarms} == {"fire", "police"}
        assert {row.text for row in alarms} == {
            "officer of fire, officer of police and Crew member have not said that they are safe"
            " after a visit: call them now"
        }
        visits.safe(constable, case, joint)  # who came along may say so for all
        assert not alarms.all().exists()


Sends = Callable[[Reader, dict[str, Any]], Outcome]


@pytest.fixture
def sends(town: Partnership, joint: int) -> Sends:
    """Return a function that records the visit on an officer's phone."""
    town.term("fire", "police", RISK, offline=True)
    count = iter(range(1, 9))

    def sent(by: Reader, answers: dict[str, Any]) -> Outcome:
        number = UUID(int=(int(NOON.timestamp() * 1000) + next(count)) << 80 | 7 << 76 | 2 << 62)
        at = {"form opened": NOON.isoformat(), "form saved": NOON.isoformat()}
        said = {
            "number": str(number), "kind": "visit.recorded", "payload": answers | at,
            "about": f"visit {Visit.objects.get(pk=joint).key}", "made_at": NOON.isoformat(),
            "base": {"version": 0, "values": {}},
        }  # fmt: skip
        (outcome,) = take(by, set_up(by, f"Phone {number}")[0].key, [said])
        return outcome

    return sent


def test_two_who_record_it_on_their_phones_merge_and_what_differs_waits_for_a_person(
    sends: Sends, joint: int, officer: Reader, constable: Reader
) -> None:
    assert sends(constable, {"alarms": "no"}).state == State.APPLIED
    row = Visit.objects.get(pk=joint)
    assert (row.state, row.officer_id) == ("done", officer.officer)
    assert Entry.objects.get(verb="visit").by_id == constable.officer
    assert sends(officer, {"alarms": "no", "fell": "yes"}).state == State.APPLIED
    assert sends(officer, {"alarms": "yes"}).state == State.CONFLICT
    assert my_day(constable).visits == ()
    (seen,) = case_view(officer, row.case_id).visits
    assert constable.officer in [one.officer for one in seen.joint]  # who was there is kept
    with pytest.raises(InputError, match="visit is done"):
        visits.choose_joint(officer, row.case_id, joint, [])


def test_whose_visit_is_withheld_so_is_who_comes_along(
    town: Partnership, joint: int, constable: Reader
) -> None:
    town.version.terms.all().delete()  # type: ignore[union-attr]
    town.term("fire", "police", RISK, fields=["premises", "reference"])
    (one,) = my_day(constable).visits
    assert one.who == ""


def test_a_joint_visit_keeps_its_time_and_a_merged_case_its_company(
    send: Any, joint: int, officer: Reader, constable: Reader
) -> None:
    day = my_visits(constable, AT.date())
    assert day.shorter_metres == day.metres
    case = Visit.objects.get(pk=joint).case_id
    other = accept(officer, send().referral, officer=officer.officer)
    sharing.add_agency(officer, other, constable.agency, None, WHY)
    joining.merge(officer, case, Case.objects.get(pk=other).reference, "The same person")
    visits.choose_joint(officer, other, joint, [constable.officer])
    assert [one.pk for one in my_day(constable).visits] == [joint]


def test_no_agency_loses_a_case_while_its_officers_go_to_visits_of_it(
    town: Partnership, send: Any, joint: int, officer: Reader, constable: Reader
) -> None:
    """Whoever is inside must be able to say that they are safe."""
    case = Visit.objects.get(pk=joint).case_id
    other = accept(officer, send().referral, officer=officer.officer)

    def merge() -> None:
        joining.merge(officer, case, Case.objects.get(pk=other).reference, "The same person")

    def leave() -> None:
        sharing.remove_agency(officer, case, constable.agency, "Not needed any more")

    with pytest.raises(InputError, match=re.escape(f"the other: {town.agencies['police'].name}")):
        merge()
    own = visits.plan(constable, case, AT, key=new_key(), officer=constable.officer)
    visits.go_in(constable, case, own, NOON + timedelta(minutes=30))
    with pytest.raises(InputError, match="officer of police went to the visit"):
        leave()
    visits.safe(constable, case, own)
    leave()
    merge()


def test_whose_case_it_is_keeps_it_while_their_officer_is_inside(
    town: Partnership, case: int, constable: Reader, officer: Reader
) -> None:
    alone = visits.plan(officer, case, AT, key=new_key())
    visits.go_in(officer, case, alone, NOON + timedelta(minutes=30))
    leader, taker = town.reader("fire", Role.TEAM_LEADER), town.reader("police", Role.TEAM_LEADER)
    sharing.offer(leader, case, taker.agency, "They know her well")
    with pytest.raises(InputError, match="officer of fire went to the visit"):
        sharing.answer_offer(taker, case, take=True)
    visits.safe(officer, case, alone)
    sharing.answer_offer(taker, case, take=True)


def test_nobody_is_with_a_visit_twice(joint: int, constable: Reader, town: Partnership) -> None:
    row = VisitOfficer.objects.get(officer=constable.officer)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans as SQLite tells them")
def test_joint_visits_are_found_by_an_index_of_those_to_come(joint: int, constable: Reader) -> None:
    my_day(constable)
    plans = plans_of(lambda: my_day(constable), "casework")
    (found,) = (plan for plan in plans if "joint_visits_before_them" in plan)
    assert "SCAN" not in found
    assert "TEMP B-TREE" not in found
    assert not [plan for plan in plans if "SCAN casework_" in plan]
