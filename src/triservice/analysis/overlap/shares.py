"""How much of one layer's demand lies inside another's worst areas or hotspots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShareInside:
    """The share of a layer's demand inside a set of areas, beside what the set holds anyway."""

    share: float  # of the demand
    share_of_areas: float
    share_of_people: float | None  # of the denominator, when there is one
    times_expected: float | None  # share over share_of_people (over share_of_areas without one)


@dataclass(frozen=True)
class Concentration:
    """How unevenly demand lies over the areas, areas ordered from most to least demand per base."""

    in_worst: float  # share of demand in the worst `worst_share` of the base
    worst_share: float
    gini: float  # 0 spread like the base, 1 all in one place


def share_inside(
    demand: ArrayLike, members: ArrayLike, people: ArrayLike | None = None
) -> ShareInside:
    """Return the share of `demand` (n,) inside the areas where `members` (n,) is true.

    `people` (n,) is what the demand is held against. NaN demand counts as none. Raises
    InputError when demand is negative or sums to nothing.
    """
    wanted = _amounts(demand, "demand")
    inside = np.asarray(members, dtype=np.bool_)
    if inside.shape != wanted.shape:
        raise InputError(f"{wanted.size} areas of demand meet {inside.size} areas of a set")
    share = float(wanted[inside].sum() / wanted.sum())
    areas = float(inside.mean())
    lived = None
    if people is not None:
        base = _amounts(people, "the population")
        lived = float(base[inside].sum() / base.sum())
    held = lived if lived is not None else areas
    return ShareInside(share, areas, lived, share / held if held > 0 else None)


def concentration(
    demand: ArrayLike, people: ArrayLike | None = None, *, worst_share: float = 0.2
) -> Concentration:
    """Return how concentrated `demand` (n,) is over `people` (n,), or over equal areas.

    The Lorenz curve joins areas from the highest demand per head down; Gini is twice the area
    between it and the diagonal. `in_worst` reads the curve at `worst_share` of the base.
    """
    base, share = lorenz(demand, people)
    gini = 2 * float(np.trapezoid(share, base)) - 1
    return Concentration(float(np.interp(worst_share, base, share)), worst_share, max(0.0, gini))


def lorenz(demand: ArrayLike, people: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Return cumulative shares (base, demand), each (n + 1,), from the densest area down."""
    wanted = _amounts(demand, "demand")
    base = np.ones_like(wanted) if people is None else _amounts(people, "the population")
    if base.shape != wanted.shape:
        raise InputError(f"{wanted.size} areas of demand meet {base.size} areas of people")
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.where(base > 0, wanted / base, np.where(wanted > 0, np.inf, 0.0))
    order = np.argsort(-density, kind="stable")
    shares = (np.concatenate([[0.0], np.cumsum(v[order]) / v.sum()]) for v in (base, wanted))
    first, second = shares
    return first, second


def _amounts(values: ArrayLike, what: str) -> Floats:
    array = np.nan_to_num(np.asarray(values, dtype=np.float64), nan=0.0)
    if array.ndim != 1 or (array < 0).any() or not array.sum() > 0:
        raise InputError(f"{what} must be one amount per area, none negative, not all zero")
    return np.asarray(array)
