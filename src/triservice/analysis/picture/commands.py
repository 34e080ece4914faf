"""The commands that make a picture again from the files it was made from."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from triservice.analysis.lake.areas import AreaLayer
from triservice.analysis.lake.boundaries import boundary_files
from triservice.analysis.picture.options import (
    BASES,
    SUPPRESS_BELOW,
    WORST,
    Options,
)
from triservice.analysis.picture.provenance import Sources

_LAKE = "LAKE"


def remake(
    sources: Sources, statistics: Sequence[AreaLayer], units: Sequence[str], options: Options
) -> tuple[str, ...]:
    """Return the commands, in order: outlines, statistics, events, picture.

    Files are named without their folders: where they lie is nobody's business but yours.
    """
    lake = sources.lake
    lines = []
    for unit in units:
        files = " ".join(shlex.quote(name) for name, _, _ in boundary_files(lake, unit))
        lines.append(f"triservice boundaries add {files} --unit {unit} --lake {_LAKE}")
    lines += [
        f"triservice areas add {shlex.quote(layer.source)} --as {layer.name} "
        f"--code {shlex.quote(layer.code_column or 'CODE')} --vintage {layer.vintage} "
        f"--value {shlex.quote(layer.column or 'VALUE')} --worse {layer.worse} --lake {_LAKE}"
        for layer in statistics
    ]
    records = lake.imports()
    for name in sorted({record.source for record in records}):
        held = sorted({r.file.rsplit("/", 1)[-1] for r in records if r.source == name})
        said = " ".join(shlex.quote(file) for file in held[:3]) + " …" * (len(held) > 3)
        lines.append(f"triservice import {name} {said} --lake {_LAKE}")
    return (*lines, _picture(options))


def _picture(options: Options) -> str:
    chosen: list[tuple[str, object, object]] = [
        ("--within", options.within, None),
        ("--unit", options.unit, None),
        ("--layers", ",".join(options.layers) or None, None),
        ("--since", options.since, None),
        ("--until", options.until, None),
        ("--cell", f"{options.cell_m:g}" if options.cell_m else None, None),
        ("--worst", f"{options.worst * 100:g}", f"{WORST * 100:g}"),
        ("--suppress-below", options.suppress_below, SUPPRESS_BELOW),
        ("--bases", options.bases, BASES),
        ("--within-km", f"{options.reach_m / 1000:g}" if options.reach_m else None, None),
        ("--marking", options.marking, "OFFICIAL"),
        ("--title", options.title, None),
        ("--places", "PLACES.csv" if options.places else None, None),
    ]
    said = " ".join(
        f"{name} {shlex.quote(str(value))}"
        for name, value, default in chosen
        if value not in (None, default)
    )
    return f"triservice picture --lake {_LAKE} {said} --out OUT".replace("  ", " ")
