"""Torus shifts of two layers inside a masked outline: every shift by FFT against 999 rolls.

The peer computes the same statistic for 999 shifts with numpy.roll, as an analyst would. We do
all of them (360,000 at 600 × 600). The statistics of the peer's shifts must be ours.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from harness import compare
from triservice.analysis.overlap.shifts import shift_correlation, shift_hotspots

ROLLS = 999


def make_input(cells: int) -> dict[str, Any]:
    """Two clustered layers on a square grid, a round county, and the shifts the peer tries."""
    side = round(cells**0.5)
    rng = np.random.default_rng(7)
    up, across = np.mgrid[:side, :side]
    middle, radius = (side - 1) / 2, side / 2
    mask = (up - middle) ** 2 + (across - middle) ** 2 <= radius**2
    fields = [gaussian_filter(rng.normal(size=(side, side)), 6) for _ in range(2)]
    hot = [(field > np.quantile(field[mask], 0.95)) & mask for field in fields]
    steps = rng.integers(0, side, (ROLLS, 2))
    return {"mask": mask, "fields": fields, "hot": hot, "steps": steps}


def ours_hotspots(given: dict[str, Any]) -> Any:
    return shift_hotspots(*given["hot"], given["mask"], min_overlap=0.5)


def rolls_hotspots(given: dict[str, Any]) -> Any:
    """Count cells met and hot cells of either and both layers among them, shift by shift."""
    (a, b), mask = given["hot"], given["mask"]
    cells = np.count_nonzero(mask)
    out = np.full(ROLLS, np.nan)
    for at, (i, j) in enumerate(given["steps"]):
        there, moved = np.roll(mask, (i, j), (0, 1)), np.roll(b, (i, j), (0, 1))
        n = np.count_nonzero(mask & there)
        if n < 0.5 * cells:
            continue
        na, nb = np.count_nonzero(a & there), np.count_nonzero(mask & moved)
        both = np.count_nonzero(a & moved)
        spread = float(na * (n - na)) * float(nb * (n - nb))
        if spread > 0:
            out[at] = (n * both - na * nb) / np.sqrt(spread) * np.sqrt(n / cells)
    return out


def rolls_counts_only(given: dict[str, Any]) -> Any:
    """Do the least that a loop of rolls can: count shared hot cells, and nothing about the mask."""
    a, b = given["hot"]
    return np.array([np.count_nonzero(a & np.roll(b, (i, j), (0, 1))) for i, j in given["steps"]])


def ours_values(given: dict[str, Any]) -> Any:
    return shift_correlation(*given["fields"], given["mask"], by_rank=False, min_overlap=0.5)


def rolls_values(given: dict[str, Any]) -> Any:
    """Correlate the cells that meet, shift by shift."""
    mask = given["mask"]
    x, y = (np.where(mask, field - field[mask].mean(), 0.0) for field in given["fields"])
    xx, weight = x * x, mask.astype(np.float64)
    cells = np.count_nonzero(mask)
    out = np.full(ROLLS, np.nan)
    for at, (i, j) in enumerate(given["steps"]):
        there, moved = np.roll(weight, (i, j), (0, 1)), np.roll(y, (i, j), (0, 1))
        n = np.vdot(weight, there)
        if n < 0.5 * cells:
            continue
        sx, sxx, sy = np.vdot(x, there), np.vdot(xx, there), np.vdot(weight, moved)
        met = moved * weight
        syy, sxy = np.vdot(met, met), np.vdot(x, moved)
        r = (n * sxy - sx * sy) / np.sqrt((n * sxx - sx * sx) * (n * syy - sy * sy))
        out[at] = r * np.sqrt(n / cells)
    return out


def agree(ours: Any, theirs: Any, given: dict[str, Any]) -> str:
    """Compare at the peer's shifts; the torus must be the peer's box."""
    assert ours.torus == given["mask"].shape, "sizes are chosen so that no padding is needed"
    mine = ours.statistic[tuple(given["steps"].T)]
    if theirs.dtype.kind == "i":
        return f"{ours.shifts:,} shifts against {ROLLS}; another statistic"
    np.testing.assert_allclose(mine, theirs, atol=1e-9)
    return f"{ROLLS} shifts equal to 1e-9; ours tried {ours.shifts:,}"


BENCHMARKS = {
    "hotspots": (
        "Shared hotspots under all torus shifts",
        ours_hotspots,
        {
            "999 rolls, same statistic": rolls_hotspots,
            "999 rolls, counts only": rolls_counts_only,
        },
    ),
    "values": (
        "Correlation under all torus shifts",
        ours_values,
        {"999 rolls, same statistic": rolls_values},
    ),
}

if __name__ == "__main__":
    # Every side runs in a process of its own, which learns from here which benchmark it is for.
    only = os.environ.get("TRISERVICE_BENCH")
    for name, (title, ours, peers) in BENCHMARKS.items():
        if only in (None, name):
            os.environ["TRISERVICE_BENCH"] = name
            compare(
                title,
                sizes=(40_000, 160_000, 360_000),
                make_input=make_input,
                ours=ours,
                peers=peers,
                agree=agree,
                goal="all shifts in ≤ 0.1× the time of 999 rolls at 360,000 cells",
                repeat=9,
                peer_repeat=3,
            )
