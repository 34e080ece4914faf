"""Rates, intervals, smoothing and funnels against published tables and direct calculation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from triservice.analysis.hotspots.rates import (
    count_interval,
    funnel,
    gamma_poisson,
    rates,
    smooth_rates,
)
from triservice.analysis.place.contiguity import from_pairs
from triservice.kernel.errors import InputError

# Lip cancer in the 56 districts of Scotland 1975–80, observed and expected cases (Clayton and
# Kaldor, Biometrics 43, 1987).
OBSERVED = np.array([
    9, 39, 11, 9, 15, 8, 26, 7, 6, 20, 13, 5, 3, 8, 17, 9, 2, 7, 9, 7, 16, 31, 11, 7, 19, 15, 7, 10,
    16, 11, 5, 3, 7, 8, 11, 9, 11, 8, 6, 4, 10, 8, 2, 6, 19, 3, 2, 3, 28, 6, 1, 1, 1, 1, 0, 0,
])  # fmt: skip
EXPECTED = np.array([
    1.4, 8.7, 3.0, 2.5, 4.3, 2.4, 8.1, 2.3, 2.0, 6.6, 4.4, 1.8, 1.1, 3.3, 7.8, 4.6, 1.1, 4.2, 5.5,
    4.4, 10.5, 22.7, 8.8, 5.6, 15.5, 12.5, 6.0, 9.0, 14.4, 10.2, 4.8, 2.9, 7.0, 8.5, 12.3, 10.1,
    12.7, 9.4, 7.2, 5.3, 18.8, 15.8, 4.3, 14.6, 50.7, 8.2, 5.6, 9.3, 88.7, 19.6, 3.4, 3.6, 5.7, 7.0,
    4.2, 1.8,
])  # fmt: skip


def test_garwoods_table():
    # 95% limits as in Garwood (1936) and every table since.
    low, high = count_interval([0, 1, 2, 5, 10, 20, 50])
    np.testing.assert_allclose(
        low, [0, 0.0253, 0.2422, 1.6235, 4.7954, 12.2165, 37.1110], atol=1e-4
    )
    np.testing.assert_allclose(
        high, [3.6889, 5.5716, 7.2247, 11.6683, 18.3904, 30.8884, 65.9188], atol=1e-4
    )


def test_exact_interval_is_where_the_poisson_tails_meet_the_level():
    low, high = count_interval([7], 0.998)
    assert stats.poisson.sf(6, low[0]) == pytest.approx(0.001)
    assert stats.poisson.cdf(7, high[0]) == pytest.approx(0.001)


def test_byar_is_within_a_fifth_of_a_percent_from_ten_events():
    # Public Health England, Technical Guide: Confidence Intervals (2018).
    counts = np.arange(10, 500)
    for exact, byar in zip(
        count_interval(counts), count_interval(counts, method="byar"), strict=True
    ):
        assert np.abs(byar / exact - 1).max() < 0.002
    assert count_interval([0], method="byar")[0][0] == 0


def test_rates_are_per_population_and_absent_where_nobody_lives():
    result = rates([10, 3, 0], [5_000, 0, 100], per=1_000)
    assert result.rate[0] == 2.0
    assert result.low[0] == pytest.approx(4.7954 / 5, abs=1e-4)
    assert np.isnan(result.rate[1])
    assert result.high[2] == pytest.approx(36.889, abs=1e-3)


def test_marshall_by_hand():
    # m = 12/600 = .02; s² = (100·(.05−.02)² + 200·(.01−.02)² + 300·(.0167−.02)²)/600
    #   = (.09 + .02 + .00333)/600 = .000188889; A = s² − m/200 = .0000888889
    # C₁ = A/(A + .02/100) = .307692; rate₁ = .02 + .307692·.03 = .0292308
    result = smooth_rates([5, 2, 5], [100, 200, 300])
    assert float(result.mean) == pytest.approx(0.02)
    assert float(result.variance) == pytest.approx(0.0000888889, rel=1e-5)
    np.testing.assert_allclose(result.own_share[0], 0.307692, atol=1e-6)
    np.testing.assert_allclose(result.rate[0], 0.0292308, atol=1e-7)


def test_local_smoothing_is_the_global_one_of_each_neighbourhood():
    rng = np.random.default_rng(1)
    people = rng.integers(50, 500, 12).astype(float)
    counts = rng.poisson(people * rng.gamma(4, 0.01, 12))
    near = from_pairs(rng.integers(0, 12, 20), rng.integers(0, 12, 20), 12)
    result = smooth_rates(counts, people, near)
    for i in range(12):
        group = np.append(near.of(i), i)
        alone = smooth_rates(counts[group], people[group])
        assert result.rate[i] == pytest.approx(alone.rate[-1])
        assert result.own_share[i] == pytest.approx(alone.own_share[-1])


def test_no_more_than_chance_draws_all_rates_to_the_mean():
    result = smooth_rates([10, 20, 30], [100, 200, 300])
    np.testing.assert_allclose(result.rate, 0.1)
    assert "no more than chance" in result.notes[0]


def test_an_area_without_people_takes_the_mean():
    result = smooth_rates([5, 2, 5, 0], [100, 200, 300, 0])
    assert result.rate[3] == pytest.approx(0.02)
    assert result.own_share[3] == 0


def test_gamma_poisson_is_the_maximum_of_the_negative_binomial_likelihood():
    fit = gamma_poisson(OBSERVED, EXPECTED)

    def likelihood(shape: float, population: float) -> float:
        return float(
            stats.nbinom.logpmf(OBSERVED, shape, population / (population + EXPECTED)).sum()
        )

    best = likelihood(fit.shape, fit.population)
    for shape in np.linspace(1.2, 2.8, 33):
        for population in np.linspace(0.8, 2.2, 29):
            assert likelihood(shape, population) <= best + 1e-9
    np.testing.assert_allclose(
        fit.rate, (OBSERVED + fit.shape) / (EXPECTED + fit.population), rtol=1e-12
    )
    posterior = stats.gamma(OBSERVED[0] + fit.shape, scale=1 / (EXPECTED[0] + fit.population))
    assert fit.low[0] == pytest.approx(posterior.ppf(0.025))
    assert fit.high[0] == pytest.approx(posterior.ppf(0.975))
    assert fit.exceeds(OBSERVED, EXPECTED, 2.0)[0] == pytest.approx(posterior.sf(2.0))


def test_gamma_poisson_pulls_small_areas_most_and_keeps_units():
    fit = gamma_poisson(OBSERVED, EXPECTED)
    raw = OBSERVED / EXPECTED
    assert raw[0] > 6 > 4.5 > fit.rate[0] > 3.5  # nine cases where 1.4 were expected
    assert abs(fit.rate[48] - raw[48]) < 0.02  # 28 where 88.7 were expected
    thousand = gamma_poisson(OBSERVED, EXPECTED * 1_000)
    np.testing.assert_allclose(thousand.rate * 1_000, fit.rate, rtol=1e-4)


def test_gamma_poisson_of_even_areas_is_one_rate():
    fit = gamma_poisson([10, 20, 30], [100, 200, 300])
    np.testing.assert_allclose(fit.rate, 0.1, rtol=1e-3)


def test_funnel_narrows_with_population_and_meets_the_poisson_levels():
    people = np.array([100.0, 1_000, 10_000])
    result = funnel([10, 90, 1_010], people)
    assert result.rate == pytest.approx(0.1)
    assert (np.diff(result.high[0] - result.low[0]) < 0).all()
    assert (result.low[1] < result.low[0]).all()
    # 10,000 people, 1,000 expected: near 1.96 standard deviations
    assert result.high[0, 2] == pytest.approx(0.1 + 1.96 * np.sqrt(1_000) / 10_000, rel=0.01)
    # Interpolated between the counts on either side of the level
    count = stats.poisson.ppf(0.975, 10)
    assert count - 1 <= result.high[0, 0] * 100 <= count


@pytest.mark.parametrize("call", [rates, smooth_rates, gamma_poisson, funnel])
def test_unusable_input_is_refused(call):
    with pytest.raises(InputError, match="do not match"):
        call([1, 2], [3])
    with pytest.raises(InputError, match="below zero"):
        call([-1, 2], [3, 4])
    with pytest.raises(InputError, match="below zero"):
        call([1, 2], [3, np.nan])


def test_other_refusals():
    with pytest.raises(InputError, match="not a level"):
        count_interval([1], 95)
    with pytest.raises(InputError, match="not an interval"):
        count_interval([1], method="wald")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="nobody lives"):
        smooth_rates([0, 0], [0, 0])
    with pytest.raises(InputError, match="no events"):
        gamma_poisson([0, 0], [10, 10])
