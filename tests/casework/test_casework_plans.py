"""Plans: worked out by several agencies within the agreements, closed on what was counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from invented_referrals import RISK

import signing_in
from partnership import NOON, Partnership, make_list
from triservice.access.errors import Refused
from triservice.access.models import Disclosure, Notice
from triservice.agencies.models import Team
from triservice.casework.cases.queries.lists import my_day
from triservice.casework.cases.queries.view import case_view
from triservice.casework.models import Action, Case, Entry, Plan
from triservice.casework.plans import actions, jobs
from triservice.casework.plans.actions import Problem
from triservice.casework.plans.queries import Asked, plan_list, plan_view, plans_at
from triservice.casework.plans.rules import Counted
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass as C
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.subjects.models import Link, Premises

LONG_AGO = NOON - timedelta(days=400)
REVIEW = NOON.date() + timedelta(days=28)
DUE = NOON + timedelta(days=7)
ADDRESS = "14 Invented Lane, Nowhere TR1 1AA"
FIRES = Problem("Fires behind the shops", "Invented Lane", "Bins burn; neighbours are afraid")
BEFORE = Counted(60, date(2024, 6, 1), date(2025, 5, 31))
AFTER = Counted(24, date(2025, 6, 1), date(2026, 5, 31))
WHY = "Bins are locked away at night; fires fell"


@pytest.fixture
def plan(officer: Reader) -> int:
    """A plan of the officer of fire; the police may read risk."""
    return actions.start(officer, FIRES, REVIEW, key=new_key())


def test_a_plan_from_its_problem_to_its_end(officer: Reader, plan: int) -> None:
    measure = actions.add_measure(officer, plan, "Bins burnt", "Incident records", BEFORE)
    assert plan_view(officer, plan).measures[0].change == ""
    actions.write(officer, plan, {"setting": "Bins stand open", "causes": "No lights"}, "Analysis")
    actions.write(officer, plan, {"aims": "Half as many in a year"}, "Objectives")
    response = actions.add_response(
        officer, plan, "Lock the bins", due=DUE, agency=officer.agency, officer=officer.officer
    )
    with pytest.raises(InputError, match=r"1 response is still open.*Count the problem"):
        actions.close(officer, plan, "reduced", WHY)
    actions.end_response(officer, plan, response, done=True, result="Locked by the shops")
    actions.count_again(officer, plan, measure, AFTER)
    assert "Nobody has said yet whether the problem moved" in plan_view(officer, plan).cautions[0]
    actions.write(officer, plan, {"moved": "looked, not seen"}, "Assessment")
    actions.close(officer, plan, "reduced", WHY)
    shown = plan_view(officer, plan)
    (counted,) = shown.measures
    assert counted.change == "4.6 → 1.8 in four weeks: 60% fewer"
    assert (counted.cautions, shown.cautions) == ((), ())
    assert (shown.row.state, shown.row.outcome, shown.may.reopen) == ("closed", "reduced", True)
    with pytest.raises(InputError, match="is closed"):
        actions.write(officer, plan, {"aims": "More"}, "Objectives")
    actions.reopen(officer, plan, "Fires came back", REVIEW)
    verbs = [line.what for line in plan_view(officer, plan).history.lines]
    assert verbs == ["reopen plan", "close plan", "write plan", "count again", "end action",
                     "set action", "write plan", "write plan", "count", "start plan"]  # fmt: skip
    told = Entry.objects.get(verb="count again")
    assert (told.before["after"], told.after["after"]) == (None, 24)


def test_each_agency_adds_what_is_its_own_as_the_terms_open_it(
    town: Partnership, officer: Reader, plan: int
) -> None:
    police = town.reader("police")
    actions.add_finding(police, plan, "The same two are seen there", "police")
    actions.add_finding(officer, plan, "One of them is unwell", "health")
    assert [one.agency for one in plan_view(police, plan).findings] == [
        "police"
    ]  # health of fire is not open to them, nor theirs to fire
    assert [one.data_class for one in plan_view(officer, plan).findings] == ["health"]
    assert "The same two" not in str(plan_view(officer, plan).history)
    town.term("police", "fire", [C.POLICE])
    again = town.reader("fire")
    assert len(plan_view(again, plan).findings) == 2
    assert Notice.objects.filter(text__endswith="has a new finding", officer=officer.officer)
    with pytest.raises(InputError, match="what it tells of"):
        actions.add_finding(police, plan, "Invented", "workforce")
    response = actions.add_response(
        officer, plan, "Walk past at ten", due=DUE, agency=police.agency
    )
    other = actions.add_response(officer, plan, "Lock the bins", due=DUE, agency=officer.agency)
    actions.end_response(police, plan, response, done=True, result="Walked past")
    for refused in (
        lambda: actions.end_response(police, plan, other, done=True, result="Done"),
        lambda: actions.write(police, plan, {"aims": "Ours"}, "Objectives"),
        lambda: actions.close(police, plan, "given up", WHY),
        lambda: actions.add_finding(town.reader("council"), plan, "Invented", "risk"),
        lambda: plan_view(town.reader("council"), plan),
        lambda: actions.start(
            town.reader("fire", Role.ANALYST), FIRES, REVIEW, key=new_key()),
    ):  # fmt: skip
        with pytest.raises(Refused):
            refused()
    assert plan_list(town.reader("council")).rows == ()
    assert [one.title for one in plan_list(police).rows] == [FIRES.title]


def test_a_field_that_is_withheld_is_neither_shown_nor_found(
    town: Partnership, officer: Reader, plan: int
) -> None:
    town.version.terms.all().delete()  # type: ignore[union-attr]
    town.term("fire", "police", [C.RISK], fields=["title"])
    police = town.reader("police")
    shown = plan_view(police, plan)
    assert (shown.row.title, shown.row.place, shown.texts["harm"]) == (FIRES.title, "", None)
    assert shown.withheld
    assert plan_list(police, Asked(text="Invented Lane")).rows == ()
    assert len(plan_list(officer, Asked(text="invented lane")).rows) == 1


def test_a_response_is_among_what_an_officer_has_to_do_and_late_ones_are_told(
    officer: Reader, plan: int, town: Partnership
) -> None:
    actions.add_response(
        officer, plan, "Lock the bins", due=DUE, agency=officer.agency, officer=officer.officer
    )
    police = town.reader("police", Role.TEAM_LEADER)
    actions.add_response(officer, plan, "Walk past at ten", due=DUE, agency=police.agency)
    reference = Plan.objects.get().reference
    (mine,) = my_day(officer).actions
    assert (mine.what, mine.plan, mine.case, mine.reference) == (
        "Lock the bins", plan, None, reference,
    )  # fmt: skip
    assert jobs.remind() == 0
    with clock.frozen(DUE):
        assert (jobs.remind(), jobs.remind()) == (2, 0)
    late = Notice.objects.filter(text=f"Plan {reference} has a late response")
    assert {(one.agency_id, one.role, one.officer_id) for one in late} == {
        (officer.agency, "", officer.officer), (police.agency, str(Role.TEAM_LEADER), None),
    }  # fmt: skip
    with clock.frozen(datetime.combine(REVIEW, NOON.time(), NOON.tzinfo)):
        assert (jobs.remind(), jobs.remind()) == (1, 0)
        assert len(plan_list(officer, Asked(due=True)).rows) == 1
        actions.review(officer, plan, "Fewer fires", REVIEW + timedelta(days=28))
        assert plan_list(officer, Asked(due=True)).rows == ()
    assert not Notice.objects.filter(text__endswith="is to be reviewed", dealt_at=None).exists()


def test_a_plan_about_one_address_and_its_cases(
    town: Partnership, officer: Reader, case: int
) -> None:
    key, reference = new_key(), Case.objects.get().reference
    problem = Problem("Falls", "A house", "She falls on the stairs", address=ADDRESS)
    plan = actions.start(officer, problem, REVIEW, key=key, case=reference.lower())
    assert actions.start(officer, problem, REVIEW, key=key) == plan
    place = Premises.objects.get()
    row = Plan.objects.get()
    assert (row.premises, row.subject_key, row.area) == (place, place.key, place.area)
    assert [one.pk for one in plans_at(officer, place.key).rows] == [plan]
    assert [one.pk for one in case_view(officer, case).plans] == [plan]
    assert [one.pk for one in plan_list(officer, Asked(text=ADDRESS)).rows] == [plan]
    assert [one.pk for one in plan_list(officer, Asked(text=row.reference)).rows] == [plan]
    actions.add_finding(officer, plan, "Stairs are steep", "risk")
    actions.set_place(officer, plan, "")
    assert plans_at(officer, place.key).rows == ()
    assert Plan.objects.get().findings.get().subject_key is None
    actions.unlink_case(officer, plan, case, "Another house")
    assert case_view(officer, case).plans == ()
    with pytest.raises(InputError, match="no case"):
        actions.link_case(officer, plan, "C-2222-2222", "Invented")
    for nowhere in ("1 Nowhere Street TR1 1AA", "Invented"):
        with pytest.raises(InputError, match="No one place"):
            actions.set_place(officer, plan, nowhere)


def test_an_address_that_only_a_list_knows_stands_in_no_plan(
    town: Partnership, officer: Reader, case: int
) -> None:
    few = make_list(town.officer("fire", Role.DATA_OWNER))
    few.members.create(officer=town.officer("fire"), since=LONG_AGO)
    Link.objects.filter(premises__isnull=False).update(restriction=few)
    problem = Problem("Falls", "A house", "She falls on the stairs", address=ADDRESS)
    with pytest.raises(InputError, match=r"cannot stand in a plan|No one place"):
        actions.start(town.reader("fire"), problem, REVIEW, key=new_key())
    assert not Plan.objects.exists()


def test_a_plan_is_handed_to_an_officer_or_a_team(
    town: Partnership, officer: Reader, plan: int
) -> None:
    leader = town.officer("fire", Role.TEAM_LEADER)
    team = Team.objects.create(name="Harbour team", agency=town.agencies["fire"])
    theirs = Team.objects.create(name="Theirs", agency=town.agencies["police"])
    actions.hand(officer, plan, officer=leader.pk)
    assert Notice.objects.filter(officer=leader, text__endswith="was given to you").count() == 1
    assert plan_list(officer, Asked(mine=True)).rows == ()
    actions.hand(officer, plan, team=team.pk)
    assert plan_list(officer).rows[0].who == "Harbour team"
    for wrong in ({"team": theirs.pk}, {"officer": town.officer("police").pk}, {}):
        with pytest.raises(InputError):
            actions.hand(officer, plan, **wrong)


def test_nothing_is_written_that_cannot_be_used(officer: Reader, plan: int) -> None:
    wrong: list[Callable[[], Any]] = [
        lambda: actions.start(officer, Problem("F", "L", "H"), REVIEW, key=new_key()),
        lambda: actions.start(officer, FIRES, NOON.date(), key=new_key()),
        lambda: actions.write(officer, plan, {"title": " "}, "Problem"),
        lambda: actions.add_measure(officer, plan, "Bins", "Ours", Counted(1, NOON.date(), REVIEW)),
        lambda: actions.add_measure(officer, plan, "Bins", " ", BEFORE),
        lambda: actions.add_response(officer, plan, "Go", due=NOON, agency=officer.agency),
        lambda: actions.review(officer, plan, "", REVIEW),
        lambda: actions.link_case(officer, plan, "C-2222-2222", ""),
    ]  # fmt: skip
    before = Entry.objects.count()
    for each in wrong:
        with pytest.raises(InputError):
            each()
    assert (Entry.objects.count(), Action.objects.count()) == (before, 0)


def signed_in(town: Partnership, agency: str = "fire", role: Role = Role.OFFICER) -> Client:
    return signing_in.sign_in(Client(), town.officer(agency, role))


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def day(name: str, on: date) -> dict[str, str]:
    return {f"{name}_{part}": str(getattr(on, part)) for part in ("year", "month", "day")}


PERIOD = day("first", BEFORE.first) | day("last", BEFORE.last)
BOXES: dict[str, dict[str, str]] = {
    "scan": {"title": "Fires", "place": "The lane", "harm": "Bins burn at night", "times": "Ten"},
    "analyse": {"victims": "Shops", "offenders": "Two", "setting": "Dark", "causes": "No lights"},
    "finding": {"text": "We know it too", "data_class": "risk"},
    "measure": {"what": "Bins", "source": "Records", "count": "60"} | PERIOD,
    "count-again": {"count": "24"} | day("first", AFTER.first) | day("last", AFTER.last),
    "aims": {"aims": "Half as many"},
    "end-response": {"done": "yes", "result": "Locked by the shops"},
    "assess": {"moved": "moved", "moved_what": "To the park", "learned": "Look further"},
    "place": {"address": ADDRESS},
    "unlink-case": {"why": "Another place"},
    "review": {"found": "Fewer fires"} | day("again_on", REVIEW + timedelta(days=7)),
    "close": {"outcome": "not known", "why": WHY},
    "reopen": {"why": "Fires came back"} | day("review_on", REVIEW),
}


def test_every_step_of_a_plan_on_its_pages(town: Partnership, officer: Reader, case: int) -> None:
    client, place = signed_in(town), Premises.objects.get()
    reference = Case.objects.get().reference
    begin = text(client.get(f"/casework/plans/new?at={place.key}&case={reference}"))
    assert reference in begin
    assert "14 Invented Lane" in begin
    new = {"title": "Fires", "place": "The lane", "harm": "Bins burn at night", "case": reference}
    went = client.post("/casework/plans/new", new | day("review_on", REVIEW))
    base, plan = went.url, Plan.objects.get()
    assert base == f"/casework/plans/{plan.pk}"
    response = {"what": "Lock", "agency": str(officer.agency), "who": "me"} | day("due", DUE.date())
    boxes = BOXES | {
        "response": response, "hand": {"who": f"officer-{officer.officer}"},
        "link-case": {"reference": reference, "why": "The same lane"},
    }  # fmt: skip
    order = ("scan", "analyse", "finding", "measure", "count-again", "aims", "response",
             "end-response", "assess", "place", "unlink-case", "link-case", "hand", "review",
             "close", "reopen")  # fmt: skip
    for name in order:
        rows = {
            "count-again": plan.measures.first(), "end-response": plan.actions.first(),
            "unlink-case": Case.objects.get(),
        }  # fmt: skip
        row = rows.get(name)
        address = f"{base}/{name}" + (f"/{row.pk}" if row else "")
        assert client.get(address).status_code == 200, name
        done = client.post(address, boxes[name])
        assert (done.status_code, getattr(done, "url", "")) == (302, base), (name, text(done))
    shown = text(client.get(base))
    for words in (
        "60 in 365 days", "60% fewer", "To the park", "Locked by the shops", "Fires came",
        "We know it too", reference, "14 Invented Lane", "Reviewed: Fewer fires",
    ):  # fmt: skip
        assert words in shown, words
    assert "Fires" in text(client.get(f"/casework/plans/at/{place.key}"))
    premises = text(client.get(reverse("subjects:premises", args=[place.key])))
    assert f"/casework/plans/at/{place.key}" in premises
    assert plan.reference in text(client.get(f"/casework/cases/{case}"))
    for asked in ("lane", plan.reference, ADDRESS):
        assert plan.reference in text(client.post("/casework/plans", {"text": asked})), asked
    assert "No plan that you may see" in text(client.get("/casework/plans?stage=closed"))
    assert client.get(f"{base}/unknown").status_code == 404
    assert client.get(f"{base}/reopen").status_code == 404  # it is open
    assert Disclosure.objects.filter(doing="open a plan").exists()


def test_another_agency_s_officer_is_offered_only_what_is_theirs(
    town: Partnership, officer: Reader, plan: int
) -> None:
    town.term("fire", "police", RISK)
    client, base = signed_in(town, "police"), f"/casework/plans/{plan}"
    shown = text(client.get(base))
    assert "Add what your agency knows" in shown
    assert "Change the problem" not in shown
    assert client.get(f"{base}/scan").status_code == 404
    assert client.get(f"{base}/finding").status_code == 200
