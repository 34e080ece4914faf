"""The same question on other units of place: how far the answer depends on where lines are drawn.

This is the modifiable areal unit problem (Openshaw, 1984). It cannot be solved, only shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triservice.analysis.lake.store import Lake
from triservice.analysis.overlap.compare import (
    PERMUTATIONS,
    SEED,
    compare_layers,
    worst_areas,
)
from triservice.analysis.overlap.correlation import SMALLEST, complete, spearman_pairs
from triservice.analysis.overlap.findings import strength, unit_words
from triservice.analysis.overlap.layers import Request, area_layers, grid_layers
from triservice.analysis.overlap.model import Layer, Overlap
from triservice.analysis.overlap.worst import set_overlap, worst_count
from triservice.analysis.place.cells import Cells
from triservice.kernel.errors import InputError

Unit = str | float  # "msoa11", or the width of squares in metres


@dataclass(frozen=True)
class UnitAnswer:
    """What one unit of place says; None where the data do not reach down to it."""

    unit: str
    areas: int
    r: dict[tuple[str, str], float | None]
    p: dict[tuple[str, str], float | None]
    worst_areas: int | None
    all: int | None  # areas among the worst of every layer
    expected: float | None
    notes: tuple[str, ...] = ()


def read_unit(text: str) -> Unit:
    """Return "msoa11" as it is and "1000" (or "1000m", "1km") as a width in metres."""
    small = text.strip().lower()
    try:
        if small.endswith("km"):
            return float(small[:-2]) * 1000
        return float(small.removesuffix("m"))
    except ValueError:
        return small


def layers_on(lake: Lake, unit: Unit, request: Request) -> tuple[list[Layer], Cells]:
    """Return layers on areas of a unit or on squares of a width."""
    if isinstance(unit, str):
        return area_layers(lake, unit, request)
    return grid_layers(lake, unit, request)


def compare_units(
    lake: Lake,
    request: Request,
    units: Sequence[Unit],
    *,
    share: float = 0.2,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> list[UnitAnswer]:
    """Compare the layers on each of `units` and return what each says.

    A layer that is published for larger areas than the unit takes no part there, for its values
    would only be repeated (areas of census size 'lsoa', the smallest that statistics are
    published for, may lie on a grid; a note says so). A unit on which fewer than two layers are
    left, or that the lake cannot give, comes back with None and the reason. With no
    `permutations` nothing is tested: every p is None, and the rest comes in a third of the time.
    """
    names = request.names
    pairs = [(a, b) for at, a in enumerate(names) for b in names[at + 1 :]]
    answers = []
    for unit in units:
        try:
            answers.append(_answer(lake, request, unit, pairs, share, permutations, seed))
        except InputError as refusal:
            blank: dict[tuple[str, str], float | None] = dict.fromkeys(pairs)
            name = unit if isinstance(unit, str) else f"square-{unit:g}"
            answers.append(UnitAnswer(name, 0, blank, blank, None, None, None, (str(refusal),)))
    return answers


def _answer(
    lake: Lake,
    request: Request,
    unit: Unit,
    pairs: list[tuple[str, str]],
    share: float,
    permutations: int,
    seed: int,
) -> UnitAnswer:
    layers, cells = layers_on(lake, unit, request)
    fine = [layer for layer in layers if not too_coarse(layer, cells)]
    notes = [
        f"{layer.name} is published for {unit_words(layer.vintage)}, which are larger: left out."
        for layer in layers
        if layer not in fine
    ]
    notes += [
        f"{layer.name} is known by {unit_words(layer.vintage)}: all squares of one have its value."
        for layer in fine
        if layer.vintage.startswith("lsoa") and cells.unit.startswith("square-")
    ]
    if request.rate and cells.unit.startswith("square-"):
        notes.append("People are taken to live evenly over the ground of their area.")
    if len(fine) < 2:
        blank: dict[tuple[str, str], float | None] = dict.fromkeys(pairs)
        return UnitAnswer(cells.unit, len(cells), blank, blank, None, None, None, tuple(notes))
    whole = len(fine) == len(layers)
    if permutations == 0:
        return _untested(fine, cells, pairs, share, whole, notes)
    found = compare_layers(fine, cells, share=share, permutations=permutations, seed=seed)
    return UnitAnswer(
        cells.unit,
        found.areas,
        {key: found.pairs[key].r if key in found.pairs else None for key in pairs},
        {key: found.pairs[key].p if key in found.pairs else None for key in pairs},
        found.worst_size,
        found.all.common if whole else None,
        found.all.expected if whole else None,
        tuple(notes),
    )


def _untested(
    layers: Sequence[Layer],
    cells: Cells,
    pairs: list[tuple[str, str]],
    share: float,
    whole: bool,
    notes: Sequence[str],
) -> UnitAnswer:
    """Return the figures of an answer without the tests, which take most of the time."""
    used = complete(np.array([layer.badness for layer in layers]))
    if used.sum() < SMALLEST:
        raise InputError(
            f"only {int(used.sum())} of {len(cells)} areas have a value in every layer"
        )
    inside = cells.take(used)
    found = spearman_pairs({layer.name: layer.badness[used] for layer in layers})
    worst = [worst_areas(layer, used, share, inside) for layer in layers]
    together = set_overlap([one.members for one in worst])
    return UnitAnswer(
        cells.unit,
        int(used.sum()),
        {key: found[key].r if key in found else None for key in pairs},
        dict.fromkeys(pairs),
        worst_count(int(used.sum()), share),
        together.both if whole else None,
        together.expected if whole else None,
        tuple(notes),
    )


def too_coarse(layer: Layer, cells: Cells) -> bool:
    """Say whether a layer is published for larger areas than `cells`."""
    if layer.vintage in ("", cells.unit) or layer.vintage.startswith("lsoa"):
        return False
    return cells.unit.startswith(("lsoa", "square-", "hex-"))


def unit_findings(overlap: Overlap, answers: Sequence[UnitAnswer]) -> list[str]:
    """Say where another unit gives another answer than `overlap`, and where it gives the same."""
    labels = {layer.name: layer.label for layer in overlap.layers}
    said = []
    for answer in answers:
        known = {key: r for key, r in answer.r.items() if r is not None}
        if answer.unit == overlap.cells.unit or not known:
            continue
        each = [
            f"{labels[a]} and {labels[b]} {strength(r)} ({r:.2f}, here {overlap.pairs[a, b].r:.2f})"
            for (a, b), r in known.items()
        ]
        said.append(f"On {answer.areas:,} {unit_words(answer.unit)} {', '.join(each)}.")
    return said
