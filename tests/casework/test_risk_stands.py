"""What made a case's risk stands at a visit until it is answered otherwise, or a person judges."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_referrals import Send

from partnership import NOON, Partnership
from triservice.access.errors import Refused
from triservice.casework.cases.actions import joining, life, sharing
from triservice.casework.cases.queries.view import case_view
from triservice.casework.cases.steps import STEPS, About
from triservice.casework.models import Case, Entry
from triservice.casework.triage import actions as triage
from triservice.casework.visits import actions as visits
from triservice.casework.visits.queries import visit_page
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.schemes import catalogue, forms
from triservice.schemes.forms import Stands, together
from triservice.schemes.words import Tier

WHY = "Invented: he has been sent to prison"


@pytest.fixture
def case(send: Send, officer: Reader) -> int:
    """A case of very high risk: no alarm, and she has fallen."""
    return triage.accept(officer, send(fell="yes").referral, officer=officer.officer)


def visited(officer: Reader, case: int, day: int, **said: Any) -> int:
    """Record a visit on a day, and return it."""
    at = NOON + timedelta(days=day)
    with clock.frozen(at):
        visit = visits.plan(officer, case, at, key=new_key())
        visits.keep_draft(officer, case, visit, said)
        page = visit_page(officer, case, visit)
        visits.record_visit(officer, case, visit, visits.Done(new_key(), said, at, at))
        assert page.assessed is not None
        assert str(page.assessed.tier) == tier(case), "the page says what is recorded"
    return visit


def tier(case: int) -> str:
    return Case.objects.get(pk=case).tier


def reasons(officer: Reader, case: int) -> set[str]:
    return set(case_view(officer, case).reasons)


def test_what_a_visit_does_not_ask_stands_with_its_reason(officer: Reader, case: int) -> None:
    visited(officer, case, 1, alarms="no")
    assert tier(case) == "very high"
    assert reasons(officer, case) == {
        "No alarm, and they have fallen, as known otherwise", "No working alarm (3 points)",
        "They have fallen (3 points), as known otherwise",
    }  # fmt: skip
    visited(officer, case, 2, alarms="no", fell="not known")
    assert tier(case) == "very high"
    visited(officer, case, 3, alarms="yes")
    assert tier(case) == "high"  # the fall stands still
    visited(officer, case, 4, alarms="yes", fell="no")
    assert tier(case) == "low"


def test_a_visit_that_comes_in_late_is_put_right_by_the_later_one(
    officer: Reader, case: int
) -> None:
    first = visits.plan(officer, case, NOON, key=new_key())
    visited(officer, case, 2, alarms="yes", fell="no")
    late = visits.Done(new_key(), {"alarms": "no"}, NOON, NOON)
    visits.record_visit(officer, case, first, late)
    assert tier(case) == "low"


def test_what_a_person_judged_stands_until_somebody_judges_again(
    officer: Reader, case: int
) -> None:
    life.judge_risk(officer, case, "low", WHY)
    assert tier(case) == "low"
    assert f"judged it low on 1 June 2026: {WHY}" in " ".join(reasons(officer, case))
    visited(officer, case, 1, alarms="yes")
    assert tier(case) == "low"  # that she fell was known, and weighed
    visited(officer, case, 2, alarms="no", fell="yes")
    assert tier(case) == "very high"  # found since
    with clock.frozen(NOON + timedelta(days=3)):
        life.judge_risk(officer, case, "high", WHY)
    visited(officer, case, 4, alarms="yes", fell="no")
    assert tier(case) == "high"
    assert any("judged it high" in one for one in reasons(officer, case))


def test_a_lower_result_than_a_person_judged_is_offered_not_applied(
    officer: Reader, case: int, send: Send
) -> None:
    life.judge_risk(officer, case, "high", WHY)
    visited(officer, case, 1, alarms="yes", fell="no")
    assert (tier(case), case_view(officer, case).lower) == ("high", "low")
    entry = Entry.objects.get(case=case, verb="find lower")
    assert entry.text == "What was answered gives low risk; it stays high until it is judged"
    form = STEPS["risk"].form(About(officer, case_view(officer, case)), None)
    assert form["tier"].value() == "low"
    with clock.frozen(NOON + timedelta(days=2)):
        life.judge_risk(officer, case, "low", WHY)
    assert case_view(officer, case).lower == ""
    visited(officer, case, 3, alarms="no")
    assert (tier(case), case_view(officer, case).lower) == ("high", "")


def test_what_a_person_judged_of_a_case_that_is_merged_stands_in_the_other(
    officer: Reader, case: int, send: Send
) -> None:
    other = triage.accept(officer, send(alarms="yes").referral)
    life.judge_risk(officer, other, "very high", WHY)
    life.judge_risk(officer, case, "low", WHY)
    with clock.frozen(NOON + timedelta(hours=1)):
        joining.merge(officer, other, Case.objects.get(pk=case).reference, "One household")
    visited(officer, case, 1, alarms="yes", fell="no")
    assert tier(case) == "very high"
    with clock.frozen(NOON + timedelta(days=2)):
        life.judge_risk(officer, case, "medium", WHY)
    visited(officer, case, 3, alarms="yes", fell="no")
    assert tier(case) == "medium"  # who judged it then knew of both


def test_a_judgement_says_why_and_is_of_the_agency_that_runs_the_case(
    officer: Reader, case: int, town: Partnership
) -> None:
    for said, why in (("low", "ok"), ("none", WHY)):
        with pytest.raises(InputError):
            life.judge_risk(officer, case, said, why)
    with pytest.raises(Refused):
        life.judge_risk(town.reader("police"), case, "low", WHY)
    police = town.agencies["police"].pk
    sharing.add_agency(officer, case, police, None, "They know her")
    with pytest.raises(InputError, match="The agency that runs the case"):
        life.judge_risk(town.reader("police"), case, "low", WHY)
    assert tier(case) == "very high"


def test_a_case_that_came_from_another_agency_keeps_its_risk_and_tells_no_answer(
    officer: Reader, case: int, town: Partnership
) -> None:
    police = town.agencies["police"].pk
    sharing.offer(town.reader("fire", Role.TEAM_LEADER), case, police, "It is theirs")
    sharing.answer_offer(town.reader("police", Role.TEAM_LEADER), case, take=True)
    constable = town.reader("police")
    visited(constable, case, 1, alarms="yes", fell="no")
    assert tier(case) == "very high"
    (told,) = reasons(constable, case)
    assert told == "Very high risk before; not all of what it rests on is asked here"


def due(case: int) -> timedelta | None:
    """Return when something is due in a case, from noon on."""
    moment = Case.objects.get(pk=case).next_due_at
    return moment and moment - NOON


def test_a_risk_that_a_visit_raises_is_visited_again_as_soon_as_the_scheme_says(
    officer: Reader, case: int
) -> None:
    visited(officer, case, 1, alarms="yes", fell="no")
    assert (tier(case), due(case)) == ("low", timedelta(days=29))  # looked at again
    visited(officer, case, 10, alarms="yes", fell="yes")
    assert (tier(case), due(case)) == ("high", timedelta(days=13))
    visited(officer, case, 11, alarms="no")
    assert (tier(case), due(case)) == ("very high", timedelta(days=12))
    entry = Entry.objects.filter(verb="assess").latest("pk")
    assert entry.text == (
        "Risk is very high now, higher than before. To be visited again by 13 June 2026, 13:00"
    )
    with clock.frozen(NOON + timedelta(days=11, hours=1)):
        late = visits.plan(officer, case, NOON + timedelta(days=20), key=new_key())
    assert due(case) == timedelta(days=12)  # a plan moves nothing
    before = NOON + timedelta(days=5)
    visits.record_visit(
        officer, case, late, visits.Done(new_key(), {"alarms": "no"}, before, before)
    )
    assert due(case) == timedelta(days=12)  # nor does one that was made before, and comes in late
    visited(officer, case, 12, alarms="no")
    assert due(case) == timedelta(days=40)


def test_a_lower_risk_gives_more_time_only_where_a_person_judged_it(
    officer: Reader, case: int
) -> None:
    first = Case.objects.get(pk=case)
    assert due(case) == timedelta(hours=4)
    life.judge_risk(officer, case, "medium", WHY)
    assert due(case) == timedelta(days=5)
    with clock.frozen(NOON + timedelta(days=1)):
        life.judge_risk(officer, case, "high", WHY)
    assert due(case) == timedelta(days=2)
    assert Entry.objects.latest("pk").text == (
        "Risk judged high; it was medium. To be visited by 5 June 2026, 13:00"
    )
    visited(officer, case, 2, alarms="no", fell="yes")
    assert (tier(case), due(case)) == ("very high", timedelta(days=3))
    with clock.frozen(NOON + timedelta(days=2, hours=1)):
        life.judge_risk(officer, case, "high", WHY)
    assert due(case) == timedelta(days=5, hours=1)
    assert Case.objects.get(pk=case).visited_at != first.visited_at


ANSWERS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("alarms", "fell"), st.sampled_from(["yes", "no", "not known"]))
)


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(ANSWERS, ANSWERS)
def test_nothing_falls_by_what_is_not_answered(before: dict[str, str], now: dict[str, str]) -> None:
    scheme = catalogue.scheme("small-visit")
    form = scheme.forms["visit"]

    def ranked(values: dict[str, str], stands: Stands | None = None) -> Tier:
        return forms.assess(scheme, form, values, stands).tier

    asked = {name for name, value in now.items() if value != "not known"}
    stood = {name: value for name, value in before.items() if name not in asked}
    found = ranked(now, Stands(before))
    assert found.rank >= ranked(stood).rank
    assert found == ranked({**before, **{name: now[name] for name in asked}})
    assert ranked(now, Stands(later=before)) == ranked(together((now, before)))
