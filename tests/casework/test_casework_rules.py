"""Pure rules: state machines, due times over the turn of the clocks, what is next, who takes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.casework import paging, references, timing
from triservice.casework.answers.rules import GUARDED, guard
from triservice.casework.cases import rules as cases
from triservice.casework.cases.rules import ConsentFacts, ConsentStanding, Section42, Unfinished
from triservice.casework.referrals import rules as referrals
from triservice.casework.steps import Machine
from triservice.casework.triage.rules import WEIGHTS, Candidate, propose
from triservice.casework.words import (
    ActionState,
    CaseState,
    NeedState,
    OnwardState,
    ReferralState,
    VisitState,
)
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key

LONDON = ZoneInfo("Europe/London")
few = settings(max_examples=60, deadline=None)
MACHINES = [
    (referrals.LIFE, ReferralState),
    (cases.LIFE, CaseState),
    (cases.NEEDS, NeedState),
    (cases.ACTIONS, ActionState),
    (cases.VISITS, VisitState),
    (cases.ONWARD, OnwardState),
]
moments = st.datetimes(
    datetime(2020, 1, 1),
    datetime(2030, 1, 1),
    timezones=st.just(UTC),
)
lengths = st.timedeltas(timedelta(minutes=1), timedelta(days=120))


@pytest.mark.parametrize(("machine", "words"), MACHINES, ids=lambda each: getattr(each, "noun", ""))
def test_a_machine_speaks_of_known_states_and_refuses_the_others(
    machine: Machine, words: type[ReferralState]
) -> None:
    known = {str(word) for word in words}
    for step, (before, after) in machine.steps.items():
        assert before <= known, step
        assert after in known | {""}, step
        for state in known:
            if machine.may(step, state):
                assert machine.after(step, state) == after
            else:
                with pytest.raises(InputError, match=f"This {machine.noun} is {state}, so"):
                    machine.after(step, state)
    for state in known:
        assert machine.open_to(state) == tuple(s for s in machine.steps if machine.may(s, state))


def test_every_step_of_a_referral_is_in_its_machine_and_every_end_can_be_left() -> None:
    assert {str(step) for step in referrals.Step} == set(referrals.LIFE.steps)
    assert {str(step) for step in cases.Step} == set(cases.LIFE.steps)
    for state in ReferralState:
        if state not in referrals.OPEN | {"accepted"}:
            assert referrals.LIFE.open_to(state) == ("reconsider",)


@few
@given(received=moments, contact=lengths, visit=lengths)
def test_targets_are_elapsed_time(received: datetime, contact: timedelta, visit: timedelta) -> None:
    due = timing.due_times(received.astimezone(LONDON), contact, visit)
    assert (due.contact - received, due.visit - received) == (contact, visit)
    assert received <= timing.look_by(received, due.contact) <= due.contact


@pytest.mark.parametrize(
    ("night", "wall"),
    [("2026-03-28T12:00", "2026-03-29T13:00"), ("2026-10-24T12:00", "2026-10-25T11:00")],
)
def test_a_day_is_24_hours_when_the_clocks_turn(night: str, wall: str) -> None:
    received = datetime.fromisoformat(night).replace(tzinfo=LONDON)
    due = timing.due_times(received, timedelta(hours=24), timedelta(hours=72))
    assert f"{due.contact.astimezone(LONDON):%Y-%m-%dT%H:%M}" == wall


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        timing.due_times(datetime(2026, 1, 1), timedelta(1), timedelta(1))


@few
@given(since=moments, length=lengths, part=st.floats(0, 2))
def test_standing_only_gets_worse(since: datetime, length: timedelta, part: float) -> None:
    due, order = since + length, list(timing.Standing)
    now = since + length * part
    later = timing.standing(due, now + timedelta(minutes=1), since)
    assert order.index(timing.standing(due, now, since)) <= order.index(later)
    assert (timing.standing(due, now, since) is timing.Standing.LATE) is (now >= due)
    assert timing.left(due, now).endswith("late" if now >= due else "left")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.2, "1 minute left"), (90, "90 minutes left"), (180, "3 hours left"), (-1, "1 minute late"),
     (-60 * 72, "3 days late"), (60 * 47, "47 hours left")],
)  # fmt: skip
def test_what_is_left_in_words(minutes: float, words: str) -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert timing.left(now + timedelta(minutes=minutes), now) == words


things = st.lists(st.tuples(st.sampled_from(["Fit an alarm", "Call"]), moments), max_size=3)


@few
@given(
    contact=st.none() | moments, visit=st.none() | moments, planned=st.lists(moments, max_size=2),
    actions=things, onward=things, reviewed=moments,
)  # fmt: skip
def test_what_is_next_is_the_earliest_of_all_and_never_nothing(
    contact: datetime | None, visit: datetime | None, planned: list[datetime],
    actions: list[tuple[str, datetime]], onward: list[tuple[str, datetime]], reviewed: datetime,
) -> None:  # fmt: skip
    found = timing.next_step(
        contact=contact, visit=visit, planned=planned, actions=actions, onward=onward,
        reviewed=reviewed,
    )  # fmt: skip
    dues = [due for _, due in (*actions, *onward)] + planned
    dues += [due for due in (contact, visit) if due is not None]
    assert found.due == min(dues, default=reviewed + timing.REVIEW_AFTER)
    assert found.what


candidates = st.lists(
    st.builds(
        Candidate, officer=st.integers(1, 9), name=st.sampled_from("ABC"),
        skills=st.frozensets(st.sampled_from(["falls", "fire"])), weight=st.integers(0, 20),
        open_cases=st.integers(0, 5), cases_here=st.integers(0, 2), on_duty=st.booleans(),
        conflict=st.booleans(),
    ),
    max_size=6, unique_by=lambda one: one.officer,
)  # fmt: skip


@few
@given(some=candidates, chance=st.randoms())
def test_a_proposal_never_names_a_conflict_nor_depends_on_the_order(
    some: list[Candidate], chance: object
) -> None:
    found = propose(some, ["falls"])
    shuffled = list(some)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert propose(shuffled, ["falls"]) == found
    assert {one.officer for one in found} == {c.officer for c in some if not c.conflict}
    assert all(one.reasons for one in found)


def test_who_carries_less_comes_first_and_who_knows_the_area_before_them() -> None:
    busy = Candidate(1, "A", weight=9)
    free, here = Candidate(2, "B", weight=1), Candidate(3, "C", weight=2, cases_here=1)
    assert [one.officer for one in propose([busy, free, here])] == [3, 2, 1]
    assert set(WEIGHTS) == {"very high", "high", "medium", "low"}


def test_references_are_read_however_they_are_typed() -> None:
    made = {references.new_reference("R") for _ in range(200)}
    assert len(made) == 200
    for one in made:
        assert references.read_reference(one) == one
        assert references.read_reference(f" {one.lower().replace('-', ' ')} ") == one
    assert references.read_reference("R-0000-AAAA") is None


@few
@given(moment=moments, pk=st.integers(0, 10**9))
def test_a_place_in_a_list_is_read_back(moment: datetime, pk: int) -> None:
    assert paging.read(paging.mark(moment, pk)) == (moment, pk)
    assert paging.read(f"{pk}") is None


def test_keys_are_version_7_and_rise_with_time() -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    keys = []
    for step in range(20):
        with clock.frozen(at + timedelta(milliseconds=step)):
            keys.append(new_key())
    assert keys == sorted(keys)
    assert {(key.version, key.variant) for key in keys} == {(7, "specified in RFC 4122")}


def test_a_sentence_is_guarded_by_the_closest_class() -> None:
    assert set(GUARDED) == set(DataClass)
    assert guard(["fire", "health", "identity"]) == "health"
    assert guard([]) == "risk"


@pytest.mark.parametrize(
    ("unfinished", "outcome", "faults"),
    [
        (Unfinished(), "needs met", 0),
        (Unfinished(needs=1, actions=2, visits=1, onward=1), "needs met", 4),
        (Unfinished(needs=1, actions=2), "died", 0),
        (Unfinished(concerns=1), "died", 1),
        (Unfinished(), "whatever", 1),
    ],
)
def test_what_stands_against_closing(unfinished: Unfinished, outcome: str, faults: int) -> None:
    assert len(cases.closing_faults(outcome, "All is well now", unfinished)) == faults


DAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("consents", "standing"),
    [
        ([], ConsentStanding.NONE),
        ([ConsentFacts(True, DAY)], ConsentStanding.HOLDS),
        ([ConsentFacts(True, DAY, DAY + timedelta(1))], ConsentStanding.HOLDS),
        ([ConsentFacts(True, date(2026, 5, 1), DAY)], ConsentStanding.EXPIRED),
        ([ConsentFacts(True, DAY, withdrawn=True)], ConsentStanding.WITHDRAWN),
        ([ConsentFacts(True, DAY, ask_again=True)], ConsentStanding.ASK_AGAIN),
        ([ConsentFacts(False, DAY)], ConsentStanding.REFUSED),
        ([ConsentFacts(False, DAY, override="a child is at risk of harm")],
         ConsentStanding.OVERRIDE),
        ([ConsentFacts(True, date(2026, 5, 1)), ConsentFacts(False, DAY)],
         ConsentStanding.REFUSED),
    ],
)  # fmt: skip
def test_consent_stands_as_it_was_last_given(
    consents: list[ConsentFacts], standing: ConsentStanding
) -> None:
    assert cases.consent_standing(consents, DAY) is standing


def test_a_record_of_consent_says_who_decides() -> None:
    assert not cases.consent_faults(True, "has capacity", "", "", "")
    assert cases.consent_faults(True, "not assessed", "", "", "")
    assert cases.consent_faults(True, "a parent consents", "", "", "")
    assert (
        len(cases.consent_faults(True, "has capacity", "", "a child is at risk of harm", "")) == 2
    )


@given(parts=st.tuples(*[st.sampled_from([True, False, None])] * 3))
def test_section_42_needs_all_three_and_unknown_is_never_no(parts: tuple[bool | None, ...]) -> None:
    found = cases.section_42(parts)
    assert (found is Section42.MET) is (parts == (True, True, True))
    assert (found is Section42.NOT_MET) is (False in parts)
