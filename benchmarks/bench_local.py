"""Gi* and local Moran's I with 999 conditional permutations on a queen lattice, weights included.

Peer: esda, on libpysal's weights. Values are rates without ties: where sums tie, esda's p depends
on rounding (see docs/explanation/hotspots.md), so nothing could be compared.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from harness import compare
from triservice.analysis.hotspots.local import getis_ord, local_moran
from triservice.analysis.place.contiguity import grid_neighbours

PERMUTATIONS = 999


def make_rates(cells: int) -> Any:
    """Skewed rates that gather in places."""
    rng = np.random.default_rng(1)
    side = round(cells**0.5)
    row, column = np.mgrid[0:side, 0:side] / side
    towns = rng.uniform(0, 1, (20, 2))
    near = sum(np.exp(-((row - y) ** 2 + (column - x) ** 2) / 0.0004) for y, x in towns)
    return rng.gamma(0.5, 1.0, side * side) * (1 + 4 * near.ravel())


def ours_gi(rates: Any) -> Any:
    side = round(len(rates) ** 0.5)
    found = getis_ord(rates, grid_neighbours(side, side), permutations=PERMUTATIONS)
    return found.z, np.minimum(found.p_high, found.p_low)


def ours_moran(rates: Any) -> Any:
    side = round(len(rates) ** 0.5)
    found = local_moran(rates, grid_neighbours(side, side), permutations=PERMUTATIONS)
    return found.statistic, np.minimum(found.p_high, found.p_low)


def esda_gi(rates: Any) -> Any:
    import esda
    import libpysal

    warnings.simplefilter("ignore")
    side = round(len(rates) ** 0.5)
    weights = libpysal.weights.lat2W(side, side, rook=False)
    found = esda.G_Local(
        rates, weights, transform="B", star=True, permutations=PERMUTATIONS, n_jobs=1, seed=1
    )
    return found.Zs, found.p_sim


def esda_moran(rates: Any) -> Any:
    import esda
    import libpysal

    warnings.simplefilter("ignore")
    side = round(len(rates) ** 0.5)
    weights = libpysal.weights.lat2W(side, side, rook=False)
    found = esda.Moran_Local(rates, weights, permutations=PERMUTATIONS, n_jobs=1, seed=1)
    return found.Is, found.p_sim


def agree(mine: Any, theirs: Any, given: Any) -> str:
    """Statistics to rounding; p to the Monte Carlo error of both sides."""
    scale = np.abs(theirs[0]).max()
    gap = np.abs(mine[0] - theirs[0]).max() / scale
    assert gap < 1e-9, gap
    p = (mine[1] + theirs[1]) / 2
    error = np.sqrt(2 * np.maximum(p * (1 - p), 1e-3) / PERMUTATIONS)
    off = np.abs(mine[1] - theirs[1]) / error
    assert off.max() < 6.5, off.max()
    assert abs(np.mean(mine[1] - theirs[1])) < 0.02
    return f"statistic to {gap:.0e}; p to {off.max():.1f} standard errors at most"


PARTS: dict[str, dict[str, Any]] = {
    "Gi*": {"ours": ours_gi, "peers": {"esda G_Local": esda_gi}},
    "local Moran's I": {"ours": ours_moran, "peers": {"esda Moran_Local": esda_moran}},
}

if __name__ == "__main__":
    for part in [os.environ["BENCH_PART"]] if "BENCH_PART" in os.environ else PARTS:
        os.environ["BENCH_PART"] = part  # the process of each side runs the same part
        compare(
            f"{part}, {PERMUTATIONS} conditional permutations, cells",
            sizes=(10_000, 40_000, 102_400),
            make_input=make_rates,
            agree=agree,
            goal="≥200× vs esda, weights included; ≤0.5× memory",
            warm_size=2_500,
            repeat=5,
            **PARTS[part],
        )
