"""What is fitted or done settles the needs that the scheme says it answers; undone, opens them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from partnership import NOON
from triservice.casework.cases.actions.acting import working
from triservice.casework.cases.queries.view import case_view
from triservice.casework.models import Action, Entry, Equipment, Need, Visit
from triservice.casework.needs import actions as needs
from triservice.casework.visits import actions as visits
from triservice.casework.visits.actions import equipment
from triservice.casework.visits.actions.doing import fit, needs_of_visit
from triservice.casework.visits.actions.finishing import Follows, finish
from triservice.kernel.access_words import Reader
from triservice.kernel.keys import new_key
from triservice.schemes import catalogue, forms

pytestmark = pytest.mark.django_db
ALARM = visits.Fitted("alarm", "hall", "S1")


def visited(officer: Reader, case: int, *fitted: visits.Fitted, **said: Any) -> int:
    visit = visits.plan(officer, case, NOON + timedelta(hours=1), key=new_key())
    done = visits.Done(new_key(), said, NOON, NOON, fitted)
    visits.record_visit(officer, case, visit, done)
    return visit


def stand(case: int) -> list[tuple[str, str]]:
    return sorted(Need.objects.filter(case=case).values_list("kind", "state"))


def test_an_alarm_that_is_fitted_settles_its_need_with_the_reason(
    officer: Reader, case: int
) -> None:
    needs.add_need(officer, case, "falls", "She told me")
    visited(officer, case, ALARM, ALARM, alarms="no", fell="yes")
    assert stand(case) == [("alarm", "met"), ("falls", "open")]
    (shown,) = [one for one in case_view(officer, case).needs if one.label == "A working alarm"]
    assert shown.reasons == ("No alarm works", "Fitted: Smoke alarm, hall, on 1 June 2026")
    told = Entry.objects.get(verb="settle need")
    assert (told.text, told.why) == ("A working alarm: met", shown.reasons[-1])


def test_a_need_of_before_is_settled_and_one_found_later_is_open(
    officer: Reader, case: int
) -> None:
    needs.add_need(officer, case, "alarm")
    visited(officer, case, ALARM, alarms="yes")
    assert stand(case) == [("alarm", "met")]
    visited(officer, case, alarms="no")
    assert stand(case) == [("alarm", "met"), ("alarm", "open")]


def test_the_need_is_open_again_when_the_last_one_is_gone(officer: Reader, case: int) -> None:
    visited(officer, case, ALARM, ALARM, alarms="no")
    first, second = Equipment.objects.order_by("pk").values_list("pk", flat=True)
    equipment.remove(officer, case, first, NOON.date(), "It was taken down")
    assert stand(case) == [("alarm", "met")]
    equipment.remove(officer, case, second, NOON.date(), "It was taken down")
    assert stand(case) == [("alarm", "open")]
    need = Need.objects.get()
    assert need.reasons[-1] == "Open again: what was fitted is no longer there"
    assert need.settled_at is None


def test_what_a_person_settled_stays_settled(officer: Reader, case: int) -> None:
    need = needs.add_need(officer, case, "alarm")
    needs.settle_need(officer, case, need, "declined by the person", "She says no")
    visited(officer, case, ALARM, alarms="yes")
    assert stand(case) == [("alarm", "declined by the person")]
    equipment.remove(officer, case, Equipment.objects.get().pk, NOON.date(), "It was taken down")
    assert stand(case) == [("alarm", "declined by the person")]


def test_an_action_that_is_done_settles_the_need_it_was_set_for(officer: Reader, case: int) -> None:
    need = needs.add_need(officer, case, "alarm")
    other = needs.add_need(officer, case, "falls")
    due = NOON + timedelta(days=3)
    for what, of in (("Fit an alarm", other), ("Something else", need), ("Fit an alarm", need)):
        needs.add_action(officer, case, what, due=due, agency=officer.agency, need=of)
    first, second, third = Action.objects.order_by("pk").values_list("pk", flat=True)
    needs.end_action(officer, case, first, done=True, result="Fitted one")
    needs.end_action(officer, case, second, done=True, result="Done it")
    assert stand(case) == [("alarm", "open"), ("falls", "open")]
    needs.end_action(officer, case, third, done=True, result="Fitted one")
    assert stand(case) == [("alarm", "met"), ("falls", "open")]


def test_what_is_set_at_the_door_hangs_on_the_need_that_was_settled_there(
    officer: Reader, case: int
) -> None:
    visit = visits.plan(officer, case, NOON, key=new_key())
    done = visits.Done(new_key(), {"alarms": "no", "fell": "yes"}, NOON, NOON, [ALARM])
    finish(officer, case, visit, done, Follows([("alarm", "fit-alarm"), ("falls", "advice")]))
    assert stand(case) == [("alarm", "met"), ("falls", "open")]
    assert {each.need.kind for each in Action.objects.all() if each.need} == {"alarm", "falls"}


def test_a_form_put_right_finds_no_need_that_was_met_there(officer: Reader, case: int) -> None:
    """As a phone sends it: what was fitted first, then the form; put right afterwards."""
    needs.add_need(officer, case, "alarm")
    visit = visits.plan(officer, case, NOON, key=new_key())
    scheme = catalogue.scheme("small-visit")
    with working(officer, case, "note what was fitted") as (record, there):
        fit(record, there, Visit.objects.get(pk=visit), scheme, [ALARM], NOON.date())
    done = visits.Done(new_key(), {"alarms": "no"}, NOON, NOON)
    visits.record_visit(officer, case, visit, done)
    assert stand(case) == [("alarm", "met")]
    row = Visit.objects.get(pk=visit)
    again = forms.assess(scheme, scheme.forms["visit"], {"alarms": "no"}).needs
    assert row.submission is not None
    with working(officer, case, "correct a visit's form") as (record, there):
        needs_of_visit(record, there, scheme, row, again, row.submission)
    assert stand(case) == [("alarm", "met")]
