"""What a picture is asked for, and what its layers are called."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from triservice.kernel.errors import InputError

Places = tuple[tuple[str, float, float], ...]

WORST = 0.2
SUPPRESS_BELOW = 5
BASES = 3


@dataclass(frozen=True)
class Options:
    """Everything that can be chosen about a picture; None and empty mean: what the lake suggests.

    `since` and `until` are months, both included. `places` are names to write on the map, and the
    places that a base may stand in.
    """

    within: str | None = None
    unit: str | None = None
    layers: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    cell_m: float | None = None
    worst: float = WORST
    suppress_below: int = SUPPRESS_BELOW
    bases: int = BASES
    reach_m: float | None = None
    marking: str = "OFFICIAL"
    title: str | None = None
    made: str = ""  # date
    places: Places = ()
    permutations: int = 999
    weights: Mapping[str, float] = field(default_factory=dict)
    related: tuple[tuple[str, str], ...] = ()
    commands: tuple[str, ...] = ()


_CELLS_M = (250.0, 500.0, 1_000.0, 2_000.0)
_SQUARES_M = (500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0)
_REACHES_M = (500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0)


def sized(options: Options, area_m2: float) -> Options:
    """Return the options with squares and reach that suit a place of some size, where not given.

    Squares so that a place has a few thousand of them, bases so that each reaches about a tenth
    of it: 1 km and 10 km for a county.
    """
    return replace(
        options,
        cell_m=options.cell_m or _nearest(_CELLS_M, math.sqrt(area_m2 / 3_500)),
        reach_m=options.reach_m or _nearest(_REACHES_M, 0.17 * math.sqrt(area_m2)),
    )


def square_m(area_m2: float) -> float:
    """Return the width of the squares to compare where there are no areas: some 400 of them."""
    return _nearest(_SQUARES_M, math.sqrt(area_m2 / 400))


def _nearest(choices: Sequence[float], wanted: float) -> float:
    return min(choices, key=lambda choice: abs(math.log(choice / wanted)))


@dataclass(frozen=True)
class Naming:
    """How a layer is called: as a heading, and counted."""

    title: str
    noun: str


SERVICES: dict[str, Naming] = {
    "police": Naming("Police", "crimes and incidents"),
    "fire": Naming("Fire and rescue", "fire and rescue incidents"),
    "ambulance": Naming("Ambulance", "ambulance incidents"),
    "health": Naming("Health", "health events"),
    "council": Naming("Council", "council events"),
}
_LEAD = re.compile(r"^(number|count|total) of\s+", re.I)


def name_service(key: str) -> Naming:
    """Return how the events of a service (or of a category of it) are called."""
    if key in SERVICES:
        return SERVICES[key]
    words = key.split(":")[-1].replace("-", " ").replace("_", " ")
    return Naming(words[:1].upper() + words[1:], f"{words} events")


def name_statistic(key: str, column: str) -> Naming:
    """Return how an area statistic is called; its noun comes from its publisher's column name.

    "Number of fires (three-year average)" are fires; "Health_rank" is the health rank.
    """
    title = key.replace("-", " ").replace("_", " ")
    noun = re.sub(r"\(.*?\)", "", column.replace("_", " ")).strip()
    noun = _LEAD.sub("", noun).strip() or title
    if noun.split()[0][1:].islower() or len(noun.split()[0]) == 1:
        noun = noun[:1].lower() + noun[1:]
    if noun in title.lower():  # fires are called dwelling fires when that is the layer's name
        noun = title.lower()
    return Naming(title[:1].upper() + title[1:], noun)


def read_places(path: Path) -> Places:
    """Read names and coordinates from CSV: name, easting, northing; order is importance.

    Raises InputError naming the row that cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read: {error}", file=path) from None
    if not rows or not {"name", "easting", "northing"} <= set(rows[0]):
        raise InputError(
            "holds no places", file=path, do="Give the columns name, easting and northing (metres)."
        )
    places = []
    for number, row in enumerate(rows, start=1):
        try:
            east, north = float(row["easting"]), float(row["northing"])
        except (TypeError, ValueError):
            east = north = math.nan
        if not (math.isfinite(east) and math.isfinite(north)):
            raise InputError(
                f"easting {row['easting']!r} and northing {row['northing']!r} are not metres",
                file=path,
                row=number,
                do="Correct the row or leave it out.",
            )
        places.append((str(row["name"]).strip(), east, north))
    return tuple(places)
