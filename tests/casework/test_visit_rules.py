"""Rules of visits: the order of a day, when what was fitted is looked at, a parent's consent."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.casework.cases.rules import ConsentFacts
from triservice.casework.visits.routing import Stop, length, shorter
from triservice.casework.visits.rules import check_by, lasts_until, months_after, parents_first
from triservice.schemes import catalogue

METRES = st.floats(0, 700_000, allow_nan=False)
PLACES = st.one_of(st.none(), st.tuples(METRES, METRES))
DAYS = st.lists(st.tuples(PLACES, st.booleans()), max_size=9).map(
    lambda found: [
        Stop(key, *(place or (None, None)), fixed) for key, (place, fixed) in enumerate(found)
    ]
)


@given(DAYS)
@settings(max_examples=150, deadline=None)
def test_an_order_is_never_longer_has_every_visit_once_and_keeps_fixed_times(
    day: list[Stop],
) -> None:
    found = shorter(day)
    assert sorted(stop.key for stop in found) == [stop.key for stop in day]
    assert length(found) <= length(day) + 1e-6
    for place, stop in enumerate(day):
        if stop.stays:
            assert found[place] is stop
    assert length(shorter(found)) <= length(found) + 1e-6


@given(st.lists(st.tuples(METRES, METRES), min_size=2, max_size=5, unique=True))
@settings(max_examples=40, deadline=None)
def test_an_order_of_few_is_close_to_the_best_there_is(points: list[tuple[float, float]]) -> None:
    day = [Stop(key, *point) for key, point in enumerate(points)]
    best = min(length(order) for order in permutations(day))
    assert length(shorter(day)) <= best * 1.25 + 1e-6


def test_villages_on_a_line_are_visited_along_it() -> None:
    day = [Stop(key, float(east), 0.0) for key, east in enumerate((0, 9000, 1000, 8000, 2000))]
    assert [stop.key for stop in shorter(day)] in ([0, 2, 4, 3, 1], [1, 3, 4, 2, 0])
    fixed = [Stop(0, 0.0, 0.0), Stop(1, 9000.0, 0.0, fixed=True), Stop(2, 1000.0, 0.0)]
    assert shorter(fixed)[1].key == 1


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 240))
@settings(max_examples=60)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == min(
        day.day, (months_after(later.replace(day=1), 1) - timedelta(days=1)).day
    )


def test_what_does_not_expire_or_need_not_be_checked_has_no_day() -> None:
    assert lasts_until(date(2024, 2, 29), 10) == date(2034, 2, 28)
    assert lasts_until(date(2026, 6, 1), 0) is None
    assert check_by(date(2026, 6, 1), 12) == date(2027, 6, 1)
    assert check_by(date(2026, 6, 1), 0) is None


SAID = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ([], True),
        ([ConsentFacts(True, SAID)], False),
        ([ConsentFacts(False, SAID)], True),
        ([ConsentFacts(True, SAID, withdrawn=True)], True),
        ([ConsentFacts(True, SAID, expires_on=date(2026, 6, 2))], True),
        ([ConsentFacts(False, SAID, override="serious risk of harm to them or others")], True),
    ],
)
def test_a_parent_agrees_before_a_child_takes_part(
    said: list[ConsentFacts], asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRISERVICE_SCHEMES", raising=False)
    found = parents_first(catalogue.scheme("fire-setter"), said, date(2026, 6, 2))
    assert (found is not None) is asked
    assert parents_first(catalogue.scheme("tri-service-officer"), said, date(2026, 6, 2)) is None
