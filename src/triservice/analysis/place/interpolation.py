"""Values of one set of areas estimated for another, with the error of doing so.

Counts (extensive values) are divided by the share of each source that lies in each target; rates
and scores (intensive values) are averaged with the weights of the pieces. The share is of ground
(areal weighting; Goodchild and Lam, 1980) or of points that stand for where people are. What
cannot be placed is counted and said; how wrong the estimate is can be measured on any variable
that is known on both sides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.place.outlines import Outlines, valid_areas
from triservice.analysis.place.polygons import PolygonIndex
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Behaviour = Literal["extensive", "intensive"]


@dataclass(frozen=True)
class Overlay:
    """How n sources lie over m targets.

    `amounts` is a SciPy CSR array (n, m): square metres, or weight of points, in common.
    `sources` (n,) and `targets` (m,) are the whole amounts of each. `basis` is "area" or "points".
    """

    amounts: Any
    sources: Floats
    targets: Floats
    basis: Literal["area", "points"]

    def shares(self) -> Any:
        """Return the share of each source in each target, CSR (n, m); rows sum to one at most.

        Where targets overlap each other a source is divided among them, never counted twice.
        """
        from scipy import sparse

        inside = np.asarray(self.amounts.sum(axis=1)).ravel()
        whole = np.maximum(self.sources, inside)
        scale = np.divide(1.0, whole, out=np.zeros_like(whole), where=whole > 0)
        return sparse.csr_array(sparse.diags_array(scale) @ self.amounts)


@dataclass(frozen=True)
class Interpolated:
    """An estimate for m targets.

    `values` (m,), NaN where no source with a value reaches. `covered` (m,): share of the target
    that sources with values cover. `placed_share`: of the sources' mass (a count), or of their
    weight (a rate). `unplaced`: the mass or weight that lies in no target.
    """

    values: Floats
    covered: Floats
    placed_share: float
    unplaced: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class InterpolationError:
    """How far an estimate is from the truth, over targets where both are known.

    `misplaced_share` is half the sum of absolute differences over the true total: the part of the
    mass that stands in a wrong target (meaningful for counts). `total_difference` is estimate
    minus truth over all targets, as a share of the truth.
    """

    targets: int
    mean_absolute: float
    root_mean_square: float
    median_relative: float
    misplaced_share: float
    total_difference: float

    def sentence(self) -> str:
        """Say the error in words."""
        return (
            f"Against {self.targets:,} areas where the truth is known, half of the estimates are "
            f"within {self.median_relative:.1%}; {self.misplaced_share:.1%} of the whole stands "
            f"in a wrong area and the total is {self.total_difference:+.1%} off."
        )


def overlay(sources: Outlines, targets: Outlines) -> Overlay:
    """Overlay two sets of outlines by area. Raises InputError for outlines that are not areas.

    It takes seconds, and one report asks for the same one again for every layer: the last few are
    remembered by the outlines' bytes.
    """
    key = _digest(sources), _digest(targets)
    if key not in _REMEMBERED:
        if len(_REMEMBERED) >= _MOST_REMEMBERED:
            _REMEMBERED.clear()
        _REMEMBERED[key] = _overlay(sources, targets)
    return _REMEMBERED[key]


_REMEMBERED: dict[tuple[bytes, bytes], Overlay] = {}
_MOST_REMEMBERED = 8


def _digest(outlines: Outlines) -> bytes:
    import shapely

    texts = shapely.to_wkb(np.asarray(outlines, dtype=object))
    return sha256(b"".join(b"-" if text is None else text for text in texts)).digest()


def _overlay(sources: Outlines, targets: Outlines) -> Overlay:
    import shapely
    from scipy import sparse

    source, target = _present(sources), _present(targets)
    first, second = shapely.STRtree(target).query(source, predicate="intersects")
    # Most neighbours of neighbours share a border and no ground, which is seen much sooner.
    shapely.prepare(source)
    apart = shapely.touches(source[first], target[second])
    first, second = first[~apart], second[~apart]
    common = shapely.area(shapely.intersection(source[first], target[second]))
    keep = common > 0
    amounts = sparse.csr_array(
        (common[keep], (first[keep], second[keep])), shape=(len(source), len(target))
    )
    return Overlay(amounts, shapely.area(source), shapely.area(target), "area")


def overlay_points(
    sources: Outlines,
    targets: Outlines,
    easting: ArrayLike,
    northing: ArrayLike,
    weight: ArrayLike,
) -> Overlay:
    """Overlay two sets of outlines by weighted points, such as people at their addresses.

    Raises InputError for weights below zero or not finite.
    """
    from scipy import sparse

    weights = np.asarray(weight, dtype=np.float64)
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise InputError("weights of points must be finite numbers of zero or more")
    inside = PolygonIndex.build(sources).locate(easting, northing)
    within = PolygonIndex.build(targets).locate(easting, northing)
    n, m = len(sources), len(targets)
    both = (inside >= 0) & (within >= 0)
    amounts = sparse.csr_array(
        sparse.coo_array((weights[both], (inside[both], within[both])), shape=(n, m))
    )
    amounts.sum_duplicates()
    return Overlay(
        amounts,
        _sums(inside, weights, n),
        _sums(within, weights, m),
        "points",
    )


def _sums(place: NDArray[np.int64], weights: Floats, n: int) -> Floats:
    found = place >= 0
    return np.bincount(place[found], weights[found], minlength=n).astype(np.float64)


def interpolate(
    values: ArrayLike, over: Overlay, behaviour: Behaviour, weights: ArrayLike | None = None
) -> Interpolated:
    """Estimate values of the sources (n,) for the targets; NaN stands for "not known".

    Extensive values are divided by share. Intensive ones are averaged with `weights` (n,) of the
    sources (population, say), divided by share; without weights by what the overlay measures.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != over.sources.shape:
        raise InputError(f"{len(over.sources):,} sources need as many values, not {numbers.size:,}")
    shares = over.shares()
    known = np.isfinite(numbers)
    filled = np.where(known, numbers, 0.0)
    mass = filled if behaviour == "extensive" else _weights(weights, over) * known
    reached = np.asarray(over.amounts.T @ known.astype(np.float64)).ravel()
    covered = np.divide(
        reached, over.targets, out=np.zeros_like(over.targets), where=over.targets > 0
    )
    estimate = np.asarray(shares.T @ mass).ravel()
    if behaviour == "intensive":
        sums = np.asarray(shares.T @ (mass * filled)).ravel()
        estimate = np.divide(sums, estimate, out=np.full_like(sums, np.nan), where=estimate > 0)
    estimate[reached <= 0] = np.nan
    inside = np.asarray(shares.sum(axis=1)).ravel()
    total = math.fsum(np.abs(mass))
    unplaced = math.fsum(np.abs(mass) * np.maximum(1 - inside, 0.0))
    share = 1 - unplaced / total if total > 0 else 1.0
    return Interpolated(estimate, np.minimum(covered, 1.0), share, unplaced, _say(share, covered))


def _weights(weights: ArrayLike | None, over: Overlay) -> Floats:
    if weights is None:
        return over.sources
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != over.sources.shape or not np.isfinite(given).all() or (given < 0).any():
        raise InputError("weights must be finite, zero or more, and one for each source")
    return given


def _say(share: float, covered: Floats) -> tuple[str, ...]:
    notes = []
    if share < 1 - 1e-9:
        notes.append(f"{1 - share:.2%} lies outside every target area and is not placed.")
    if partly := int((covered < 0.99).sum()):
        notes.append(f"{partly:,} of {len(covered):,} target areas are covered only in part.")
    return tuple(notes)


def error_against(truth: ArrayLike, estimate: ArrayLike) -> InterpolationError:
    """Compare an estimate with the truth where both are known. Raises InputError when nowhere."""
    known, guess = np.asarray(truth, dtype=np.float64), np.asarray(estimate, dtype=np.float64)
    if known.shape != guess.shape:
        raise InputError("truth and estimate must be of one length")
    both = np.isfinite(known) & np.isfinite(guess)
    if not both.any():
        raise InputError("truth and estimate are known together nowhere")
    known, guess = known[both], guess[both]
    away = np.abs(guess - known)
    total = math.fsum(known)
    size = np.abs(known)
    relative = np.divide(away, size, out=np.where(away > 0, np.inf, 0.0), where=size > 0)
    return InterpolationError(
        int(both.sum()),
        float(away.mean()),
        float(np.sqrt((away**2).mean())),
        float(np.median(relative)),
        float(away.sum() / 2 / abs(total)) if total else math.nan,
        (math.fsum(guess) - total) / abs(total) if total else math.nan,
    )


def known_error(
    over: Overlay,
    source_values: ArrayLike,
    target_values: ArrayLike,
    behaviour: Behaviour,
    weights: ArrayLike | None = None,
) -> InterpolationError:
    """Interpolate a variable that is known on both sides and return how wrong that is.

    The error of a variable that behaves alike (population, for counts of people) is the honest
    measure of what the same overlay does to a variable that is known on one side only.
    """
    estimate = interpolate(source_values, over, behaviour, weights)
    return error_against(target_values, estimate.values)


def _present(outlines: Outlines) -> Outlines:
    """Return outlines valid, with an empty one where one is missing."""
    import shapely

    shapes = valid_areas(outlines)[0]
    return np.where(shapely.is_missing(shapes), shapely.Polygon(), shapes)
