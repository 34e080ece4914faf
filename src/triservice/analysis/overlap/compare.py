"""Compare two or more layers on one unit of place: the whole of `triservice overlap`.

Areas (polygons) are tested by Moran spectral randomisation, squares of a grid by torus shifts.
Where neither can be done (too many areas, a single pair of neighbours) the p-values that keep
autocorrelation are None, and a note says so: the ordinary ones are not put in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.overlap.bivariate import bivariate_moran, lee
from triservice.analysis.overlap.correlation import (
    complete,
    concordance,
    effective_areas,
    interval,
    ranks,
    spearman,
)
from triservice.analysis.overlap.model import (
    Bools,
    Captured,
    Floats,
    Layer,
    Overlap,
    PairOverlap,
    SetFigures,
)
from triservice.analysis.overlap.nulls import Null, null_for
from triservice.analysis.overlap.shares import concentration, share_inside
from triservice.analysis.overlap.worst import WorstSet, set_overlap, worst_count, worst_set
from triservice.kernel.errors import InputError

if TYPE_CHECKING:
    from triservice.analysis.place.cells import Cells
    from triservice.analysis.place.contiguity import Neighbours

SEED = 20181
PERMUTATIONS = 999
_FEWEST_FOR_HOTSPOTS = 3
_MOST_FOR_DISTANCES = 5000  # areas: effective numbers of areas need all distances at once


@dataclass(frozen=True)
class _Table:
    """The layers on the areas that have a value in every one of them."""

    names: list[str]
    badness: dict[str, Floats]
    tested: dict[str, Floats]  # for hotspots
    cells: Cells
    neighbours: Neighbours
    null: Null


def compare_layers(
    layers: Sequence[Layer],
    cells: Cells,
    *,
    share: float = 0.2,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> Overlap:
    """Compare layers whose values are aligned with `cells`.

    `share` is how much of the areas counts as the worst. Areas without a value in every layer
    take no part. Raises InputError for fewer than two layers, layers of one name, values of
    another length, fewer than four areas left, or a layer that is the same everywhere.
    """
    _check(layers, cells)
    used = complete(np.array([layer.badness for layer in layers]))
    if used.sum() < 4:
        raise InputError(
            f"only {int(used.sum())} of {len(cells)} areas have a value in every layer",
            do="Check the vintage of the layers, or leave out the one with the fewest values.",
        )
    inside = cells.take(used) if not used.all() else cells
    table = _Table(
        [layer.name for layer in layers],
        {layer.name: layer.badness[used] for layer in layers},
        {layer.name: layer.tested[used] for layer in layers},
        inside,
        inside.neighbours(),
        null_for(inside, permutations, seed),
    )
    worst = {layer.name: worst_areas(layer, used, share, inside) for layer in layers}
    hot, hot_notes = _hotspots(table)
    pairs = {(a, b): _pair(table, a, b, worst, hot) for a, b in combinations(table.names, 2)}
    together = np.array([worst[name].members for name in table.names])
    by_number = np.bincount(together.sum(axis=0), minlength=len(layers) + 1)
    captured, concentrated = _demand(layers, used, worst, share)
    return Overlap(
        cells=cells,
        layers=tuple(layers),
        used=used,
        share=share,
        worst_size=worst_count(int(used.sum()), share),
        worst={name: _spread(one.members, used) for name, one in worst.items()},
        tied_out={name: one.tied_out for name, one in worst.items()},
        hot={name: _spread(members, used) for name, members in hot.items()},
        pairs=pairs,
        all=_figures(table, table.names, {n: w.members for n, w in worst.items()}),
        by_number=tuple(int(n) for n in by_number),
        all_hotspots=_figures(table, table.names, hot, hot=True) if len(layers) > 2 else None,
        concordance=concordance(list(table.badness.values())) if len(layers) > 2 else None,
        captured=tuple(captured),
        concentrated=concentrated,
        method=table.null.method,
        permutations=permutations,
        seed=seed,
        notes=(*_missing(layers, used), *table.null.notes, *hot_notes),
    )


def _check(layers: Sequence[Layer], cells: Cells) -> None:
    names = [layer.name for layer in layers]
    if len(names) < 2:
        raise InputError(
            "overlap needs two layers or more", do="Write them as --layers police,fires,health."
        )
    if len(set(names)) < len(names):
        raise InputError(f"a layer is named twice in {', '.join(names)}")
    for layer in layers:
        if layer.values.shape != (len(cells),):
            raise InputError(
                f"layer {layer.name} has {layer.values.size} values for {len(cells)} areas"
            )
        known = layer.values[np.isfinite(layer.values)]
        if known.size and np.ptp(known) == 0:
            raise InputError(
                f"layer {layer.name} has the same value in every area, so it cannot be ranked",
                do="Check its period and category: there may be no event of it here.",
            )


def _missing(layers: Sequence[Layer], used: Bools) -> list[str]:
    """Say which areas take no part, and for want of which layer."""
    if used.all():
        return []
    lacking = {
        layer.name: int((~np.isfinite(layer.values)).sum())
        for layer in layers
        if not np.isfinite(layer.values).all()
    }
    said = ", ".join(f"{name} in {count:,}" for name, count in lacking.items())
    return [f"{int((~used).sum()):,} of {used.size:,} areas take no part, for want of {said}."]


def worst_areas(layer: Layer, used: Bools, share: float, inside: Cells) -> WorstSet:
    """Return the worst of the `used` areas, which are `inside`; never one without any event."""
    nothing = 0.0 if layer.kind != "score" and layer.worse == "high" else None
    return worst_set(
        layer.values[used], share, codes=inside.ids, worse=layer.worse, nothing=nothing
    )


def hot_areas(layer: Layer, cells: Cells) -> Bools:
    """Return which areas of one layer are significant hotspots, (n,); none without a value is."""
    used = np.isfinite(layer.tested)
    inside = cells.take(used) if not used.all() else cells
    return _spread(_hot(layer.tested[used], inside.neighbours()), used)


def _hot(values: Floats, neighbours: Neighbours) -> Bools:
    """Return the areas that are high together with their neighbours, as `find_hotspots` has it.

    Its own defaults hold, seed included: `triservice hotspots` finds the same areas.
    """
    from triservice.analysis.hotspots.hotspots import find_hotspots

    if len(values) < _FEWEST_FOR_HOTSPOTS or np.ptp(values) == 0:
        return np.zeros(values.size, dtype=np.bool_)  # nothing can stand out
    return np.asarray(find_hotspots(values, neighbours).kind == "hot")


def _hotspots(table: _Table) -> tuple[dict[str, Bools], list[str]]:
    """Return the hotspots of each layer, and a note on the layers that have none."""
    found = {name: _hot(values, table.neighbours) for name, values in table.tested.items()}
    none = [name for name, members in found.items() if not members.any()]
    if not none:
        return found, []
    said = f"No hotspot of {', '.join(none)} is significant (Gi*, false discoveries at most 5%)."
    return found, [said]


def _pair(
    table: _Table, a: str, b: str, worst: dict[str, WorstSet], hot: dict[str, Bools]
) -> PairOverlap:
    x, y = table.badness[a], table.badness[b]
    plain = spearman(x, y)
    test = table.null.correlation(x, y)
    effective = test.effective
    if effective is None and x.size <= _MOST_FOR_DISTANCES:
        effective = effective_areas(ranks(x), ranks(y), table.cells.centroids)
    low, high = interval(plain.r, effective or plain.n)
    sets = _figures(table, [a, b], {n: w.members for n, w in worst.items()})
    local = hot[a].any() and hot[b].any()
    return PairOverlap(
        a=a,
        b=b,
        r=plain.r,
        low=low,
        high=high,
        p=test.p,
        n=plain.n,
        n_effective=effective,
        low_ordinary=plain.low,
        high_ordinary=plain.high,
        p_ordinary=plain.p_ordinary,
        both=sets.common,
        expected=sets.expected,
        both_p=sets.p,
        both_p_ordinary=sets.p_ordinary,
        jaccard=sets.jaccard,
        dice=sets.dice,
        hotspots=_figures(table, [a, b], hot, hot=True) if local else None,
        **_neighbourhood(table, x, y),
    )


def _neighbourhood(table: _Table, x: Floats, y: Floats) -> dict[str, float | None]:
    """Return Lee's L and bivariate Moran's I of ranks, with p-values from the spectral null."""
    basis = table.null.basis
    if basis is None:
        return {}
    drawn = {"basis": basis, "permutations": table.null.permutations, "seed": table.null.seed}
    smooth = lee(ranks(x), ranks(y), table.neighbours, **drawn)  # type: ignore[arg-type]
    beside = bivariate_moran(ranks(x), ranks(y), table.neighbours, **drawn)  # type: ignore[arg-type]
    return {
        "lee": smooth.value,
        "lee_p": smooth.p_spatial,
        "moran": beside.value,
        "moran_p": beside.p_spatial,
    }


def _figures(
    table: _Table, names: Sequence[str], sets: dict[str, Bools], *, hot: bool = False
) -> SetFigures:
    """Return the overlap of the named layers' sets, blind chance and the spatial null beside it."""
    chosen = [sets[name] for name in names]
    blind = set_overlap(chosen)
    p = None
    if all(members.any() and not members.all() for members in chosen):
        values = table.tested if hot else table.badness
        p = table.null.sets([values[name] for name in names], chosen, hot=hot)
    return SetFigures(
        tuple(int(members.sum()) for members in chosen),
        blind.both,
        blind.expected,
        p,
        blind.p_ordinary,
        blind.jaccard,
        blind.dice,
    )


def _demand(
    layers: Sequence[Layer], used: Bools, worst: dict[str, WorstSet], share: float
) -> tuple[list[Captured], dict[str, tuple[float, float]]]:
    """Return what each layer's worst areas hold of every layer's demand, and how concentrated."""
    captured: list[Captured] = []
    concentrated: dict[str, tuple[float, float]] = {}
    for layer in layers:
        if layer.demand is None or not np.nansum(layer.demand[used]) > 0:
            continue
        demand, people = layer.demand[used], None
        if layer.people is not None and np.nansum(layer.people[used]) > 0:
            people = layer.people[used]
        held = concentration(demand, people, worst_share=share)
        concentrated[layer.name] = (held.in_worst, held.gini)
        for name, one in worst.items():
            inside = share_inside(demand, one.members, people)
            captured.append(
                Captured(
                    layer.name,
                    name,
                    inside.share,
                    inside.share_of_areas,
                    inside.share_of_people,
                    inside.times_expected,
                )
            )
    return captured, concentrated


def _spread(members: Bools, used: Bools) -> NDArray[np.bool_]:
    """Return a set over the used areas as a set over all areas."""
    everywhere = np.zeros(used.size, dtype=np.bool_)
    everywhere[used] = members
    return everywhere
