"""Where would one officer serve all best: the whole of `triservice bases`, as plain figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from triservice.analysis.overlap.bases import (
    AgencyGain,
    Bools,
    Choice,
    Floats,
    agency_gains,
    choose_bases,
    demand_shares,
    joint_burden,
    layer_weights,
)
from triservice.analysis.overlap.burden import RankedArea, demand_of, rank_areas
from triservice.analysis.overlap.candidates import Candidates
from triservice.analysis.overlap.model import Layer
from triservice.analysis.place.cells import Cells


@dataclass(frozen=True)
class PlacedBase:
    """One chosen base, and what it brings."""

    number: int
    name: str
    easting: float  # NaN when only travel times are known
    northing: float
    kept: bool  # it was there already
    areas: int  # in reach of it
    adds: float  # share of the joint burden that it adds to the bases before it
    adds_by_layer: Mapping[str, float]


@dataclass(frozen=True)
class Service:
    """The answer: a ranking of areas, bases, and what each agency gets of them."""

    cells: Cells
    layers: tuple[Layer, ...]
    weights: Mapping[str, float]
    ranking: tuple[RankedArea, ...]
    choice: Choice
    bases: tuple[PlacedBase, ...]
    gains: tuple[AgencyGain, ...]
    joint: Floats  # (n,) share of the joint burden by area
    reach_words: str  # "10 km in a straight line"
    candidates: int
    notes: tuple[str, ...]


def place_bases(
    layers: Sequence[Layer],
    cells: Cells,
    candidates: Candidates,
    reach: Bools,
    k: int,
    *,
    reach_words: str,
    weights: Mapping[str, float] | None = None,
    keep: Sequence[str] = (),
) -> Service:
    """Rank the areas by joint burden and choose `k` of `candidates` to cover the most of it.

    `reach` bool (candidates, areas); `keep` names bases that are there already. Raises InputError
    as `joint_burden` and `choose_bases` do.
    """
    demand = demand_of(layers)
    joint = joint_burden(demand, weights)
    kept = candidates.find(keep)
    choice = choose_bases(joint, reach, k, keep=kept)
    shares = demand_shares(demand)
    bases, before = [], np.zeros(len(cells), dtype=np.bool_)
    for number, (at, adds) in enumerate(zip(choice.bases, choice.added, strict=True), start=1):
        fresh = reach[at] & ~before
        before |= reach[at]
        bases.append(
            PlacedBase(
                number,
                str(candidates.names[at]),
                float(candidates.places[at, 0]),
                float(candidates.places[at, 1]),
                at in kept,
                int(reach[at].sum()),
                adds,
                {name: float(share[fresh].sum()) for name, share in shares.items()},
            )
        )
    return Service(
        cells,
        tuple(layers),
        layer_weights(list(demand), weights),
        tuple(rank_areas(demand, weights)),
        choice,
        tuple(bases),
        tuple(agency_gains(demand, reach, choice, weights=weights, keep=kept)),
        joint,
        reach_words,
        len(candidates.names),
        candidates.notes,
    )


def service_findings(service: Service) -> list[str]:
    """Say what the bases reach, what each agency gets, and how sure the choice is."""
    labels = {layer.name: layer.label for layer in service.layers}
    names = [base.name for base in service.bases]
    first = service.ranking[0]
    choice = service.choice
    said = [
        f"{service.cells.names[first.index]} carries the most joint demand, {first.joint:.1%} of "
        f"the whole on {1 / len(service.cells):.1%} of the areas.",
        f"{len(names)} base{'s' * (len(names) != 1)} at {_list(names)} would have "
        f"{choice.covered:.0%} of the joint demand within {service.reach_words}.",
    ]
    for gain in service.gains:
        lost = gain.best_alone - gain.covered
        beside = (
            "bases of its own would reach no more"
            if lost < 0.005
            else f"bases of its own would reach {gain.best_alone:.0%}"
        )
        said.append(f"They reach {gain.covered:.0%} of {labels[gain.agency]}; {beside}.")
    said.append(
        "No other choice of as many bases reaches more."
        if choice.proven
        else f"Another choice could reach at most {choice.gap:.1%} more."
    )
    return said


def service_caveats(service: Service) -> list[str]:
    """Return what a reader must keep in mind about the bases."""
    scores = [layer.label for layer in service.layers if layer.demand is None]
    said = [
        "An area counts as reached when its centroid is; people at its edge may live further off.",
        "Demand is what was recorded; it does not say when it comes or how long it takes.",
    ]
    if scores:
        said.append(
            f"{_list(scores).capitalize()} is a score: its demand is the people of an area times "
            "how badly the area ranks."
        )
    for layer in service.layers:
        said += layer.cautions
    return [*said, *service.notes]


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
