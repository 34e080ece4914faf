"""How much of each layer there is to serve in each area, and the ranking of areas by all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from triservice.analysis.overlap.bases import demand_shares, joint_burden
from triservice.analysis.overlap.correlation import ranks
from triservice.analysis.overlap.model import Floats, Layer
from triservice.kernel.errors import InputError


@dataclass(frozen=True)
class RankedArea:
    """One area in the ranking of joint burden."""

    rank: int
    index: int  # in the cells
    joint: float  # share of the joint burden
    shares: Mapping[str, float]  # share of each layer's demand


def amounts(layer: Layer) -> Floats:
    """Return how much of a layer there is to serve in each area, (n,), none negative.

    Counts, and rates times the people they are of, are amounts. A score says how people are but
    not how many need a service: its amount is the people of the area (1 where the lake has no
    population) times how bad it ranks, from 0 for the best area to 1 for the worst.
    Areas without a value have none.
    """
    if layer.demand is not None:
        return np.nan_to_num(layer.demand, nan=0.0)
    known = np.isfinite(layer.badness)
    if known.sum() < 2:
        raise InputError(f"layer {layer.name} has a value in fewer than two areas")
    badness = np.zeros(layer.values.size)
    badness[known] = (ranks(layer.badness[known]) - 1) / (known.sum() - 1)
    people = np.ones_like(badness) if layer.people is None else np.nan_to_num(layer.people)
    return np.asarray(badness * people)


def demand_of(layers: Sequence[Layer]) -> dict[str, Floats]:
    """Return the amounts of every layer by its name."""
    return {layer.name: amounts(layer) for layer in layers}


def rank_areas(
    demand: Mapping[str, Floats], weights: Mapping[str, float] | None = None
) -> list[RankedArea]:
    """Rank all areas by joint burden, the greatest first; equal ones in the order of the cells."""
    joint = joint_burden(demand, weights)
    shares = demand_shares(demand)
    order = np.argsort(-joint, kind="stable")
    return [
        RankedArea(
            rank,
            int(at),
            float(joint[at]),
            {name: float(share[at]) for name, share in shares.items()},
        )
        for rank, at in enumerate(order, start=1)
    ]
