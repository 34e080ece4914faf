"""Mann–Kendall against every order of the values; classes one by one."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from triservice.analysis.hotspots.trend import CLASSES, emerging_hotspots, mann_kendall
from triservice.analysis.place.contiguity import grid_neighbours
from triservice.kernel.errors import InputError


def s_of(values: tuple[float, ...]) -> int:
    x = np.array(values)
    return int(sum(np.sign(x[i + 1 :] - x[i]).sum() for i in range(len(x) - 1)))


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.integers(0, 4), min_size=3, max_size=6))
def test_p_is_that_of_every_order_also_with_ties(values):
    tau, p = mann_kendall([values])
    observed = abs(s_of(tuple(values)))
    every = [abs(s_of(order)) for order in permutations(values)]
    if len(set(values)) == 1:
        assert np.isnan(tau[0])
        assert p[0] == 1
        return
    assert p[0] == pytest.approx(np.mean(np.array(every) >= observed))
    assert tau[0] == pytest.approx(stats.kendalltau(range(len(values)), values).statistic)


def test_p_is_scipys_exact_one_without_ties():
    rng = np.random.default_rng(1)
    series = rng.normal(size=(5, 14)) + 0.1 * np.arange(14)
    for row, p in zip(series, mann_kendall(series)[1], strict=True):
        exact = stats.kendalltau(np.arange(14), row, method="exact").pvalue
        assert p == pytest.approx(exact)


def test_long_series_with_ties_use_the_corrected_variance():
    # Gilbert (1987) form: var = [n(n−1)(2n+5) − Σ t(t−1)(2t+5)]/18, Z = (S − 1)/√var
    x = np.repeat(np.arange(20), 2).astype(float)
    x[[3, 30]] = x[[30, 3]]
    s = s_of(tuple(x))
    variance = (40 * 39 * 85 - 20 * 2 * 1 * 9) / 18
    expected = 2 * stats.norm.sf((abs(s) - 1) / np.sqrt(variance))
    assert mann_kendall([x])[1][0] == pytest.approx(expected)


def county(months: int, hot: dict[tuple[int, int], list[float]]) -> np.ndarray:
    """Return counts of a 20 × 20 lattice: even background, and blocks of 3 × 3 by month."""
    rng = np.random.default_rng(7)
    counts = rng.poisson(1.0, (400, months)).astype(float)
    for (row, column), extra in hot.items():
        for r in range(row - 1, row + 2):
            for c in range(column - 1, column + 2):
                counts[r * 20 + c] += extra
    return counts


def test_each_class_is_found_where_it_was_put():
    months = 12
    hot = {
        (3, 3): [12.0] * months,
        (3, 10): [0.0] * 11 + [12.0],
        (3, 16): [12.0] * 9 + [0.0] * 3,
        (10, 3): [9.0 + m for m in range(months)],
        (10, 10): [9.0 + m for m in range(months)][::-1],
        (10, 16): [12.0, 0.0] * 6,
    }
    result = emerging_hotspots(county(months, hot), grid_neighbours(20, 20))
    found = {place: str(result.classes[place[0] * 20 + place[1]]) for place in hot}
    assert found == {
        (3, 3): "persistent",
        (3, 10): "new",
        (3, 16): "historical",
        (10, 3): "intensifying",
        (10, 10): "diminishing",
        (10, 16): "sporadic",
    }
    assert result.classes[17 * 20 + 17] == "no pattern"
    assert set(result.classes) <= set(CLASSES)
    assert (result.classes == "no pattern").sum() > 250


def test_a_rise_everywhere_makes_no_hotspots():
    counts = county(12, {})
    counts[:, 6:] *= 3  # recording changed
    result = emerging_hotspots(counts, grid_neighbours(20, 20), breaks=["2023-12"])
    assert (result.classes == "no pattern").mean() > 0.97
    assert any("Recording changed in 2023-12" in note for note in result.notes)


def test_months_together_sum_their_events():
    counts = county(8, {(5, 5): [4.0] * 8})
    near = grid_neighbours(20, 20)
    pairs = emerging_hotspots(counts, near, months_together=2)
    alone = emerging_hotspots(counts[:, :-1] + counts[:, 1:], near)
    np.testing.assert_array_equal(pairs.hot, alone.hot)
    assert pairs.hot.shape == (400, 7)
    assert any("share events" in note for note in pairs.notes)


def test_caveats_on_short_series():
    near = grid_neighbours(20, 20)
    short = emerging_hotspots(county(6, {}), near)
    year = emerging_hotspots(county(12, {}), near)
    long = emerging_hotspots(county(24, {}), near)
    assert "short series" in short.notes[0]
    assert "season" in year.notes[0]
    assert long.notes == ()


def test_a_month_without_events_is_no_hotspot():
    counts = county(6, {(5, 5): [9.0] * 6})
    counts[:, 2] = 0
    result = emerging_hotspots(counts, grid_neighbours(20, 20))
    assert not result.hot[:, 2].any()
    assert (result.z[:, 2] == 0).all()


def test_refusals():
    near = grid_neighbours(20, 20)
    with pytest.raises(InputError, match="too few"):
        emerging_hotspots(county(2, {}), near)
    with pytest.raises(InputError, match="for each of 400"):
        emerging_hotspots(np.ones((3, 12)), near)
    with pytest.raises(InputError, match="recent months"):
        emerging_hotspots(county(6, {}), near, recent=6)
    with pytest.raises(InputError, match="judged together"):
        emerging_hotspots(county(6, {}), near, months_together=9)
    with pytest.raises(InputError, match="at least three finite"):
        mann_kendall([[1.0, np.nan, 2.0]])
