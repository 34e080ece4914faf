"""Changes of recording are found; seasons, trends, chance and single odd months are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.lake.breaks import (
    Gap,
    Series,
    family,
    find_breaks,
    find_gaps,
    unusual,
)
from triservice.kernel.errors import InputError
from triservice.kernel.month import months_between, next_month

# Devon & Cornwall, crimes a month, May 2022 to April 2025 (data.police.uk, Open Government
# Licence v3): a new records system from April 2023, recovered from in December.
DEVON_AND_CORNWALL = [
    9895, 10070, 10534, 11169, 9719, 9583, 7741, 8895, 8428, 8342, 9239,
    7055, 6907, 7418, 6831, 7981, 7424, 7079, 6691,
    10539, 10435, 10358, 11638, 11850, 13216, 12999, 13491, 13108, 11617, 12205, 11431, 10583,
    11046, 10607, 11928, 11916,
]  # fmt: skip


def year_of(n: int, first: str = "2020-01") -> list[str]:
    return months_between(first, next_month(first, n - 1))


def found(counts, first: str = "2020-01") -> list[str]:
    return [b.month for b in find_breaks(year_of(len(counts), first), counts)]


def test_devon_and_cornwall_december_2023():
    breaks = find_breaks(months_between("2022-05", "2025-04"), DEVON_AND_CORNWALL)
    assert "2023-12" in [b.month for b in breaks]
    rise = next(b for b in breaks if b.month == "2023-12")
    assert rise.before == pytest.approx(7067, abs=60)  # the median of April to November 2023
    assert rise.after == pytest.approx(11_600, abs=250)
    # Nothing but the fall into that trough may stand beside it.
    assert {b.month for b in breaks} <= {"2023-04", "2023-12"}


@pytest.mark.parametrize("short", range(17, 36))
def test_it_is_found_as_soon_as_there_are_a_few_months_behind_it(short):
    """Cut off while still young: from four months on (cut 23) the rise is there."""
    breaks = found(DEVON_AND_CORNWALL[:short], "2022-05")
    if short >= 23:
        assert "2023-12" in breaks
    else:
        assert "2023-12" not in breaks[:-1]


def season(n: int, swing: float, level: float = 1000) -> np.ndarray:
    return level * (1 + swing * np.sin(2 * np.pi * np.arange(n) / 12))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [12, 18, 24, 36, 60])
@pytest.mark.parametrize("swing", [0.0, 0.1, 0.2, 0.3])
def test_seasons_and_chance_are_no_breaks(n, swing, seed):
    counts = np.random.default_rng(seed).poisson(season(n, swing))
    assert found(counts) == []


@pytest.mark.parametrize("growth", [-0.25, -0.1, 0.1, 0.25])
def test_a_trend_is_no_break(growth):
    counts = 2000 * (1 + growth) ** (np.arange(60) / 12)
    assert found(np.random.default_rng(3).poisson(counts)) == []


@pytest.mark.parametrize("factor", [0.05, 0.3, 3.0, 8.0])
def test_one_odd_month_is_no_break(factor):
    counts = season(36, 0.1)
    counts[17] *= factor
    assert found(np.round(counts)) == []


def test_part_of_a_first_and_of_a_last_month_is_no_break():
    counts = np.full(12, 9000.0)
    counts[0], counts[-1] = 2500, 400
    assert found(counts) == []


@pytest.mark.parametrize("factor", [0.5, 0.65, 1.6, 2.5])
@pytest.mark.parametrize("at", [5, 12, 20, 31])
@pytest.mark.parametrize("swing", [0.0, 0.15])
def test_a_planted_break_is_found_in_its_month(factor, at, swing):
    counts = season(36, swing)
    counts[at:] *= factor
    assert year_of(36)[at] in found(np.random.default_rng(at).poisson(counts))


def test_small_counts_waver_too_much_to_say():
    counts = np.random.default_rng(1).poisson(3, 36)
    assert found(counts) == []


@pytest.mark.parametrize("counts", [[], [5], [5, 6, 7, 8, 900], [0] * 20])
def test_too_short_or_empty_says_nothing(counts):
    assert found(counts) == []


def test_a_break_needs_neighbours_not_a_gap():
    """Levels on the two sides of missing months are not compared: years lie between."""
    months = [*months_between("2018-10", "2019-06"), *months_between("2025-01", "2025-09")]
    assert find_breaks(months, [5000] * 9 + [9000] * 9) == []
    assert find_gaps(months) == [Gap("2019-07", "2024-12")]


def test_the_sentence_names_series_month_and_levels():
    series = Series("police-uk dorset-street", "police", {})
    counts = dict(zip(year_of(36), [1000] * 18 + [1500] * 18, strict=True))
    breaks, gaps = unusual([Series(series.name, series.service, counts)])
    assert gaps == []
    said = breaks[0].sentence()
    for part in ("police-uk dorset-street", "police", "2021-07", "1,500", "1,000", "+50%"):
        assert part in said
    assert breaks[0].as_json()["ratio"] == 1.5


@pytest.mark.parametrize(
    ("months", "counts", "said"),
    [
        (["2020-01"], [1, 2], "do not go together"),
        (["2020-02", "2020-01"], [1, 2], "in order"),
        (["2020-01", "2020-01"], [1, 2], "in order"),
        (["2020-01"], [-1], "not negative"),
        (["2020-01"], [float("nan")], "not negative"),
    ],
)
def test_what_is_no_series_is_refused(months, counts, said):
    with pytest.raises(InputError, match=said):
        find_breaks(months, counts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**7), max_size=40))
def test_any_series_gives_breaks_inside_it_and_real_changes(counts):
    months = year_of(max(len(counts), 1))[: len(counts)]
    for one in find_breaks(months, counts):
        place = months.index(one.month)
        assert 3 <= place <= len(counts) - 3
        assert one.before > 0
        assert one.ratio >= 0


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("2025-06-devon-and-cornwall-street.csv.gz", "devon-and-cornwall-street"),
        ("x/y/2018-10-devon-and-cornwall-street.csv", "devon-and-cornwall-street"),
        ("lfb_incidents_2017-01_2017-03.csv.gz", "lfb_incidents"),
        ("CAD export Jan 2024.xlsx", "CAD export"),
        ("calls_20240131.csv", "calls"),
        ("marches.csv", "marches"),
        ("2024.csv", "2024"),
    ],
)
def test_files_that_differ_in_their_dates_are_one_series(file, name):
    assert family(file) == name
