"""What the lake of this partnership offers to a picture. Light: the analysis is loaded when asked.

The setting TRISERVICE_LAKE names the folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from triservice.kernel.errors import InputError
from triservice.picture.rules import GRIDS, UNITS


@dataclass(frozen=True, slots=True)
class Offer:
    """What a picture can be made of: units of place, places by name, first and last month."""

    units: tuple[tuple[str, str], ...]
    places: tuple[str, ...]
    first: str | None
    last: str | None
    time_zone: str


def category_name(slug: str) -> str:
    """Return what a category of the common vocabulary is called."""
    from triservice.analysis.lake.categories import load_categories

    known = load_categories().get(slug)
    return known.label if known else slug.replace("-", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Event:
    """One event: when (UTC, as precise as `precision` says), what, and where in words."""

    at: datetime
    category: str
    place: str
    precision: str


def named_folder() -> Path:
    """Return the folder that the setting names. Raises InputError when it names none."""
    if settings.LAKE is None:
        raise InputError("TRISERVICE_LAKE is not set", do="Name the folder of the lake.")
    return Path(settings.LAKE)


def lake_folder() -> Path:
    """Return the folder of the lake. Raises InputError when none is named or none is there."""
    folder = settings.LAKE
    if folder is None or not (Path(folder) / "lake.json").is_file():
        raise InputError(
            "there is no lake of events here",
            do="Ask the system administrator to set TRISERVICE_LAKE to the folder that "
            "`triservice import … --lake` wrote.",
        )
    return Path(folder)


def fingerprint() -> str:
    """Return what changes whenever an import or outlines came to the lake, or left it."""
    return _fingerprint(lake_folder())


def _fingerprint(root: Path) -> str:
    files = [
        f"{path.relative_to(root).as_posix()} {path.stat().st_size}"
        for folder in ("imports", "boundaries", "relations")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    return hashlib.sha256("\n".join(files).encode()).hexdigest()


def offer() -> Offer:
    """Return what the lake offers. Raises InputError when it cannot be read."""
    root = lake_folder()
    return _offer(root, _fingerprint(root))


@lru_cache(maxsize=4)
def _offer(root: Path, _: str) -> Offer:
    from triservice.analysis.lake.boundaries import names_by_code, place_of, units
    from triservice.analysis.lake.store import Lake

    lake = Lake.open(root)
    held = units(lake)
    names = {place_of(name) for unit in held for name in names_by_code(lake, unit).values()}
    months = sorted({m for record in lake.imports() for of in record.months.values() for m in of})
    known = [(unit, UNITS.get(unit, unit.replace("_", " ").capitalize())) for unit in held]
    return Offer(
        units=(*GRIDS.items(), *known),
        places=tuple(sorted(names)),
        first=months[0] if months else None,
        last=months[-1] if months else None,
        time_zone=lake.settings.time_zone,
    )


def read_events(
    source: str,
    service: str,
    categories: Sequence[str],
    month: str,
    bounds: Sequence[float],
    most: int,
) -> tuple[list[tuple[str, Event]], bool]:
    """Return single events of a month within bounds (west, south, east, north in metres).

    At most `most` of them with their keys, the newest first, and whether there are more. For
    queries.py, inside a recording. Raises InputError when the lake cannot be read.
    """
    import numpy as np

    from triservice.analysis.lake.store import Lake, Selection
    from triservice.analysis.place.point_names import point_names
    from triservice.kernel.month import month_bounds

    lake = Lake.open(lake_folder())
    since, until = month_bounds(month, lake.settings.time_zone)
    west, south, east, north = bounds
    chosen = Selection(
        services=(service,),
        sources=(source,),
        categories=tuple(categories),
        since=since,
        until=until,
        bounds=(west, south, east, north),
    )
    columns = ("event_id", "time_from", "time_precision", "category", "easting", "northing")
    rows = lake.events(chosen, columns).to_pylist()[::-1]
    kept = rows[:most]
    if not kept:
        return [], False
    points = np.array([(row["easting"], row["northing"]) for row in kept])
    names = point_names(points, lake.settings.crs, 10.0)
    return [
        (
            str(row["event_id"]),
            Event(row["time_from"], row["category"], name, row["time_precision"]),
        )
        for row, name in zip(kept, names, strict=True)
    ], len(rows) > most
