"""Unusual patterns: what is one and what is not, on each side of each line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.access import patterns
from triservice.access.patterns import HOUR, About, Doing, Pattern, Touch, find

NOON = datetime(2026, 6, 1, 11, tzinfo=UTC)  # noon in summer time
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
ROW = Touch("anna", "E01", "smith", "100")


def doing(after: timedelta, seq: int = 1, **rest: object) -> Doing:
    return Doing(seq, NOON + after, 7, **({"allowed": True, "touched": (ROW,)} | rest))  # type: ignore[arg-type]


def kinds(doings: list[Doing], **about: object) -> set[Pattern]:
    return {alert.pattern for alert in find(doings, {7: About(**about)})}  # type: ignore[arg-type]


def test_many_records_within_an_hour_and_not_over_two() -> None:
    half = patterns.MANY_ROWS // 2
    rows = (ROW,) * half
    assert kinds([doing(0 * HOUR, touched=rows), doing(HOUR - SECOND, 2, touched=rows)]) == {
        Pattern.MANY_READS
    }
    assert not kinds([doing(0 * HOUR, touched=rows), doing(HOUR, 2, touched=rows)])
    assert not kinds([doing(0 * HOUR, touched=(ROW,) * (patterns.MANY_ROWS - 1))])
    assert not kinds([doing(0 * HOUR, touched=(ROW,) * 100, allowed=False)])


def test_many_refusals_are_a_pattern_of_their_own() -> None:
    tries = [doing(i * MINUTE, i, allowed=False) for i in range(patterns.MANY_REFUSALS)]
    assert kinds(tries) == {Pattern.MANY_REFUSALS}
    assert not kinds(tries[1:])


def test_emergencies_within_a_week() -> None:
    def breaks(gap: timedelta) -> list[Doing]:
        count = patterns.MANY_EMERGENCIES
        return [doing(i * gap, i, emergency=True, touched=()) for i in range(count)]

    apart = patterns.WEEK / (patterns.MANY_EMERGENCIES - 1)
    assert kinds(breaks(apart - MINUTE)) == {Pattern.MANY_EMERGENCIES}
    assert not kinds(breaks(apart))


def test_whom_an_officer_put_into_cases_and_read_of_then() -> None:
    def put(who: int) -> Doing:
        return doing(who * MINUTE, who, agency=1, put=frozenset({f"{who}", f"also {who}"}))

    def read(who: int, after: timedelta = HOUR, **of: object) -> Doing:
        touch = Touch(f"also {who}", **({"owner": 2, "data_class": "police"} | of))  # type: ignore[arg-type]
        return doing(after + who * MINUTE, 100 + who, agency=1, touched=(touch,))

    whom = range(patterns.MANY_PUT_IN)
    added, reads = [put(who) for who in whom], [read(who) for who in whom]
    found = {Pattern.PUT_INTO_CASES}
    assert kinds(added + reads) == found
    assert not kinds(added)  # put in, and nothing read
    assert not kinds(added[1:] + reads)  # one was known already
    assert not kinds(added + [read(0, each * HOUR) for each in (1, 2, 3)])  # one alone, often
    assert not kinds(added + [read(who, -HOUR) for who in whom])  # before only
    assert not kinds(added + [read(who, owner=1) for who in whom])  # what the agency holds itself
    assert not kinds(added + [read(who, data_class="identity") for who in whom])
    assert not kinds(added + [read(who, who * patterns.WEEK / 2) for who in whom])


TIES = [
    ({"ties": frozenset({"anna"})}, True),
    ({"ties": frozenset({"bert"})}, False),
    ({"tie_names": frozenset({("smith", "100")})}, True),  # the family of a declared tie
    ({"tie_names": frozenset({("smith", "200")})}, False),  # another house
    ({"tie_names": frozenset({("jones", "100")})}, False),  # another family there
    (
        {"surname": "Smith", "tie_names": frozenset({("jones", "100")})},
        True,
    ),  # one's own name
    ({"surname": "Smith"}, False),  # a common name is no tie
]


@pytest.mark.parametrize(("about", "found"), TIES)
def test_ties(about: dict[str, object], found: bool) -> None:
    assert (kinds([doing(0 * HOUR)], **about) == {Pattern.OWN_TIES}) is found


def test_an_attempt_on_a_tie_that_was_refused_is_told_too() -> None:
    assert kinds([doing(0 * HOUR, allowed=False)], ties=frozenset({"anna"})) == {Pattern.OWN_TIES}


def test_out_of_area_from_several_on_and_only_where_areas_are_known() -> None:
    far = [doing(i * MINUTE, i) for i in range(patterns.OUT_OF_AREA)]
    assert kinds(far, areas=frozenset({"E02"})) == {Pattern.OUT_OF_AREA}
    assert not kinds(far[1:], areas=frozenset({"E02"}))
    assert not kinds(far, areas=frozenset({"E01"}))
    assert not kinds(far)
    nowhere = [doing(i * MINUTE, i, touched=(Touch("anna"),)) for i in range(9)]
    assert not kinds(nowhere, areas=frozenset({"E02"}))


def test_out_of_hours_by_the_local_clock_or_by_duty() -> None:
    night = [doing(10 * HOUR + i * MINUTE, i) for i in range(patterns.OUT_OF_HOURS)]  # 10 pm
    assert kinds(night) == {Pattern.OUT_OF_HOURS}
    assert not kinds([doing(10 * HOUR - MINUTE, i) for i in range(9)])  # 9:59 pm in summer
    on_duty = ((NOON + 9 * HOUR, NOON + 12 * HOUR),)
    assert not kinds(night, duty=on_duty)
    assert kinds([doing(i * MINUTE, i) for i in range(9)], duty=on_duty) == {Pattern.OUT_OF_HOURS}
    assert not kinds([doing(10 * HOUR, i, touched=()) for i in range(9)])  # read nothing


def test_once_for_an_officer_a_kind_and_a_day() -> None:
    tries = [doing(i * MINUTE, i, allowed=False) for i in range(40)]
    tries += [doing(timedelta(days=1) + i * MINUTE, 100 + i, allowed=False) for i in range(40)]
    alerts = find(tries, {})
    assert [alert.at.day for alert in alerts] == [1, 2]
    others = [Doing(each.seq, each.at, 8, False) for each in tries]
    assert {alert.officer for alert in find(tries + others, {})} == {7, 8}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7200), st.integers(0, 40)), max_size=25))
def test_many_reads_as_counted_one_by_one(reads: list[tuple[int, int]]) -> None:
    done = [doing(s * SECOND, i, touched=(ROW,) * n) for i, (s, n) in enumerate(reads)]
    by_hand = any(
        sum(len(b.touched) for b in done if timedelta(0) <= a.at - b.at < HOUR)
        >= patterns.MANY_ROWS
        for a in done
        if a.touched
    )
    assert (Pattern.MANY_READS in kinds(done)) is by_hand
