"""The back-test against hand-worked weeks, and no knowledge of the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from triservice.analysis.near_repeat.backtest import METHODS, Backtest, backtest
from triservice.analysis.near_repeat.incidents import Incidents
from triservice.analysis.near_repeat.presets import load_rule
from triservice.analysis.near_repeat.scores import capture, score, wilson
from triservice.analysis.near_repeat.study import study_area
from triservice.analysis.synthetic import synthetic_county
from triservice.kernel.errors import InputError

DAY = np.timedelta64(86_400, "s")
FIRST = np.datetime64("2026-01-01T00:00:00", "s")


def incidents(x: np.ndarray, y: np.ndarray, days: np.ndarray, long: float = 0) -> Incidents:
    order = np.argsort(days)
    start = FIRST + np.round(np.asarray(days)[order] * 86_400).astype("timedelta64[s]")
    return Incidents(
        start=start,
        end=start + np.timedelta64(round(long * 86_400), "s"),
        day_only=np.zeros(len(start), bool),
        easting=np.asarray(x, float)[order],
        northing=np.asarray(y, float)[order],
        crs="EPSG:27700",
        time_zone="Europe/London",
        read=len(start),
        merged=0,
        notes=(),
    )


def county(near_repeat_share: float = 0.3) -> Incidents:
    made = synthetic_county(
        2, days=200, size_km=20, events=6_000, near_repeat_share=near_repeat_share,
        near_repeat_days=7,
    )  # fmt: skip
    own = made.of("secondary-fire")
    days = (made.happened[own] - made.happened[0]) / DAY
    return incidents(made.easting[own], made.northing[own], days)


@pytest.fixture(scope="module")
def answer() -> Backtest:
    return backtest(county(), load_rule(), 8)


def test_every_method_marks_the_same_area(answer: Backtest) -> None:
    assert [d.levels for d in answer.depths] == [
        ("hyper",), ("hyper", "red"), ("hyper", "red", "amber"),
    ]  # fmt: skip
    for depth in answer.depths:
        assert [s.method for s in depth.scores] == list(METHODS)
        assert len({s.area_km2 for s in depth.scores}) == 1
        chance = depth.scores[-1]
        assert chance.pai == pytest.approx(1)
        assert chance.rate_low is None
    areas = [d.scores[0].area_km2 for d in answer.depths]
    hits = [d.scores[0].hits for d in answer.depths]
    assert areas == sorted(areas)
    assert hits == sorted(hits)


def test_near_repeats_make_zones_better_than_chance_and_last_month(answer: Backtest) -> None:
    zones, density, month, chance = answer.depths[0].scores
    assert zones.pai is not None
    assert zones.pai > 3
    assert zones.hits > month.hits > chance.hits
    assert zones.zones_ahead == 0
    assert month.zones_ahead == pytest.approx(zones.rate - month.rate)
    assert month.zones_ahead_low is not None
    assert month.zones_ahead_high is not None
    assert month.zones_ahead_low <= month.zones_ahead <= month.zones_ahead_high
    for one in (zones, density, month):
        assert one.rate_low is not None
        assert one.rate_high is not None
        assert one.pei is not None
        assert 0 <= one.pei <= 1
        assert one.rate_low < one.rate < one.rate_high


def test_periods_bound_one_another_and_count_every_event_once(answer: Backtest) -> None:
    assert len(answer.periods) == 8
    ends = [p.end for p in answer.periods[:-1]]
    assert ends == [p.start for p in answer.periods[1:]]
    made = county()
    first, last = answer.periods[0].start, answer.periods[-1].end
    assert answer.events == int(((made.start >= first) & (made.start < last)).sum())
    assert (last - first) // DAY in (55, 56)  # a day lost or won by the clocks
    for period in answer.periods:
        for mark in period.marks:
            assert all(hits <= mark.ideal + 1e-9 for m, hits in mark.hits.items() if m != "zones")


def test_a_week_by_hand() -> None:
    """Two events a week at A; in the last week three at A, one 300 m and one 600 m off, one far."""
    x = [0.0] * 10 + [0, 0, 0, 300, 600, 9_000, 9_000]
    days = [0, 4, 7, 11, 14, 18, 21, 25, 28, 32, 36, 37, 38, 36.5, 39, 37.5, 42.2]
    found = backtest(incidents(np.array(x), np.zeros(17), np.array(days)), load_rule(), 1)
    (period,) = found.periods
    assert str(period.start) == "2026-02-05T00:00:00"  # day 35
    assert period.events == 6
    disc = np.pi * 0.4**2
    assert [m.area_km2 for m in period.marks] == pytest.approx([disc] * 3, rel=0.01)  # four events
    assert found.scores[0].hits == 4
    assert found.ring.hits == 1
    assert found.ring.width_m == 400
    assert found.ring.area_km2 == pytest.approx(np.pi * (0.8**2 - 0.4**2), rel=0.01)
    assert found.study_km2 == 2  # the square kilometres of A with both neighbours' 300 and 600, far
    expected = 6 * found.ring.area_km2 / 2
    assert found.ring.expected == pytest.approx(expected)
    assert found.scores[0].pai == pytest.approx((4 / 6) / (period.marks[-1].area_km2 / 2))


def test_the_future_does_not_reach_the_zones() -> None:
    """Moving what happens in and after a week changes its hits and never what was marked."""
    made = county()
    rule = load_rule()
    before = backtest(made, rule, 3)
    boundary = before.periods[1].start
    later = made.start >= boundary
    moved = replace(made, easting=np.where(later, made.easting[::-1], made.easting))
    study = study_area(np.r_[made.easting, moved.easting], np.r_[made.northing, moved.northing])
    one, two = (backtest(m, rule, 3, study=study).periods for m in (made, moved))
    assert one[0] == two[0]
    assert [m.area_km2 for m in one[1].marks] == [m.area_km2 for m in two[1].marks]
    assert one[1].marks != two[1].marks


def test_spans_are_not_known_before_they_end() -> None:
    """A span that crosses the boundary of two periods gives no zone and is counted once."""
    days = np.array([0.0, 20, 35.9, 41, 43])
    made = incidents(np.zeros(5), np.zeros(5), days, long=0.5)
    found = backtest(made, load_rule(), 1)
    (period,) = found.periods
    assert period.events == 2  # 35.9 to 36.4, its middle in the period; and 41
    assert [round(m.area_km2, 6) for m in period.marks] == [0, 0, 0]


def test_same_seed_same_answer(answer: Backtest) -> None:
    assert backtest(county(), load_rule(), 8) == answer


def test_too_short_a_time_is_refused_with_what_is_possible() -> None:
    made = incidents(np.zeros(40), np.zeros(40), np.arange(40.0))
    with pytest.raises(InputError, match=r"cover 39 whole days.*Ask for at most 3"):
        backtest(made, load_rule(), 12)
    with pytest.raises(InputError, match="Import a longer time"):
        backtest(made.take(np.arange(10)), load_rule(), 1)
    with pytest.raises(InputError, match="cover 0 whole days"):
        backtest(incidents(np.zeros(4), np.zeros(4), np.full(4, 0.5)), load_rule(), 1)
    with pytest.raises(InputError, match="at least two incidents"):
        backtest(made.take(np.arange(1)), load_rule(), 1)
    with pytest.raises(InputError, match="at least one period"):
        backtest(made, load_rule(), 0)


def test_weeks_without_events_are_refused() -> None:
    made = incidents(np.zeros(3), np.zeros(3), np.array([0.0, 1, 99]))
    with pytest.raises(InputError, match="no incident"):
        backtest(made, load_rule(), 2)


# --- scores and study area ------------------------------------------------------------------------


def test_capture_takes_the_best_cells_and_shares_equals() -> None:
    worth = np.array([5.0, 3, 3, 3, 0, 0])
    actual = np.array([1.0, 9, 0, 0, 4, 2])
    assert capture(worth, actual, 1) == 1
    assert capture(worth, actual, 2) == 1 + 9 / 3
    assert capture(worth, actual, 2.5) == 1 + 9 / 2
    assert capture(worth, actual, 4) == 10
    assert capture(worth, actual, 5) == 13
    assert capture(worth, actual, 6) == 16
    assert capture(worth, actual, 0.5) == 0.5
    assert capture(worth, actual, 0) == 0
    assert capture(np.zeros(6), actual, 3) == 8  # all equal: half of everything


def test_wilson_interval_of_the_literature() -> None:
    """Newcombe (1998), Table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0, 1)


def test_indices_by_hand() -> None:
    """Ten and thirty events, 4 and 6 hits, on 1 and 3 of 100 km²; at best 8 and 12."""
    pair = np.array
    one = score("zones", pair([4.0, 6]), pair([10.0, 30]), pair([1.0, 3]), 100,
                ideal=pair([8.0, 12]), beside=pair([4.0, 6]))  # fmt: skip
    assert one.rate == 0.25
    assert one.area_share == pytest.approx((10 * 1 + 30 * 3) / (40 * 100))
    assert one.pai == pytest.approx(10)
    assert one.pei == 0.5
    assert one.area_km2 == 2
    assert one.zones_ahead_low is None  # two periods are too few


def test_study_area_is_where_anything_happened() -> None:
    x = np.array([100.0, 900, 5_500, 9e6])
    y = np.array([100.0, 900, 2_500, 9e6])
    area = study_area(np.r_[x, np.full(9, 150.0)], np.r_[y, np.full(9, 150.0)])
    assert area.km2 == 2
    assert area.cells == 50
    assert area.holds([100, 5_999, 3_000, 9e6], [100, 2_001, 100, 9e6]).tolist() == [
        True, True, False, False,
    ]  # fmt: skip
    assert area.count(x, y).sum() == 3
    west, south = area.centres()
    assert area.holds(west, south).all()
