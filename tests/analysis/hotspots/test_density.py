"""Kernel density against the sum of kernels over every event, and the promises about mass."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.hotspots.density import (
    QUARTIC_PER_GAUSSIAN,
    Density,
    _foreseen,
    choose_bandwidth,
    kernel_density,
)
from triservice.analysis.place.grids import SquareGrid
from triservice.kernel.errors import InputError

GRID = SquareGrid(100.0, 200_000.0, 50_000.0, 40, 30)


def clustered(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    middle = rng.uniform([200_800, 50_800], [203_200, 52_200], (5, 2))
    east, north = (middle[rng.integers(0, 5, n)] + rng.normal(0, 250, (n, 2))).T
    return np.clip(east, 200_000, 203_999), np.clip(north, 50_000, 52_999)


def kernel_sum(east, north, bandwidth, kernel, grid=GRID, weights=None):
    """Sum the kernel over every event at every cell centre, events per km²."""
    x = grid.west + (np.arange(grid.columns) + 0.5) * grid.size_m
    y = grid.south + (np.arange(grid.rows) + 0.5) * grid.size_m
    squared = (x[None, :, None] - east) ** 2 + (y[:, None, None] - north) ** 2
    u = squared / bandwidth**2
    if kernel == "gaussian":
        values = np.exp(-u / 2) / (2 * np.pi * bandwidth**2)
    else:
        values = 3 / (np.pi * bandwidth**2) * np.maximum(1 - u, 0) ** 2
    return (values * (1.0 if weights is None else weights)).sum(axis=2) * 1e6


def total(surface: Density) -> float:
    return float(np.nansum(surface.per_km2) * (surface.grid.size_m / 1000) ** 2)


@pytest.mark.parametrize(
    ("kernel", "bandwidth"),
    [("gaussian", 150.0), ("gaussian", 400.0), ("quartic", 500.0), ("quartic", 1200.0)],
)
def test_agrees_with_the_sum_over_events_within_the_stated_error(kernel, bandwidth):
    east, north = clustered(400)
    away = (east > 200_150) & (east < 203_850) & (north > 50_150) & (north < 52_850)
    east, north = east[away], north[away]  # binning at the very edge moves events inwards
    surface = kernel_density(east, north, GRID, bandwidth=bandwidth, kernel=kernel, edge="none")
    exact = kernel_sum(east, north, bandwidth, kernel)
    peak = (1 / (2 * np.pi) if kernel == "gaussian" else 3 / np.pi) / bandwidth**2 * 1e6
    assert surface.binning_error == pytest.approx(
        (0.25 if kernel == "gaussian" else 2.0) * (100 / bandwidth) ** 2
    )
    assert np.abs(surface.per_km2 - exact).max() <= surface.binning_error * peak * len(east)
    assert np.abs(surface.per_km2 - exact).max() < 0.25 * surface.binning_error * exact.max()


def test_one_event_meets_the_error_bound_and_events_on_centres_have_none():
    one = kernel_density([201_234.0], [51_187.0], GRID, bandwidth=200.0, edge="none")
    exact = kernel_sum(np.array([201_234.0]), np.array([51_187.0]), 200.0, "gaussian")
    peak = 1e6 / (2 * np.pi * 200**2)
    assert np.abs(one.per_km2 - exact).max() <= one.binning_error * peak
    centred = kernel_density([201_250.0], [51_150.0], GRID, bandwidth=200.0, edge="none")
    np.testing.assert_allclose(
        centred.per_km2,
        kernel_sum(np.array([201_250.0]), np.array([51_150.0]), 200.0, "gaussian"),
        atol=1e-6 * peak,
    )


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 60),
    bandwidth=st.floats(0.5, 50_000),
    kernel=st.sampled_from(["gaussian", "quartic"]),
    holes=st.floats(0, 0.7),
)
def test_mass_is_conserved_in_any_region_with_any_bandwidth(seed, n, bandwidth, kernel, holes):
    rng = np.random.default_rng(seed)
    east, north = rng.uniform(200_000, 204_000, n), rng.uniform(50_000, 53_000, n)
    region = rng.random((30, 40)) >= holes
    cell = GRID.cell_of(east, north)
    inside = int(region.ravel()[cell].sum())
    if inside == 0:
        with pytest.raises(InputError, match="no event lies"):
            kernel_density(east, north, GRID, region=region, bandwidth=bandwidth, kernel=kernel)
        return
    surface = kernel_density(east, north, GRID, region=region, bandwidth=bandwidth, kernel=kernel)
    assert total(surface) == pytest.approx(inside, rel=1e-9)
    assert surface.left_out == n - inside
    assert np.isnan(surface.per_km2[~region]).all()
    assert (surface.per_km2[region] >= 0).all()


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
@pytest.mark.parametrize("bandwidth", [0.01, 1.0, 20.0, 60.0])
def test_a_bandwidth_below_the_cell_is_never_zero_or_nan_where_events_are(kernel, bandwidth):
    east, north = clustered(50)
    surface = kernel_density(east, north, GRID, bandwidth=bandwidth, kernel=kernel, edge="none")
    assert np.isfinite(surface.per_km2).all()
    assert (surface.per_km2.ravel()[GRID.cell_of(east, north)] > 0).all()
    assert total(surface) == pytest.approx(50, rel=1e-6)
    assert any("below the cell" in note for note in surface.notes)


def test_uniform_correction_keeps_even_demand_even_to_the_edge():
    row, column = np.mgrid[0:30, 0:40]
    east, north = 200_050.0 + 100 * column.ravel(), 50_050.0 + 100 * row.ravel()
    even = kernel_density(east, north, GRID, bandwidth=500.0, edge="uniform")
    np.testing.assert_allclose(even.per_km2, 100.0)  # one event in each hundredth of a km²
    raw = kernel_density(east, north, GRID, bandwidth=500.0, edge="none")
    assert raw.per_km2[0, 0] == pytest.approx(100 * 0.5398**2, rel=1e-3)  # Φ(50/500) twice


def test_edge_mass_of_a_half_plane_is_the_normal_distribution():
    from scipy.special import ndtr

    east, north = np.array([200_350.0]), np.array([51_550.0])
    surface = kernel_density(east, north, GRID, bandwidth=400.0)
    exact = kernel_sum(east, north, 400.0, "gaussian")
    inside = ndtr(350 / 400)  # of the kernel, east of the edge; other edges are far away
    at = 15, 3
    assert surface.per_km2[at] / exact[at] == pytest.approx(1 / inside, rel=0.01)


def test_weights_make_a_density_of_harm():
    east, north = clustered(30)
    weights = np.random.default_rng(2).uniform(0, 400, 30)
    surface = kernel_density(east, north, GRID, weights=weights, bandwidth=300.0)
    assert total(surface) == pytest.approx(weights.sum())
    doubled = kernel_density(
        np.repeat(east, 2), np.repeat(north, 2), GRID, bandwidth=300.0, edge="none"
    )
    twos = kernel_density(east, north, GRID, weights=np.full(30, 2.0), bandwidth=300.0, edge="none")
    np.testing.assert_allclose(doubled.per_km2, twos.per_km2)


def test_one_stray_point_does_not_blow_up_the_grid():
    east, north = clustered(300)
    stray = kernel_density(np.r_[east, 5e6], np.r_[north, -2e6], 100.0, bandwidth=300.0)
    plain = kernel_density(east, north, 100.0, bandwidth=300.0)
    assert stray.grid == plain.grid
    assert stray.left_out == 1
    assert "outside the area: 1 events" in " ".join(stray.notes)
    np.testing.assert_allclose(stray.per_km2, plain.per_km2)


def test_events_without_coordinates_are_left_out_and_counted():
    surface = kernel_density([np.nan, 201_000.0], [51_000.0, 51_000.0], GRID, bandwidth=300.0)
    assert surface.left_out == 1
    assert surface.events == pytest.approx(1.0)


def test_normal_rule_is_scotts():
    rng = np.random.default_rng(0)
    east, north = rng.normal(202_000, 300, 4_000), rng.normal(51_500, 300, 4_000)
    bandwidth, note = choose_bandwidth(east, north, GRID, "normal")
    assert bandwidth == pytest.approx(300 * 4_000 ** (-1 / 6), rel=0.03)
    assert note is None
    quartic, _ = choose_bandwidth(east, north, GRID, "normal", "quartic")
    assert quartic / bandwidth == pytest.approx(QUARTIC_PER_GAUSSIAN)


def test_likelihood_rule_finds_the_size_of_the_clusters_and_ignores_repeats():
    rng = np.random.default_rng(5)
    grid = SquareGrid(50.0, 0.0, 0.0, 200, 200)
    middle = rng.uniform(1_500, 8_500, (12, 2))
    east, north = (middle[rng.integers(0, 12, 1_500)] + rng.normal(0, 300, (1_500, 2))).T
    bandwidth, note = choose_bandwidth(east, north, grid)
    assert 60 < bandwidth < 300  # finer than a cluster, wider than a cell
    assert note is None
    spread = (
        np.concatenate([np.repeat(east, 9), east]),
        np.concatenate([np.repeat(north, 9), north]),
    )
    again, _ = choose_bandwidth(*spread, grid)  # ten events on every point, as snapping gives
    assert again == pytest.approx(bandwidth, rel=0.001)
    normal, _ = choose_bandwidth(east, north, grid, "normal")
    assert normal > 1.5 * bandwidth


def test_likelihood_is_that_of_leaving_every_cell_out():
    rng = np.random.default_rng(6)
    grid = SquareGrid(100.0, 0.0, 0.0, 12, 9)
    east, north = rng.uniform(0, 1_200, 40), rng.uniform(0, 900, 40)
    counts = np.bincount(grid.cell_of(east, north), minlength=108).reshape(9, 12).astype(float)
    row, column = np.nonzero(counts)
    score = 0.0
    for r, c in zip(row, column, strict=True):
        away = ((row - r) ** 2 + (column - c) ** 2) / 1.7**2
        k = np.exp(-away / 2) / (2 * np.pi * 1.7**2)
        others = (row != r) | (column != c)
        score += counts[r, c] * np.log((k * counts[row, column])[others].sum())
    assert _foreseen(counts, "gaussian", 170.0, grid) == pytest.approx(score, rel=1e-6)


def test_few_places_fall_back_to_the_normal_rule():
    surface = kernel_density([201_000.0] * 5, [51_000.0] * 5, GRID)
    assert surface.rule == "likelihood"
    assert any("fewer than three cells" in note for note in surface.notes)
    assert np.isfinite(surface.per_km2).all()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"bandwidth": 0.0}, "smooths nothing"),
        ({"bandwidth": np.nan}, "smooths nothing"),
        ({"bandwidth": "silverman"}, "not a bandwidth rule"),
        ({"bandwidth": 100.0, "kernel": "cosine"}, "not a kernel"),
        ({"bandwidth": 100.0, "edge": "torus"}, "not an edge correction"),
        ({"bandwidth": 100.0, "weights": [-1.0]}, "not below zero"),
        ({"bandwidth": 100.0, "weights": [1.0, 2.0]}, "do not match 1 events"),
        ({"bandwidth": 100.0, "region": np.ones(7)}, "does not match a grid"),
    ],
)
def test_unusable_input_is_refused_in_a_sentence(given, said):
    with pytest.raises(InputError, match=said):
        kernel_density([201_000.0], [51_000.0], GRID, **given)


def test_a_grid_of_too_many_cells_is_refused():
    with pytest.raises(InputError, match="more than 5,000,000"):
        kernel_density([0.0], [0.0], SquareGrid(1.0, 0.0, 0.0, 10_000, 10_000), bandwidth=10.0)
