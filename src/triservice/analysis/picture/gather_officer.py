"""Where one officer would serve all best: ranking and bases, as `triservice bases` has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from triservice.analysis.overlap.bases import Bools, within_reach
from triservice.analysis.overlap.burden import RankedArea
from triservice.analysis.overlap.candidates import Candidates
from triservice.analysis.overlap.model import Layer
from triservice.analysis.overlap.serve import (
    Service,
    place_bases,
    service_caveats,
    service_findings,
)
from triservice.analysis.picture.gather_overlap import merge
from triservice.analysis.picture.model import Area, Base, Burden, Finding, Officer
from triservice.analysis.picture.options import Options, Places
from triservice.analysis.place.cells import Cells
from triservice.kernel.errors import InputError

Hidden = Mapping[str, Bools]


def gather_officer(
    layers: Sequence[Layer],
    cells: Cells,
    areas: Sequence[Area],
    ids: Mapping[str, tuple[str, ...]],
    hidden: Hidden,
    options: Options,
) -> tuple[Officer | None, tuple[str, ...]]:
    """Rank the areas and choose bases, with what to bear in mind; None when it cannot be done.

    `hidden` tells the areas (n,) of each layer whose counts are suppressed: a share of a total
    that is shown would give them away.
    """
    reach_m = float(options.reach_m or 0.0)
    candidates, reach = _candidates(cells, areas, options.places, reach_m)
    count = min(options.bases, len(candidates.names))
    try:
        found = place_bases(
            layers,
            cells,
            candidates,
            reach,
            count,
            reach_words=f"{reach_m / 1000:g} km in a straight line",
            weights=options.weights,
        )
    except InputError:
        return None, ()
    officer = _officer(found, areas, merge(ids.values()), hidden, reach, reach_m)
    return officer, tuple(service_caveats(found))


def _officer(
    found: Service,
    areas: Sequence[Area],
    sources: tuple[str, ...],
    hidden: Hidden,
    reach: Bools,
    reach_m: float,
) -> Officer:
    return Officer(
        weights=found.weights,
        ranking=tuple(_burden(row, areas[row.index], hidden) for row in found.ranking),
        reach_m=reach_m,
        bases=tuple(_bases(found, reach, hidden)),
        covered={gain.agency: gain.covered for gain in found.gains},
        alone={gain.agency: gain.best_alone for gain in found.gains},
        findings=tuple(Finding(text, sources=sources) for text in service_findings(found)),
        sources=sources,
        note="Each column is the area's share of that layer's whole demand; the joint burden is "
        "their mean.",
    )


def _burden(row: RankedArea, area: Area, hidden: Hidden) -> Burden:
    shares = {
        name: None if name in hidden and hidden[name][row.index] else share
        for name, share in row.shares.items()
    }
    joint = None if None in shares.values() else row.joint
    return Burden(row.rank, area.code, area.label, joint, shares)


def _bases(found: Service, reach: Bools, hidden: Hidden) -> Iterator[Base]:
    """Yield the bases; what one adds is not said where few areas, all hidden, add it."""
    before = np.zeros(reach.shape[1], dtype=bool)
    for base, at in zip(found.bases, found.choice.bases, strict=True):
        fresh = reach[at] & ~before
        before |= reach[at]
        gains = {
            name: None if fresh.any() and name in hidden and hidden[name][fresh].all() else gain
            for name, gain in base.adds_by_layer.items()
        }
        yield Base(
            base.number, base.name, base.easting, base.northing, base.areas, base.adds, gains
        )


def _candidates(
    cells: Cells, areas: Sequence[Area], places: Places, reach_m: float
) -> tuple[Candidates, Bools]:
    """Return where a base may stand, the named places if any are near, and what each reaches."""
    if places:
        sites = np.array([(east, north) for _, east, north in places])
        near = within_reach(sites, cells.centroids, reach_m)
        usable = near.any(axis=1)
        if usable.any():
            names = np.array([name for name, _, _ in places])
            return Candidates(names[usable], sites[usable]), near[usable]
    labels = np.array([area.label for area in areas])
    return (
        Candidates(labels, cells.centroids),
        within_reach(cells.centroids, cells.centroids, reach_m),
    )
