"""The answer in words, as JSON and as columns for a file."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.hotspots.study import PER, Study
from triservice.analysis.hotspots.trend import CLASSES
from triservice.analysis.place.map_files import to_lonlat
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, grid_reference

SNAPPED_SHARE = 0.05  # from here on the note on snapped points is given


def findings(study: Study, crs: str = BRITISH_NATIONAL_GRID) -> list[str]:
    """Return what was found, in sentences for people who do not read tables."""
    table, cells = study.table, study.cells
    hot, placed = table.ranked("hot"), float(table.count.sum())
    what = _measure(study)
    if not len(hot):
        said = [
            f"None of the {len(cells):,} {_units(study)} stands out as a hotspot of {what} at a "
            f"false discovery rate of {table.false_discovery:.0%}."
        ]
        if np.isfinite(table.z).any():
            top = int(np.nanargmax(table.z))
            said.append(
                f"The highest is {_where(study, top, crs)}: {table.count[top]:,.0f} events, "
                f"z {table.z[top]:.1f}, q {table.q[top]:.2g}."
            )
        return said + _trend_findings(study)
    area = cells.area_m2[hot].sum() / cells.area_m2.sum()
    events = table.count[hot].sum()
    groups = int(study.group.max())
    said = [
        f"{len(hot):,} of {len(cells):,} {_units(study)} are hotspots of {what}: {_share(area)} of "
        f"the area with {_share(events / placed)} of the {placed:,.0f} events.",
        f"They form {groups:,} separate place{'s' if groups > 1 else ''}; the largest has "
        f"{table.count[study.group == 1].sum():,.0f} events.",
        f"The strongest is {_where(study, int(hot[0]), crs)}: {table.count[hot[0]]:,.0f} events, "
        f"z {table.z[hot[0]]:.1f}.",
    ]
    if cold := len(table.ranked("cold")):
        said.append(f"{cold:,} {_units(study)} have fewer than chance explains.")
    return said + _trend_findings(study)


def _trend_findings(study: Study) -> list[str]:
    if study.trend is None:
        return []
    seen = Counter(study.trend.classes.tolist())
    named = [f"{seen[name]:,} {name}" for name in CLASSES if name != "no pattern" and seen[name]]
    if not named:
        return ["Over the months no cell was a hotspot in any single one."]
    return [f"Over {study.trend.hot.shape[1]} months: {', '.join(named)} hotspots."]


def notes(study: Study) -> list[str]:
    """Return what has to be kept in mind, the general before the particular."""
    said = [
        f"Another unit of place than {study.cells.unit} gives another map; a hotspot says where "
        "events gather, not why."
    ]
    if study.snapped_share >= SNAPPED_SHARE:
        per_point = study.table.count.sum() / max(study.points, 1)
        said.append(
            f"Positions are snapped: {study.snapped_share:.0%} of the events lie on map points "
            f"that stand for a street or a place ({study.points:,} points, {per_point:,.1f} events "
            "each), so a cell may be hot for events of its neighbours."
        )
    said += [*study.notes, *study.table.notes]
    if study.harm:
        said += study.harm.notes
    if study.surface:
        said += study.surface.notes
    if study.trend:
        said += study.trend.notes
    return list(dict.fromkeys(said))


def columns(study: Study, crs: str) -> dict[str, NDArray[Any]]:
    """Return every cell's figures by name, (cells,) each."""
    cells, table = study.cells, study.table
    degrees = to_lonlat(cells.centroids, crs)
    found: dict[str, NDArray[Any]] = {
        "id": cells.ids,
        "name": cells.names,
        "easting": cells.centroids[:, 0].round(1),
        "northing": cells.centroids[:, 1].round(1),
        "lon": degrees[:, 0].round(6),
        "lat": degrees[:, 1].round(6),
    }
    found |= {key: value for key, value in table.columns().items() if key != "id"}
    found |= {"place": study.group, "density_per_km2": study.density}
    if study.rates and study.smoothed is not None and study.population is not None:
        found |= {
            "population": study.population,
            "rate": study.rates.rate,
            "rate_low": study.rates.low,
            "rate_high": study.rates.high,
            "rate_smoothed": study.smoothed.rate * PER,
        }
    if study.harm:
        found |= {
            "harm": study.harm.central,
            "harm_low": study.harm.low,
            "harm_high": study.harm.high,
        }
    if study.trend:
        found |= {
            "trend": study.trend.classes,
            "months_hot": study.trend.hot.sum(axis=1),
            "trend_p": study.trend.trend_p,
        }
    return found


def as_json(study: Study, crs: str) -> dict[str, Any]:
    """Return the whole answer as plain data; hotspots come with the highest z first."""
    question, counts, table = study.question, study.counts, study.table
    every = columns(study, crs)

    def rows(kind: str) -> list[dict[str, Any]]:
        chosen = table.ranked(kind)
        lists = {name: values[chosen].tolist() for name, values in every.items()}
        return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]

    answer: dict[str, Any] = {
        "service": ",".join(question.services) or "all",
        "categories": list(question.categories),
        "within": question.within,
        "unit": study.cells.unit,
        "cell_m": question.cell_m or question.hex_m,
        "cells": len(study.cells),
        "measure": _measure(study),
        "events": counts.events,
        "events_in_cells": int(table.count.sum()),
        "events_elsewhere": counts.elsewhere,
        "events_without_place": counts.unplaced,
        "placed_by": counts.placed,
        "points": study.points,
        "snapped_share": study.snapped_share,
        "months": {"first": study.months[0], "last": study.months[1]},
        "method": _method(study),
        "hotspots": rows("hot"),
        "coldspots": len(table.ranked("cold")),
        "places": int(study.group.max(initial=0)),
        "findings": findings(study, crs),
        "notes": notes(study),
    }
    if study.harm:
        answer["severity"] = {
            "unit": study.harm.unit,
            "central": float(study.harm.central.sum()),
            "low": float(study.harm.low.sum()),
            "high": float(study.harm.high.sum()),
            "shares": study.harm.shares,
            "unweighted": study.harm.unweighted,
        }
    if study.trend:
        seen = Counter(study.trend.classes.tolist())
        answer["trend"] = {
            "months": study.trend.hot.shape[1],
            "recent": study.trend.recent,
            "classes": {name: seen[name] for name in CLASSES},
            "definitions": CLASSES,
        }
    return answer


def _method(study: Study) -> dict[str, Any]:
    surface = study.surface
    density = {
        "bandwidth": surface.bandwidth_m if surface else None,
        "bandwidth_rule": surface.rule if surface else None,
        "kernel": surface.kernel if surface else None,
        "edge_correction": surface.edge if surface else None,
        "binning_error": surface.binning_error if surface else None,
    }
    return study.table.method | {"neighbours": "queen"} | density


def _measure(study: Study) -> str:
    what = ", ".join(study.question.services) or "all services"
    if study.harm:
        return f"harm of {what} events ({study.harm.unit})"
    if study.question.rate:
        return f"{what} events per {PER:,} people"
    return f"{what} events"


def _share(share: float) -> str:
    """Write a share as a percentage with two figures: 0.029%, 3.4%, 28%."""
    return f"{float(f'{100 * share:.2g}'):g}%"


def _units(study: Study) -> str:
    return "areas" if study.question.unit else "cells"


def _where(study: Study, cell: int, crs: str) -> str:
    """Say where a cell lies: its name, or a grid reference where there is one."""
    name = str(study.cells.names[cell])
    if study.question.unit:
        return name
    if crs == BRITISH_NATIONAL_GRID:
        try:
            easting, northing = study.cells.centroids[cell].tolist()
            return f"{name} (about {grid_reference(easting, northing, 2)})"
        except InputError:  # outside the lettered squares
            pass
    return name
