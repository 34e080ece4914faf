from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from triservice.analysis.overlap.correlation import (
    bootstrap_interval,
    concordance,
    effective_areas,
    interval,
    ranks,
    spearman,
    spearman_pairs,
)
from triservice.kernel.errors import InputError


def test_cornwall_gives_the_known_correlations(cornwall):
    found = spearman_pairs(cornwall.badness)
    assert round(found["police", "health"].r, 2) == 0.73
    assert round(found["police", "fires"].r, 2) == 0.41
    assert round(found["fires", "health"].r, 2) == 0.30
    assert {one.n for one in found.values()} == {73}


@given(
    arrays(np.float64, st.integers(4, 30), elements=st.integers(0, 6)),
    st.integers(0, 1000),
)
def test_agrees_with_scipy_ties_included(x, seed):
    y = np.random.default_rng(seed).integers(0, 5, x.size).astype(float)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        with pytest.raises(InputError, match="same value in every area"):
            spearman(x, y)
        return
    ours, theirs = spearman(x, y), stats.spearmanr(x, y)
    assert ours.r == pytest.approx(theirs.statistic, abs=1e-12)
    if abs(ours.r) < 0.999999:
        assert ours.p_ordinary == pytest.approx(theirs.pvalue, rel=1e-9)


def test_interval_by_hand():
    # Bonett and Wright: z = atanh 0.5 = 0.5493; half = 1.95996·√(1.125/25) = 0.41577
    low, high = interval(0.5, 28)
    assert low == pytest.approx(np.tanh(0.549306 - 0.415771), abs=1e-5)
    assert high == pytest.approx(np.tanh(0.549306 + 0.415771), abs=1e-5)
    assert interval(0.5, 3) == (-1.0, 1.0)
    assert interval(1.0, 30) == (1.0, 1.0)
    with pytest.raises(InputError, match="between 0 and 1"):
        interval(0.5, 28, 95)


def test_missing_values_are_left_out_area_by_area():
    x = np.array([1, 2, 3, np.nan, 5, 6, 7.0])
    y = np.array([2, 1, np.nan, 9, 5, 7, 6.0])
    kept = np.isfinite(x) & np.isfinite(y)
    assert spearman(x, y) == spearman(x[kept], y[kept])
    assert spearman(x, y).n == 5


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([1, 2, 3], [1, 2, 3], "only 3 areas"),
        ([1, 2, 3, 4], [1, 2, 3], "one value per area"),
        ([1, 2, 3, np.nan, 4], [1, np.nan, 3, 4, 5], "only 3 areas"),
        ([1, 1, 1, 1, 1], [1, 2, 3, 4, 5], "same value in every area"),
    ],
)
def test_what_cannot_be_correlated_is_refused(x, y, words):
    with pytest.raises(InputError, match=words):
        spearman(x, y)


def test_refusal_names_the_layers():
    with pytest.raises(InputError, match="crime and fires: "):
        spearman_pairs({"crime": [1, 2, 3, 4, 5], "fires": [0, 0, 0, 0, 0]})


def test_concordance_is_kendalls_w():
    # Three judges, four candidates; rank sums 5, 6, 8, 11: W = 12·21/(9·60) = 0.46667
    judges = [[1, 2, 3, 4], [1, 3, 2, 4], [3, 1, 3.5, 2]]
    sums = np.sum([ranks(j) for j in judges], axis=0)
    by_hand = 12 * np.sum((sums - 7.5) ** 2) / (9 * (64 - 4))
    found = concordance(judges)
    assert found.w == pytest.approx(by_hand)
    assert found.p_ordinary == pytest.approx(stats.friedmanchisquare(*np.transpose(judges)).pvalue)
    assert concordance([[1, 2, 3, 4, 5]] * 3).w == pytest.approx(1.0)


def test_bootstrap_interval_is_reproducible_and_close_to_the_formula(cornwall):
    layers = cornwall.badness
    low, high = bootstrap_interval(layers["police"], layers["health"], seed=1)
    assert (low, high) == bootstrap_interval(layers["police"], layers["health"], seed=1)
    formula = spearman(layers["police"], layers["health"])
    assert low == pytest.approx(formula.low, abs=0.08)
    assert high == pytest.approx(formula.high, abs=0.08)


def _dutilleul_directly(x, y, places):
    """Build both covariance matrices entry by entry and take the traces by definition."""
    n = len(x)
    x, y = x - x.mean(), y - y.mean()
    gaps = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    k = round(1 + 3.3 * np.log10(n * (n - 1) / 2))
    covered = []
    for v in (x, y):
        matrix = np.zeros((n, n))
        groups: dict[int, list[tuple[int, int]]] = {}
        for i in range(n):
            for j in range(n):
                at = -1 if i == j else min(int(gaps[i, j] / gaps.max() * k), k - 1)
                groups.setdefault(at, []).append((i, j))
        for members in groups.values():
            mean = np.mean([v[i] * v[j] for i, j in members])
            for i, j in members:
                matrix[i, j] = mean
        covered.append(matrix)
    centring = (np.eye(n) - 1 / n) / n
    first, second = (centring @ c for c in covered)
    variance = np.trace(first @ second) / (np.trace(first) * np.trace(second))
    return min(n, 1 + 1 / variance)


def test_effective_areas_follow_the_definition():
    rng = np.random.default_rng(4)
    places = rng.uniform(0, 1000, (25, 2))
    x, y = places[:, 0] + rng.normal(0, 300, 25), places[:, 0] + rng.normal(0, 300, 25)
    ours = effective_areas(x, y, places)
    assert ours == pytest.approx(_dutilleul_directly(x, y, places))
    assert ours < 20  # both follow the easting: far fewer witnesses than areas


def test_effective_areas_refuse_impossible_places():
    with pytest.raises(InputError, match="one point"):
        effective_areas([1, 2, 3, 4], [2, 1, 4, 3], np.zeros((4, 2)))
    with pytest.raises(InputError, match="shape"):
        effective_areas([1, 2, 3, 4], [2, 1, 4, 3], np.zeros((3, 2)))
