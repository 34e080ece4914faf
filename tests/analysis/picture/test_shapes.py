"""Outlines for the map: neighbours still meet, nothing is lost, paths are what they say."""

import itertools
import re

import numpy as np
import pytest
import shapely

from invented_picture import outlines
from triservice.analysis.picture.shapes import (
    Frame,
    Shapes,
    cells_path,
    nearest_place,
    path_data,
    simplify,
)
from triservice.kernel.errors import InputError


def crooked(n: int = 12, points: int = 400) -> np.ndarray:
    """Strips side by side whose shared edges have many vertices."""
    random = np.random.default_rng(1)
    edges = []
    for i in range(n + 1):
        y = np.linspace(0, 20_000, points)
        x = i * 3_000 + random.normal(0, 60, points).cumsum().clip(-900, 900)
        edges.append(np.column_stack([x, y]))
    return np.array(
        [shapely.Polygon([*a, *b[::-1]]) for a, b in itertools.pairwise(edges)],
        dtype=object,
    )


def test_simplified_outlines_still_meet_their_neighbours() -> None:
    full = crooked()
    drawn = simplify(full, 972 / 36_000)
    assert shapely.get_num_coordinates(drawn).sum() < shapely.get_num_coordinates(full).sum() / 2
    assert shapely.coverage_is_valid(drawn)
    assert shapely.area(shapely.union_all(drawn)) == pytest.approx(
        shapely.area(full).sum(), rel=0.02
    )
    for a, b in itertools.pairwise(drawn):
        assert shapely.intersection(a, b).length > 1_000


def test_outlines_that_overlap_are_drawn_too() -> None:
    pair = np.array([shapely.box(0, 0, 9_000, 9_000), shapely.box(4_000, 0, 12_000, 9_000)])
    assert not shapely.is_empty(simplify(pair, 0.1)).any()


def test_a_frame_holds_everything_and_keeps_one_scale() -> None:
    shapes = Shapes.of(outlines())
    corners = shapely.get_coordinates(shapes.outlines)
    placed = shapes.frame.place(corners)
    assert placed.min() >= 0
    assert placed[:, 0].max() <= shapes.frame.width
    assert placed[:, 1].max() <= shapes.frame.height
    a, b = placed[0] - placed[7], corners[0] - corners[7]
    assert np.hypot(*a) == pytest.approx(np.hypot(*b) * shapes.frame.scale)
    units, label = shapes.frame.bar()
    assert units == pytest.approx(float(label.split()[0]) * 1000 * shapes.frame.scale)


def test_tall_counties_fit_and_a_point_is_refused() -> None:
    tall = Frame.around((0, 0, 10_000, 90_000))
    assert tall.height <= 1_150
    assert tall.width < 300
    with pytest.raises(InputError, match="no extent"):
        Frame.around((1, 1, 1, 1))


def test_path_data_draws_the_outline() -> None:
    """Follow the path's steps: it must come back to where the outline's corners are."""
    shape = shapely.Polygon([(0, 0), (8_000, 0), (8_000, 6_000), (0, 6_000)], [])
    frame = Frame.around((0, 0, 8_000, 6_000))
    data = path_data(shape, frame)
    start, steps = re.fullmatch(r"M(\d+,\d+)l(.*)z", data).groups()  # type: ignore[union-attr]
    numbers = np.array(re.findall(r"-?\d+", steps), dtype=float).reshape(-1, 2)
    walked = np.array(start.split(","), dtype=float) + np.vstack([[0, 0], numbers.cumsum(axis=0)])
    wanted = frame.place(shapely.get_coordinates(shape)[:-1]) * 10
    np.testing.assert_allclose(walked, wanted, atol=1)


def test_islets_are_dropped_unless_they_are_all_there_is() -> None:
    frame = Frame.around((0, 0, 100_000, 100_000))
    islet = shapely.box(0, 0, 20, 20)
    both = shapely.MultiPolygon([shapely.box(40_000, 0, 90_000, 50_000), islet])
    assert path_data(both, frame).count("M") == 1
    assert path_data(shapely.box(0, 0, 300, 300), frame).count("M") == 1


def test_cells_are_squares_from_their_south_west_corner() -> None:
    frame = Frame(0.0, 10_000.0, 0.1, 1000)
    assert cells_path(np.array([[2_000, 3_000]]), 1_000, frame) == "M2000,6000h1000v1000h-1000z"


def test_the_nearest_place_is_named() -> None:
    places = [("Near", 0.0, 0.0), ("Far", 9_000.0, 0.0)]
    assert nearest_place(np.array([[1.0, 1.0], [8_000.0, 5.0]]), places) == [
        "near Near",
        "near Far",
    ]
    assert nearest_place(np.zeros((2, 2)), []) == [None, None]
