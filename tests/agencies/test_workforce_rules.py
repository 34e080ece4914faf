"""Rules of the workforce, by tables and against counting every day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triservice.agencies import rules
from triservice.agencies.rules import Period, PowerState, Standing
from triservice.kernel.access_words import Role

D = date(2026, 3, 27)
DAY = timedelta(days=1)
SPAN = [D + DAY * n for n in range(-3, 40)]

days = st.integers(0, 30).map(lambda n: D + DAY * n)
periods = st.tuples(days, st.none() | days).map(
    lambda pair: Period(min(pair[0], pair[1] or pair[0]), pair[1] and max(pair[0], pair[1]))
)


def covered(period: Period) -> set[date]:
    return {day for day in SPAN if period.covers(day)}


@given(periods, periods)
def test_periods_overlap_when_they_share_a_day(one: Period, other: Period) -> None:
    assert one.overlaps(other) == bool(covered(one) & covered(other))
    assert one.overlaps(other) == other.overlaps(one)


@given(periods, days)
def test_ending_a_period_keeps_the_days_before_and_adds_none(period: Period, day: date) -> None:
    ended = period.ended(day)
    assert covered(ended) == {d for d in covered(period) if d < day}
    assert ended.since == period.since
    assert ended.until is not None
    assert ended.until >= ended.since


@given(st.lists(periods, max_size=6), periods, st.integers(1, 3))
def test_first_full_day_agrees_with_counting_every_day(
    held: list[Period], wanted: Period, places: int
) -> None:
    full = [
        day
        for day in SPAN
        if wanted.covers(day) and sum(period.covers(day) for period in held) >= places
    ]
    assert rules.first_full_day(held, wanted, places) == (full[0] if full else None)


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, Standing.UNKNOWN),
        (D - DAY, Standing.EXPIRED),
        (D, Standing.EXPIRED),  # until is the first day without it
        (D + DAY, Standing.EXPIRING),
        (D + DAY * 60, Standing.EXPIRING),
        (D + DAY * 61, Standing.CURRENT),
    ],
)
def test_standing(until: date | None, expected: Standing) -> None:
    assert rules.standing(until, D) is expected


OPEN = Period(date.min)
POST = (Period(D - DAY * 100),)


@pytest.mark.parametrize(
    ("grant", "law", "posts", "active", "expected"),
    [
        (Period(D, D + DAY), OPEN, POST, True, PowerState.IN_FORCE),
        (Period(D + DAY), OPEN, POST, True, PowerState.NOT_BEGUN),
        (Period(D - DAY, D), OPEN, POST, True, PowerState.ENDED),
        (Period(D, D), OPEN, POST, True, PowerState.ENDED),
        (Period(D), None, POST, True, PowerState.UNKNOWN_POWER),
        (Period(D), Period(date.min, D), POST, True, PowerState.NOT_IN_LAW),
        (Period(D), Period(D + DAY), POST, True, PowerState.NOT_IN_LAW),
        (Period(D), OPEN, (), True, PowerState.NO_POST),
        (Period(D), OPEN, (Period(D - DAY * 9, D),), True, PowerState.NO_POST),
        (Period(D), OPEN, POST, False, PowerState.LEFT),
    ],
)
def test_power_state(
    grant: Period,
    law: Period | None,
    posts: tuple[Period, ...],
    active: bool,
    expected: PowerState,
) -> None:
    assert rules.power_state(grant, law, posts, active=active, day=D) is expected


@given(periods, st.none() | periods, st.lists(periods, max_size=3), st.booleans(), days)
def test_a_power_is_in_force_only_when_everything_holds(
    grant: Period, law: Period | None, posts: list[Period], active: bool, day: date
) -> None:
    state = rules.power_state(grant, law, posts, active=active, day=day)
    everything = (
        active
        and law is not None
        and law.covers(day)
        and grant.covers(day)
        and any(post.covers(day) for post in posts)
    )
    assert (state is PowerState.IN_FORCE) == everything


NINE = datetime(2026, 3, 27, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([], False),
        ([(NINE, None)], True),
        ([(NINE - HOUR, NINE)], False),  # the end is out
        ([(NINE + HOUR, None)], False),
        ([(NINE - HOUR, NINE), (NINE, NINE + HOUR)], True),
    ],
)
def test_on_duty(spells: list[tuple[datetime, datetime | None]], expected: bool) -> None:
    assert rules.on_duty(spells, NINE) is expected


OWN = "Nobody makes this change about themselves"
ELSEWHERE = "Your role makes this change for your own agency only"
NEVER = "Your role does not make this change"


@pytest.mark.parametrize(
    ("kind", "roles", "there", "oneself", "expected"),
    [
        ("people", {Role.ADMINISTRATOR}, set(), False, None),
        ("people", {Role.PROGRAMME_MANAGER}, set(), False, None),
        ("people", {Role.ADMINISTRATOR}, {Role.ADMINISTRATOR}, True, OWN),
        ("people", {Role.TEAM_LEADER}, {Role.TEAM_LEADER}, False, NEVER),
        ("people", {Role.OFFICER}, {Role.OFFICER}, False, NEVER),
        ("people", set(), set(), False, NEVER),
        ("leaving", {Role.TEAM_LEADER}, {Role.TEAM_LEADER}, False, None),
        ("leaving", {Role.TEAM_LEADER}, set(), False, ELSEWHERE),
        ("leaving", {Role.TEAM_LEADER, Role.OFFICER}, {Role.OFFICER}, False, ELSEWHERE),
        ("leaving", {Role.TEAM_LEADER}, {Role.TEAM_LEADER}, True, OWN),
        ("clearance", {Role.TRAINER}, {Role.TRAINER}, False, NEVER),
        ("training", {Role.TRAINER}, {Role.TRAINER}, False, None),
        ("duty", {Role.OFFICER}, {Role.OFFICER}, True, None),
        ("duty", {Role.OFFICER}, {Role.OFFICER}, False, NEVER),
        ("something else", {Role.OFFICER}, {Role.OFFICER}, False, NEVER),
    ],
)
def test_may_change(
    kind: str, roles: set[Role], there: set[Role], oneself: bool, expected: str | None
) -> None:
    assert rules.may_change(kind, roles, roles_there=there, oneself=oneself) == expected


@given(
    st.sampled_from([*rules.CHANGES, "unheard of"]),
    st.sets(st.sampled_from(list(Role))),
    st.sets(st.sampled_from(list(Role))),
)
def test_no_role_lets_people_change_themselves_except_their_duty(
    kind: str, roles: set[Role], there: set[Role]
) -> None:
    refused = rules.may_change(kind, roles | there, roles_there=there, oneself=True)
    assert (refused is None) == (kind == "duty")


@given(
    st.sampled_from(list(rules.CHANGES)),
    st.sets(st.sampled_from(list(Role))),
    st.sets(st.sampled_from(list(Role))),
)
def test_another_role_never_takes_a_right_away(
    kind: str, roles: set[Role], more: set[Role]
) -> None:
    fewer = rules.may_change(kind, roles, roles_there=roles, oneself=False)
    both = rules.may_change(kind, roles | more, roles_there=roles | more, oneself=False)
    assert fewer is not None or both is None


@pytest.mark.parametrize(
    ("leads", "expected"),
    [
        ({}, False),
        ({1: (2, 3), 2: (), 3: (4,)}, False),
        ({1: (1, None)}, True),
        ({1: (None, 2), 2: (3, None), 3: (None, 1)}, True),
        ({1: (2, None), 2: (3, None), 3: (2, None)}, False),  # a loop that 1 is not in
    ],
)
def test_leads_itself(leads: dict[int, tuple[int | None, ...]], expected: bool) -> None:
    assert rules.leads_itself(leads, 1) is expected


PARENTS = {"county": None, "district": "county", "ward": "district", "a": "b", "b": "a"}


@pytest.mark.parametrize(
    ("area", "covers", "expected"),
    [
        ("ward", ["county"], True),
        ("ward", ["ward"], True),
        ("county", ["ward"], False),
        ("nowhere", ["nowhere"], False),  # not an area that anybody knows
        ("", [""], False),
        ("a", ["county"], False),  # a loop ends
        ("ward", [], False),
    ],
)
def test_lies_within(area: str, covers: list[str], expected: bool) -> None:
    assert rules.lies_within(area, PARENTS, covers) is expected


@pytest.mark.parametrize(
    ("email", "domains", "expected"),
    [
        ("oz@fire.example", ["fire.example"], True),
        ("oz@FIRE.example", ["Fire.Example"], True),
        ("oz@sub.fire.example", ["fire.example"], False),
        ("oz@notfire.example", ["fire.example"], False),
        ("oz@fire.example@evil.example", ["fire.example"], False),
        ("oz@evil.example@fire.example", ["fire.example"], False),
        ("@fire.example", ["fire.example"], False),
        ("fire.example", ["fire.example"], False),
        ("oz@fire.example", [], False),
        ("oz@", [""], False),
    ],
)
def test_domain_allowed(email: str, domains: list[str], expected: bool) -> None:
    assert rules.domain_allowed(email, domains) is expected
