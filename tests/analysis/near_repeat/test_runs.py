"""Runs of cells against a raster counted cell by cell, and their polygons against the cells."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from triservice.analysis.near_repeat.presets import load_rule
from triservice.analysis.near_repeat.runs import Runs, discs
from triservice.kernel.errors import InputError

NEEDS, GIVES = load_rule("standard").needs()


def from_raster(cells: np.ndarray) -> Runs:
    """Make runs of a raster (rows, columns) of levels, -1 empty: one run for each cell."""
    row, column = np.nonzero(cells >= 0)
    level = cells[row, column].astype(np.int8)
    row, column = row.astype(np.int32), column.astype(np.int32)
    return Runs(row, column, column + np.int32(1), level, 10.0)


@settings(max_examples=80, deadline=None)
@given(
    bits=st.lists(st.booleans(), min_size=1, max_size=72),
    width=st.integers(1, 9),
)
def test_polygons_of_any_raster_are_valid_and_hold_its_cells(bits: list[bool], width: int) -> None:
    """Random rasters are full of corners that touch, holes, holes in holes and lone cells."""
    height = -(-len(bits) // width)
    raster = np.full(height * width, -1)
    raster[: len(bits)] = np.where(bits, 0, -1)
    raster = raster.reshape(height, width)
    runs = from_raster(raster).merged()
    label, count = runs.components()
    assert count == ndimage.label(raster >= 0)[1]
    polygons = runs.polygons(label, count)
    assert shapely.is_valid(polygons).all()
    assert shapely.area(polygons) == pytest.approx(100.0 * np.bincount(label, runs.cells))
    assert shapely.is_ccw(shapely.get_exterior_ring(polygons)).all()
    rows, columns = np.indices(raster.shape)
    centres = shapely.points(columns.ravel() * 10 + 5, rows.ravel() * 10 + 5)
    held = shapely.contains_properly(polygons[:, None], centres).sum(0)
    np.testing.assert_array_equal(held, (raster >= 0).ravel())
    for polygon in polygons:
        for hole in polygon.interiors:
            assert not hole.is_ccw


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_discs_are_those_of_every_cell_asked(data: st.DataObject) -> None:
    n = data.draw(st.integers(0, 12))
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    corner = rng.uniform(-5e5, 5e5, 2)
    place = corner + rng.uniform(0, 900, (n, 2))
    band = rng.integers(0, 2, n)
    radius, cell = float(rng.uniform(60, 300)), 25.0
    runs = discs(place[:, 0], place[:, 1], band, radius, cell, NEEDS, GIVES)
    first = np.floor((corner - 400) / cell).astype(int)
    columns, rows = first[0] + np.arange(70), first[1] + np.arange(70)
    east, north = np.meshgrid((columns + 0.5) * cell, (rows + 0.5) * cell)
    within = [(east - x) ** 2 + (north - y) ** 2 <= radius**2 for x, y in place]
    red = sum(w for w, b in zip(within, band, strict=True) if b == 0) + np.zeros(east.shape)
    amber = sum(w for w, b in zip(within, band, strict=True) if b == 1) + np.zeros(east.shape)
    level = np.full(east.shape, -1)
    level[amber >= 1] = 0
    level[(red >= 1) | (amber >= 2)] = 1
    level[(red >= 2) | ((red >= 1) & (amber >= 1))] = 2
    at = runs.find(east.ravel(), north.ravel())
    found = np.where(at >= 0, runs.level[at] if len(runs) else -1, -1)
    np.testing.assert_array_equal(found, level.ravel())
    assert runs.area_m2() == (level >= 0).sum() * cell**2
    if len(runs) > 1:
        assert (np.diff(runs.row) >= 0).all()
        touching = (runs.row[1:] == runs.row[:-1]) & (runs.left[1:] == runs.right[:-1])
        assert (runs.level[1:][touching] != runs.level[:-1][touching]).all()


def test_disc_area_is_that_of_a_circle() -> None:
    runs = discs(np.array([1234.5]), np.array([77.0]), np.array([0]), 400, 25, NEEDS, GIVES)
    assert runs.area_m2() == pytest.approx(np.pi * 400**2, rel=0.01)
    assert set(runs.level) == {1}


def test_one_stray_event_costs_one_disc() -> None:
    near = discs(np.zeros(1), np.zeros(1), np.zeros(1, int), 400, 25, NEEDS, GIVES)
    both = discs(np.array([0, 6e6]), np.array([0, 6e6]), np.zeros(2, int), 400, 25, NEEDS, GIVES)
    assert len(both) == 2 * len(near)
    assert both.find(np.array([6e6]), np.array([6e6])) >= 0


def test_events_on_two_worlds_are_refused() -> None:
    far = np.array([0.0, 1e12])
    with pytest.raises(InputError, match="too far apart"):
        discs(far, far, np.zeros(2, int), 400, 25, NEEDS, GIVES)


def test_nothing_in_nothing_out() -> None:
    runs = discs(np.empty(0), np.empty(0), np.empty(0, int), 400, 25, NEEDS, GIVES)
    assert len(runs.merged()) == 0
    assert runs.components()[1] == 0
    assert (runs.find(np.zeros(2), np.zeros(2)) == -1).all()
