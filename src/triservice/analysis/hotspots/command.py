"""`triservice hotspots`: where events gather more than chance explains."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triservice.analysis.lake.engine_option import EngineOption
from triservice.kernel.errors import InputError
from triservice.kernel.month import month_bounds, next_month
from triservice.terminal import (
    JsonOption,
    LakeOption,
    OutOption,
    examples,
    print_json,
    print_table,
    progress,
    say,
)

if TYPE_CHECKING:
    from triservice.analysis.hotspots.density import BandwidthRule
    from triservice.analysis.hotspots.local import Permutations
    from triservice.analysis.hotspots.study import Study

DEFAULT_CELL_M = 500.0
_STEPS = 5


class _Null(StrEnum):
    TOTAL = "total"
    CONDITIONAL = "conditional"


def hotspots(
    lake: LakeOption,
    service: Annotated[
        str | None, typer.Option("--service", help="Service, or several: police,fire. All if none.")
    ] = None,
    cell: Annotated[
        float | None, typer.Option("--cell", help="Width of square cells, metres (500).")
    ] = None,
    hexagon: Annotated[
        float | None, typer.Option("--hex", help="Width of hexagons instead, metres.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help="Areas of the lake instead: lsoa11, msoa11 …")
    ] = None,
    within: Annotated[
        str | None, typer.Option("--within", help="Place whose outline is the study region.")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", help="Only this category; may be repeated.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="First month or day: 2025-01 or 2025-01-15.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Last month or day, included.")
    ] = None,
    permutations: Annotated[
        str, typer.Option("--permutations", help="Number; exact: their limit; 0: normal curve.")
    ] = "exact",
    null: Annotated[
        _Null,
        typer.Option("--null", help="Draw a cell with its neighbours (total), or set it aside."),
    ] = _Null.TOTAL,
    severity: Annotated[
        bool, typer.Option("--severity", help="Test harm instead of the number of events.")
    ] = False,
    harm: Annotated[
        Path | None, typer.Option("--harm", help="Own table of harm weights (TOML).")
    ] = None,
    rate: Annotated[
        bool, typer.Option("--rate", help="Test rates per 1,000 people, smoothed (with --unit).")
    ] = False,
    trend: Annotated[
        bool, typer.Option("--trend", help="Class each cell by its months: new, persistent …")
    ] = False,
    false_discovery: Annotated[
        float, typer.Option("--false-discovery", help="Share of hotspots that may be chance.")
    ] = 0.05,
    bandwidth: Annotated[
        str, typer.Option("--bandwidth", help="Of the density: metres, likelihood or normal.")
    ] = "likelihood",
    seed: Annotated[int | None, typer.Option("--seed", help="Of the permutations.")] = None,
    top: Annotated[int, typer.Option("--top", help="Hotspots to print.")] = 15,
    engine: EngineOption = "duckdb",
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the hotspots of events: cells or areas that are high together with their neighbours.

    Gi* with its z, its p by permutation, and q: corrected for the number of cells.
    """
    from triservice.analysis.hotspots.findings import as_json as answer_of
    from triservice.analysis.hotspots.findings import columns
    from triservice.analysis.hotspots.local import SEED
    from triservice.analysis.hotspots.study import Question, study_hotspots
    from triservice.analysis.lake.store import Lake
    from triservice.analysis.place.map_files import ENDINGS, write_cells
    from triservice.files import check_ending

    if out is not None:
        check_ending(out, *ENDINGS)  # before the work, not after
    opened = Lake.open(lake, engine=engine)
    zone = opened.settings.time_zone
    if cell is None and hexagon is None and unit is None:
        cell = DEFAULT_CELL_M
    question = Question(
        services=tuple(s.strip().lower() for s in service.split(",")) if service else (),
        categories=tuple(category or ()),
        since=_moment(since, zone, "--since", first=True),
        until=_moment(until, zone, "--until", first=False),
        cell_m=cell,
        hex_m=hexagon,
        unit=unit,
        within=within,
        severity=severity or harm is not None,
        harm_table=harm,
        rate=rate,
        trend=trend,
        permutations=_permutations(permutations),
        null=null.value,
        false_discovery=false_discovery,
        bandwidth=_bandwidth(bandwidth),
        seed=SEED if seed is None else seed,
    )
    with progress(quiet=as_json) as bar:
        task = bar.add_task("Reading", total=_STEPS)
        study = study_hotspots(
            opened, question, tell=lambda step: bar.update(task, advance=1, description=step)
        )
    if out is not None:
        write_cells(out, columns(study, opened.settings.crs), study.cells, opened.settings.crs)
        say(f"Written: {out}, {len(study.cells):,} rows.")
    if as_json:
        print_json(answer_of(study, opened.settings.crs))
    else:
        _show(study, opened.settings.crs, top)


def _show(study: Study, crs: str, top: int) -> None:
    from triservice.analysis.hotspots.findings import findings, notes

    table, chosen = study.table, study.table.ranked("hot")
    shown = chosen[: max(top, 0)]
    names = ["#", "area" if study.question.unit else "cell", "events", "z", "p", "q"]
    values = [table.count.astype(int), table.z, table.p, table.q]
    if study.harm:
        names, values = [*names, "harm"], [*values, study.harm.central]
    if study.smoothed is not None:
        names, values = [*names, "rate"], [*values, table.value]
    if study.trend:
        names, values = [*names, "trend"], [*values, study.trend.classes]
    if len(names) == 6:  # a terminal of 80 columns holds no more
        names, values = [*names, "neighbours"], [*values, table.neighbours]
    rows = [
        [int(study.group[i]), str(study.cells.names[i]), *(v[i].item() for v in values)]
        for i in shown
    ]
    if rows:
        print_table(f"Hotspots, {len(shown):,} of {len(chosen):,} (# is the place)", names, rows)
    for sentence in findings(study, crs):
        print(sentence)
    print()
    for note in notes(study):
        print(f"· {note}")


def _permutations(text: str) -> Permutations:
    if text.strip().lower() == "exact":
        return "exact"
    number = text.replace(",", "").strip()
    if number.isdecimal() and int(number) <= 1_000_000:
        return int(number)
    raise InputError(
        f"--permutations {text!r} is not a number from 0 to 1,000,000",
        do="Give a number such as 999, or exact.",
    )


def _bandwidth(text: str) -> float | BandwidthRule:
    if text == "likelihood":
        return "likelihood"
    if text == "normal":
        return "normal"
    try:
        metres = float(text)
    except ValueError:
        metres = -1.0
    if not 0 < metres < 1e7:
        raise InputError(
            f"--bandwidth {text!r} is neither a rule nor a number of metres",
            do="Give metres, likelihood or normal.",
        )
    return metres


def _moment(text: str | None, zone: str, option: str, *, first: bool) -> datetime | None:
    """Return the start of a month or day, or (`first` False) the moment after its end."""
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    if text is None:
        return None
    try:
        if len(text) == 7:
            return month_bounds(text if first else next_month(text), zone)[0]
        day = datetime.strptime(text, "%Y-%m-%d") + timedelta(days=0 if first else 1)
        return day.replace(tzinfo=ZoneInfo(zone))
    except (ValueError, OverflowError):  # InputError of the month is a ValueError too
        raise InputError(
            f"{option} {text!r} is neither a month nor a day",
            do="Write 2025-01 or 2025-01-15.",
        ) from None


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command(
        "hotspots",
        epilog=examples(
            "triservice hotspots --lake LAKE --service police --cell 500",
            "triservice hotspots --lake LAKE --service police --cell 500 --permutations 999 --json",
            "triservice hotspots --lake LAKE --service police --within Cornwall --unit lsoa11 "
            "--rate",
            "triservice hotspots --lake LAKE --service fire --hex 750 --trend --out fires.geojson",
            "triservice hotspots --lake LAKE --service police --category burglary --since 2025-01 "
            "--out burglary.gpkg",
        ),
    )(hotspots)
