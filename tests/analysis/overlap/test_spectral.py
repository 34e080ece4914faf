from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import splu

from triservice.analysis.overlap.bivariate import row_standardised
from triservice.analysis.overlap.correlation import (
    effective_areas,
    interval,
    pearson,
    ranks,
    spearman,
)
from triservice.analysis.overlap.spectral import (
    common_worst_p,
    correlation_p,
    moran_basis,
    randomise,
)
from triservice.analysis.place.contiguity import Neighbours, from_pairs, grid_neighbours
from triservice.kernel.errors import InputError


def _dense(neighbours):
    n = len(neighbours)
    weights = np.zeros((n, n))
    weights[np.repeat(np.arange(n), neighbours.counts), neighbours.indices] = 1
    return weights


def _moran_directly(values, weights):
    z = values - values.mean()
    return len(z) / weights.sum() * (z @ weights @ z) / (z @ z)


def test_basis_is_orthonormal_sums_to_zero_and_spans_the_map(cornwall):
    basis = moran_basis(cornwall.neighbours)
    n = len(cornwall.codes)
    np.testing.assert_allclose(basis.vectors.T @ basis.vectors, np.eye(n - 1), atol=1e-10)
    np.testing.assert_allclose(basis.vectors.sum(axis=0), 0, atol=1e-10)
    centring = np.eye(n) - 1 / n
    centred = centring @ _dense(cornwall.neighbours) @ centring
    rebuilt = basis.vectors @ np.diag(basis.values) @ basis.vectors.T
    np.testing.assert_allclose(rebuilt, centred, atol=1e-9)


def test_moran_is_the_textbook_one(cornwall):
    basis = moran_basis(cornwall.neighbours)
    weights = _dense(cornwall.neighbours)
    for values in cornwall.badness.values():
        assert basis.moran(values) == pytest.approx(_moran_directly(values, weights))


def test_randomised_layers_keep_mean_variance_and_moran(cornwall):
    basis = moran_basis(cornwall.neighbours)
    weights = _dense(cornwall.neighbours)
    values = cornwall.health_rank
    moved = randomise(basis, values, 300, seed=3)
    assert moved.shape == (300, 73)
    np.testing.assert_allclose(moved.mean(axis=1), values.mean())
    np.testing.assert_allclose(moved.var(axis=1), values.var())
    kept = [_moran_directly(row, weights) for row in moved]
    np.testing.assert_allclose(kept, _moran_directly(values, weights), atol=1e-9)
    assert abs(np.mean([np.corrcoef(row, values)[0, 1] for row in moved])) < 0.05
    assert np.array_equal(moved, randomise(basis, values, 300, seed=3))


def test_the_short_cut_for_correlation_equals_randomising_maps(cornwall):
    """Flipping signs of products against building each map and correlating it."""
    basis = moran_basis(cornwall.neighbours)
    x, y = ranks(cornwall.badness["fires"]), ranks(cornwall.badness["health"])
    maps = randomise(basis, x, 4000, seed=1)
    null = np.array([pearson(row, y) for row in maps])
    direct = (1 + np.sum(np.abs(null) >= abs(pearson(x, y)))) / 4001
    quick = correlation_p(basis, x, y, permutations=4000, seed=9)
    assert quick == pytest.approx(direct, abs=4 * np.sqrt(direct / 4000))


def test_islands_and_separate_parts_are_no_trouble():
    pairs = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5)]  # two parts, and area 6 alone
    basis = moran_basis(from_pairs(*np.array(pairs).T, 7))
    np.testing.assert_allclose(basis.vectors.T @ basis.vectors, np.eye(6), atol=1e-12)
    np.testing.assert_allclose(basis.vectors.sum(axis=0), 0, atol=1e-12)
    values = np.array([1.0, 4, 2, 8, 5, 7, 0])
    weights = np.zeros((7, 7))
    for a, b in pairs:
        weights[a, b] = weights[b, a] = 1
    assert basis.moran(values) == pytest.approx(_moran_directly(values, weights))


def test_clustered_but_unrelated_layers_are_rarely_called_related():
    """Simultaneous autoregression, rho 0.9: the ordinary test errs half the time, this one 5%."""
    side, runs = 12, 200
    neighbours = grid_neighbours(side, side)
    basis = moran_basis(neighbours)
    n = side * side
    solve = splu(sparse.csc_matrix(sparse.eye(n) - 0.9 * row_standardised(neighbours))).solve
    cells = np.array([(i % side, i // side) for i in range(n)], dtype=float)
    rng = np.random.default_rng(7)
    naive = kept = within = within_naive = 0
    for run in range(runs):
        x, y = solve(rng.normal(size=n)), solve(rng.normal(size=n))
        found = spearman(x, y)
        naive += found.p_ordinary < 0.05
        kept += correlation_p(basis, x, y, permutations=199, seed=run) <= 0.05
        low, high = interval(found.r, effective_areas(ranks(x), ranks(y), cells))
        within += low <= 0 <= high
        within_naive += found.low <= 0 <= found.high
    assert naive / runs > 0.3
    assert 0.01 < kept / runs < 0.11
    assert within / runs > 0.9
    assert within_naive / runs < 0.7


def test_cornwall_crime_and_health_stand_and_fire_is_in_doubt_less(cornwall):
    basis = moran_basis(cornwall.neighbours)
    layers = cornwall.badness
    strong = correlation_p(basis, layers["police"], layers["health"])
    weak = correlation_p(basis, layers["fires"], layers["health"])
    assert strong <= 0.001
    assert strong < weak < 0.1


def test_common_worst_areas_against_randomised_layers(cornwall):
    basis = moran_basis(cornwall.neighbours)
    found = common_worst_p(basis, list(cornwall.badness.values()), 15, permutations=499)
    assert found.common == 5
    assert 0.3 < found.expected < 1.2  # blind chance gives 0.63
    assert found.p < 0.02
    assert found == common_worst_p(basis, list(cornwall.badness.values()), 15, permutations=499)
    lone = common_worst_p(basis, list(cornwall.badness.values()), 15, common=0, permutations=99)
    assert lone.p == 1.0


def test_impossible_maps_and_layers_are_refused(cornwall):
    with pytest.raises(InputError, match="4 to 5,000 areas"):
        moran_basis(from_pairs([0], [1], 3))
    with pytest.raises(InputError, match="4 to 5,000 areas"):
        moran_basis(Neighbours(np.zeros(5002, np.int64), np.zeros(0, np.int32)))
    with pytest.raises(InputError, match="no area has a neighbour"):
        moran_basis(Neighbours(np.zeros(6, np.int64), np.zeros(0, np.int32)))
    basis = moran_basis(cornwall.neighbours)
    with pytest.raises(InputError, match="each of the 73 areas"):
        basis.moran(np.full(73, np.nan))
    with pytest.raises(InputError, match="permutations"):
        correlation_p(basis, cornwall.crimes, cornwall.fires, permutations=0)
