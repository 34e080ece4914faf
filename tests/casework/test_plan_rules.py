"""What a count before and after can bear, and what stands against closing a plan."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.casework.plans import rules
from triservice.casework.plans.rules import Counted

DAY = date(2025, 1, 1)
YEAR = timedelta(days=365)


def counted(count: int, first: date = DAY, days: int = 365) -> Counted:
    return Counted(count, first, first + timedelta(days=days - 1))


def words(before: Counted, after: Counted) -> str:
    return " ".join(rules.cautions(before, after))


def test_equal_periods_a_year_apart_and_a_change_beyond_chance_need_no_caution() -> None:
    before, after = counted(120), counted(60, DAY + YEAR)
    assert rules.cautions(before, after) == ()
    assert rules.change_said(before, after) == "9.2 → 4.6 in four weeks: 50% fewer"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (counted(120), counted(30, DAY + YEAR, 180), "365 days before and 180 days after"),
        (counted(120, days=90), counted(60, DAY + timedelta(180), 90), "parts of the year"),
        (counted(19), counted(2, DAY + YEAR), "below 20"),
        (counted(100), counted(90, DAY + YEAR), "Chance alone"),
        (counted(0), counted(0, DAY + YEAR), "Chance alone"),
    ],
)
def test_a_count_that_bears_little_says_so(before: Counted, after: Counted, said: str) -> None:
    assert said in words(before, after)


@settings(max_examples=60, deadline=None)
@given(
    before=st.integers(0, 60), after=st.integers(0, 60), days=st.integers(1, 400),
    later=st.integers(1, 400),
)  # fmt: skip
def test_chance_is_the_binomial_sum_by_hand(before: int, after: int, days: int, later: int) -> None:
    one, two = counted(before, days=days), counted(after, DAY + 2 * YEAR, later)
    total, share = before + after, days / (days + later)
    each = [math.comb(total, n) * share**n * (1 - share) ** (total - n) for n in range(total + 1)]
    by_hand = sum(p for p in each if p <= each[before] * (1 + 1e-9))
    assert rules.chance(one, two) == pytest.approx(by_hand, abs=1e-6)
    assert rules.chance(two, one) == pytest.approx(rules.chance(one, two), abs=1e-6)


def test_beyond_a_thousand_the_normal_approximation_goes_on_where_the_sum_ended() -> None:
    exact = rules.chance(counted(530), counted(470, DAY + YEAR))
    assert rules.chance(counted(531), counted(470, DAY + YEAR)) == pytest.approx(exact, abs=0.01)


def test_a_published_test_of_two_counts() -> None:
    """10 events against 20 in equal times: 0.0987 (twice the lower binomial tail at 1/2)."""
    tail = sum(math.comb(30, n) for n in range(11)) / 2**30
    assert rules.chance(counted(10), counted(20, DAY + YEAR)) == pytest.approx(2 * tail)
    assert 2 * tail == pytest.approx(0.0987, abs=1e-4)


def test_a_period_is_over_and_comes_after_the_one_before() -> None:
    today = date(2026, 6, 1)
    assert rules.period_faults(counted(1, today, 1), today) == []
    assert "not over" in rules.period_faults(counted(1, today, 2), today)[0]
    assert "before the first" in rules.period_faults(Counted(1, today, DAY), today)[0]
    before = counted(1, DAY, 10)
    assert rules.period_faults(counted(1, before.last, 1), today, before) != []
    assert rules.period_faults(counted(1, before.last + timedelta(1), 1), today, before) == []


def test_what_is_missing_of_an_assessment() -> None:
    assert rules.plan_cautions([], "", closed=False) == (rules.NOT_MEASURED,)
    assert rules.plan_cautions([False], "", closed=False) == (rules.NOT_AGAIN,)
    assert rules.plan_cautions([True, False], "", closed=False) == (rules.NOT_LOOKED,)
    assert rules.plan_cautions([True], "moved", closed=True) == ()
    assert rules.NOT_LOOKED in rules.plan_cautions([], "", closed=True)


WHY = "Bins are locked away at night now"


@pytest.mark.parametrize(
    ("outcome", "why", "responses", "again", "said"),
    [
        ("solved", WHY, 0, True, ""),
        ("given up", WHY, 0, False, ""),
        ("not known", WHY, 0, False, ""),
        ("reduced", WHY, 0, False, "Count the problem before and after"),
        ("worse", WHY, 0, False, "Count the problem before and after"),
        ("solved", WHY, 1, True, "1 response is still open"),
        ("solved", "Done", 0, True, "in a sentence or two"),
        ("splendid", WHY, 0, True, "Say what came of it"),
    ],
)
def test_a_plan_closes_only_with_what_can_be_said(
    outcome: str, why: str, responses: int, again: bool, said: str
) -> None:
    found = " ".join(rules.closing_faults(outcome, why, responses, again))
    assert (said in found) if said else (found == "")


@pytest.mark.parametrize(("days", "right"), [(-1, False), (0, False), (1, True), (366, True),
                                             (367, False)])  # fmt: skip
def test_a_review_lies_within_a_year(days: int, right: bool) -> None:
    assert (rules.review_faults(DAY + timedelta(days), DAY) == []) is right
    assert rules.review_faults(None, DAY) != []
