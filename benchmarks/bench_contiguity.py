"""Who neighbours whom: outlines of about a hundred vertices, and a lattice of cells.

Peers: libpysal's weights (what most scripts use) and its newer Graph.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
import shapely

from harness import compare
from triservice.analysis.place.contiguity import grid_neighbours, queen


def make_outlines(areas: int) -> Any:
    """Areas that share every vertex with their neighbours, as published outlines do."""
    rng = np.random.default_rng(1)
    side = 60_000.0
    cells = shapely.voronoi_polygons(shapely.multipoints(rng.uniform(0, side, (areas, 2))))
    parts = shapely.intersection(shapely.get_parts(cells), shapely.box(0, 0, side, side))
    return shapely.set_precision(shapely.segmentize(parts, np.sqrt(side**2 / areas) / 28), 0.001)


def ours(outlines: Any) -> Any:
    found = queen(outlines)
    return found.indptr, found.indices


def weights(outlines: Any) -> Any:
    import geopandas
    import libpysal

    warnings.simplefilter("ignore")
    frame = geopandas.GeoDataFrame(geometry=outlines)
    found = libpysal.weights.Queen.from_dataframe(frame, use_index=False, silence_warnings=True)
    return _lists([found.neighbors[i] for i in range(len(outlines))])


def graph(outlines: Any) -> Any:
    import geopandas
    import libpysal

    found = libpysal.graph.Graph.build_contiguity(
        geopandas.GeoDataFrame(geometry=outlines), rook=False
    )
    sparse = found.sparse.tocsr()
    sparse.sort_indices()
    return sparse.indptr.astype(np.int64), sparse.indices.astype(np.int32)


def _lists(neighbours: list[list[int]]) -> Any:
    indptr = np.cumsum([0, *(len(n) for n in neighbours)])
    return indptr, np.array([i for n in neighbours for i in sorted(n)], dtype=np.int32)


def agree(mine: Any, theirs: Any, given: Any) -> str:
    assert np.array_equal(mine[0], theirs[0]), "numbers of neighbours differ"
    assert np.array_equal(mine[1], theirs[1]), "neighbours differ"
    return f"the same {len(mine[1]):,} links"


def make_lattice(cells: int) -> Any:
    side = round(cells**0.5)
    return side, side


def our_lattice(given: Any) -> Any:
    found = grid_neighbours(*given)
    return found.indptr, found.indices


def lat2sw(given: Any) -> Any:
    import libpysal

    found = libpysal.weights.lat2SW(*given, criterion="queen").tocsr()
    found.sort_indices()
    return found.indptr.astype(np.int64), found.indices.astype(np.int32)


def lat2w(given: Any) -> Any:
    import libpysal

    found = libpysal.weights.lat2W(*given, rook=False)
    return _lists([found.neighbors[i] for i in range(given[0] * given[1])])


PARTS: dict[str, dict[str, Any]] = {
    "outlines": {
        "sizes": (1_000, 5_000, 20_000),
        "make_input": make_outlines,
        "ours": ours,
        "peers": {"libpysal weights": weights, "libpysal Graph": graph},
        "goal": "≥10× at 5,000 areas",
    },
    "a lattice": {
        "sizes": (10_000, 102_400, 1_000_000),
        "make_input": make_lattice,
        "ours": our_lattice,
        "peers": {"libpysal lat2SW": lat2sw, "libpysal lat2W": lat2w},
        "goal": "a small part of Gi* on the same cells",
        "peer_limit": {"libpysal lat2W": 102_400},
    },
}

if __name__ == "__main__":
    for part in [os.environ["BENCH_PART"]] if "BENCH_PART" in os.environ else PARTS:
        os.environ["BENCH_PART"] = part  # the process of each side runs the same part
        compare(f"Queen contiguity of {part}", agree=agree, **PARTS[part])
