"""A dispatch export and its mapping, invented, for tests of the import."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from triservice.analysis.lake.schema import EVENT_SCHEMA
from triservice.analysis.lake.store import Lake

HEADER = ["id", "when", "until", "agency", "type", "east", "north", "harm", "note"]
MAPPING = """
name = "desk"
[service]
column = "agency"
table = { Fire = "fire", Ambulance = "ambulance", Police = "police" }
[columns]
id = "id"
severity = "harm"
outcome = "note"
[time]
zone = "Europe/London"
from = { column = "when", format = ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M", "%Y-%m-%d", "%Y-%m"] }
to = { column = "until", format = ["%Y-%m-%d %H:%M:%S"] }
[category]
column = "type"
table = { House = "building-fire", Fall = "fall" }
[location]
x = "east"
y = "north"
[bounds]
west = 100000
south = 10000
east = 300000
north = 200000
"""
NOT_COMPARED = ("import_id", "source_row")


def mapping_file(folder: Path, text: str = MAPPING) -> Path:
    """Write a mapping; return its path."""
    path = folder / "desk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def row(number: int, **other: Any) -> dict[str, str]:
    """Return a good row of the export, with some values other than usual."""
    day, month = number % 28 + 1, number % 12 + 1
    usual = {
        "id": f"D{number:06d}",
        "when": f"2024-{month:02d}-{day:02d} {number % 24:02d}:{number % 60:02d}:07",
        "until": "",
        "agency": ("Fire", "Ambulance", "Police")[number % 3],
        "type": ("House", "Fall", "Other")[number % 3],
        "east": str(180_000 + number % 1000),
        "north": f"{50_000 + number % 777}.25",
        "harm": str(number % 7),
        "note": f"note {number}",
    }
    return usual | {name: str(value) for name, value in other.items()}


def csv_text(rows: list[dict[str, str]], **dialect: Any) -> str:
    """Return rows as CSV text with a header."""
    out = io.StringIO()
    write = csv.writer(out, **{"lineterminator": "\n", **dialect}).writerow
    write(HEADER)
    for one in rows:
        write([one[name] for name in HEADER])
    return out.getvalue()


def write_rows(path: Path, rows: list[dict[str, str]], **dialect: Any) -> Path:
    """Write rows as a CSV file; return its path."""
    path.write_text(csv_text(rows, **dialect), encoding="utf-8", newline="")
    return path


def events_of(lake: Path | Lake) -> pa.Table:
    """Return the events of a lake in a settled order, without what names their file."""
    opened = lake if isinstance(lake, Lake) else Lake.open(lake)
    return opened.events(columns=[n for n in EVENT_SCHEMA.names if n not in NOT_COMPARED])


def files_of(lake: Path) -> list[str]:
    """Return every file of a lake but the lock, relative to it."""
    found = (path.relative_to(lake).as_posix() for path in lake.rglob("*") if path.is_file())
    return sorted(name for name in found if name != ".lock")


def many_rows(count: int, seed: int = 1) -> list[dict[str, str]]:
    """Return `count` good rows in no order of time."""
    numbers = np.random.default_rng(seed).permutation(count)
    return [row(int(number)) for number in numbers]
