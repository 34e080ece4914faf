"""Areal interpolation: mass is kept, known answers come back, and the error is measured."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.place.grids import hex_grid, square_grid
from triservice.analysis.place.interpolation import (
    error_against,
    interpolate,
    known_error,
    overlay,
    overlay_points,
)
from triservice.kernel.errors import InputError

HALVES = np.array([shapely.box(0, 0, 4, 4), shapely.box(4, 0, 8, 4)], dtype=object)
STRIPS = np.array([shapely.box(0, 0, 2, 4), shapely.box(2, 0, 6, 4), shapely.box(6, 0, 8, 4)])


def test_counts_are_divided_by_ground_and_rates_averaged():
    over = overlay(HALVES, STRIPS)
    assert interpolate([8, 4], over, "extensive").values.tolist() == [4, 6, 2]
    assert interpolate([8, 4], over, "intensive").values.tolist() == [8, 6, 4]
    weighted = interpolate([8, 4], over, "intensive", weights=[3, 1]).values
    assert weighted.tolist() == [8, 7, 4]


def test_people_weigh_more_than_ground():
    over = overlay_points(HALVES, STRIPS, [1, 3, 3, 7], [1, 1, 2, 2], [10, 60, 30, 50])
    assert interpolate([100, 7], over, "extensive").values.tolist() == [10, 90, 7]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(30, 400))
def test_mass_is_conserved_over_a_covering(seed, size):
    """A tessellation over another that covers it: every count arrives, whatever the units."""
    rng = np.random.default_rng(seed)
    sources = square_grid((0, 0, 999, 999), 250).cells().outlines()
    targets = hex_grid((0, 0, 1000, 1000), size).cells().outlines()
    values = rng.integers(0, 100, len(sources)).astype(float)
    moved = interpolate(values, overlay(sources, targets), "extensive")
    assert np.nansum(moved.values) == pytest.approx(values.sum(), rel=1e-9)
    assert moved.placed_share == pytest.approx(1.0)
    assert moved.unplaced == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_placed_and_unplaced_add_up_and_a_constant_rate_stays(seed):
    rng = np.random.default_rng(seed)
    sources = square_grid((0, 0, 999, 999), 200).cells().outlines()
    corners = rng.uniform(-200, 1000, (12, 2))
    targets = shapely.box(corners[:, 0], corners[:, 1], corners[:, 0] + 300, corners[:, 1] + 250)
    over = overlay(sources, targets)
    values = rng.random(len(sources))
    moved = interpolate(values, over, "extensive")
    assert np.nansum(moved.values) + moved.unplaced == pytest.approx(values.sum())
    constant = interpolate(np.full(len(sources), 0.25), over, "intensive").values
    assert np.allclose(constant[np.isfinite(constant)], 0.25)


def test_what_lies_outside_is_counted_and_said():
    moved = interpolate([8, 4], overlay(HALVES, STRIPS[:2]), "extensive")
    assert moved.values.tolist() == [4, 6]
    assert moved.unplaced == 2
    assert moved.placed_share == pytest.approx(10 / 12)
    assert "16.67% lies outside" in moved.notes[0]


def test_unknown_values_leave_their_ground_uncovered():
    moved = interpolate([np.nan, 4], overlay(HALVES, STRIPS), "extensive")
    assert np.isnan(moved.values[0])
    assert moved.values[1:].tolist() == [2, 2]
    assert moved.covered.tolist() == [0, 0.5, 1]
    assert "2 of 3 target areas are covered only in part" in moved.notes[0]


def test_overlapping_targets_do_not_make_mass():
    targets = np.array([shapely.box(0, 0, 4, 4), shapely.box(0, 0, 4, 4)], dtype=object)
    assert interpolate([8], overlay(HALVES[:1], targets), "extensive").values.sum() == 8


def test_crossed_and_missing_outlines_are_survived():
    crossed = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
    over = overlay(np.array([crossed, None], dtype=object), HALVES)
    moved = interpolate([10, 5], over, "extensive")
    assert moved.values[0] == pytest.approx(10)
    assert moved.unplaced == pytest.approx(5)


def test_the_error_is_that_of_a_variable_known_on_both_sides():
    over = overlay(HALVES, STRIPS)
    error = known_error(over, [8, 4], [2, 8, 2], "extensive")
    assert error.targets == 3
    assert error.mean_absolute == pytest.approx(4 / 3)
    assert error.root_mean_square == pytest.approx(np.sqrt(8 / 3))
    assert error.misplaced_share == pytest.approx(2 / 12)
    assert error.total_difference == pytest.approx(0)
    assert error.median_relative == pytest.approx(0.25)
    assert "16.7% of the whole stands in a wrong area" in error.sentence()


@pytest.mark.parametrize(
    "call",
    [
        lambda: interpolate([1], overlay(HALVES, STRIPS), "extensive"),
        lambda: interpolate([1, 2], overlay(HALVES, STRIPS), "intensive", weights=[1, -1]),
        lambda: interpolate([1, 2], overlay(HALVES, STRIPS), "intensive", weights=[1]),
        lambda: overlay(np.array([shapely.Point(0, 0)]), HALVES),
        lambda: overlay_points(HALVES, STRIPS, [1], [1], [np.nan]),
        lambda: error_against([1, 2], [1]),
        lambda: error_against([np.nan], [1]),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(call):
    with pytest.raises(InputError):
        call()


def test_an_overlay_is_remembered_by_outlines_and_not_taken_for_another():
    first = np.array([shapely.box(0, 0, 10, 10), None], dtype=object)
    second = np.array([None, shapely.box(0, 0, 10, 10)], dtype=object)
    target = np.array([shapely.box(5, 0, 15, 10)], dtype=object)
    assert overlay(first, target) is overlay(first.copy(), target.copy())
    assert overlay(first, target).amounts.toarray().tolist() == [[50.0], [0.0]]
    assert overlay(second, target).amounts.toarray().tolist() == [[0.0], [50.0]]
    assert overlay(target, first).amounts.toarray().tolist() == [[50.0, 0.0]]
