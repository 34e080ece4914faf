"""Point in polygon: 5,000 areas of about a hundred vertices, points spread like events.

Peers: geopandas sjoin, whose result users want; and one prepared polygon after another on points
sorted by easting, the fastest way that shapely offers. Both are given arrays of coordinates, as we
are. "End to end" includes building our index; "index kept" is what a second layer of events costs.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import shapely

from harness import compare
from triservice.analysis.place.polygons import PolygonIndex

AREAS, SIDE_M = 5_000, 60_000.0


class Given(NamedTuple):
    """Outlines (AREAS,), easting and northing (points,), and an index when it is kept."""

    outlines: Any
    easting: Any
    northing: Any
    index: PolygonIndex | None = None


@lru_cache(maxsize=1)
def outlines() -> Any:
    """Areas that cover a county, small where many people live."""
    rng = np.random.default_rng(1)
    towns = rng.uniform(0, SIDE_M, (12, 2))
    near = towns[rng.integers(0, 12, AREAS * 3 // 5)] + rng.normal(0, 2_500, (AREAS * 3 // 5, 2))
    centres = np.vstack([np.clip(near, 1, SIDE_M - 1), rng.uniform(0, SIDE_M, (AREAS * 2 // 5, 2))])
    county = shapely.box(0, 0, SIDE_M, SIDE_M)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(centres), ordered=True))
    areas = shapely.intersection(cells, county)
    return shapely.segmentize(areas, np.sqrt(shapely.area(areas)) / 28)


def make_input(points: int) -> Given:
    """Two thirds of the points in towns, one third anywhere, a few outside."""
    rng = np.random.default_rng(2)
    towns = rng.uniform(0, SIDE_M, (12, 2))
    easting, northing = rng.uniform(-500, SIDE_M + 500, (2, points))
    inside = rng.random(points) < 2 / 3
    chosen = towns[rng.integers(0, 12, int(inside.sum()))]
    easting[inside] = chosen[:, 0] + rng.normal(0, 2_500, len(chosen))
    northing[inside] = chosen[:, 1] + rng.normal(0, 2_500, len(chosen))
    return Given(outlines(), easting, northing)


def make_kept(points: int) -> Given:
    """Return the same with the index built before the clock starts."""
    given = make_input(points)
    return given._replace(index=PolygonIndex.build(given.outlines))


def ours(given: Given) -> Any:
    index = given.index or PolygonIndex.build(given.outlines)
    return index.locate(given.easting, given.northing)


def sjoin(given: Given) -> Any:
    import geopandas

    points = geopandas.GeoDataFrame(
        geometry=geopandas.points_from_xy(given.easting, given.northing)
    )
    areas = geopandas.GeoDataFrame(geometry=given.outlines)
    joined = geopandas.sjoin(points, areas, how="left", predicate="intersects")
    found = joined.groupby(level=0)["index_right"].min()
    return found.fillna(-1).to_numpy().astype(np.int64)


def prepared(given: Given) -> Any:
    order = np.argsort(given.easting)
    east, north = given.easting[order], given.northing[order]
    found = np.full(len(east), -1, dtype=np.int64)
    bounds = shapely.bounds(given.outlines)
    for at, (area, (west, south, right, top)) in enumerate(
        zip(given.outlines, bounds, strict=True)
    ):
        first, last = np.searchsorted(east, (west, right), side="left")
        near = first + np.flatnonzero((north[first:last] >= south) & (north[first:last] <= top))
        shapely.prepare(area)
        held = near[shapely.contains_xy(area, east[near], north[near])]
        found[held] = at
    answer = np.empty_like(found)
    answer[order] = found
    return answer


def agree(mine: Any, theirs: Any, given: Given) -> str:
    differ = int((mine != theirs).sum())
    assert differ == 0, f"{differ:,} points differ"
    return f"the same area for all {len(mine):,} points ({(mine >= 0).mean():.1%} inside one)"


PARTS = {
    "end to end": (make_input, "≥5× vs sjoin, ≤0.35× memory"),
    "index kept": (make_kept, "≥15× vs sjoin"),
}

if __name__ == "__main__":
    for part in [os.environ["BENCH_PART"]] if "BENCH_PART" in os.environ else PARTS:
        os.environ["BENCH_PART"] = part  # the process of each side runs the same part
        make, goal = PARTS[part]
        compare(
            f"Point in polygon, {part}",
            sizes=(200_000, 1_000_000, 5_000_000),
            make_input=make,
            ours=ours,
            peers={"geopandas sjoin": sjoin, "shapely prepared, sorted": prepared},
            agree=agree,
            goal=goal,
            warm_size=10_000,
        )
