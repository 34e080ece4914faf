"""Answers as plain dictionaries, tables and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from triservice.analysis.near_repeat.backtest import Backtest
from triservice.analysis.near_repeat.patrols import PatrolArea
from triservice.analysis.near_repeat.presets import ZoneRule
from triservice.analysis.near_repeat.words import METHOD_NAMES
from triservice.analysis.place.map_files import to_lonlat
from triservice.files import csv_text, refusing_the_disk, write_atomically
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, grid_reference

_COLOURS = {"zones": "#b2182b", "kde": "#2166ac", "last_month": "#e08214", "chance": "#777777"}
_MARKERS = {"zones": "o", "kde": "s", "last_month": "^", "chance": "x"}


def utc(moment: np.datetime64) -> str:
    """Return a UTC time as ISO text: 2026-03-10T06:00:00Z."""
    return f"{moment.astype('datetime64[s]')}Z"


def rule_table(rule: ZoneRule) -> dict[str, Any]:
    """Return a rule with everything that explains it."""
    return asdict(rule)


def patrol_table(areas: Sequence[PatrolArea], crs: str) -> list[dict[str, Any]]:
    """Return patrol areas as rows with their centre in degrees (and as a grid reference)."""
    if not areas:
        return []
    lonlat = to_lonlat(np.array([area.centre for area in areas]), crs)
    rows = []
    for area, (longitude, latitude) in zip(areas, lonlat, strict=True):
        row = {k: v for k, v in asdict(area).items() if k not in ("polygon", "centre", "events")}
        row |= {
            "newest": utc(area.newest),
            "events": len(area.events),
            "longitude": round(float(longitude), 6),
            "latitude": round(float(latitude), 6),
            "easting": area.centre[0],
            "northing": area.centre[1],
        }
        if crs == BRITISH_NATIONAL_GRID:
            row["grid_reference"] = _reference(*area.centre)
        rows.append(row)
    return rows


def _reference(easting: float, northing: float) -> str | None:
    try:
        return grid_reference(easting, northing)
    except InputError:
        return None


def backtest_rows(found: Backtest) -> list[dict[str, Any]]:
    """Return the one table of the back-test: a row for each depth and method."""
    rows = []
    for depth in found.depths:
        for one in depth.scores:
            row = asdict(one)
            row["hit_rate"] = row.pop("rate")
            row["hit_rate_low"], row["hit_rate_high"] = row.pop("rate_low"), row.pop("rate_high")
            rows.append({"levels": "+".join(depth.levels), **row})
    return rows


def backtest_table(found: Backtest) -> dict[str, Any]:
    """Return the whole back-test as plain values."""
    rows = backtest_rows(found)
    every = "+".join(found.depths[-1].levels)
    return {
        "periods": [
            {
                "start": utc(period.start),
                "end": utc(period.end),
                "events": period.events,
                "area_km2": period.marks[-1].area_km2,
                "hits": period.marks[-1].hits,
                "best_possible": period.marks[-1].ideal,
                "ring_hits": period.ring_hits,
            }
            for period in found.periods
        ],
        "events": found.events,
        "study_km2": found.study_km2,
        "cell_m": found.cell_m,
        "kde_bandwidth_m": found.bandwidth_m,
        "methods": {row["method"]: row for row in rows if row["levels"] == every},
        "table": rows,
        "displacement_ring": asdict(found.ring),
        "patrol_concentration": {
            "ever_flagged_km2": found.ever_flagged_km2,
            "flagged_half_of_periods_or_more_km2": found.often_flagged_km2,
        },
    }


def write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows as CSV with a header. Raises InputError when the file cannot be written."""
    names = list(rows[0]) if rows else []
    text = csv_text(names, ([row.get(name) for name in names] for row in rows))
    with refusing_the_disk(path):
        write_atomically(path, text if rows else "")


def plot_backtest(path: Path, found: Backtest, title: str) -> None:
    """Draw hit rates with intervals at each depth, and hits week by week, as PNG, SVG or PDF.

    Raises InputError when the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    methods = [score.method for score in found.scores]
    for index, method in enumerate(methods):
        scores = [depth.scores[index] for depth in found.depths]
        at = np.arange(len(scores)) + (index - 1.5) * 0.16
        rates = np.array([one.rate for one in scores]) * 100
        low = np.array([one.rate if one.rate_low is None else one.rate_low for one in scores])
        high = np.array([one.rate if one.rate_high is None else one.rate_high for one in scores])
        left.errorbar(
            at,
            rates,
            yerr=np.abs(np.array([rates - low * 100, high * 100 - rates])),
            fmt=_MARKERS[method],
            color=_COLOURS[method],
            capsize=3,
            label=METHOD_NAMES[method],
        )
        weekly = [period.marks[-1].hits[method] for period in found.periods]
        days = [period.start.astype("datetime64[D]") for period in found.periods]
        right.plot(days, weekly, marker=_MARKERS[method], color=_COLOURS[method], markersize=4)
    events = [period.events for period in found.periods]
    right.plot(days, events, color="#bbbbbb", linestyle="--", label="all events")
    left.set_xticks(
        range(len(found.depths)),
        [
            f"{depth.levels[0] if len(depth.levels) == 1 else f'down to {depth.levels[-1]}'}"
            f"\n{depth.scores[0].area_km2:.1f} km²"
            for depth in found.depths
        ],
    )
    left.set(ylabel="events held, % (95% interval)", title="Held by each method on as much land")
    right.set(ylabel="events", title="Held on the land of all zones, period by period")
    for axes in (left, right):
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#e5e5e5")
        axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    right.tick_params(axis="x", labelrotation=30)
    figure.suptitle(title, fontsize=12)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:
        raise InputError(f"the plot cannot be written: {error}", file=path) from None
