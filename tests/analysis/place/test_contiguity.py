"""Neighbours against libpysal's rule by brute force, and where outlines do not share vertices."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.place.contiguity import (
    Neighbours,
    distance_band,
    from_pairs,
    grid_neighbours,
    hex_neighbours,
    queen,
    rook,
)
from triservice.analysis.place.grids import hex_grid, square_grid
from triservice.kernel.errors import InputError


def lists(neighbours: Neighbours) -> list[list[int]]:
    return [neighbours.of(unit).tolist() for unit in range(len(neighbours))]


def by_sets(pieces: list[set]) -> list[list[int]]:
    """Units that share an element, one pair at a time."""
    n = len(pieces)
    return [[j for j in range(n) if j != i and pieces[i] & pieces[j]] for i in range(n)]


def vertex_sets(outlines):
    return [set(map(tuple, shapely.get_coordinates(o))) for o in outlines]


def edge_sets(outlines):
    found = []
    for outline in outlines:
        edges = set()
        for ring in shapely.get_rings(shapely.get_parts(outline)):
            points = [tuple(p) for p in shapely.get_coordinates(ring)]
            edges |= {tuple(sorted(pair)) for pair in itertools.pairwise(points)}
        found.append(edges)
    return found


def voronoi(n, seed):
    points = np.random.default_rng(seed).random((n, 2)) * 10_000
    return np.asarray(shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points))))


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 60), st.integers(0, 10_000))
def test_shared_vertices_and_edges_make_neighbours_as_in_libpysal(n, seed):
    outlines = voronoi(n, seed)
    assert lists(queen(outlines)) == by_sets(vertex_sets(outlines))
    assert lists(rook(outlines)) == by_sets(edge_sets(outlines))


def test_libpysal_agrees():
    libpysal = pytest.importorskip("libpysal")
    geopandas = pytest.importorskip("geopandas")
    outlines = np.append(voronoi(300, 7), [shapely.box(9e5, 9e5, 9.1e5, 9.1e5)])
    frame = geopandas.GeoDataFrame(geometry=outlines)
    for ours, theirs in ((queen, libpysal.weights.Queen), (rook, libpysal.weights.Rook)):
        weights = theirs.from_dataframe(frame, use_index=False, silence_warnings=True)
        assert lists(ours(outlines)) == [sorted(weights.neighbors[i]) for i in range(len(outlines))]


def test_corners_are_queen_and_not_rook():
    outlines = square_grid((0, 0, 29, 29), 10).cells().outlines()
    assert queen(outlines).of(4).tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    assert rook(outlines).of(4).tolist() == [1, 3, 5, 7]


def test_holes_and_multipolygons_count():
    hole = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    two = shapely.MultiPolygon([shapely.box(4, 4, 6, 6), shapely.box(20, 20, 21, 21)])
    outlines = np.array([hole, two, shapely.box(21, 21, 22, 22)], dtype=object)
    assert lists(queen(outlines)) == [[1], [0, 2], [1]]
    assert lists(rook(outlines)) == [[1], [0], []]


def test_t_junctions_need_a_tolerance():
    """One long side against two short ones that end in its middle: no vertex in common."""
    outlines = np.array(
        [shapely.box(0, 0, 10, 9), shapely.box(10, 0.5, 15, 4), shapely.box(10, 4, 15, 8)],
        dtype=object,
    )
    assert lists(queen(outlines)) == [[], [2], [1]]
    assert lists(queen(outlines, tolerance=0)) == [[1, 2], [0, 2], [0, 1]]
    assert lists(rook(outlines, tolerance=0)) == [[1, 2], [0, 2], [0, 1]]


def test_a_sliver_is_bridged_by_a_tolerance_and_a_corner_is_still_no_edge():
    outlines = np.array(
        [shapely.box(0, 0, 10, 10), shapely.box(10.5, 0, 20, 10), shapely.box(10.5, 10, 20, 20)],
        dtype=object,
    )
    assert lists(queen(outlines, tolerance=0)) == [[], [2], [1]]
    assert lists(queen(outlines, tolerance=0.6)) == [[1, 2], [0, 2], [0, 1]]
    assert lists(rook(outlines, tolerance=0.6)) == [[1], [0, 2], [1]]


def test_islands_empty_and_missing_outlines_have_no_neighbours():
    outlines = np.array(
        [shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6), shapely.Polygon(), None], dtype=object
    )
    for tolerance in (None, 0.0, 0.5):
        assert queen(outlines, tolerance).islands.tolist() == [0, 1, 2, 3]
    assert len(queen(np.array([], dtype=object))) == 0


def test_negative_zero_is_zero():
    outlines = np.array([shapely.box(-0.0, -0.0, 1, 1), shapely.box(-1, -1, 0, 0)], dtype=object)
    assert lists(queen(outlines)) == [[1], [0]]


@pytest.mark.parametrize("shape", [shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)])])
def test_what_has_no_area_gets_a_sentence(shape):
    with pytest.raises(InputError, match="no area"):
        queen(np.array([shapely.box(0, 0, 1, 1), shape], dtype=object))


def test_a_tolerance_below_zero_gets_a_sentence():
    with pytest.raises(InputError, match="tolerance"):
        queen(voronoi(3, 1), tolerance=-1)


masks = st.integers(1, 6).flatmap(
    lambda columns: st.integers(1, 6).flatmap(
        lambda rows: st.tuples(
            st.just(columns),
            st.just(rows),
            st.lists(st.booleans(), min_size=columns * rows, max_size=columns * rows),
        )
    )
)


@settings(max_examples=150, deadline=None)
@given(masks, st.sampled_from(["queen", "rook"]))
def test_lattice_neighbours_are_those_of_the_outlines(drawn, rule):
    columns, rows, mask = drawn
    grid = square_grid((0, 0, columns * 10 - 5, rows * 10 - 5), 10)
    outlines = grid.outlines(np.flatnonzero(mask))
    found = grid_neighbours(columns, rows, np.array(mask), rule)
    assert lists(found) == lists((queen if rule == "queen" else rook)(outlines))


@settings(max_examples=60, deadline=None)
@given(st.integers(-3000, 3000), st.integers(-3000, 3000), st.integers(0, 10_000))
def test_hexagon_neighbours_are_those_of_the_outlines(east, north, seed):
    grid = hex_grid((east, north, east + 800, north + 700), 100)
    numbers = np.flatnonzero(np.random.default_rng(seed).random(grid.columns * grid.rows) < 0.7)
    found = hex_neighbours(grid.columns, grid.rows, numbers, grid.first_row % 2 == 1)
    assert lists(found) == lists(rook(grid.outlines(numbers), tolerance=0.01))
    assert found.counts.max(initial=0) <= 6


def test_a_sparse_lattice_is_searched_and_agrees_with_the_table():
    wide = 3_000_000  # columns: a table would hold 9 million places
    numbers = np.array([0, 1, wide, wide + 1, 2 * wide + 2, 3 * wide - 1], dtype=np.int64)
    assert lists(grid_neighbours(wide, 3, numbers)) == [
        [1, 2, 3],
        [0, 2, 3],
        [0, 1, 3],
        [0, 1, 2, 4],
        [3],
        [],
    ]


def test_cells_at_the_ends_of_rows_do_not_wrap_round():
    found = grid_neighbours(3, 3)
    assert found.of(2).tolist() == [1, 4, 5]
    assert found.of(3).tolist() == [0, 1, 4, 6, 7]


def test_a_distance_band_includes_its_edge():
    found = distance_band([[0, 0], [3, 4], [6, 8], [100, 100]], 5)
    assert lists(found) == [[1], [0, 2], [1], []]
    assert found.islands.tolist() == [3]


@pytest.mark.parametrize("band", [0, -1, float("nan")])
def test_a_distance_that_is_none_gets_a_sentence(band):
    with pytest.raises(InputError):
        distance_band([[0, 0], [1, 1]], band)


def test_centroids_that_are_not_finite_get_a_sentence():
    with pytest.raises(InputError):
        distance_band([[0, 0], [np.nan, 1]], 5)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(0, 10_000))
def test_with_self_and_take_do_what_they_say(n, seed):
    rng = np.random.default_rng(seed)
    found = from_pairs(*rng.integers(0, n, (2, 3 * n)), n)
    with_self = found.with_self()
    for unit in range(n):
        assert with_self.of(unit).tolist() == sorted([*found.of(unit).tolist(), unit])
    chosen = rng.permutation(n)[: rng.integers(0, n + 1)]
    part = found.take(chosen)
    for at, unit in enumerate(chosen):
        among = [int(np.flatnonzero(chosen == o)[0]) for o in found.of(unit) if o in chosen]
        assert part.of(at).tolist() == sorted(among)
