"""Invented areas that tile an invented county, shaped as statistical boundaries are.

Made up from a seed for tests and benchmarks: no polygon is a real place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def synthetic_areas(
    seed: int = 1,
    count: int = 5_000,
    size_km: float = 60.0,
    *,
    west: float = 400_000.0,
    south: float = 300_000.0,
    bends: int = 4,
) -> tuple[NDArray[Any], NDArray[np.str_]]:
    """Return `count` polygons that tile a square, and their codes ('invented-0001' …).

    They are Voronoi cells of jittered points; every shared edge carries `bends` further vertices
    that both neighbours hold exactly, as real statistical boundaries do. Shapes (count,), (count,).
    """
    import shapely

    rng = np.random.default_rng(seed)
    size = size_km * 1000.0
    side = int(np.ceil(np.sqrt(count)))
    cells = rng.permutation(side * side)[:count]
    sites = np.column_stack((cells % side, cells // side)) + rng.uniform(0.1, 0.9, (count, 2))
    sites *= size / side
    square = shapely.box(0, 0, size, size)
    diagram = shapely.voronoi_polygons(
        shapely.MultiPoint(sites), extend_to=square, ordered=True
    )  # one cell for each site, in the order of the sites
    outlines = shapely.intersection(shapely.get_parts(diagram), square)
    outlines = shapely.transform(outlines, lambda c: np.round(c, 3))
    outlines = _bend(rng, outlines, bends, size) if bends else outlines
    outlines = shapely.transform(outlines, lambda c: c + np.array((west, south)))
    width = max(4, len(str(count)))
    return outlines, np.array([f"invented-{i:0{width}d}" for i in range(1, count + 1)])


def _bend(rng: np.random.Generator, outlines: Any, bends: int, size: float) -> Any:
    """Replace each straight edge by `bends` + 1 pieces, the same for both of its neighbours."""
    import shapely

    points, ring = shapely.get_coordinates(outlines, return_index=True)
    last = np.append(ring[1:] != ring[:-1], True)
    a, b = points[:-1][~last[:-1]], points[1:][~last[:-1]]
    flipped = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    low, high = np.where(flipped[:, None], b, a), np.where(flipped[:, None], a, b)
    edges, which = np.unique(np.hstack((low, high)), axis=0, return_inverse=True)
    along = np.linspace(0, 1, bends + 2)[:-1]
    offset = rng.uniform(-0.06, 0.06, (len(edges), bends + 1)) * np.sin(np.pi * along)
    start, step = edges[:, :2], edges[:, 2:] - edges[:, :2]
    border = ((edges == 0) | (edges == size)).reshape(-1, 2, 2).all(1).any(1)
    offset[border] = 0
    normal = np.column_stack((-step[:, 1], step[:, 0]))
    made = start[:, None] + along[:, None] * step[:, None] + offset[..., None] * normal[:, None]
    made = np.round(made, 3)
    # Walked backwards an edge starts at its high end and meets the same bends in reverse.
    backwards = np.concatenate((edges[:, None, 2:], made[:, :0:-1]), axis=1)
    walked = np.where(flipped[:, None, None], backwards[which.ravel()], made[which.ravel()])
    owner = np.repeat(ring[:-1][~last[:-1]], bends + 1)
    return shapely.polygons(shapely.linearrings(walked.reshape(-1, 2), indices=owner))
