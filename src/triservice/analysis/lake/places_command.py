"""`triservice boundaries`, `areas` and `relations`: what the lake knows about places."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from triservice.kernel.words import many
from triservice.terminal import JsonOption, LakeOption, examples, print_json, print_table, say


class _Worse(StrEnum):
    LOW = "low"
    HIGH = "high"


class _Kind(StrEnum):
    COUNT = "count"
    RATE = "rate"
    SCORE = "score"


class _Duplicates(StrEnum):
    REFUSE = "refuse"
    SUM = "sum"


_ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Put this in the place of what the lake holds.")
]


def boundaries_add(
    paths: Annotated[
        list[Path], typer.Argument(help="Files or folders: GeoJSON (.gz), GeoPackage, shapefile.")
    ],
    unit: Annotated[
        str, typer.Option("--unit", help="Unit and year: lsoa11, lsoa21, msoa11, or your own.")
    ],
    lake: LakeOption,
    code: Annotated[str | None, typer.Option("--code", help="Column of codes.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Column of names.")] = None,
    replace: _ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add outlines of areas to the lake; adding a file again changes nothing."""
    from triservice.analysis.lake.boundaries import add_boundaries
    from triservice.analysis.lake.store import Lake

    summary = add_boundaries(Lake.create(lake), paths, unit, code, name, replace)
    _tell(
        asdict(summary),
        as_json,
        f"{summary.unit}: {summary.added:,} areas added, {summary.already_there:,} were there "
        f"already; the lake holds {summary.areas:,}.",
        summary.notes
        + [f"{many(n, 'row')} left out: {why}." for why, n in summary.skipped.items()],
    )


def boundaries_list(lake: LakeOption, as_json: JsonOption = False) -> None:
    """List the outlines in the lake."""
    from triservice.analysis.lake.boundaries import list_boundaries
    from triservice.analysis.lake.store import Lake

    listed = list_boundaries(Lake.open(lake))
    if as_json:
        print_json({"boundaries": listed})
        return
    rows = [[row["unit"], row["areas"], _some(row["places"]), len(row["files"])] for row in listed]
    print_table("Boundaries", ["unit", "areas", "places", "files"], rows)


def areas_add(
    path: Annotated[Path, typer.Argument(help="CSV (.gz), .xlsx or .parquet file.")],
    name: Annotated[
        str,
        typer.Option("--as", help="Name of the layer; population is the denominator and weight."),
    ],
    code: Annotated[str, typer.Option("--code", help="Column of area codes.")],
    vintage: Annotated[
        str, typer.Option("--vintage", help="Unit and year of the codes: lsoa11, lsoa21, msoa11 …")
    ],
    value: Annotated[str, typer.Option("--value", help="Column of values.")],
    lake: LakeOption,
    worse: Annotated[
        _Worse | None,
        typer.Option("--worse", help="Which end is bad: low for a rank of which 1 is worst."),
    ] = None,
    kind: Annotated[
        _Kind | None,
        typer.Option("--kind", help="Counts add up, rates and scores average; guessed and said."),
    ] = None,
    duplicates: Annotated[
        _Duplicates, typer.Option("--duplicates", help="Codes that come twice: refuse, or sum.")
    ] = _Duplicates.REFUSE,
    replace: _ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add a statistic, one value for each area code, to the lake."""
    from triservice.analysis.lake.areas import add_areas
    from triservice.analysis.lake.store import Lake
    from triservice.analysis.lake.vintages import POPULATION

    summary = add_areas(
        Lake.create(lake),
        path,
        name,
        code,
        vintage,
        value,
        worse=worse.value if worse else None,
        kind=kind.value if kind else None,
        duplicates=duplicates.value,
        replace=replace,
    )
    bad = f"; {summary.worse} is worse" if summary.name != POPULATION else ""
    total = f", {summary.total:,.10g} in all" if summary.total is not None else ""
    _tell(
        asdict(summary),
        as_json,
        f"{summary.name}: a {summary.kind} for {summary.areas:,} {summary.vintage} areas, "
        f"{summary.low:,.6g} to {summary.high:,.6g}{total}{bad}. "
        f"{summary.outlines_with_value:,} of {summary.outlines:,} outlines have a value.",
        summary.notes,
    )


def areas_list(lake: LakeOption, as_json: JsonOption = False) -> None:
    """List the area statistics in the lake."""
    from triservice.analysis.lake.areas import layers, read_areas
    from triservice.analysis.lake.store import Lake

    opened = Lake.open(lake)
    held = [read_areas(opened, name) for name in layers(opened)]
    listed = [
        {
            "name": layer.name,
            "vintage": layer.vintage,
            "kind": layer.kind,
            "worse": layer.worse,
            "areas": len(layer.codes),
            "source": layer.source,
        }
        for layer in held
    ]
    if as_json:
        print_json({"areas": listed})
        return
    names = ["name", "vintage", "kind", "worse", "areas", "source"]
    print_table("Area statistics", names, [[row[n] for n in names] for row in listed])


def relations_add(
    path: Annotated[Path, typer.Argument(help="CSV (.gz), .xlsx or .parquet file.")],
    start: Annotated[str, typer.Option("--from", help="Unit and year of the old codes.")],
    end: Annotated[str, typer.Option("--to", help="Unit and year of the new codes.")],
    start_code: Annotated[str, typer.Option("--from-code", help="Column of old codes.")],
    end_code: Annotated[str, typer.Option("--to-code", help="Column of new codes.")],
    lake: LakeOption,
    change: Annotated[
        str | None, typer.Option("--change", help="Column of U, S, M or X, where there is one.")
    ] = None,
    replace: _ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add the change lookup between two vintages, so that values can move from one to the other."""
    from triservice.analysis.lake.relations import add_relations
    from triservice.analysis.lake.store import Lake

    summary = add_relations(
        Lake.create(lake), path, start, end, start_code, end_code, change, replace
    )
    changes = ", ".join(f"{n:,} {what}" for what, n in summary.changes.items())
    _tell(
        asdict(summary),
        as_json,
        f"{summary.start} to {summary.end}: {summary.pairs:,} pairs ({changes}).",
        summary.notes
        + [f"{many(n, 'row')} left out: {why}." for why, n in summary.skipped.items()],
    )


def _tell(answer: dict[str, Any], as_json: bool, sentence: str, notes: list[str]) -> None:
    """Print the summary: JSON, or a sentence with the notes on standard error."""
    if as_json:
        print_json(answer)
        return
    print(sentence)
    for note in notes:
        say(f"  {note}")


def _some(places: list[str], most: int = 6) -> str:
    more = len(places) - most
    return ", ".join(places[:most]) + (f" and {more:,} more" if more > 0 else "")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    groups: tuple[tuple[str, str, tuple[tuple[str, Any, tuple[str, ...]], ...]], ...] = (
        (
            "areas",
            "Statistics of areas: a value for each area code.",
            (
                (
                    "add",
                    areas_add,
                    (
                        "triservice areas add imd2019.csv.gz --as health --code lsoa11_code "
                        "--vintage lsoa11 --value Health_rank --worse low --lake lake",
                        "triservice areas add population.csv --as population --code lsoa11_code "
                        "--vintage lsoa11 --value total_population --lake lake",
                    ),
                ),
                ("list", areas_list, ("triservice areas list --lake lake",)),
            ),
        ),
        (
            "boundaries",
            "Outlines of areas.",
            (
                (
                    "add",
                    boundaries_add,
                    (
                        "triservice boundaries add E06000052.geojson.gz --unit lsoa11 --lake lake",
                        "triservice boundaries add wards/ --unit wards --code WD22CD --lake lake",
                    ),
                ),
                ("list", boundaries_list, ("triservice boundaries list --lake lake",)),
            ),
        ),
        (
            "relations",
            "What became of the areas of one vintage in the next.",
            (
                (
                    "add",
                    relations_add,
                    (
                        "triservice relations add lookup.csv.gz --from lsoa11 --to lsoa21 "
                        "--from-code F_LSOA11CD --to-code LSOA21CD --change CHGIND --lake lake",
                    ),
                ),
            ),
        ),
    )
    for group, help_text, commands in groups:
        sub = typer.Typer(help=help_text, no_args_is_help=True, rich_markup_mode="rich")
        for name, function, lines in commands:
            sub.command(name, epilog=examples(*lines))(function)
        app.add_typer(sub, name=group)
