"""What a case that is merged carries to the one that stands, and what each has once they part."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from invented_referrals import Send

from partnership import NOON, Partnership, make_list
from triservice.access.models import Notice
from triservice.casework.cases.actions import joining, life
from triservice.casework.cases.queries.view import case_view
from triservice.casework.models import Action, Case, Entry, Equipment, Need, OnwardReferral
from triservice.casework.needs import actions as needs
from triservice.casework.notes import actions as notes
from triservice.casework.onward import actions as onward
from triservice.casework.onward.queries import letter
from triservice.casework.triage import actions as triage
from triservice.casework.triage.jobs import chase_onward
from triservice.casework.visits import actions as visits
from triservice.casework.visits.jobs import remind_of_equipment
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError

JORY = {"name": "Jory Invented", "born": "1950-01-01"}
ELSEWHERE = {"line": "9 Invented Row, Nowhere", "postcode": "TR1 1AB"}


@pytest.fixture
def low(send: Send, officer: Reader) -> int:
    """A case of low risk, of the officer."""
    return triage.accept(officer, send(alarms="yes").referral, officer=officer.officer)


def other(send: Send, officer: Reader, **said: Any) -> int:
    return triage.accept(officer, send(person=JORY, **said).referral)


def merged(officer: Reader, case: int, into: int) -> None:
    joining.merge(officer, case, Case.objects.get(pk=into).reference, "One household")


def parted(officer: Reader, case: int) -> None:
    joining.part(officer, case, "Two households after all")


def tiers(*cases: int) -> list[str]:
    return [Case.objects.get(pk=pk).tier for pk in cases]


def done(officer: Reader, case: int, visit: int, day: int = 0, **said: str) -> None:
    at = NOON + timedelta(days=day)
    visits.record_visit(officer, case, visit, visits.Done(uuid4(), said, at, at))


def planned(officer: Reader, case: int) -> int:
    return visits.plan(officer, case, NOON + timedelta(hours=1), key=uuid4())


def test_who_is_on_no_list_is_told_nothing_by_a_case_that_takes_one_in(
    town: Partnership, send: Send, officer: Reader, low: int
) -> None:
    listed, few = other(send, officer, fell="yes"), make_list(town.officer("fire", Role.DATA_OWNER))
    Case.objects.filter(pk=listed).update(restriction=few)
    few.members.create(officer_id=officer.officer, since=NOON)
    on_it = town.reader("fire")
    with pytest.raises(InputError, match="on a need-to-know list, and the other is not"):
        merged(on_it, listed, low)
    merged(on_it, low, listed)
    assert tiers(low, listed) == ["low", "very high"]
    assert "very high" not in str([*Entry.objects.filter(case=low).values("text", "after")])


def test_the_case_that_stands_takes_the_higher_risk_with_its_reasons(
    send: Send, officer: Reader, low: int
) -> None:
    first, second = other(send, officer, fell="yes"), other(send, officer)
    assert tiers(low, first, second) == ["low", "very high", "high"]
    merged(officer, first, low)
    merged(officer, second, low)
    assert tiers(low) == ["very high"]
    assert "No alarm, and they have fallen" in case_view(officer, low).reasons
    (entry,) = Entry.objects.filter(case=low, verb="take in", after__has_key="tier")
    assert entry.text.endswith("was merged into this one. Risk is very high now, as it is there")
    parted(officer, first)
    assert tiers(low, first) == ["high", "very high"]  # the second is in it still
    parted(officer, second)
    assert tiers(low, second) == ["low", "high"]
    assert "No working alarm (3 points)" not in case_view(officer, low).reasons
    assert Entry.objects.filter(case=low, verb="let go").count() == 2


def test_what_was_found_or_judged_since_stays_when_they_part(
    send: Send, officer: Reader, low: int
) -> None:
    first = other(send, officer, fell="yes")
    merged(officer, first, low)
    with clock.frozen(NOON + timedelta(days=1)):
        life.judge_risk(officer, low, "medium", "Invented: both are looked after now")
        parted(officer, first)
    assert tiers(low, first) == ["medium", "very high"]
    with clock.frozen(NOON + timedelta(days=2)):
        merged(officer, first, low)
        visit = planned(officer, low)
    with clock.frozen(NOON + timedelta(days=3)):
        done(officer, low, visit, 3, alarms="no", fell="yes")
        parted(officer, first)
    assert tiers(low) == ["very high"]


def test_what_a_merged_cases_own_visit_found_is_its_risk_once_parted(
    send: Send, officer: Reader, low: int
) -> None:
    first = other(send, officer, address=ELSEWHERE, alarms="yes")
    visit = planned(officer, first)
    merged(officer, first, low)
    with clock.frozen(NOON + timedelta(days=1)):
        done(officer, low, visit, 1, alarms="no", fell="yes")
        assert tiers(low) == ["very high"]
        parted(officer, first)
    assert tiers(low, first) == ["low", "very high"]
    kept, own = Case.objects.get(pk=low), Case.objects.get(pk=first)
    assert kept.assessed_id != own.assessed_id
    assert own.visited_at == own.contacted_at == NOON + timedelta(days=1)
    assert own.next_step not in {"Plan the visit", "First contact"}


@pytest.mark.parametrize("same", [True, False])
def test_a_visit_made_while_merged_is_due_again_only_for_another_home(
    send: Send, officer: Reader, low: int, same: bool
) -> None:
    first = other(send, officer, **({} if same else {"address": ELSEWHERE}))
    merged(officer, first, low)
    visit = planned(officer, low)
    done(officer, low, visit, alarms="yes")
    parted(officer, first)
    assert bool(Case.objects.get(pk=first).visited_at) == same
    assert (Case.objects.get(pk=first).next_step == "First contact") != same


def test_closing_tells_of_nothing_that_is_withheld_by_its_count(
    send: Send, officer: Reader, low: int, town: Partnership
) -> None:
    first = other(send, officer)
    for _ in range(2):
        needs.add_action(officer, first, "Call her", due=NOON + timedelta(1), agency=officer.agency)
    needs.add_action(officer, low, "Call him", due=NOON + timedelta(1), agency=officer.agency)
    merged(officer, first, low)
    hidden = make_hidden(town, first)
    said = []
    for one in hidden:
        with pytest.raises(InputError) as caught:
            life.close(officer, low, "needs met", "All done")
        said.append(str(caught.value))
        one.delete()
    assert said[0] == said[1]
    assert "1 action is still open" in said[0]
    assert "Something that you may not see is still open" in said[0]
    with pytest.raises(InputError) as caught:
        life.close(officer, low, "needs met", "All done")
    assert "may not see" not in str(caught.value)


def make_hidden(town: Partnership, case: int) -> list[Any]:
    """Let the actions of a case be another agency's, which opens none of them."""
    Action.objects.filter(case=case).update(owner=town.agencies["health"])
    return list(Action.objects.filter(case=case))


def test_whoever_holds_the_case_that_stands_is_told(
    send: Send, officer: Reader, low: int, town: Partnership
) -> None:
    first = triage.accept(officer, send().referral, officer=town.officer("fire").pk)
    visit = planned(officer, first)
    said = visits.Done(uuid4(), {"alarms": "no"}, NOON, NOON, [visits.Fitted("alarm", "hall", "S")])
    visits.record_visit(officer, first, visit, said)
    Equipment.objects.update(expires_on=date(2026, 6, 20))
    onward.send(officer, first, "falls-service", key=uuid4(), why="Please see her")
    OnwardReferral.objects.update(chase_at=NOON)
    merged(officer, first, low)
    stands = town.officer("fire", Role.TEAM_LEADER)
    Case.objects.filter(pk=low).update(officer=stands)
    with clock.frozen(NOON + timedelta(days=1)):
        remind_of_equipment()
        chase_onward()
    told = Notice.objects.filter(path=f"/casework/cases/{low}", officer=stands)
    assert {one.text.split(":")[0].split(" has no")[0] for one in told} == {
        f"Case {Case.objects.get(pk=low).reference}",
        f"An onward referral of case {Case.objects.get(pk=low).reference}",
    }
    assert not Notice.objects.filter(path=f"/casework/cases/{first}", made_at__gt=NOON).exists()


def test_whom_a_merged_case_is_about_is_referred_on_from_the_one_that_stands(
    send: Send, officer: Reader, low: int
) -> None:
    first = other(send, officer)
    need = needs.add_need(officer, first, "falls", "He told me")
    merged(officer, first, low)
    sent = {"key": uuid4(), "why": "Please see him soon"}
    with pytest.raises(InputError, match="This need is of the other case"):
        onward.send(officer, low, "falls-service", need=need, **sent)
    row = onward.send(officer, low, "falls-service", need=need, about=first, **sent)
    assert onward.send(officer, low, "falls-service", about=first, **sent) == row
    assert OnwardReferral.objects.get().case_id == first
    assert [one.to for one in case_view(officer, low).onward]
    jory = str(Case.objects.get(pk=first).subject_key)
    agreed = {"given": True, "capacity": "has capacity", "asked_on": date(2026, 6, 1)}
    text = "I agree that what is needed is passed on."
    notes.record_consent(officer, low, jory, text, **agreed)
    assert letter(officer, low, row).sheet.person["name"] == "Jory Invented"
    assert Need.objects.get().case_id == first
