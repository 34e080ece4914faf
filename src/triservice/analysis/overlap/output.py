"""The answers of `overlap` and `bases` as JSON, and their areas as columns for a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from triservice.analysis.overlap.findings import caveats, findings
from triservice.analysis.overlap.model import Layer, Overlap, PairOverlap, SetFigures
from triservice.analysis.overlap.serve import Service, service_caveats, service_findings

if TYPE_CHECKING:
    from triservice.analysis.place.cells import Cells


def overlap_json(overlap: Overlap) -> dict[str, Any]:
    """Return the whole answer as plain data, pairs keyed "police~fires"."""
    return {
        "unit": overlap.cells.unit,
        "areas": overlap.areas,
        "layers": [layer.name for layer in overlap.layers],
        "spearman": {f"{a}~{b}": _spearman(pair) for (a, b), pair in overlap.pairs.items()},
        "worst": _worst(overlap),
        "concordance": _concordance(overlap),
        "lee": {
            f"{a}~{b}": {"l": pair.lee, "p": pair.lee_p} for (a, b), pair in overlap.pairs.items()
        },
        "moran": {
            f"{a}~{b}": {"i": p.moran, "p": p.moran_p} for (a, b), p in overlap.pairs.items()
        },
        "hotspots": _hotspots(overlap),
        "shares": [vars(row) for row in overlap.captured],
        "concentration": {
            name: {"in_worst": held, "gini": gini}
            for name, (held, gini) in overlap.concentrated.items()
        },
        "findings": findings(overlap),
        "caveats": caveats(overlap),
        "method": overlap.method,
        "permutations": overlap.permutations,
        "seed": overlap.seed,
        "provenance": {layer.name: provenance(layer) for layer in overlap.layers},
    }


def _spearman(pair: PairOverlap) -> dict[str, Any]:
    return {
        "r": pair.r,
        "low": pair.low,
        "high": pair.high,
        "p": pair.p,
        "n": pair.n,
        "n_effective": pair.n_effective,
        "low_ordinary": pair.low_ordinary,
        "high_ordinary": pair.high_ordinary,
        "p_ordinary": pair.p_ordinary,
    }


def _worst(overlap: Overlap) -> dict[str, Any]:
    everything = overlap.all
    return {
        "share": overlap.share,
        "areas": overlap.worst_size,
        "expected_all": everything.expected,
        "all": everything.common,
        "p_all": everything.p,
        "p_all_ordinary": everything.p_ordinary,
        "pairs": {f"{a}~{b}": pair.both for (a, b), pair in overlap.pairs.items()},
        "pair_details": {
            f"{a}~{b}": {
                "expected": pair.expected,
                "p": pair.both_p,
                "p_ordinary": pair.both_p_ordinary,
                "jaccard": pair.jaccard,
                "dice": pair.dice,
            }
            for (a, b), pair in overlap.pairs.items()
        },
        "by_number": list(overlap.by_number),
        "sizes": {name: int(members.sum()) for name, members in overlap.worst.items()},
        "tied_out": overlap.tied_out,
        "in_all": _ids(overlap, np.logical_and.reduce(list(overlap.worst.values()))),
    }


def _ids(overlap: Overlap, members: Any) -> list[dict[str, str]]:
    cells = overlap.cells
    return [
        {"code": str(cells.ids[at]), "name": str(cells.names[at])} for at in np.flatnonzero(members)
    ]


def _concordance(overlap: Overlap) -> dict[str, Any] | None:
    found = overlap.concordance
    if found is None:
        return None
    return {"w": found.w, "mean_spearman": found.mean_spearman, "p_ordinary": found.p_ordinary}


def _hotspots(overlap: Overlap) -> dict[str, Any]:
    return {
        "areas": {name: int(members.sum()) for name, members in overlap.hot.items()},
        "pairs": {
            f"{a}~{b}": _set(pair.hotspots)
            for (a, b), pair in overlap.pairs.items()
            if pair.hotspots
        },
        "all": _set(overlap.all_hotspots),
    }


def _set(figures: SetFigures | None) -> dict[str, Any] | None:
    return vars(figures) | {"sizes": list(figures.sizes)} if figures else None


def provenance(layer: Layer) -> dict[str, Any]:
    """Return where a layer came from and what happened to it on the way."""
    return {
        "source": layer.source,
        "period": layer.period,
        "vintage": layer.vintage,
        "kind": layer.kind,
        "worse": layer.worse,
        "measure": layer.measure,
        "moved_share": layer.moved_share,
        "unplaced": layer.unplaced,
        "notes": [*layer.notes, *layer.cautions],
    }


def overlap_columns(overlap: Overlap) -> dict[str, list[Any]]:
    """Return the areas as columns: values, amounts, worst and hotspot flags, how many worst."""
    from triservice.analysis.overlap.bases import joint_burden
    from triservice.analysis.overlap.burden import demand_of

    columns = _places(overlap.cells)
    for layer in overlap.layers:
        columns[layer.name] = _numbers(layer.values)
        if layer.demand is not None:
            columns[f"{layer.name}_amount"] = _numbers(layer.demand)
        columns[f"{layer.name}_worst"] = overlap.worst[layer.name].astype(int).tolist()
        columns[f"{layer.name}_hotspot"] = overlap.hot[layer.name].astype(int).tolist()
    together = np.sum(list(overlap.worst.values()), axis=0)
    columns["layers_worst"] = together.tolist()
    columns["joint_burden"] = _numbers(joint_burden(demand_of(overlap.layers)))
    return columns


def service_json(service: Service) -> dict[str, Any]:
    """Return the answer of `bases` as plain data."""
    cells = service.cells
    return {
        "unit": cells.unit,
        "areas": len(cells),
        "layers": [layer.name for layer in service.layers],
        "weights": dict(service.weights),
        "reach": service.reach_words,
        "candidates": service.candidates,
        "ranking": [
            {
                "rank": area.rank,
                "code": str(cells.ids[area.index]),
                "name": str(cells.names[area.index]),
                "joint": area.joint,
                "shares": dict(area.shares),
            }
            for area in service.ranking
        ],
        "bases": [
            vars(base) | {"adds_by_layer": dict(base.adds_by_layer)} for base in service.bases
        ],
        "covered": {
            "joint": service.choice.covered,
            **{gain.agency: gain.covered for gain in service.gains},
        },
        "best_alone": {gain.agency: gain.best_alone for gain in service.gains},
        "bound": service.choice.bound,
        "gap": service.choice.gap,
        "proven": service.choice.proven,
        "findings": service_findings(service),
        "caveats": service_caveats(service),
        "provenance": {layer.name: provenance(layer) for layer in service.layers},
    }


def service_columns(service: Service) -> dict[str, list[Any]]:
    """Return the areas as columns: joint burden, rank, each layer's share, in reach or not."""
    columns = _places(service.cells)
    order = sorted(service.ranking, key=lambda area: area.index)
    columns["joint_burden"] = _numbers(service.joint)
    columns["rank"] = [area.rank for area in order]
    for layer in service.layers:
        columns[f"{layer.name}_share"] = [area.shares[layer.name] for area in order]
    columns["in_reach"] = service.choice.reached.astype(int).tolist()
    return columns


def _places(cells: Cells) -> dict[str, list[Any]]:
    return {
        "code": cells.ids.tolist(),
        "name": cells.names.tolist(),
        "easting": cells.centroids[:, 0].round(1).tolist(),
        "northing": cells.centroids[:, 1].round(1).tolist(),
    }


def _numbers(values: Any) -> list[float | None]:
    return [float(v) if np.isfinite(v) else None for v in values]
