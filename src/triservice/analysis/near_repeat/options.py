"""Options that the commands of Operation Insight share, and what is made of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from triservice.kernel.errors import InputError

if TYPE_CHECKING:
    from triservice.analysis.near_repeat.incidents import Incidents
    from triservice.analysis.near_repeat.presets import ZoneRule

ServiceOption = Annotated[
    list[str] | None, typer.Option("--service", help="police, fire, ambulance …; may be repeated.")
]
CategoryOption = Annotated[
    list[str] | None, typer.Option("--category", help="Common category; may be repeated.")
]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", help="Source of the events; may be repeated.")
]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="First date (or time) of the events, local.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="Date (or time) before which events count, local.")
]
SameOption = Annotated[
    float,
    typer.Option(
        "--same-incident-hours",
        help="Rows at one place within so many hours of each other are one incident; 0 keeps all.",
    ),
]
PresetOption = Annotated[
    str, typer.Option("--preset", help="standard, essex, trafford, or FILE.toml#name.")
]
RadiusOption = Annotated[
    float | None, typer.Option("--radius", help="Reach of an event in metres.")
]
BandsOption = Annotated[
    str | None, typer.Option("--bands", help="Ages in days, newest first: 7,14.")
]
SeedOption = Annotated[
    int,
    typer.Option("--seed", min=0, max=2**63 - 1, help="The same seed gives the same numbers."),
]


def numbers(text: str, option: str) -> list[float]:
    """Return numbers written with commas. Raises InputError when they are not."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(
            f"{option} {text!r} is not a list of numbers",
            do=f"Write it with commas, for example {option} 7,14.",
        ) from None


def chosen_rule(preset: str, radius: float | None, bands: str | None) -> ZoneRule:
    """Return the rule of zones that the options name."""
    from triservice.analysis.near_repeat.presets import load_rule

    days = numbers(bands, "--bands") if bands is not None else None
    return load_rule(preset, radius_m=radius, days=days)


def moment_of(text: str, time_zone: str, option: str) -> datetime:
    """Return a local date or time as an aware time in UTC; a date is its first moment."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(time_zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC it may lie beyond the year 9999
        raise InputError(
            f"{option} {text!r} is not a date or time",
            do="Write it as 2026-03-10 or 2026-03-10T06:00.",
        ) from None


def chosen(
    lake: Path,
    service: list[str] | None,
    category: list[str] | None,
    source: list[str] | None,
    since: str | None,
    until: str | None,
    same_incident_hours: float,
) -> Incidents:
    """Open the lake and read the incidents that the options choose."""
    from triservice.analysis.lake.store import Lake, Selection
    from triservice.analysis.near_repeat.incidents import read_incidents

    opened = Lake.open(lake)
    zone = opened.settings.time_zone
    selection = Selection(
        services=tuple(service or ()),
        categories=tuple(category or ()),
        sources=tuple(source or ()),
        since=moment_of(since, zone, "--since") if since else None,
        until=moment_of(until, zone, "--until") if until else None,
    )
    return read_incidents(opened, selection, same_incident_hours)


def as_of_moment(text: str | None, incidents: Incidents) -> Any:
    """Return the moment as datetime64 in UTC; without text, when the latest event was known."""
    import numpy as np

    if text is None:
        return incidents.end.max()
    moment = moment_of(text, incidents.time_zone, "--as-of")
    return np.datetime64(moment.replace(tzinfo=None), "s")


def in_words(service: list[str] | None, category: list[str] | None) -> str:
    """Return what was chosen as words: 'fire incidents'."""
    words = category or service
    return f"{' and '.join(words)} incidents" if words else "incidents"
