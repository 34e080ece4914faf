"""Where would one officer serve all services best? Joint burden, and the k bases that reach most.

Choosing k bases so that the most demand lies within reach of one is maximal covering location
(Church and ReVelle, 1974). A greedy choice improved by swaps gives a good answer at once; an
exact integer programme (HiGHS, through SciPy) then proves it best, or replaces it, or states how
far from the best it can be at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EXACT_LIMIT = 2_000_000  # pairs of candidate and area above which no proof is tried
TIME_LIMIT_S = 10.0
_EVEN = 1e-9


@dataclass(frozen=True)
class Choice:
    """The k bases that reach the most."""

    bases: tuple[int, ...]  # candidates; the kept ones first, then in the order that adds most
    covered: float  # share of the burden within reach of a base
    bound: float  # no choice of as many bases can reach more than this share
    proven: bool  # covered equals bound
    reached: Bools  # (areas,) within reach of a base
    added: tuple[float, ...]  # share of the burden that each base adds to those before it

    @property
    def gap(self) -> float:
        """How much of the burden, at most, a better choice could still add."""
        return max(0.0, self.bound - self.covered)


@dataclass(frozen=True)
class AgencyGain:
    """What one agency gets from bases shared with the others."""

    agency: str
    weight: float
    covered: float  # share of its own demand within reach of the shared bases
    best_alone: float  # share within reach had the bases been chosen for it alone
    bases_alone: tuple[int, ...]


def joint_burden(
    demand: Mapping[str, ArrayLike], weights: Mapping[str, float] | None = None
) -> Floats:
    """Return each area's share of the joint burden, (n,), summing to one.

    `demand` holds amounts by layer, each (n,), none negative. Every layer is first turned into
    shares of its own total, so that a service with many small incidents does not drown the
    others; then the layers are averaged by `weights` (1 for a layer not named).
    Raises InputError for a weight without a layer, a negative weight, or all weights zero.
    """
    shares = demand_shares(demand)
    weighing = layer_weights(list(shares), weights)
    total = sum(weighing.values())
    return np.asarray(sum(weighing[name] / total * share for name, share in shares.items()))


def layer_weights(
    names: Sequence[str], weights: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return a weight for every layer: 1 where none is given. Raises as `joint_burden` says."""
    given = dict(weights or {})
    if unknown := [name for name in given if name not in names]:
        raise InputError(
            f"a weight is given for {', '.join(unknown)}, which is no layer here",
            do=f"The layers are {', '.join(names)}.",
        )
    weighing = {name: float(given.get(name, 1.0)) for name in names}
    if min(weighing.values()) < 0 or not 0 < sum(weighing.values()) < np.inf:
        raise InputError("weights must be numbers from zero up, and not all zero")
    return weighing


def demand_shares(demand: Mapping[str, ArrayLike]) -> dict[str, Floats]:
    """Return each layer as shares of its own total, (n,); NaN counts as no demand."""
    shares: dict[str, Floats] = {}
    for name, amounts in demand.items():
        array = np.nan_to_num(np.asarray(amounts, dtype=np.float64), nan=0.0)
        if (array < 0).any() or not 0 < array.sum() < np.inf:
            raise InputError(f"the demand of {name} must be amounts from zero up, not all zero")
        shares[name] = array / array.sum()
    return shares


def within_reach(candidates: ArrayLike, areas: ArrayLike, reach_m: float) -> Bools:
    """Return which areas (n, 2) lie within `reach_m` of which candidates (c, 2), bool (c, n).

    Straight lines, in metres, between points; both ends of the reach count.
    """
    if not reach_m > 0:
        raise InputError(f"a reach of {reach_m:g} m reaches nothing", do="Give one above zero.")
    a = np.asarray(candidates, dtype=np.float64)
    b = np.asarray(areas, dtype=np.float64)
    return np.asarray(np.hypot(*(a[:, None, :] - b[None, :, :]).transpose(2, 0, 1)) <= reach_m)


def choose_bases(
    burden: ArrayLike,
    reach: ArrayLike,
    k: int,
    *,
    keep: Sequence[int] = (),
    time_limit_s: float = TIME_LIMIT_S,
) -> Choice:
    """Choose `k` candidates so that the most burden lies within reach of one of them.

    `burden` (n,) is not negative; `reach` bool (candidates, n). The candidates in `keep` are
    taken whatever happens and count among the k (bases that exist already). Equal choices go to
    the first candidate. Raises InputError when k, `keep` and the candidates do not fit.
    """
    weight = np.asarray(burden, dtype=np.float64)
    table = np.asarray(reach, dtype=np.bool_)
    _check(weight, table, k, keep)
    weight = weight / weight.sum()
    chosen = _swap(weight, table, _greedy(weight, table, list(keep), k), len(keep))
    covered = _value(weight, table, chosen)
    bound = _marginal_bound(weight, table, chosen, k - len(keep))
    if covered < bound - _EVEN and table.size <= EXACT_LIMIT:
        exact, proven_bound = _exact(weight, table, k, keep, time_limit_s)
        bound = min(bound, proven_bound)
        if exact is not None and _value(weight, table, exact) > covered + _EVEN:
            chosen = exact
            covered = _value(weight, table, chosen)
    chosen = [*keep, *_by_addition(weight, table, chosen, keep)]
    steps = [_value(weight, table, chosen[: i + 1]) for i in range(len(chosen))]
    return Choice(
        bases=tuple(int(c) for c in chosen),
        covered=covered,
        bound=max(bound, covered),
        proven=bound <= covered + 1e-7,
        reached=np.asarray(table[chosen].any(axis=0)),
        added=tuple(float(s) for s in np.diff([0.0, *steps])),
    )


def agency_gains(
    demand: Mapping[str, ArrayLike],
    reach: ArrayLike,
    choice: Choice,
    *,
    weights: Mapping[str, float] | None = None,
    keep: Sequence[int] = (),
) -> list[AgencyGain]:
    """Return what each layer's agency gets from `choice`, beside the best for it alone."""
    weighing = layer_weights(list(demand), weights)
    gains = []
    for name, share in demand_shares(demand).items():
        alone = choose_bases(share, reach, len(choice.bases), keep=keep)
        covered = float(share[choice.reached].sum())
        best = max(alone.covered, covered)
        gains.append(AgencyGain(name, weighing[name], covered, best, alone.bases))
    return gains


def _check(weight: Floats, table: Bools, k: int, keep: Sequence[int]) -> None:
    if table.ndim != 2 or weight.shape != table.shape[1:]:
        raise InputError(f"reach {table.shape} and burden {weight.shape} do not fit together")
    if not np.isfinite(weight).all() or (weight < 0).any() or not weight.sum() > 0:
        raise InputError("the burden must be amounts from zero up, not all zero")
    if len(set(keep)) != len(keep) or any(not 0 <= c < len(table) for c in keep):
        raise InputError("a base to keep is named twice, or is not among the candidates")
    if not max(1, len(keep)) <= k <= len(table):
        raise InputError(
            f"{k} bases cannot be chosen from {len(table)} candidates, {len(keep)} of them kept",
            do="Change --k, or give more candidates.",
        )


def _value(weight: Floats, table: Bools, chosen: Sequence[int]) -> float:
    return float(weight[table[list(chosen)].any(axis=0)].sum())


def _greedy(weight: Floats, table: Bools, chosen: list[int], k: int) -> list[int]:
    """Take the candidate that adds most, until there are k."""
    matrix = table.astype(np.float64)
    open_weight = np.where(table[chosen].any(axis=0), 0.0, weight)
    while len(chosen) < k:
        gains = matrix @ open_weight
        gains[chosen] = -1.0
        best = int(np.argmax(gains))
        chosen = [*chosen, best]
        open_weight = np.where(table[best], 0.0, open_weight)
    return chosen


def _swap(weight: Floats, table: Bools, chosen: list[int], kept: int) -> list[int]:
    """Exchange one base for another while the reach grows."""
    matrix = table.astype(np.float64)
    improved = True
    while improved:
        improved = False
        for place in range(kept, len(chosen)):
            rest = chosen[:place] + chosen[place + 1 :]
            uncovered = np.where(table[rest].any(axis=0), 0.0, weight)
            gains = matrix @ uncovered
            gains[rest] = -1.0
            best = int(np.argmax(gains))
            if gains[best] > gains[chosen[place]] + _EVEN:
                chosen = [*rest[:place], best, *rest[place:]]
                improved = True
    return chosen


def _marginal_bound(weight: Floats, table: Bools, chosen: Sequence[int], free: int) -> float:
    """Return what no choice can exceed: reach now plus the `free` largest further additions.

    Reach has diminishing returns, so additions to a set never exceed their sum (Nemhauser,
    Wolsey and Fisher, 1978).
    """
    covered = table[list(chosen)].any(axis=0)
    further = np.sort(table[:, ~covered].astype(np.float64) @ weight[~covered])[::-1]
    everything = float(weight[table.any(axis=0)].sum())
    return min(everything, float(weight[covered].sum() + further[:free].sum()))


def _exact(
    weight: Floats, table: Bools, k: int, keep: Sequence[int], time_limit_s: float
) -> tuple[list[int] | None, float]:
    """Solve the integer programme; return its choice (None without one) and a proven bound."""
    from scipy import optimize, sparse

    useful = table.any(axis=0) & (weight > 0)
    # Areas reached by the same candidates stand and fall together: one row with their sum.
    patterns, group = np.unique(table[:, useful].T, axis=0, return_inverse=True)
    grouped = np.bincount(group.ravel(), weight[useful], len(patterns))
    rows, candidates = patterns.shape
    # Variables: one whole number per candidate, then one per row, covered (≤ 1) or not.
    cover = sparse.hstack([-sparse.csr_array(patterns.astype(np.float64)), sparse.eye_array(rows)])
    number = sparse.csr_array(np.concatenate([np.ones(candidates), np.zeros(rows)])[None, :])
    lower = np.zeros(candidates + rows)
    lower[list(keep)] = 1.0
    solved = optimize.milp(
        np.concatenate([np.zeros(candidates), -grouped]),
        integrality=np.concatenate([np.ones(candidates), np.zeros(rows)]),
        bounds=optimize.Bounds(lower, np.ones(candidates + rows)),
        constraints=[
            optimize.LinearConstraint(cover, ub=np.zeros(rows)),
            optimize.LinearConstraint(number, lb=k, ub=k),
        ],
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
    )
    dual = solved.mip_dual_bound
    bound = -float(dual) if dual is not None and np.isfinite(dual) else 1.0
    if solved.x is None:
        return None, bound
    return [int(c) for c in np.flatnonzero(solved.x[:candidates] > 0.5)], bound


def _by_addition(
    weight: Floats, table: Bools, chosen: Sequence[int], keep: Sequence[int]
) -> list[int]:
    """Return the chosen bases that are not kept, each next one adding most."""
    left = sorted(set(chosen) - set(keep))
    covered = table[list(keep)].any(axis=0)
    order: list[int] = []
    while left:
        gains = [float(weight[table[c] & ~covered].sum()) for c in left]
        best = left.pop(int(np.argmax(gains)))
        order.append(best)
        covered = covered | table[best]
    return order
