"""From the lake to hotspots: count, choose what is tested, test, and look at the months."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.counts import Counts, count_by_area, count_by_cell, tally
from triservice.analysis.hotspots.density import BandwidthRule, Density, kernel_density
from triservice.analysis.hotspots.hotspots import HotspotTable, find_hotspots
from triservice.analysis.hotspots.local import SEED, Null, Permutations
from triservice.analysis.hotspots.rates import Rates, Smoothed, rates, smooth_rates
from triservice.analysis.hotspots.severity import WeightedCounts, harm_weights, weighted_counts
from triservice.analysis.hotspots.trend import EmergingHotspots, emerging_hotspots
from triservice.analysis.lake.boundaries import place_outlines, read_boundaries
from triservice.analysis.lake.breaks import find_breaks
from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.place.cells import Cells
from triservice.analysis.place.contiguity import Neighbours
from triservice.analysis.place.grids import square_grid
from triservice.analysis.study_region import where_events_are
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PER = 1_000  # people, for rates
MOST_DENSITY_CELLS = 1_000_000


@dataclass(frozen=True)
class Question:
    """What is asked: which events, on which units of place, tested how.

    Exactly one of `cell_m` (squares), `hex_m` (hexagons) and `unit` (areas of the lake) is set;
    `within` names a place. `until` is exclusive. `harm_table` None is the table of the package.
    """

    services: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    cell_m: float | None = None
    hex_m: float | None = None
    unit: str | None = None
    within: str | None = None
    severity: bool = False
    harm_table: Path | None = None
    rate: bool = False
    trend: bool = False
    permutations: Permutations = "exact"
    null: Null = "total"
    false_discovery: float = 0.05
    bandwidth: float | BandwidthRule = "likelihood"
    seed: int = SEED


@dataclass(frozen=True)
class Study:
    """The answer: the table of hotspots and all that stands beside it. Arrays are (cells,).

    `group` numbers the places that touching hot cells form, 1 for the one with most events, 0 for
    cells that are not hot. `density` is events per km² at each cell.
    """

    question: Question
    counts: Counts
    table: HotspotTable
    group: Ints
    density: Floats
    surface: Density | None
    months: tuple[str, str]
    points: int
    snapped_share: float
    rates: Rates | None
    smoothed: Smoothed | None
    population: Floats | None
    harm: WeightedCounts | None
    trend: EmergingHotspots | None
    notes: tuple[str, ...]

    @property
    def cells(self) -> Cells:
        """Units of place, in the order of every array."""
        return self.counts.cells


def study_hotspots(
    lake: Lake,
    question: Question,
    breaks: Sequence[str] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Study:
    """Find the hotspots of events in the lake.

    `breaks` are months at which recording changed (looked for when None); `tell` hears of each
    step. Raises InputError when nothing can be counted or tested, in a sentence that says why.
    """
    _check(question)
    _check_services(lake, question.services)
    selection = Selection(
        services=question.services,
        categories=question.categories,
        since=question.since,
        until=question.until,
    )
    tell("Counting events")
    counts = _count(lake, question, selection)
    totals = counts.totals().astype(np.float64)
    if not totals.any():
        raise _nothing(counts)
    neighbours = counts.cells.neighbours()
    notes = list(counts.notes)
    missing = sorted(set(question.categories) - set(counts.table["category"].to_pylist()))
    if missing:
        notes.append(f"No event of category {', '.join(missing)} lies here.")
    values, harm, population, smoothed = totals, None, None, None
    if question.severity:
        harm = weighted_counts(_by_category(counts), harm_weights(question.harm_table))
        values = harm.central
    if question.rate:
        population, said = _population(lake, question)
        smoothed = smooth_rates(totals, population)
        values = smoothed.rate * PER
        notes += [*said, *smoothed.notes]
    tell("Testing every cell")
    table = find_hotspots(
        totals,
        neighbours,
        values=values,
        ids=counts.cells.ids,
        permutations=question.permutations,
        null=question.null,
        false_discovery=question.false_discovery,
        seed=question.seed,
    )
    tell("Smoothing the density")
    points = _points(lake, selection, counts.cells)
    size = question.cell_m or float(np.sqrt(np.median(counts.cells.area_m2))) / 4
    surface, density = _density(counts.cells, points, size, question.bandwidth)
    trend = None
    if question.trend:
        tell("Looking at the months")
        trend, said = _trend(counts, neighbours, question, breaks)
        notes += said
    months = counts.table["month"].to_pylist()
    return Study(
        question,
        counts,
        table,
        _groups(table.kind == "hot", totals, neighbours),
        density,
        surface,
        (min(months), max(months)),
        len(points.events),
        points.snapped_share,
        rates(totals, population, per=PER) if population is not None else None,
        smoothed,
        population,
        harm,
        trend,
        tuple(notes),
    )


def _check(question: Question) -> None:
    chosen = [v for v in (question.cell_m, question.hex_m, question.unit) if v is not None]
    if len(chosen) != 1:
        raise InputError("one unit of place is needed", do="Give --cell, --hex or --unit, one.")
    if question.rate and question.unit is None:
        raise InputError(
            "a rate needs a population, and the cells of a grid have none",
            do="Use --unit with areas whose population is in the lake, or leave out --rate.",
        )
    if question.rate and question.severity:
        raise InputError("a test is of a rate or of harm, not both", do="Leave out one of them.")


def _count(lake: Lake, question: Question, selection: Selection) -> Counts:
    if question.unit is not None:
        return count_by_area(lake, read_boundaries(lake, question.unit, question.within), selection)
    width = float(question.cell_m or question.hex_m or 0)
    notes: tuple[str, ...] = ()
    if question.within:
        region = place_outlines(lake, question.within)
    else:
        region, notes = where_events_are(lake, question.services, width)
    shape: Literal["square", "hex"] = "hex" if question.cell_m is None else "square"
    counts = count_by_cell(lake, width, selection, shape=shape, region=region)
    return replace(counts, notes=(*notes, *counts.notes))


def _check_services(lake: Lake, services: Sequence[str]) -> None:
    """Refuse a service of which the lake has no event, rather than leave it out in silence."""
    held = lake.services()
    if not held:
        raise InputError("the lake holds no events at all", file=lake.root, do="Import some.")
    unknown = [service for service in services if service not in held]
    if unknown:
        raise InputError(
            f"the lake has no {' or '.join(unknown)} events: it has {', '.join(held)}",
            file=lake.root,
            do="Import them, or ask for what is there.",
        )


def _nothing(counts: Counts | None) -> InputError:
    """Say why there is nothing to test."""
    if counts is None or not counts.events:
        return InputError(
            "no event of the lake fits the services, categories and dates that were asked for, "
            "or none of them has coordinates",
            do="Ask for others: `triservice lake` shows what there is.",
        )
    return InputError(
        f"none of the {counts.events:,} events lies in the area: {counts.elsewhere:,} lie "
        f"elsewhere and {counts.unplaced:,} have no place",
        do="Choose another --within.",
    )


def _by_category(counts: Counts) -> dict[str, Ints]:
    names = sorted(set(counts.table["category"].to_pylist()))
    return {name: counts.totals(category=name) for name in names}


def _population(lake: Lake, question: Question) -> tuple[Floats, list[str]]:
    """Return the population of each area (0 where unknown), and what to say about it."""
    from triservice.analysis.lake.areas import read_areas
    from triservice.analysis.lake.vintages import move_values

    moved = move_values(
        lake, read_areas(lake, "population"), str(question.unit), within=question.within
    )
    unknown = ~(moved.values > 0)
    notes = [f"Population from {moved.source}.", *moved.notes]
    if unknown.any():
        notes.append(
            f"{int(unknown.sum()):,} areas have no known population and take the mean rate."
        )
    return np.where(unknown, 0.0, moved.values), notes


def _trend(
    counts: Counts, neighbours: Neighbours, question: Question, breaks: Sequence[str] | None
) -> tuple[EmergingHotspots, list[str]]:
    """Return the classes over the months that have events, and a note on those that have none."""
    months, series = counts.series()
    seen = series.sum(axis=0) > 0
    used = [month for month, there in zip(months, seen.tolist(), strict=True) if there]
    if breaks is None:
        breaks = [found.month for found in find_breaks(used, series[:, seen].sum(axis=0))]
    trend = emerging_hotspots(
        series[:, seen],
        neighbours,
        false_discovery=question.false_discovery,
        null=question.null,
        breaks=breaks,
        seed=question.seed,
    )
    if seen.all():
        return trend, []
    return trend, [
        f"{int((~seen).sum()):,} months between {months[0]} and {months[-1]} hold no event and are "
        "left out of the trend, which runs over the others as if they followed each other."
    ]


@dataclass(frozen=True)
class _Points:
    """Distinct points of the events inside the units, and how many events lie on each."""

    east: Floats
    north: Floats
    events: Ints
    snapped_share: float


def _points(lake: Lake, selection: Selection, cells: Cells) -> _Points:
    held = tally(lake, ("easting", "northing", "location_precision"), selection)
    events = held["events"].to_numpy()
    east, north = (
        held[name].cast("float64").to_numpy(zero_copy_only=False)
        for name in ("easting", "northing")
    )
    snapped = held["location_precision"].to_numpy(zero_copy_only=False) == "snapped"
    inside = cells.locate(east, north) >= 0
    share = events[inside & snapped].sum() / max(events[inside].sum(), 1)
    return _Points(east[inside], north[inside], events[inside], float(share))


def _density(
    cells: Cells, points: _Points, size_m: float, bandwidth: float | BandwidthRule
) -> tuple[Density | None, Floats]:
    """Return the surface and its mean in each cell; none when no event has coordinates.

    The study region is what the units cover, and every square that holds an event of theirs.
    """
    import shapely

    if not len(points.events):
        return None, np.full(len(cells), np.nan)
    west, south, right, top = shapely.total_bounds(cells.outlines())
    size_m = max(size_m, float(np.sqrt((right - west) * (top - south) / MOST_DENSITY_CELLS)))
    grid = square_grid((west, south, right - 1e-6, top - 1e-6), size_m)
    row, column = np.divmod(np.arange(grid.rows * grid.columns), grid.columns)
    owner = cells.locate(grid.west + (column + 0.5) * size_m, grid.south + (row + 0.5) * size_m)
    region = owner >= 0
    region[grid.cell_of(points.east, points.north)] = True
    # Where the surface is coarser than the units, a unit may hold the middle of no square.
    at = grid.cell_of(cells.centroids[:, 0], cells.centroids[:, 1])
    region[at] = True
    surface = kernel_density(
        np.repeat(points.east, points.events),
        np.repeat(points.north, points.events),
        grid,
        region=region,
        bandwidth=bandwidth,
    )
    owned = owner >= 0
    sums = np.bincount(owner[owned], surface.per_km2.ravel()[owned], minlength=len(cells))
    squares = np.bincount(owner[owned], minlength=len(cells))
    mean = np.divide(sums, squares, out=surface.per_km2.ravel()[at], where=squares > 0)
    return surface, mean


def _groups(hot: NDArray[np.bool_], totals: Floats, neighbours: Neighbours) -> Ints:
    """Number the places that hot cells form by touching, most events first; 0 is not hot."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    chosen = np.flatnonzero(hot)
    group = np.zeros(len(hot), dtype=np.int64)
    if not len(chosen):
        return group
    own = neighbours.take(chosen)
    links = csr_array(
        (np.ones(len(own.indices), dtype=np.int8), own.indices, own.indptr),
        shape=(len(chosen),) * 2,
    )
    label = connected_components(links, directed=False)[1]
    order = np.argsort(-np.bincount(label, totals[chosen]), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(1, len(order) + 1)
    group[chosen] = rank[label]
    return group
