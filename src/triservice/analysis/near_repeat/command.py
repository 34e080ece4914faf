"""`triservice near-repeat`, `zones` and `backtest`: Operation Insight from the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from triservice.analysis.near_repeat.options import (
    BandsOption,
    CategoryOption,
    PresetOption,
    RadiusOption,
    SameOption,
    SeedOption,
    ServiceOption,
    SinceOption,
    SourceOption,
    UntilOption,
    as_of_moment,
    chosen,
    chosen_rule,
    in_words,
    numbers,
)
from triservice.files import check_ending
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


def near_repeat(
    lake: LakeOption,
    service: ServiceOption = None,
    category: CategoryOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    distance: Annotated[
        str, typer.Option("--distance", help="Limits of distance in metres, rising.")
    ] = "100,200,400",
    days: Annotated[str, typer.Option("--days", help="Limits of time in days, rising.")] = "7,14",
    permutations: Annotated[int, typer.Option("--permutations", help="0: moments only.")] = 999,
    seed: SeedOption = 1,
    same_incident_hours: SameOption = 2.0,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Test whether events near in place also come near in time (Knox test of near repeats)."""
    from triservice.analysis.near_repeat.knox import knox
    from triservice.analysis.near_repeat.report import utc, write_csv
    from triservice.analysis.near_repeat.words import SHIFT, knox_findings

    distances, limits = numbers(distance, "--distance"), numbers(days, "--days")
    if out is not None:
        check_ending(out, ".csv")
    incidents = chosen(lake, service, category, source, since, until, same_incident_hours)
    start, end, more = incidents.for_pairs(min(limits))
    with progress(quiet=as_json) as bar:
        task = bar.add_task("Dealing out times", total=1.0)
        found = knox(
            incidents.easting,
            incidents.northing,
            start,
            distances,
            limits,
            permutations=permutations,
            seed=seed,
            time_to=end,
            tick=lambda share: bar.update(task, completed=share),
        )
    what = in_words(service, category)
    rows = {
        name: [asdict(band) for band in getattr(found, name)]
        for name in ("bands", "cumulative", "same_place", "elsewhere")
    }
    notes = [*incidents.notes, *more, SHIFT]
    if found.draws > 1:
        spans = int((end > start).sum())
        notes.append(
            f"{spans:,} events are known only to lie in a span of time: {found.draws} times were "
            "drawn from each, so counts are expected counts."
        )
    findings = knox_findings(found, what)
    if out:
        write_csv(out, [{"table": name, **row} for name, table in rows.items() for row in table])
    if as_json:
        print_json(
            {
                "events": found.events,
                "rows_read": incidents.read,
                "merged_into_incidents": incidents.merged,
                "first": utc(incidents.start.min()),
                "last": utc(incidents.end.max()),
                "pairs_within_distance": found.pairs,
                "permutations": found.permutations,
                "seed": seed,
                **rows,
                "findings": findings,
                "notes": notes,
                "method": "Knox test; times permuted among events; expected = exact mean under "
                "permutation; p_moments from the exact mean and variance (Barton and David 1966, "
                "Mantel 1967); interval of the ratio over squares of land; one-sided p-values",
            }
        )
        return
    columns = ("metres", "days", "pairs", "expected", "ratio", "95% interval", "p", "p moments")
    for title, name in (
        (f"Near repeats among {found.events:,} {what}", "bands"),
        ("The same place", "same_place"),
    ):
        if rows[name]:
            print_table(title, columns, map(_knox_row, rows[name]))
    _tell(findings, notes)


def _knox_row(band: dict[str, Any]) -> list[Any]:
    interval = None
    if band["ratio_low"] is not None:
        interval = f"{band['ratio_low']:.2f}–{band['ratio_high']:.2f}"
    return [
        f"{band['distance_from']:g}–{band['distance_to']:g}",
        f"{band['days_from']:g}–{band['days_to']:g}",
        round(band["observed"]),
        band["expected"],
        band["ratio"],
        interval,
        band["p_permutation"],
        band["p_moments"],
    ]


def zones(
    lake: LakeOption,
    service: ServiceOption = None,
    category: CategoryOption = None,
    source: SourceOption = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            help="Date (its first moment) or local time; what came later is not used. "
            "Without it, the latest event.",
        ),
    ] = None,
    preset: PresetOption = "standard",
    radius: RadiusOption = None,
    bands: BandsOption = None,
    patrols: Annotated[
        int, typer.Option("--patrols", help="How many patrol areas to list.", min=0)
    ] = 20,
    largest_km2: Annotated[
        float, typer.Option("--largest-km2", help="Larger patrol areas are cut down.", min=0)
    ] = 3.0,
    window: Annotated[
        int, typer.Option("--window", help="Length of the busiest hours.", min=1, max=24)
    ] = 4,
    same_incident_hours: SameOption = 2.0,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw risk zones as of a moment and rank the areas to pass through."""
    from triservice.analysis.near_repeat.export import ENDINGS, write_zones
    from triservice.analysis.near_repeat.patrols import crowding, patrol_areas
    from triservice.analysis.near_repeat.report import patrol_table, rule_table, utc
    from triservice.analysis.near_repeat.words import SAFEGUARDS, zones_findings
    from triservice.analysis.near_repeat.zones import risk_zones

    rule = chosen_rule(preset, radius, bands)
    if out is not None:
        check_ending(out, *ENDINGS)
    incidents = chosen(lake, service, category, source, None, None, same_incident_hours)
    moment = as_of_moment(as_of, incidents)
    drawn = risk_zones(
        incidents.easting, incidents.northing, incidents.start, moment, rule, incidents.end
    )
    areas = patrol_areas(drawn, incidents, largest_km2=largest_km2, window_hours=window)
    features = write_zones(out, drawn, areas, incidents.crs) if out else None
    findings = zones_findings(drawn, areas, in_words(service, category))
    notes = [*incidents.notes, *SAFEGUARDS, *([rule.note] if rule.note else [])]
    if moment > incidents.end.max():
        notes.insert(0, f"The latest event is of {utc(incidents.end.max())}.")
    rows = patrol_table(areas[:patrols], incidents.crs)
    if as_json:
        print_json(
            {
                "as_of": utc(moment),
                "events": len(drawn.events),
                "events_by_band": {
                    band.level: int((drawn.band == index).sum())
                    for index, band in enumerate(rule.bands)
                },
                "area_km2": drawn.area_km2(),
                "patrol_areas": rows,
                "patrol_areas_in_all": len(areas),
                "concentration": {"share_of_score_in_first_tenth": crowding(areas)},
                "rule": rule_table(rule),
                "out": out,
                "features": features,
                "findings": findings,
                "notes": notes,
            }
        )
        return
    columns = ("rank", "level", "events", "score", "km²", "busiest", "share", "centre")
    print_table(
        f"Where to pass through, as of {_local(moment, incidents.time_zone)} ({rule.title})",
        columns,
        (
            [
                row["rank"],
                row["level"],
                row["events"],
                row["score"],
                row["area_km2"],
                f"{row['peak_from']:02d} to {row['peak_to']:02d} h",
                f"{row['peak_share']:.0%}",
                row.get("grid_reference") or f"{row['latitude']:.5f}, {row['longitude']:.5f}",
            ]
            for row in rows
        ),
    )
    _tell(findings, notes)
    if out:
        say(f"Written: {out} ({features:,} features).")


def backtest(
    lake: LakeOption,
    service: ServiceOption = None,
    category: CategoryOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    weeks: Annotated[int, typer.Option("--weeks", help="How many periods, the last ones.")] = 12,
    period: Annotated[int, typer.Option("--period", help="Days of a period: 7, or 1.")] = 7,
    preset: PresetOption = "standard",
    radius: RadiusOption = None,
    bands: BandsOption = None,
    ring: Annotated[
        float | None, typer.Option("--ring", help="Width of the displacement ring, metres.")
    ] = None,
    seed: SeedOption = 1,
    same_incident_hours: SameOption = 2.0,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Test on the past whether zones hold what comes next, against simpler methods."""
    from triservice.analysis.near_repeat.backtest import backtest as run
    from triservice.analysis.near_repeat.report import (
        backtest_rows,
        backtest_table,
        plot_backtest,
        rule_table,
        write_csv,
    )
    from triservice.analysis.near_repeat.words import BACKTEST_NOTES, SAFEGUARDS, backtest_findings

    rule = chosen_rule(preset, radius, bands)
    if out is not None:
        check_ending(out, ".png", ".svg", ".pdf", ".csv")
    incidents = chosen(lake, service, category, source, since, until, same_incident_hours)
    with progress(quiet=as_json) as bar:
        task = bar.add_task("Going through the weeks", total=1.0)
        found = run(
            incidents,
            rule,
            weeks,
            days=period,
            ring_m=ring,
            seed=seed,
            tick=lambda share: bar.update(task, completed=share),
        )
    what = in_words(service, category)
    findings = backtest_findings(found, what)
    notes = [*found.notes, *BACKTEST_NOTES, *SAFEGUARDS]
    if out and out.suffix.lower() == ".csv":
        write_csv(out, backtest_rows(found))
    elif out:
        plot_backtest(out, found, f"Back-test of risk zones: {what}, {weeks} periods")
    if as_json:
        table = backtest_table(found)
        print_json(
            {
                "weeks": weeks,
                "period_days": period,
                **table,
                "rule": rule_table(rule),
                "out": out,
                "findings": findings,
                "notes": notes,
            }
        )
        return
    columns = ("marked", "method", "km²", "held", "hit rate", "95% interval", "PAI", "PEI")
    print_table(
        f"Back-test over {weeks} periods: {what}", columns, map(_score_row, backtest_rows(found))
    )
    _tell(findings, notes)


_METHODS = {"kde": "density map", "last_month": "last 28 days"}


def _score_row(row: dict[str, Any]) -> list[Any]:
    interval = None
    if row["hit_rate_low"] is not None:
        interval = f"{row['hit_rate_low'] * 100:.1f} to {row['hit_rate_high']:.1%}"
    levels = row["levels"].split("+")
    return [
        levels[0] if len(levels) == 1 else f"to {levels[-1]}",
        _METHODS.get(row["method"], row["method"]),
        row["area_km2"],
        round(row["hits"]),
        f"{row['hit_rate']:.1%}",
        interval,
        row["pai"],
        row["pei"],
    ]


def _local(moment: Any, time_zone: str) -> str:
    """Return a UTC time as the clock of the place shows it: '2016-05-01 06:00'."""
    import numpy as np

    from triservice.analysis.near_repeat.incidents import local_times

    return str(local_times(np.array([moment]), time_zone)[0])[:16].replace("T", " ")


def _tell(findings: list[str], notes: list[str]) -> None:
    for sentence in findings:
        print(sentence)
    for note in notes:
        say(f"Note: {note}")


def register(app: typer.Typer) -> None:
    """Add the commands of Operation Insight to `app`."""
    lake = "--lake county"
    app.command(
        "near-repeat",
        epilog=examples(
            f"triservice near-repeat {lake} --service fire --distance 100,200,400 --days 7,14",
            f"triservice near-repeat {lake} --category burglary --since 2025-01-01 --json",
            f"triservice near-repeat {lake} --service ambulance --out bands.csv",
        ),
    )(near_repeat)
    app.command(
        "zones",
        epilog=examples(
            f"triservice zones {lake} --service fire --as-of 2025-06-02 --out zones.geojson",
            f"triservice zones {lake} --category burglary --preset trafford --out zones.gpkg",
            f"triservice zones {lake} --service fire --radius 250 --bands 3,10 --json",
        ),
    )(zones)
    app.command(
        "backtest",
        epilog=examples(
            f"triservice backtest {lake} --service fire --weeks 12",
            f"triservice backtest {lake} --category burglary --weeks 52 --out backtest.png",
            f"triservice backtest {lake} --service fire --weeks 12 --json --out backtest.csv",
        ),
    )(backtest)
