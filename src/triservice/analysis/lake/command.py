"""`triservice import` and `triservice lake`: events in, and what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triservice.kernel.errors import InputError
from triservice.terminal import (
    Exit,
    JsonOption,
    LakeOption,
    examples,
    print_json,
    print_table,
    progress,
    say,
)

if TYPE_CHECKING:
    from triservice.analysis.lake.summary import ImportSummary

MOST_SHOWN = 20


def import_(
    mapping: Annotated[
        str | None,
        typer.Argument(help="police-uk, lfb, cad, or the path of a mapping file (.toml)."),
    ] = None,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders; plain, .gz or .xlsx.")
    ] = None,
    lake: Annotated[
        Path | None,
        typer.Option("--lake", help="Folder of the event lake.", envvar="TRISERVICE_LAKE"),
    ] = None,
    describe: Annotated[
        Path | None,
        typer.Option("--describe", help="Print a proposed mapping for this file, and stop."),
    ] = None,
    categories: Annotated[
        bool, typer.Option("--categories", help="List the common vocabulary, and stop.")
    ] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Replace what came before from files of the same name, or from the same content "
            "under an older version of the mapping.",
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when rows were quarantined.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import files of events into the lake: again, after a stop, or in any order."""
    if describe is not None:
        from triservice.analysis.lake.describe import describe_file, left_to_fill

        proposed = describe_file(describe)
        print(proposed)
        for todo in left_to_fill(proposed):  # not seen when the mapping goes into a file
            say(f"triservice: {todo}")
        return
    if categories:
        _list_categories(as_json)
        return
    if mapping is None or not paths or lake is None:
        missing = "a mapping" if mapping is None else "files" if not paths else "--lake"
        raise InputError(
            f"{missing} is not given",
            do="Write: triservice import police-uk FILE_OR_FOLDER... --lake LAKE.",
        )
    from triservice.analysis.lake.importing import import_files

    with progress(quiet=as_json) as bar:
        task = bar.add_task("Reading", total=None)

        def show(file: str, done: int, total: int) -> None:
            bar.update(task, description=file, completed=done, total=total)

        summary = import_files(lake, mapping, paths, progress=show, replace=replace)
    if as_json:
        print_json(summary.as_json())
    else:
        _show(summary)
    refused = summary.of("refused")
    if refused:
        for result in refused:
            say(f"triservice: {result.reason}")
        raise typer.Exit(Exit.UNUSABLE)
    if strict and summary.quarantined:
        raise typer.Exit(Exit.QUARANTINED)


def _show(summary: ImportSummary) -> None:
    """Print the summary of an import for people."""
    from triservice.analysis.lake.quarantine import sentence

    already, months = summary.of("already imported"), summary.months
    span = f"{months[0]} to {months[-1]}" if months else None
    rows: list[tuple[str, Any]] = [
        ("files", summary.files),
        ("  already imported, left alone", len(already)),
        ("rows read", summary.rows_read),
        ("accepted", summary.accepted),
        ("quarantined", sum(summary.quarantined.values())),
        ("duplicates", summary.duplicates),
        ("months covered", f"{len(months)}: {span}" if months else None),
        ("without coordinates", summary.without_coordinates),
        ("outside the area", summary.outside),
    ]
    print_table(f"Import of {summary.source}", ["", "count"], [list(row) for row in rows])
    for reason, count in summary.quarantined.items():
        print(f"Quarantined {count:,} ({reason}): {sentence(reason)}")
    for reason, count in summary.kept_aside.items():
        print(f"Kept {count:,} ({reason}): {sentence(reason)}")
    if summary.unmapped_categories:
        named = [
            f"{word or '(empty)'} {count:,}" for word, count in summary.unmapped_categories.items()
        ]
        more = f" and {len(named) - MOST_SHOWN} more" if len(named) > MOST_SHOWN else ""
        print(
            f"Not in the category table, kept as unmapped: {'; '.join(named[:MOST_SHOWN])}{more}."
        )
    for result in already:
        if result.reason:
            print(f"{result.file}: {result.reason}.")
    if summary.ignored:
        print(f"Ignored {len(summary.ignored):,} other files, for example:")
        for file, reason in list(summary.ignored.items())[:3]:
            print(f"  {file}: {reason}")
    for said in [*(g.sentence() for g in summary.missing_months),
                 *(b.sentence() for b in summary.breaks)]:  # fmt: skip
        print(said)
    if summary.quarantined:
        print("See the rows: triservice lake --lake LAKE --quarantine")


def _list_categories(as_json: bool) -> None:
    from triservice.analysis.lake.categories import load_categories

    found = load_categories().values()
    if as_json:
        print_json({c.slug: {"label": c.label, "group": c.group} for c in found})
    else:
        print_table(
            "Common vocabulary", ["category", "label", "group"],
            [[c.slug, c.label, c.group] for c in found],
        )  # fmt: skip


def lake_(
    lake: LakeOption,
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="List rows that could not be read, and why.")
    ] = False,
    all_kinds: Annotated[
        bool,
        typer.Option(
            "--all", help="With --quarantine: duplicates, and rows kept without a part, as well."
        ),
    ] = False,
    export: Annotated[
        Path | None, typer.Option("--export", help="Write the quarantined rows to this CSV file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is in the lake, source by source; or list and export quarantined rows."""
    from triservice.analysis.lake.store import Lake

    opened = Lake.open(lake)
    if quarantine or export is not None:
        _quarantine(opened, all_kinds, export, as_json)
        return
    from triservice.analysis.lake.contents import contents

    answer = contents(opened)
    if as_json:
        print_json(answer)
        return
    print_table(
        f"Lake {lake} ({answer['crs']}, {answer['time_zone']})",
        ["source", "services", "events", "period", "files", "quarantined"],
        [
            [
                name, ", ".join(s["services"]), s["events"],
                f"{str(s['first'])[:10]} to {str(s['last'])[:10]}", s["imports"],
                sum(s["quarantined"].values()),
            ]
            for name, s in answer["sources"].items()
        ],
    )  # fmt: skip
    if answer["boundaries"]:
        print("Boundaries: " + ", ".join(answer["boundaries"]))
    if answer["areas"]:
        print("Area statistics: " + ", ".join(answer["areas"]))
    for found in (*answer["missing_months"], *answer["breaks"]):
        print(found["says"])


def _quarantine(lake: Any, all_kinds: bool, export: Path | None, as_json: bool) -> None:
    from triservice.analysis.lake.quarantine import KINDS, export_csv, read_quarantine, sentence

    table = read_quarantine(lake, KINDS if all_kinds else ("quarantined",))
    if export is not None:
        export_csv(table, export)
        say(f"{len(table):,} rows written to {export}.")
        return
    if as_json:
        print_json({"rows": table.to_pylist()})
        return
    rows = table.slice(0, MOST_SHOWN * 10).to_pylist()
    print_table(
        f"Quarantine: {len(table):,} rows",
        ["file", "row", "reason", "field", "value"],
        [[Path(r["file"]).name, r["row"], r["reason"], r["field"], r["value"]] for r in rows],
    )
    if len(table) > len(rows):
        print(f"… and {len(table) - len(rows):,} more: --export FILE.csv writes them all.")
    for reason in dict.fromkeys(r["reason"] for r in rows):
        print(f"{reason}: {sentence(reason)}")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "import",
        epilog=examples(
            "triservice import police-uk data/police_street --lake lake",
            "triservice import lfb incidents.csv.gz --lake lake --json",
            "triservice import --describe export.csv > our-cad.toml",
            "triservice import our-cad.toml export.csv --lake lake --strict",
        ),
    )(import_)
    app.command(
        "lake",
        epilog=examples(
            "triservice lake --lake lake",
            "triservice lake --lake lake --json",
            "triservice lake --lake lake --quarantine --export rows.csv",
        ),
    )(lake_)
