"""Redraw of a county's risk zones: from a fortnight's events to the polygons of every level.

There is no public tool to race. The peer is what an analyst would write with shapely: discs as
polygons, united by age band and crossed. Areas must agree as closely as cells and polygons of a
circle allow. The goal is 50 ms for a county of 60 x 60 km.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from harness import compare
from triservice.analysis.near_repeat.presets import load_rule
from triservice.analysis.near_repeat.zones import risk_zones
from triservice.analysis.synthetic import synthetic_county

Events = tuple[np.ndarray, np.ndarray, np.ndarray]
AS_OF = np.datetime64("2025-01-15", "s")


def make_input(size: int) -> Events:
    """Events of one fortnight, clustered in towns."""
    county = synthetic_county(1, days=14, events=size, near_repeat_days=7)
    return county.easting, county.northing, county.happened


def ours(events: Events) -> dict[str, float]:
    zones = risk_zones(*events, AS_OF, load_rule("essex"))
    return {name: sum(p.area for p in polygons) / 1e6 for name, polygons in zones.outlines()}


def shapely_union(events: Events) -> dict[str, float]:
    import shapely

    x, y, t = events
    age = (AS_OF - t) / np.timedelta64(1, "D")
    discs = shapely.buffer(shapely.points(x, y), 400, quad_segs=8)
    red = shapely.union_all(discs[age <= 7])
    yellow = shapely.union_all(discs[(age > 7) & (age <= 14)])
    orange = red & yellow
    return {
        "yellow": (yellow - red).area / 1e6,
        "red": (red - yellow).area / 1e6,
        "orange": orange.area / 1e6,
    }


def agree(mine: dict[str, float], theirs: dict[str, float], _: Any) -> str:
    total = sum(theirs.values())
    apart = max(abs(mine[name] - theirs[name]) for name in theirs) / total
    assert apart < 0.01, (mine, theirs)
    return f"{total:,.0f} km² of zones; levels within {apart:.2%} of it"


if __name__ == "__main__":
    compare(
        "Redraw of risk zones, 60 x 60 km, 25 m cells, polygons of every level",
        sizes=(200, 1_000, 4_000),
        make_input=make_input,
        ours=ours,
        peers={"shapely unions": shapely_union},
        agree=agree,
        goal="≤0.050 s",
        repeat=7,
        peer_repeat=3,
    )
