"""Move values and events from areas of one unit or year to another, and say what happened.

`move_values` is for statistics, `codes_to_unit` for events that state an area code,
`move_to_cells` for grids. What every row came to is in their `fates` (see moves.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.lake.area_values import Kind
from triservice.analysis.lake.area_weights import AreaWeights
from triservice.analysis.lake.areas import AreaLayer, Worse
from triservice.analysis.lake.boundaries import read_boundaries
from triservice.analysis.lake.moves import Fate, Move, Scope, share_of
from triservice.analysis.lake.store import Lake
from triservice.analysis.lake.vintage_check import check_vintage
from triservice.analysis.place.cells import Cells
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
POPULATION = "population"
NOWHERE, AMBIGUOUS = -1, -2


@dataclass(frozen=True)
class MovedLayer(Move):
    """A layer in the areas of another unit.

    `codes` (n,) are those of read_boundaries; `values` (n,) aligned, NaN where no area with a
    value leads; `covered` (n,): share of each area's weight whose values were known.
    """

    name: str
    unit: str
    vintage: str
    kind: Kind
    worse: Worse
    source: str
    codes: NDArray[np.str_]
    values: Floats
    covered: Floats


@dataclass(frozen=True)
class CodePlacement(Move):
    """Where stated area codes lie in the wanted areas.

    `index` int64 (n,): the area; −1 for none (elsewhere, lost or unknown); −2 when a code has
    become several areas, so that only coordinates can tell which. `weights` is a SciPy CSR array
    (n, areas): the share of each code in each area. `status` (n,) names the fate of each code.
    """

    index: NDArray[np.int64]
    weights: Any
    status: NDArray[np.str_]


def move_values(
    lake: Lake,
    layer: AreaLayer,
    to_unit: str,
    weights: str | None = POPULATION,
    within: str | None = None,
) -> MovedLayer:
    """Move an area statistic to the areas of `to_unit`, in the order of read_boundaries.

    Counts are added up, and divided where an area splits; rates and scores are averaged with
    `weights`, a layer of the lake (population when it is there), else with area. Raises
    InputError when there is no way, when nothing arrives, or when the layer's codes are plainly
    of another vintage than it says.
    """
    cells = read_boundaries(lake, to_unit, within)
    check_vintage(lake, layer.codes, layer.vintage, lake.root / "areas" / f"{layer.name}.parquet")
    weigher = AreaWeights(lake, weights)
    scope = Scope.of(lake, weigher.bridge(layer.vintage, to_unit), cells)
    at = scope.rows_of(layer.codes)
    values = np.full(scope.size, np.nan)
    values[at[at >= 0]] = layer.values[at >= 0]
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    mass, by = weigher.mass(layer.vintage, scope.bridge.start_codes)
    whole, have = scope.sum(mass), scope.sum(mass * known)
    covered = np.divide(have, whole, out=np.zeros_like(whole), where=whole > 0)
    if layer.kind == "count":
        moved = scope.sum(filled)
    else:
        moved = np.divide(scope.sum(mass * filled), have, out=np.zeros_like(have), where=have > 0)
    moved[scope.sum(known.astype(np.float64)) <= 0] = np.nan
    if not np.isfinite(moved).any():
        raise InputError(
            f"none of the {len(layer.codes):,} {layer.vintage} codes of {layer.name} leads to one "
            f"of the {len(cells):,} {to_unit} areas",
            file=lake.root,
            do="Compare `triservice areas list` with `triservice boundaries list`.",
        )
    count = layer.kind == "count"
    lost = layer.values[at < 0]
    unknown = Fate(int((at < 0).sum()), math.fsum(lost) if count else float(len(lost)))
    averaged = not count and len(scope.bridge.route) > 1
    said = [f"{layer.name}: averaged with {by} as weight."] if averaged else []
    said += _uncovered(layer.name, to_unit, covered)
    size = filled if count else known * 1.0
    move = scope.report(layer.name, known, size, {"unknown": unknown}, said)
    return MovedLayer(
        **vars(move),
        name=layer.name,
        unit=to_unit,
        vintage=layer.vintage,
        kind=layer.kind,
        worse=layer.worse,
        source=layer.source,
        codes=cells.ids,
        values=moved,
        covered=covered,
    )


def codes_to_unit(
    lake: Lake,
    codes: ArrayLike,
    vintage: str,
    to_unit: str,
    within: str | None = None,
    counts: ArrayLike | None = None,
) -> CodePlacement:
    """Say where area codes (n,) of a vintage lie in the areas of `to_unit`.

    `counts` (n,) is how many events state each code (one when not given); the report weighs by
    it. Blank codes are counted apart, as "no code". Raises InputError when there is no way
    between the units.
    """
    cells = read_boundaries(lake, to_unit, within)
    stated = np.asarray(codes, dtype=np.str_)
    times = np.ones(len(stated)) if counts is None else np.asarray(counts, dtype=np.float64)
    scope = Scope.of(lake, AreaWeights(lake, POPULATION).bridge(vintage, to_unit), cells)
    at = scope.rows_of(stated)
    found = at >= 0
    weights = _rows(scope.inside, at)
    parts = np.diff(weights.indptr)
    rest = np.where(found, 1 - np.asarray(weights.sum(axis=1)).ravel(), 0.0)
    index = np.full(len(stated), NOWHERE, dtype=np.int64)
    one = (parts == 1) & (rest < 1e-9)
    index[one] = weights.indices[weights.indptr[:-1][one]]
    index[(parts > 0) & ~one] = AMBIGUOUS
    blank = np.char.strip(stated) == ""
    status = np.where(blank, "no code", "unknown").astype("<U12")
    status[found] = scope.main_fate()[at[found]]
    size = np.bincount(at[found], times[found], minlength=scope.size).astype(np.float64)
    left = {
        name: Fate(int(times[which].sum()), float(times[which].sum()))
        for name, which in (("unknown", ~found & ~blank), ("no code", blank))
    }
    move = scope.report("events", size > 0, size, left, [], rows=size)
    return CodePlacement(**vars(move), index=index, weights=weights, status=status)


def move_to_cells(lake: Lake, layer: AreaLayer, cells: Cells) -> MovedLayer:
    """Estimate an area statistic for grid cells (or any cells) by the ground in common.

    Counts are divided by area, rates and scores averaged by area: within an area nothing is known
    of where people are, and a note says so. Raises InputError as move_values does.
    """
    from triservice.analysis.place.interpolation import interpolate, overlay

    areas = read_boundaries(lake, layer.vintage)
    value = dict(zip(layer.codes.tolist(), layer.values.tolist(), strict=True))
    numbers = np.array([value.get(code, np.nan) for code in areas.ids.tolist()])
    over = overlay(areas.outlines(), cells.outlines())
    count = layer.kind == "count"
    estimate = interpolate(numbers, over, "extensive" if count else "intensive")
    if not np.isfinite(estimate.values).any():
        raise InputError(
            f"no {layer.vintage} area with a value of {layer.name} lies under the "
            f"{cells.unit} cells",
            file=lake.root,
        )
    unknown = ~np.isin(layer.codes, areas.ids)
    size = np.where(np.isfinite(numbers), numbers if count else 1.0, 0.0)
    inside = np.asarray(over.shares().sum(axis=1)).ravel()
    fates = {
        "overlaid": Fate(int((inside > 0).sum()), math.fsum(size * inside)),
        "elsewhere": Fate(int((inside <= 0).sum()), math.fsum(size * (1 - inside))),
        "unknown": Fate(
            int(unknown.sum()),
            math.fsum(layer.values[unknown]) if count else float(unknown.sum()),
        ),
    }
    notes = (
        f"{layer.name}: {layer.vintage} values follow the ground shared with {cells.unit} cells; "
        "how people lie within an area is not known.",
        *_uncovered(layer.name, cells.unit, estimate.covered),
    )
    return MovedLayer(
        (layer.vintage, cells.unit),
        fates,
        1.0,
        0.0,
        share_of(fates["unknown"], fates),
        notes,
        name=layer.name,
        unit=cells.unit,
        vintage=layer.vintage,
        kind=layer.kind,
        worse=layer.worse,
        source=layer.source,
        codes=cells.ids,
        values=estimate.values,
        covered=estimate.covered,
    )


def _rows(matrix: Any, at: NDArray[np.int64]) -> Any:
    """Return the rows `at` of a CSR array; −1 gives an empty row."""
    from scipy import sparse

    empty = sparse.csr_array((1, matrix.shape[1]))
    return sparse.vstack([matrix, empty], format="csr")[np.where(at < 0, matrix.shape[0], at)]


def _uncovered(name: str, unit: str, covered: Floats) -> list[str]:
    none, partly = int((covered <= 0).sum()), int(((covered > 0) & (covered < 1 - 1e-9)).sum())
    said = [f"{name}: {none:,} of {len(covered):,} {unit} areas have no value."] if none else []
    if partly:
        said.append(
            f"{name}: {partly:,} of {len(covered):,} {unit} areas are known only in part "
            f"(the least {covered[covered > 0].min():.0%})."
        )
    return said
