"""Grids: ids that do not depend on the data, every point in one cell, stray points left out."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.place.grids import MOST_CELLS, hex_grid, robust_bounds, square_grid
from triservice.kernel.errors import InputError

BOUNDS = (180_100.0, 44_900.0, 184_000.0, 47_300.0)
GRIDS = [square_grid, hex_grid]
sizes = st.sampled_from([10.0, 62.5, 100.0, 187.5, 250.0, 333.3, 1000.0])


def test_a_square_is_named_by_its_south_west_corner():
    grid = square_grid(BOUNDS, 500)
    number = grid.cell_of([182_734.0], [44_999.9])
    assert grid.ids(number).tolist() == ["500m:E182500:N44500"]
    assert grid.unit == "square-500"


def test_a_point_on_a_shared_edge_belongs_to_the_cell_north_and_east():
    grid = square_grid(BOUNDS, 500)
    assert grid.ids(grid.cell_of([182_500.0], [45_000.0])).tolist() == ["500m:E182500:N45000"]


@pytest.mark.parametrize("make", GRIDS)
@settings(max_examples=60, deadline=None)
@given(size=sizes, west=st.floats(-2e4, 2e4), south=st.floats(-2e4, 2e4), data=st.data())
def test_a_point_has_the_same_id_in_every_extent(make, size, west, south, data):
    east = data.draw(st.floats(west, west + 3000))
    north = data.draw(st.floats(south, south + 3000))
    tight = make((east, north, east, north), size)
    wide = make((west, south, west + 3000, south + 3000), size)
    a, b = tight.cell_of([east], [north]), wide.cell_of([east], [north])
    assert a[0] >= 0
    assert b[0] >= 0
    assert tight.ids(a)[0] == wide.ids(b)[0]


@pytest.mark.parametrize("make", GRIDS)
def test_every_cell_holds_its_centre_and_ids_differ(make):
    cells = make(BOUNDS, 250).cells()
    assert (cells.locate(*cells.centroids.T) == np.arange(len(cells))).all()
    assert len(set(cells.ids.tolist())) == len(cells)
    assert np.allclose(shapely.area(cells.outlines()), cells.area_m2)
    assert np.allclose(shapely.get_coordinates(shapely.centroid(cells.outlines())), cells.centroids)


@pytest.mark.parametrize("make", GRIDS)
def test_points_lie_in_the_outline_of_their_cell(make):
    grid = make(BOUNDS, 333.3)
    rng = np.random.default_rng(3)
    east, north = rng.uniform(BOUNDS[0], BOUNDS[2], 500), rng.uniform(BOUNDS[1], BOUNDS[3], 500)
    number = grid.cell_of(east, north)
    assert (number >= 0).all()
    outlines = grid.outlines(number)
    assert (shapely.distance(outlines, shapely.points(east, north)) < 1e-6).all()


def test_a_point_belongs_to_the_nearest_hexagon():
    grid = hex_grid(BOUNDS, 250)
    rng = np.random.default_rng(4)
    east, north = rng.uniform(BOUNDS[0], BOUNDS[2], 2000), rng.uniform(BOUNDS[1], BOUNDS[3], 2000)
    x, y = grid.centres(np.arange(grid.columns * grid.rows))
    nearest = np.argmin((east[:, None] - x) ** 2 + (north[:, None] - y) ** 2, axis=1)
    assert (grid.cell_of(east, north) == nearest).all()


def test_a_hexagon_is_as_wide_from_side_to_side_as_its_size():
    cells = hex_grid(BOUNDS, 250).cells()
    west, _south, east, _north = shapely.bounds(cells.outlines()[0])
    assert east - west == pytest.approx(250)
    assert cells.area_m2[0] == pytest.approx(math.sqrt(3) / 2 * 250**2)


def test_points_outside_or_without_coordinates_have_no_cell():
    grid = square_grid((0, 0, 1000, 1000), 100)
    assert (
        grid.cell_of([-1.0, np.nan, 50.0, 5000.0], [50.0, 50.0, np.nan, 50.0]).tolist() == [-1] * 4
    )


@pytest.mark.parametrize("make", GRIDS)
def test_a_part_of_a_grid_keeps_ids_and_finds_only_its_own(make):
    grid = make(BOUNDS, 250)
    numbers = np.array([3, 8, 20, 21], dtype=np.int64)
    part = grid.cells(numbers)
    assert part.ids.tolist() == grid.ids(numbers).tolist()
    assert part.locate(*grid.cells().centroids[[8, 9]].T).tolist() == [1, -1]
    taken = grid.cells().take(numbers)
    assert taken.ids.tolist() == part.ids.tolist()
    assert taken.locate(*part.centroids.T).tolist() == [0, 1, 2, 3]
    for unit in range(4):
        assert taken.neighbours().of(unit).tolist() == part.neighbours().of(unit).tolist()
    assert 3 in part.neighbours().of(2)


@pytest.mark.parametrize("make", GRIDS)
def test_cells_that_touch_an_area_are_those_that_meet_it(make):
    grid = make(BOUNDS, 250)
    area = shapely.Point(182_000, 46_000).buffer(900)
    wanted = np.flatnonzero(shapely.intersects(grid.cells().outlines(), area))
    assert (grid.touching(np.array([area])) == wanted).all()


def test_a_huge_grid_is_refused_with_the_number_of_cells_but_a_part_of_it_is_not():
    grid = square_grid((0, 0, 700_000, 1_300_000), 10)
    assert grid.columns * grid.rows > MOST_CELLS
    with pytest.raises(InputError, match=r"9,100,200,001 cells.*Use larger cells"):
        grid.cells()
    number = grid.cell_of([180_000.0], [44_000.0])
    assert grid.cells(number).ids.tolist() == ["10m:E180000:N44000"]
    assert grid.cells(number).neighbours().counts.tolist() == [0]


@pytest.mark.parametrize("size", [0, -5, math.nan, math.inf, 1e-308, 1e308])
@pytest.mark.parametrize("make", GRIDS)
def test_a_size_that_is_none_gets_a_sentence(make, size):
    with pytest.raises(InputError, match="not a size"):
        make(BOUNDS, size)


def test_bounds_that_are_none_get_a_sentence():
    with pytest.raises(InputError, match="west, south, east, north"):
        square_grid((10, 0, 0, 10), 5)


@pytest.mark.parametrize("mask", [np.ones(3, bool), [5, 2], [0, 10**9], [-1, 2]])
def test_a_mask_that_does_not_fit_gets_a_sentence(mask):
    with pytest.raises(InputError):
        square_grid((0, 0, 100, 100), 10).cells(mask)


def test_one_stray_point_does_not_blow_up_the_bounds():
    rng = np.random.default_rng(1)
    east, north = rng.uniform(130_000, 250_000, 500), rng.uniform(10_000, 110_000, 500)
    clean = robust_bounds(east, north)
    assert clean.strays == 0
    assert clean.note() is None
    far = robust_bounds(np.append(east, 21_248.0), np.append(north, 5_000_000.0))
    assert far.bounds == clean.bounds
    assert far.strays == 1
    assert "1 of 501" in far.note()


def test_strays_on_several_sides_and_in_a_chain_are_left_out():
    rng = np.random.default_rng(2)
    east, north = rng.uniform(0, 1000, (2, 1000))
    strays = np.array([[1e6, 500], [5e5, 500], [-3e6, 500], [500, 9e5], [8e5, 500]])
    found = robust_bounds(np.append(east, strays[:, 0]), np.append(north, strays[:, 1]))
    assert found.strays == 5
    assert found.bounds[2] <= 1000


def test_a_county_with_islands_keeps_them():
    """The Isles of Scilly lie 40 km off a county of 110 km: no stray."""
    rng = np.random.default_rng(3)
    east = np.append(rng.uniform(134_000, 245_000, 2000), rng.uniform(83_000, 95_000, 15))
    found = robust_bounds(east, rng.uniform(10_000, 110_000, 2015))
    assert found.strays == 0


def test_points_without_coordinates_are_counted_and_none_at_all_is_said():
    found = robust_bounds([1.0, np.nan, 3.0], [1.0, 2.0, 3.0])
    assert found.missing == 1
    assert found.bounds == (1.0, 1.0, 3.0, 3.0)
    with pytest.raises(InputError, match="no point has coordinates"):
        robust_bounds([np.nan], [1.0])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=60))
def test_robust_bounds_hold_every_point_they_do_not_report(points):
    east, north = np.array(points).T
    found = robust_bounds(east, north)
    west, south, right, top = found.bounds
    inside = (east >= west) & (east <= right) & (north >= south) & (north <= top)
    assert (inside == found.inside).all()
    assert found.strays == (~inside).sum()
    assert found.strays <= 4 * max(1, len(points) // 100)
