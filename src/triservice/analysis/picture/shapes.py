"""Outlines for drawing: simplified together, so that neighbours still meet, and put on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]
WIDTH = 1000  # of a map, in its own units
MARGIN = 14
_VERTICES = 7_000  # of all outlines: beyond this a page gains weight and no detail
_EACH = 12  # vertices that any number of outlines may keep each
_NICE = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)  # kilometres


@dataclass(frozen=True)
class Frame:
    """How metres become map units: x to the right, y down, one scale for both."""

    west: float
    north: float
    scale: float  # map units per metre
    height: int
    width: int = WIDTH

    @classmethod
    def around(cls, bounds: Sequence[float]) -> Frame:
        """Return the frame that holds `bounds` (west, south, east, north) with a margin."""
        west, south, east, north = bounds
        if not (east > west and north > south):
            raise InputError("the outlines have no extent, so no map can be drawn of them")
        # A county taller than wide must still fit a screen, so the longer side decides.
        scale = (WIDTH - 2 * MARGIN) / max(east - west, (north - south) / 1.1)
        width = round((east - west) * scale) + 2 * MARGIN
        height = round((north - south) * scale) + 2 * MARGIN
        return cls(west - MARGIN / scale, north + MARGIN / scale, scale, height, width)

    def place(self, points: Floats) -> Floats:
        """Return map units of metres, both of shape (n, 2)."""
        return np.column_stack(
            [(points[:, 0] - self.west) * self.scale, (self.north - points[:, 1]) * self.scale]
        )

    def bar(self) -> tuple[float, str]:
        """Return length in map units and label of a scale bar about a fifth of the width."""
        reach = 0.22 * self.width / self.scale / 1000
        km = max((n for n in _NICE if n <= reach), default=reach)
        return km * 1000 * self.scale, f"{km:g} km"


@dataclass(frozen=True)
class Shapes:
    """Outlines of areas in the order of Picture.areas, full and simplified, in metres."""

    outlines: Geometries
    drawn: Geometries
    frame: Frame
    places: tuple[tuple[str, float, float], ...] = ()  # name, easting, northing

    @classmethod
    def of(cls, outlines: Geometries, places: Sequence[tuple[str, float, float]] = ()) -> Shapes:
        """Simplify `outlines` together and frame them."""
        frame = Frame.around(tuple(shapely.total_bounds(outlines)))
        return cls(outlines, simplify(outlines, frame.scale), frame, tuple(places))

    @cached_property
    def paths(self) -> list[str]:
        """SVG path data of each drawn outline, in whole map units × 10 (see `svg`)."""
        return [path_data(shape, self.frame) for shape in self.drawn]

    @cached_property
    def anchors(self) -> Floats:
        """A point inside each outline, in map units: where a label may stand. Shape (n, 2)."""
        inside = shapely.point_on_surface(self.drawn)
        centre = shapely.centroid(self.drawn)
        good = shapely.contains(self.drawn, centre)
        chosen = np.where(good, centre, inside)
        return self.frame.place(shapely.get_coordinates(chosen))

    @cached_property
    def county_path(self) -> str:
        """SVG path data of the outer edge of all areas together."""
        return path_data(shapely.coverage_union_all(self.drawn), self.frame)


def simplify(outlines: Geometries, scale: float) -> Geometries:
    """Simplify outlines so that shared edges stay shared (Visvalingam–Whyatt on the coverage).

    The tolerance starts below what a screen can show (`scale` is map units per metre) and doubles
    until the vertices are few enough. Outlines that overlap are simplified one by one instead.
    """
    tolerance = 1.2 / scale
    together = bool(shapely.coverage_is_valid(outlines))
    for _ in range(12):
        if together:
            drawn = shapely.coverage_simplify(outlines, tolerance)
        else:
            drawn = shapely.simplify(outlines, tolerance / 2, preserve_topology=True)
        if shapely.get_num_coordinates(drawn).sum() <= max(_VERTICES, _EACH * len(outlines)):
            break
        tolerance *= 1.5
    return np.where(shapely.is_empty(drawn), outlines, drawn)


def path_data(shape: Any, frame: Frame) -> str:
    """Return compact SVG path data of a polygon: tenths of a map unit, relative steps.

    Islets smaller than a dot are left out unless they are all there is.
    """
    parts = shapely.get_parts(shape)
    big = parts[shapely.area(parts) * frame.scale**2 >= 1.5]
    rings = [ring for part in (big if len(big) else parts) for ring in shapely.get_rings(part)]
    return "".join(_ring_data(ring, frame) for ring in rings)


def _ring_data(ring: Any, frame: Frame) -> str:
    points = np.round(frame.place(shapely.get_coordinates(ring)) * 10).astype(np.int64)[:-1]
    steps = np.diff(points, axis=0)
    steps = steps[np.any(steps != 0, axis=1)]
    if len(steps) < 2:
        return ""
    start = f"M{points[0, 0]},{points[0, 1]}l"
    return start + "".join(f"{_step(x)}{_step(y)}" for x, y in steps).lstrip() + "z"


def _step(number: int) -> str:
    """Return a number with the least separator that SVG needs before it."""
    return f"{number}" if number < 0 else f" {number}"


def cells_path(corners: NDArray[np.int64], size_m: float, frame: Frame) -> str:
    """Return one path of squares with south-west `corners` (n, 2) in metres, in tenths of units."""
    side = round(size_m * frame.scale * 10)
    tops = corners + np.array([0.0, size_m])
    points = np.round(frame.place(tops) * 10).astype(np.int64)
    return "".join(f"M{x},{y}h{side}v{side}h-{side}z" for x, y in points)


def nearest_place(
    centroids: Floats, places: Sequence[tuple[str, float, float]]
) -> list[str | None]:
    """Return "near NAME" of the nearest place for each centroid (n, 2); None without places."""
    if not places:
        return [None] * len(centroids)
    sites = np.array([[east, north] for _, east, north in places])
    squared = ((centroids[:, None, :] - sites[None, :, :]) ** 2).sum(axis=2)
    return [f"near {places[i][0]}" for i in squared.argmin(axis=1)]
