"""Knox test of near repeats, 999 permutations: pointpats, and scipy pairs with numpy permutations.

The peers answer one band; we answer three distances and two time limits in the same pass, so the
comparison is to our disadvantage. Observed counts and expectations must be equal, p-values as
close as 999 permutations allow.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from harness import compare
from triservice.analysis.near_repeat.knox import knox
from triservice.analysis.synthetic import synthetic_county

DISTANCE_M, DAYS, PERMUTATIONS = 200.0, 14.0, 999
Events = tuple[np.ndarray, np.ndarray, np.ndarray]
Answer = tuple[float, float, float]  # observed, expected, p


def make_input(size: int) -> Events:
    """Events of one year in a county."""
    county = synthetic_county(1, events=size, towns=24, hotspots=0, shared_hotspots=0)
    days = (county.happened - county.happened[0]) / np.timedelta64(1, "D")
    return county.easting, county.northing, days


def ours(events: Events) -> Answer:
    bands = knox(*events, (50, 100, DISTANCE_M), (7, DAYS), permutations=PERMUTATIONS)
    last = bands.cumulative[-1]
    return last.observed, last.expected, float(last.p_permutation or 0)


def pointpats(events: Events) -> Answer:
    from pointpats import Knox

    x, y, t = events
    np.random.seed(1)
    found = Knox(np.column_stack((x, y)), t[:, None], DISTANCE_M, DAYS, PERMUTATIONS)
    return float(found.statistic_), float(found.expected[0, 0]), float(found.p_sim)


def scipy_numpy(events: Events) -> Answer:
    from scipy.spatial import cKDTree

    x, y, t = events
    pairs = cKDTree(np.column_stack((x, y))).query_pairs(DISTANCE_M, output_type="ndarray")
    first, second = np.ascontiguousarray(pairs.T)
    near = int((np.abs(t[first] - t[second]) <= DAYS).sum())
    rng = np.random.default_rng(1)
    counts = np.empty(PERMUTATIONS)
    for k in range(PERMUTATIONS):
        shuffled = rng.permutation(t)
        counts[k] = (np.abs(shuffled[first] - shuffled[second]) <= DAYS).sum()
    p = (1 + (counts >= near).sum()) / (PERMUTATIONS + 1)
    return float(near), float(counts.mean()), float(p)


def agree(mine: Answer, theirs: Answer, _: Any) -> str:
    assert mine[0] == theirs[0], (mine, theirs)
    assert math.isclose(mine[1], theirs[1], rel_tol=0.01), (mine, theirs)
    error = math.sqrt(2 * 0.25 / PERMUTATIONS) * 4
    assert abs(mine[2] - theirs[2]) < error, (mine, theirs)
    return f"{mine[0]:,.0f} pairs both; p {mine[2]:.3f} and {theirs[2]:.3f}"


if __name__ == "__main__":
    compare(
        "Knox near-repeat test, 999 permutations",
        sizes=(10_000, 50_000, 200_000),
        make_input=make_input,
        ours=ours,
        peers={"pointpats": pointpats, "scipy+numpy": scipy_numpy},
        agree=agree,
        goal="≥50× pointpats at 10k; ≥15× scipy+numpy at 200k in ≤400 MB",
        warm_size=2_000,
        repeat=2,
        peer_limit={"pointpats": 10_000},
    )
