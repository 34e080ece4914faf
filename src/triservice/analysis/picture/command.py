"""`triservice picture`, and the pictures of `triservice demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triservice.analysis.lake.engine_option import EngineOption
from triservice.kernel.errors import InputError
from triservice.terminal import JsonOption, LakeOption, examples, print_json, telling

if TYPE_CHECKING:
    from triservice.analysis.picture.model import Picture

_OutOption = Annotated[Path, typer.Option("--out", help="Folder for the report and its files.")]


def picture(
    lake: LakeOption,
    out: _OutOption,
    within: Annotated[
        str | None,
        typer.Option(
            "--within",
            help="Place, by the names of its areas: Cornwall. A lake without outlines needs none: "
            "it gives squares.",
        ),
    ] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help="Areas to compare on; else the finest all share.")
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(
            "--layers",
            help="Area statistics, services, or service:category, with commas; else all there are.",
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="First month or day of events: 2018-10.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Last month or day of events, included.")
    ] = None,
    cell: Annotated[
        float | None,
        typer.Option(
            "--cell", min=1, help="Width of the squares, metres; else by the place's size."
        ),
    ] = None,
    worst: Annotated[float, typer.Option("--worst", help="Percent that count as worst.")] = 20.0,
    bases: Annotated[int, typer.Option("--bases", min=1, help="How many bases to place.")] = 3,
    within_km: Annotated[
        float | None,
        typer.Option("--within-km", help="Reach of a base, straight; else by the place's size."),
    ] = None,
    places: Annotated[
        Path | None,
        typer.Option(
            "--places",
            help="CSV of places to name on the map, most important first, where a base may stand: "
            "name, easting, northing.",
        ),
    ] = None,
    suppress_below: Annotated[
        int, typer.Option("--suppress-below", min=0, help="Hide counts from 1 to below this.")
    ] = 5,
    marking: Annotated[
        str, typer.Option("--marking", help="Protective marking at the top and the end.")
    ] = "OFFICIAL",
    title: Annotated[str | None, typer.Option("--title", help="Title of the report.")] = None,
    date: Annotated[
        str | None, typer.Option("--date", help="Date on the report, YYYY-MM-DD; else today.")
    ] = None,
    engine: EngineOption = "duckdb",
    as_json: JsonOption = False,
) -> None:
    """Write the shared picture of a place: one page that opens anywhere, and its files."""
    from triservice.analysis.lake.store import Lake
    from triservice.analysis.picture.files import write_files
    from triservice.analysis.picture.gather import gather
    from triservice.analysis.picture.options import Options, read_places

    options = Options(
        within=within,
        unit=unit,
        layers=tuple(n.strip().lower() for n in (layers or "").split(",") if n.strip()),
        since=since,
        until=until,
        cell_m=cell,
        worst=_share(worst),
        suppress_below=suppress_below,
        bases=bases,
        reach_m=_metres(within_km),
        marking=marking.strip() or "OFFICIAL",
        title=title,
        made=_date(date),
        places=read_places(places) if places else (),
    )
    with telling(as_json) as tell:
        found = gather(Lake.open(lake, engine=engine), options, tell)
        written = write_files(found, out, tell)
    _answer(found, out, written, as_json)


def write_demo_pictures(out: Path, as_json: bool = False) -> None:
    """Write the pictures of the example county, from open data that comes with triservice."""
    from triservice.analysis.example.demo import write_demo

    with telling(as_json) as tell:
        found, written = write_demo(out, tell)
    _answer(found, out, written, as_json)
    if not as_json:
        say_where(out)


def say_where(out: Path) -> None:
    """Print where the invented county's page is, and open the first page where somebody looks."""
    print(f"An invented county with exact times: {address(out / 'invented' / 'index.html')}")
    _open_if_seen(out / "index.html")


def _answer(found: Picture, out: Path, written: list[Path], as_json: bool) -> None:
    if as_json:
        overlap = found.overlap
        print_json(
            {
                "title": found.title,
                "answer": found.answer,
                "unit": found.unit,
                "areas": len(found.areas),
                "layers": [layer.key for layer in found.layers],
                "worst_in_all": overlap.observed if overlap else None,
                "spearman": {f"{p.a}~{p.b}": p.r for p in overlap.pairs} if overlap else {},
                "page": out / "index.html",
                "files": [path.relative_to(out).as_posix() for path in written],
            }
        )
        return
    print(found.answer)
    print(f"The picture: {address(out / 'index.html')}")


def address(path: Path) -> str:
    """Return the address that opens a file in a browser."""
    return path.resolve().as_uri()


def _share(percent: float) -> float:
    if not 0 < percent < 100:
        raise InputError(f"--worst {percent:g} is not a percentage", do="Write 20 for a fifth.")
    return percent / 100


def _metres(km: float | None) -> float | None:
    if km is None:
        return None
    if not km > 0:
        raise InputError(f"--within-km {km:g} reaches nothing", do="Give more than 0.")
    return km * 1000


def _date(text: str | None) -> str:
    from datetime import date

    if text is None:
        return date.today().isoformat()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InputError(f"--date {text!r} is not a date", do="Write 2026-11-22.") from None


def _open_if_seen(page: Path) -> None:
    """Open the page where somebody sits before a screen; say nothing when nobody does."""
    import os
    import sys

    seen = sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if seen and sys.stdout.isatty():
        import webbrowser

        webbrowser.open(page.resolve().as_uri())


def register(app: typer.Typer) -> None:
    """Add the command to the `triservice` command."""
    app.command(
        "picture",
        epilog=examples(
            "triservice picture --lake lake --within Cornwall --out picture",
            "triservice picture --lake lake --within Cornwall --layers police,fires,health "
            "--since 2018-10 --until 2019-02 --out picture",
            "triservice picture --lake lake --within York --suppress-below 10 "
            "--marking OFFICIAL-SENSITIVE --out board",
            "triservice picture --lake dispatch --since 2016-01 --out picture",
        ),
    )(picture)
