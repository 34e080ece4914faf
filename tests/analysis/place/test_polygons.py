"""Point in polygon: exact against shapely, on vertices, edges, holes, overlaps and gaps."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.place.polygons import PolygonIndex
from triservice.analysis.place.predicates import exact_side, side
from triservice.kernel.errors import InputError


def by_hand(outlines, east, north):
    """The rule, one polygon at a time: the lowest polygon that covers the point."""
    found = np.full(len(east), -1)
    for at in range(len(outlines) - 1, -1, -1):
        if outlines[at] is not None and not shapely.is_empty(outlines[at]):
            found[shapely.intersects_xy(outlines[at], east, north)] = at
    return found


def rational_side(ax, ay, bx, by, px, py):
    ax, ay, bx, by, px, py = map(Fraction, (ax, ay, bx, by, px, py))
    turn = (ax - px) * (by - py) - (ay - py) * (bx - px)
    return (turn > 0) - (turn < 0)


def voronoi(n, seed, span=10_000.0):
    points = np.random.default_rng(seed).random((n, 2)) * span
    return np.asarray(shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points))))


number = st.floats(-1e7, 1e7, allow_nan=False).filter(lambda v: v == 0 or abs(v) > 1e-60)


@settings(max_examples=200, deadline=None)
@given(st.tuples(number, number, number, number), st.floats(0, 1), st.integers(-3, 3))
def test_the_side_of_a_line_is_exact_even_beside_it(line, share, ulps):
    ax, ay, bx, by = line
    px, py = ax + share * (bx - ax), ay + share * (by - ay)
    for _ in range(abs(ulps)):
        py = float(np.nextafter(py, np.inf if ulps > 0 else -np.inf))
    if 0 < abs(py) < 1e-60 or 0 < abs(px) < 1e-60:
        return
    wanted = rational_side(ax, ay, bx, by, px, py)
    assert side(ax, ay, bx, by, px, py) == wanted
    assert exact_side(ax, ay, bx, by, px, py) == wanted


def test_random_points_in_a_tessellation_fall_where_shapely_puts_them():
    outlines = voronoi(300, seed=1)
    rng = np.random.default_rng(2)
    east, north = rng.uniform(-2_000, 12_000, (2, 50_000))
    index = PolygonIndex.build(outlines)
    assert (index.locate(east, north) == by_hand(outlines, east, north)).all()


def test_vertices_and_edge_points_belong_to_the_lowest_polygon_that_covers_them():
    outlines = voronoi(200, seed=3)
    vertices = shapely.get_coordinates(outlines)
    middles = (vertices[1:] + vertices[:-1]) / 2
    points = np.vstack([vertices, middles])
    found = PolygonIndex.build(outlines).locate(points[:, 0], points[:, 1])
    assert (found == by_hand(outlines, points[:, 0], points[:, 1])).all()
    assert (found[: len(vertices)] >= 0).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=4, max_size=25),
    st.integers(1, 6),
    st.integers(0, 2**32 - 1),
)
def test_overlaps_holes_gaps_and_ties_agree_with_shapely(corners, boxes, seed):
    """Shapes on a small lattice make every degeneracy common: shared vertices, runs, overlaps."""
    rng = np.random.default_rng(seed)
    shapes = [shapely.make_valid(shapely.Polygon([*corners, corners[0]]))]
    for _ in range(boxes):
        x, y, w, h = rng.integers(0, 9), rng.integers(0, 9), *rng.integers(1, 5, 2)
        shape = shapely.box(x, y, x + w, y + h)
        if w > 2 and h > 2:
            shape = shape.difference(shapely.box(x + 1, y + 1, x + w - 1, y + h - 1))
        shapes.append(shape)
    shapes = np.array(
        [shapely.union_all([p for p in shapely.get_parts(s) if p.area > 0]) for s in shapes],
        dtype=object,
    )
    shapes = np.array([s if s.area > 0 else shapely.Polygon() for s in shapes], dtype=object)
    east, north = (v.ravel() for v in np.meshgrid(np.arange(-1, 14, 0.5), np.arange(-1, 14, 0.5)))
    assert (PolygonIndex.build(shapes).locate(east, north) == by_hand(shapes, east, north)).all()


def test_far_off_coordinates_and_thin_slivers_are_exact():
    """Edges that cross many lattice rows at a grazing angle, at national-grid magnitudes."""
    base = 400_000.0
    outlines = np.array(
        [
            shapely.Polygon([(base, base), (base + 9_000, base + 0.001), (base + 9_000, base + 1)]),
            shapely.Polygon([(base, base), (base + 9_000, base + 1), (base + 1, base + 9_000)]),
        ],
        dtype=object,
    )
    rng = np.random.default_rng(5)
    share = rng.random(20_000)
    east = base + share * 9_000
    north = base + share * rng.choice([0.001, 1.0], 20_000)
    for shift in (0.0, 6e-11, -6e-11, 1e-4):
        found = PolygonIndex.build(outlines).locate(east, north + shift)
        assert (found == by_hand(outlines, east, north + shift)).all()


def test_a_multipolygon_with_a_hole_in_a_hole():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 8, 8))
    shape = shapely.union(ring, shapely.box(4, 4, 6, 6))
    index = PolygonIndex.build(np.array([shape], dtype=object))
    found = index.locate([1, 3, 5, 2, 4, 3.9, 11], [1, 3, 5, 5, 5, 5, 5])
    assert found.tolist() == [0, -1, 0, 0, 0, -1, -1]


def test_points_without_coordinates_are_nowhere():
    index = PolygonIndex.build(np.array([shapely.box(0, 0, 1, 1)], dtype=object))
    east, north = [np.nan, 0.5, np.inf, -np.inf], [0.5, np.nan, 0.5, 0.5]
    assert (index.locate(east, north) == -1).all()


def test_crossed_outlines_are_repaired_and_said_and_empty_ones_hold_nothing():
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    index = PolygonIndex.build(
        np.array([bow_tie, shapely.Polygon(), None, shapely.box(0, 0, 2, 2)], dtype=object)
    )
    assert index.locate([0.2, 1.8, 1.0], [1.0, 1.0, 0.2]).tolist() == [0, 0, 3]
    assert index.repaired.tolist() == [0]
    assert index.empty.tolist() == [1, 2]
    assert len(index.notes()) == 2


def test_an_index_of_nothing_finds_nothing():
    index = PolygonIndex.build(np.array([], dtype=object))
    assert index.locate([0.0, 1.0], [0.0, 1.0]).tolist() == [-1, -1]


def test_more_points_than_a_block_agree_with_one_block_at_a_time():
    outlines = voronoi(50, seed=8)
    east, north = np.random.default_rng(9).uniform(0, 10_000, (2, 1_100_000))
    index = PolygonIndex.build(outlines)
    whole = index.locate(east, north)
    assert (whole[-1000:] == index.locate(east[-1000:], north[-1000:])).all()
    assert (whole >= 0).mean() > 0.99


@pytest.mark.parametrize(
    ("outlines", "words"),
    [
        ([shapely.Point(0, 0)], "no area"),
        ([shapely.LineString([(0, 0), (1, 1)])], "no area"),
        ([shapely.Polygon([(0, 0), (np.inf, 1), (1, 1)])], "not finite"),
    ],
)
def test_what_is_not_an_area_gets_a_sentence(outlines, words):
    with pytest.raises(InputError, match=words):
        PolygonIndex.build(np.array(outlines, dtype=object))


def test_uneven_coordinates_get_a_sentence():
    index = PolygonIndex.build(np.array([shapely.box(0, 0, 1, 1)], dtype=object))
    with pytest.raises(InputError, match="equal length"):
        index.locate([0.0], [0.0, 1.0])
