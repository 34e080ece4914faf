"""Outlines of areas, checked and made valid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triservice.kernel.errors import InputError

Outlines = NDArray[np.object_]  # shapely polygons and multipolygons
CROSSED = ("outline crossed itself", "outlines crossed themselves")


def check_areas(outlines: Outlines) -> Outlines:
    """Return outlines as an object array. Raises InputError on anything but areas."""
    import shapely

    shapes = np.asarray(outlines, dtype=object)
    kinds = shapely.get_type_id(shapes)
    wrong = np.flatnonzero(~np.isin(kinds, (-1, 3, 6)) & ~shapely.is_empty(shapes))
    if len(wrong):
        raise InputError(
            f"outline {wrong[0]:,} is a {shapes[wrong[0]].geom_type}, which has no area",
            do="Give polygons or multipolygons.",
        )
    return shapes


def valid_areas(outlines: Outlines) -> tuple[Outlines, NDArray[np.int64]]:
    """Return outlines made valid, areas only, and the indices of those that needed it."""
    import shapely

    shapes = check_areas(outlines)
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise InputError("an outline holds coordinates that are not finite numbers")
    present = ~shapely.is_missing(shapes)
    repaired = np.flatnonzero(present & ~shapely.is_valid(shapes))
    if len(repaired):
        shapes = shapes.copy()
        shapes[repaired] = areas_only(shapely.make_valid(shapes[repaired]))
    return shapes, repaired


def areas_only(shapes: Outlines) -> Outlines:
    """Drop the points and lines that make_valid may leave beside the polygons of a shape."""
    import shapely

    kept = np.empty(len(shapes), dtype=object)
    for at, shape in enumerate(shapes):
        parts = [
            part
            for part in shapely.get_parts(shapely.get_parts([shape]))
            if part.geom_type in ("Polygon", "MultiPolygon")
        ]
        kept[at] = (
            shape
            if shape.geom_type in ("Polygon", "MultiPolygon")
            else (shapely.union_all(parts) if parts else shapely.Polygon())
        )
    return kept
