"""The Knox test against brute force, full enumeration, its published example and known truth."""

from __future__ import annotations

import math
from itertools import permutations as all_orders

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.near_repeat import permute
from triservice.analysis.near_repeat.knox import Band, Knox, knox
from triservice.analysis.near_repeat.moments import graph, moments, upper_tail
from triservice.analysis.synthetic import synthetic_county
from triservice.kernel.errors import InputError

DISTANCES, DAYS = (10.0, 20.0, 40.0), (2.0, 5.0)


def invented(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return *rng.integers(0, 120, (2, n)).astype(float), rng.integers(0, 30, n).astype(float)


def count(x: np.ndarray, y: np.ndarray, t: np.ndarray, band: Band) -> int:
    """Count the pairs of a band by looking at every pair."""
    first, second = np.triu_indices(len(x), 1)
    apart = np.hypot(x[first] - x[second], y[first] - y[second])
    later = np.abs(t[first] - t[second])

    def between(value: np.ndarray, low: float, high: float) -> np.ndarray:
        return ((value > low) | (low == 0)) & (value <= high)

    near = between(apart, band.distance_from, band.distance_to)
    return int((near & between(later, band.days_from, band.days_to)).sum())


@pytest.mark.parametrize("n", [0, 1, 2, 3, 150])
def test_observed_counts_are_those_of_brute_force(n: int) -> None:
    x, y, t = invented(n)
    found = knox(x, y, t, DISTANCES, DAYS, permutations=3)
    assert len(found.bands) == len(found.cumulative) == 6
    for band in (*found.bands, *found.cumulative, *found.same_place):
        assert band.observed == count(x, y, t, band)
    for band in found.elsewhere:
        same = next(b for b in found.same_place if b.days_to == band.days_to)
        first = next(b for b in found.bands if (b.distance_from, b.days_to) == (0, band.days_to))
        assert band.observed + same.observed == first.observed


def test_permuted_counts_are_those_of_shuffled_times() -> None:
    """Recount by brute force what the engine counted under its own permutations."""
    x, y, t = invented(60, seed=5)
    found = knox(x, y, t, (30.0,), (4.0,), permutations=130, seed=9)
    shuffled = np.array([permute._permutation(60, 9, k) for k in range(131)])
    assert (np.sort(shuffled, axis=1) == np.arange(60)).all()
    assert (shuffled[0] == np.arange(60)).all()
    assert len({tuple(row) for row in shuffled}) == 131
    order = permute_order(x, y, 30.0)
    counts = [count(x[order], y[order], t[order][row], found.cumulative[0]) for row in shuffled]
    assert counts[0] == found.cumulative[0].observed
    at_least = sum(c >= counts[0] for c in counts[1:])
    assert found.cumulative[0].p_permutation == (1 + at_least) / 131
    assert found.cumulative[0].expected_median == np.median(counts[1:])


def permute_order(x: np.ndarray, y: np.ndarray, radius: float) -> np.ndarray:
    from triservice.analysis.near_repeat.pairs import sort_events

    return sort_events(x, y, radius).order


def test_permutations_are_even() -> None:
    """Every order of four things, and every place of the first, is as likely as another."""
    orders = [tuple(permute._permutation(4, 1, k)) for k in range(1, 24_001)]
    assert len(set(orders)) == math.factorial(4)
    each = np.unique(orders, axis=0, return_counts=True)[1]
    chi_square = ((each - 1000) ** 2 / 1000).sum()
    assert chi_square < 49.7  # 99.9% of chi-square with 23 degrees of freedom


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_moments_are_those_of_every_possible_order(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 6))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    near, soon = (np.triu(rng.random((n, n)) < share, 1) for share in (0.5, 0.4))
    near, soon = near | near.T, soon | soon.T
    counts = [(near & soon[np.ix_(order, order)]).sum() / 2 for order in all_orders(range(n))]
    mean, variance = moments(graph(near.sum(0)), graph(soon.sum(0)), n)
    assert mean == pytest.approx(np.mean(counts))
    assert variance == pytest.approx(np.var(counts), abs=1e-12)


def test_upper_tail_of_the_three_families() -> None:
    assert upper_tail(3, 2.0, 2.0) == pytest.approx(1 - 5 * math.exp(-2), rel=1e-9)  # Poisson
    assert upper_tail(10, 5.0, 2.5) == pytest.approx(0.5**10, rel=1e-9)  # ten fair coins
    assert upper_tail(1, 1.0, 2.0) == pytest.approx(0.5, rel=1e-9)  # geometric
    assert upper_tail(0, 5.0, 9.0) == 1.0
    assert upper_tail(2, 2.0, 0.0) == 1.0
    assert upper_tail(3, 2.0, 0.0) == 0.0


def test_both_p_values_agree() -> None:
    x, y, t = invented(400, seed=2)
    for band in knox(x, y, t, DISTANCES, DAYS, permutations=1999).bands:
        assert band.p_permutation is not None
        error = math.sqrt(band.p_moments * (1 - band.p_moments) / 1999)
        assert abs(band.p_permutation - band.p_moments) < 4 * error + 0.02
        assert band.expected_median == pytest.approx(band.expected, rel=0.05, abs=1)


def test_without_permutations_the_moments_remain() -> None:
    x, y, t = invented(100)
    some, none = (knox(x, y, t, DISTANCES, DAYS, permutations=p) for p in (19, 0))
    assert [b.p_moments for b in some.bands] == [b.p_moments for b in none.bands]
    assert none.bands[0].p_permutation is None
    assert none.bands[0].expected_median is None


@pytest.mark.parametrize("kept", [0, 10**9])
def test_same_answer_whatever_the_threads_and_the_memory(
    monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    x, y, t = invented(300)
    whole = knox(x, y, t, DISTANCES, DAYS, permutations=99, threads=1)
    assert knox(x, y, t, DISTANCES, DAYS, permutations=99, threads=3) == whole
    monkeypatch.setattr(permute.PairStore.__init__, "__defaults__", (kept, 150))
    assert knox(x, y, t, DISTANCES, DAYS, permutations=99) == whole
    assert knox(x, y, t, DISTANCES, DAYS, permutations=99, seed=2) != whole


@pytest.mark.parametrize("unit", [1 / 86_400, 1.0])
def test_times_in_seconds_and_in_days_give_exact_limits(unit: float) -> None:
    t = np.array([0.0, 2.0, 2.0 + unit])  # on the limit, and just beyond it
    found = knox(np.zeros(3), np.zeros(3), t, (1.0,), (2.0,), permutations=0)
    assert found.cumulative[0].observed == 2
    dated = np.datetime64("2026-01-01", "s") + np.round(t * 86_400).astype("timedelta64[s]")
    assert knox(np.zeros(3), np.zeros(3), dated, (1.0,), (2.0,), permutations=0) == found


def test_times_over_a_century_are_still_exact() -> None:
    t = np.array([0.0, 40_000.0, 40_002.0 + 1 / 86_400, 40_002.0])
    found = knox(np.zeros(4), np.zeros(4), t, (1.0,), (2.0,), permutations=9)
    assert found.cumulative[0].observed == 2


def test_the_published_example_of_pointpats() -> None:
    """Burkitt's lymphoma, West Nile district: 13 pairs, expected 10.14 (pointpats' manual)."""
    libpysal = pytest.importorskip("libpysal")
    from pyogrio.raw import read

    fields, columns = (got := read(libpysal.examples.get_path("burkitt.shp")))[0]["fields"], got[3]
    events = dict(zip(fields, columns, strict=True))
    found = knox(events["X"], events["Y"], events["T"], (20.0,), (5.0,), permutations=999)
    band = found.cumulative[0]
    assert band.observed == 13
    assert band.expected == pytest.approx(10.1438161, rel=1e-7)
    assert band.p_permutation == pytest.approx(0.2, abs=0.05)


def test_agrees_with_pointpats() -> None:
    pointpats = pytest.importorskip("pointpats")
    x, y, t = invented(200, seed=8)
    theirs = pointpats.Knox(np.column_stack((x, y)), t[:, None], 20, 5, permutations=499)
    ours = knox(x, y, t, (20.0,), (5.0,), permutations=499).cumulative[0]
    assert ours.observed == theirs.statistic_
    assert ours.expected == pytest.approx(theirs.expected[0, 0])
    assert ours.p_permutation == pytest.approx(theirs.p_sim, abs=0.12)


# --- known truth ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chained() -> Knox:
    county = synthetic_county(seed=3, days=300, events=25_000, near_repeat_days=7)
    own = county.of("burglary")
    return knox(
        county.easting[own],
        county.northing[own],
        county.time_from[own],
        (200, 400),
        (7, 14),
        time_to=county.time_to[own],
        permutations=199,
    )


def test_finds_the_chains_that_were_made(chained: Knox) -> None:
    near_soon, near_late, far_soon, far_late = chained.bands
    assert near_soon.p_permutation == 1 / 200
    assert near_soon.p_moments < 1e-6
    assert near_soon.ratio_low is not None
    assert near_soon.ratio_low > 1.2
    for band in (near_late, far_soon, far_late):
        assert band.ratio is not None
        assert near_soon.ratio is not None
        assert band.ratio < near_soon.ratio - 0.15
    assert chained.draws == 8


def test_no_chains_no_finding_and_intervals_that_hold_one() -> None:
    p_values, held = [], 0
    for seed in range(60):
        county = synthetic_county(seed, days=100, size_km=15, events=1_200, near_repeat_share=0)
        own = county.of("police")
        band = knox(
            county.easting[own], county.northing[own], county.happened[own], (300,), (7,),
            permutations=99, seed=seed,
        ).bands[0]  # fmt: skip
        p_values.append(band.p_permutation)
        assert band.ratio_low is not None
        assert band.ratio_high is not None
        held += band.ratio_low <= 1 <= band.ratio_high
    spread = np.sort(np.array(p_values, float))
    distance = np.abs(spread - (np.arange(60) + 0.5) / 60).max()
    assert distance < 0.25  # Kolmogorov-Smirnov, 0.1%
    assert held >= 50  # nominally 57


# --- spans ----------------------------------------------------------------------------------------


def test_spans_count_the_chance_of_being_near() -> None:
    """One event known to the second, one only to a span of four days: half of it is within two."""
    place = np.zeros(400)
    start = np.tile([0.0, 0.0], 200) + np.repeat(np.arange(200) * 100.0, 2)
    end = start + np.tile([0.0, 4.0], 200)
    found = knox(place, place, start, (1.0,), (2.0,), time_to=end, permutations=0)
    assert found.cumulative[0].observed == pytest.approx(100, rel=0.01)


def test_spans_of_no_length_are_exact_times() -> None:
    x, y, t = invented(80)
    exact = knox(x, y, t, DISTANCES, DAYS, permutations=99)
    assert knox(x, y, t, DISTANCES, DAYS, permutations=99, time_to=t) == exact
    assert exact.draws == 1


def test_moments_with_spans_bound_the_permutations() -> None:
    x, y, t = invented(150, seed=4)
    rng = np.random.default_rng(1)
    found = knox(
        x, y, t, (30.0,), (5.0,), time_to=t + rng.uniform(0, 6, 150), permutations=999
    ).bands[0]  # fmt: skip
    assert found.p_permutation is not None
    assert found.expected == pytest.approx(found.expected_median, rel=0.05)
    assert found.p_moments == pytest.approx(found.p_permutation, abs=0.1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"distances_m": (100, 100)}, "above the one before"),
        ({"distances_m": ()}, "from one to fifty"),
        ({"days": (0, 7)}, "above 0"),
        ({"distances_m": (1e308,)}, "too large"),
        ({"permutations": -1}, "from 0 to 1,000,000"),
        ({"permutations": 10**20}, "from 0 to 1,000,000"),
        ({"draws": 3}, "draws 1, 2, 4, 8 or 16"),
        ({"time": [1.0]}, "one time for each event"),
        ({"time": [1.0, np.nan]}, "no time"),
        ({"time": np.array(["2026-01-01", "NaT"], "datetime64[s]")}, "no time"),
        ({"time_to": [0.5, 3.0]}, "ends before it begins"),
    ],
)
def test_input_that_cannot_be_tested_is_refused(change: dict[str, object], sentence: str) -> None:
    given_ = {"easting": [0.0, 1.0], "northing": [0.0, 1.0], "time": [1.0, 2.0], **change}
    with pytest.raises(InputError, match=sentence):
        knox(**given_)  # type: ignore[arg-type]
