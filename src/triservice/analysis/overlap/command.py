"""`triservice overlap` and `triservice bases`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triservice.analysis.lake.engine_option import EngineOption
from triservice.kernel.errors import InputError
from triservice.terminal import JsonOption, LakeOption, OutOption, examples, print_json, print_table

if TYPE_CHECKING:
    from triservice.analysis.lake.engine import Engine
    from triservice.analysis.lake.store import Lake
    from triservice.analysis.overlap.candidates import Candidates
    from triservice.analysis.overlap.layers import Request
    from triservice.analysis.overlap.model import Layer, Overlap
    from triservice.analysis.overlap.serve import Service
    from triservice.analysis.overlap.units import UnitAnswer
    from triservice.analysis.place.cells import Cells

_LayersOption = Annotated[
    str,
    typer.Option(
        "--layers",
        help="Two or more, with commas: area statistics, services, or service:category.",
    ),
]
_WithinOption = Annotated[
    str | None, typer.Option("--within", help="Place, by the names of its areas: Cornwall.")
]
_UnitOption = Annotated[str, typer.Option("--unit", help="Areas to compare on: msoa11, lsoa21 …")]
_SinceOption = Annotated[
    str | None, typer.Option("--since", help="First month or day of events: 2018-10.")
]
_UntilOption = Annotated[
    str | None, typer.Option("--until", help="Last month or day of events, included.")
]


def overlap(
    lake: LakeOption,
    layers: _LayersOption,
    within: _WithinOption = None,
    unit: _UnitOption = "msoa11",
    cell: Annotated[
        float | None, typer.Option("--cell", help="Compare on squares of so many metres instead.")
    ] = None,
    rate: Annotated[
        bool, typer.Option("--rate", help="Divide counts by the area statistic `population`.")
    ] = False,
    worst: Annotated[float, typer.Option("--worst", help="Percent that count as worst.")] = 20.0,
    since: _SinceOption = None,
    until: _UntilOption = None,
    also: Annotated[
        str | None, typer.Option("--also", help="Ask the same on other units: lsoa11,1000.")
    ] = None,
    permutations: Annotated[int, typer.Option("--permutations", min=1, max=1_000_000)] = 999,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 20181,
    engine: EngineOption = "duckdb",
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say where the demands of services lie together, and how sure we may be."""
    from triservice.analysis.overlap.compare import compare_layers
    from triservice.analysis.overlap.output import overlap_columns, overlap_json
    from triservice.analysis.overlap.units import (
        compare_units,
        layers_on,
        read_unit,
        unit_findings,
    )
    from triservice.analysis.place.map_files import ENDINGS, write_cells
    from triservice.files import check_ending

    if out is not None:
        check_ending(out, *ENDINGS)
    held, request = _request(lake, layers, within, rate, since, until, engine)
    share = worst / 100
    drawn = {"share": share, "permutations": permutations, "seed": seed}
    read, cells = layers_on(held, cell if cell is not None else unit, request)
    found = compare_layers(read, cells, **drawn)  # type: ignore[arg-type]
    others: list[UnitAnswer] = []
    if also:
        units = [read_unit(text) for text in also.split(",") if text.strip()]
        others = compare_units(held, request, units, **drawn)  # type: ignore[arg-type]
    answer = overlap_json(found)
    answer["findings"] += unit_findings(found, others)
    answer["units"] = [_unit_json(one) for one in others]
    if out is not None:
        write_cells(out, overlap_columns(found), cells, held.settings.crs)
    if as_json:
        print_json(answer)
        return
    _print_overlap(found, answer, others)


def bases(
    lake: LakeOption,
    layers: _LayersOption,
    within: _WithinOption = None,
    unit: _UnitOption = "msoa11",
    k: Annotated[int, typer.Option("--k", min=1, help="How many bases.")] = 3,
    within_km: Annotated[
        float, typer.Option("--within-km", help="Reach of a base, in a straight line.")
    ] = 10.0,
    candidates: Annotated[
        Path | None,
        typer.Option("--candidates", help="Table of places for a base: name, easting, northing."),
    ] = None,
    times: Annotated[
        Path | None, typer.Option("--times", help="Table of travel times: base, area, minutes.")
    ] = None,
    within_minutes: Annotated[
        float, typer.Option("--within-minutes", help="Reach of a base by --times.")
    ] = 20.0,
    keep: Annotated[
        str | None, typer.Option("--keep", help="Bases that are there already, by name.")
    ] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", help="Weight of each layer: police=2,fires=1.")
    ] = None,
    since: _SinceOption = None,
    until: _UntilOption = None,
    engine: EngineOption = "duckdb",
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say where one officer would serve all services best, and what each agency gains."""
    from triservice.analysis.overlap.layers import area_layers
    from triservice.analysis.overlap.output import service_columns, service_json
    from triservice.analysis.overlap.serve import place_bases
    from triservice.analysis.place.map_files import ENDINGS, write_cells
    from triservice.files import check_ending

    if out is not None:
        check_ending(out, *ENDINGS)
    held, request = _request(lake, layers, within, False, since, until, engine)
    read, cells = area_layers(held, unit, request)
    places, reach, words = _reach(
        cells, held.settings.crs, candidates, within_km, times, within_minutes
    )
    found = place_bases(
        read,
        cells,
        places,
        reach,
        k,
        reach_words=words,
        weights=read_weights(weights),
        keep=[name for name in (keep or "").split(",") if name.strip()],
    )
    if out is not None:
        write_cells(out, service_columns(found), cells, held.settings.crs)
    if as_json:
        print_json(service_json(found))
        return
    _print_service(found)


def _request(
    folder: Path,
    layers: str,
    within: str | None,
    rate: bool,
    since: str | None,
    until: str | None,
    engine: Engine,
) -> tuple[Lake, Request]:
    from triservice.analysis.lake.store import Lake
    from triservice.analysis.overlap.layers import Request, parse_names
    from triservice.analysis.overlap.period import read_period

    lake = Lake.open(folder, engine=engine)
    start, end = read_period(since, until, lake.settings.time_zone)
    return lake, Request(parse_names(layers), rate, start, end, within)


def read_weights(text: str | None) -> dict[str, float]:
    """Return {"police": 2.0} of "police=2". Raises InputError for anything else."""
    weights = {}
    for part in (text or "").split(","):
        if not part.strip():
            continue
        name, _, number = part.partition("=")
        try:
            weights[name.strip().lower()] = float(number)
        except ValueError:
            raise InputError(
                f"--weights: {part.strip()!r} is not a layer and a number",
                do="Write --weights police=2,fires=1.",
            ) from None
    return weights


def _reach(
    cells: Cells,
    crs: str,
    table: Path | None,
    within_km: float,
    times: Path | None,
    within_minutes: float,
) -> tuple[Candidates, Any, str]:
    """Return the candidates, which areas each reaches, and the reach in words."""
    from triservice.analysis.overlap import candidates
    from triservice.analysis.overlap.bases import within_reach

    if times is not None:
        if table is not None:
            raise InputError("--times names its own bases", do="Leave out --candidates.")
        places, reach = candidates.read_times(times, cells, within_minutes)
        return places, reach, f"{within_minutes:g} minutes"
    metres = within_km * 1000
    places = (
        candidates.area_candidates(cells)
        if table is None
        else candidates.read_candidates(table, cells, metres, crs)
    )
    reach = within_reach(places.places, cells.centroids, metres)
    return places, reach, f"{within_km:g} km in a straight line"


def _unit_json(answer: UnitAnswer) -> dict[str, Any]:
    return {
        "unit": answer.unit,
        "areas": answer.areas,
        "spearman": {f"{a}~{b}": {"r": r, "p": answer.p[a, b]} for (a, b), r in answer.r.items()},
        "worst": {
            "areas": answer.worst_areas,
            "all": answer.all,
            "expected_all": answer.expected,
        },
        "notes": list(answer.notes),
    }


def _print_overlap(found: Overlap, answer: dict[str, Any], others: list[UnitAnswer]) -> None:
    from triservice.analysis.overlap.findings import unit_words

    print_table(
        f"{found.areas:,} {unit_words(found.cells.unit)}; the worst {found.share:.0%} are "
        f"{found.worst_size:,}",
        ["layers", "Spearman", "95% interval", "p", "worst in both", "by chance", "p (worst)"],
        [
            [f"{a} ~ {b}", p.r, f"{p.low:.2f} to {p.high:.2f}", _p(p.p), p.both, p.expected,
             _p(p.both_p)]
            for (a, b), p in found.pairs.items()
        ],
    )  # fmt: skip
    for other in others:
        print_table(
            f"The same on {other.areas:,} {unit_words(other.unit)}",
            ["layers", "Spearman", "p"],
            [[f"{a} ~ {b}", r, _p(other.p[a, b])] for (a, b), r in other.r.items()],
        )
        _print_lines("", other.notes)
    _print_lines("What the evidence supports", answer["findings"])
    _print_lines("Keep in mind", answer["caveats"])
    _print_lines("From what", [_from_what(layer) for layer in found.layers])


def _p(p: float | None) -> str:
    from triservice.analysis.overlap.findings import p_words

    return "–" if p is None else p_words(p)


def _from_what(layer: Layer) -> str:
    parts = [layer.source, layer.period, layer.measure, f"{layer.worse} is worse"]
    return f"{layer.name}: {', '.join(part for part in parts if part)}"


def _print_service(found: Service) -> None:
    from triservice.analysis.overlap.serve import service_caveats, service_findings

    names = [layer.name for layer in found.layers]
    print_table(
        "Areas by joint burden (share of the whole, %)",
        ["rank", "area", "joint", *names],
        [
            [
                area.rank,
                str(found.cells.names[area.index]),
                area.joint * 100,
                *(area.shares[name] * 100 for name in names),
            ]
            for area in found.ranking[:10]
        ],
    )
    print_table(
        f"Bases within {found.reach_words} (what each adds, %)",
        ["base", "at", "joint", *names],
        [
            [
                base.number,
                base.name,
                base.adds * 100,
                *(v * 100 for v in base.adds_by_layer.values()),
            ]
            for base in found.bases
        ],
    )
    print_table(
        "What each agency gets (%)",
        ["layer", "weight", "reached", "best for it alone"],
        [[g.agency, g.weight, g.covered * 100, g.best_alone * 100] for g in found.gains],
    )
    _print_lines("What the evidence supports", service_findings(found))
    _print_lines("Keep in mind", service_caveats(found))


def _print_lines(title: str, lines: Any) -> None:
    if title and lines:
        print(f"\n{title}")
    for line in lines:
        print(f"  • {line}")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(
        "bases",
        epilog=examples(
            "triservice bases --lake lake --within Cornwall --layers police,fires,health --k 3 "
            "--within-km 10 --weights police=1,fires=1",
            "triservice bases --lake lake --within Cornwall --layers police,fires --k 4 "
            "--candidates stations.csv --keep Bodmin,Truro --out bases.geojson",
            "triservice bases --lake lake --within Cornwall --layers police,health --k 2 "
            "--times minutes.csv --within-minutes 20 --json",
        ),
    )(bases)
    app.command(
        "overlap",
        epilog=examples(
            "triservice overlap --lake lake --within Cornwall --unit msoa11 "
            "--layers police,fires,health --rate --worst 20",
            "triservice overlap --lake lake --within Cornwall --layers police,health --rate "
            "--also lsoa11,1000 --json",
            "triservice overlap --lake lake --cell 500 --layers police:burglary,fire "
            "--since 2018-10 --until 2019-02 --out overlap.geojson",
        ),
    )(overlap)
