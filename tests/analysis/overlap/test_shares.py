from __future__ import annotations

import numpy as np
import pytest

from triservice.analysis.overlap.shares import concentration, lorenz, share_inside
from triservice.kernel.errors import InputError


def test_share_inside_by_hand():
    found = share_inside([6, 1, 1, 2], [True, False, False, True], [10, 40, 40, 10])
    assert found.share == pytest.approx(0.8)
    assert found.share_of_areas == pytest.approx(0.5)
    assert found.share_of_people == pytest.approx(0.2)
    assert found.times_expected == pytest.approx(4.0)


def test_without_people_areas_are_the_base():
    found = share_inside([6, 1, np.nan, 3], [True, False, False, False])
    assert found.share_of_people is None
    assert found.times_expected == pytest.approx(0.6 / 0.25)
    assert share_inside([1, 1], [False, False]).times_expected is None


def test_concentration_of_extremes():
    assert concentration([1, 1, 1, 1]).gini == pytest.approx(0)
    assert concentration([1, 1, 1, 1]).in_worst == pytest.approx(0.2)
    assert concentration([0, 0, 0, 0, 5]).gini == pytest.approx(0.8)  # 1 - 1/n
    assert concentration([0, 0, 0, 0, 5]).in_worst == pytest.approx(1.0)
    assert concentration([2, 4, 6], [1, 2, 3]).gini == pytest.approx(0)  # spread as people are


def test_gini_is_half_the_relative_mean_difference():
    values = np.random.default_rng(3).gamma(1.0, size=40)
    differences = np.abs(values[:, None] - values[None, :]).mean()
    assert concentration(values).gini == pytest.approx(differences / (2 * values.mean()))


def test_an_area_without_people_but_with_demand_comes_first():
    base, share = lorenz([5, 5, 0], [0, 10, 10])
    assert base.tolist() == [0, 0, 0.5, 1]
    assert share.tolist() == [0, 0.5, 1, 1]


@pytest.mark.parametrize("demand", [[-1, 2], [0, 0], [[1, 2]]])
def test_impossible_demand_is_refused(demand):
    with pytest.raises(InputError, match="none negative"):
        share_inside(demand, [True, False])
    with pytest.raises(InputError):
        lorenz(demand)


def test_lengths_must_agree():
    with pytest.raises(InputError, match="2 areas of demand meet 3"):
        share_inside([1, 2], [True, False, True])
    with pytest.raises(InputError, match="2 areas of demand meet 3"):
        lorenz([1, 2], [1, 1, 1])
