"""Exports of imagined control rooms, and the round trip of describing and importing them."""

from __future__ import annotations

import csv
import gzip
import io
import random
import tomllib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from triservice.analysis.lake.describe import describe_file
from triservice.analysis.lake.importing import import_files
from triservice.analysis.lake.store import Lake


def write_csv(
    path: Path,
    header: list[str],
    rows: Iterable[Iterable[Any]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    above: str = "",
) -> Path:
    out = io.StringIO()
    out.write(above)
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    data = out.getvalue().encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def moments(count: int, seed: int = 1) -> list[datetime]:
    chance = random.Random(seed)
    return [
        datetime(2024, 1, 1) + timedelta(minutes=chance.randrange(366 * 24 * 60))
        for _ in range(count)
    ]


def proposed(path: Path) -> dict[str, Any]:
    return tomllib.loads(describe_file(path))


def imported(path: Path) -> tuple[dict[str, Any], Any]:
    """Describe, import with what was proposed, and return the summary and the events."""
    mapping = path.parent / "proposed.toml"
    mapping.write_text(describe_file(path), encoding="utf-8")
    lake = path.parent / "lake"
    summary = import_files(lake, mapping, [path]).as_json()
    return summary, Lake.open(lake).events().to_pandas().sort_values("source_row")


def dispatch_feed(path: Path, rows: int = 400) -> Path:
    """Write a feed like Montgomery's, with two wild points in it."""
    chance = random.Random(2)
    titles = [
        "EMS: FALL VICTIM", "Fire: GAS-ODOR/LEAK", "Traffic: VEHICLE ACCIDENT -",
        "Traffic: DISABLED VEHICLE -", "Traffic: ROAD OBSTRUCTION -", "EMS: ODD THING",
    ]  # fmt: skip
    table = [
        [40.1 + chance.random() / 5, -75.4 + chance.random() / 5, titles[i % 6], when]
        for i, when in enumerate(moments(rows))
    ]
    table[7][:2] = [32.387, -86.276]
    table[9][:2] = [0.5, 100.0]
    return write_csv(path, ["lat", "lng", "title", "timeStamp"], table)
