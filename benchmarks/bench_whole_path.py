"""The whole path, from raw files to the report: a year of a county, and five million events.

There is no peer for the whole; the figures stand against the goals. Each step is the real command
in a process of its own, on invented events in invented areas, after one small warm-up run.

    python benchmarks/bench_whole_path.py            both sizes
    python benchmarks/bench_whole_path.py --quick    the year of a county only
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely
from rich.console import Console
from rich.table import Table

from harness import RESULTS
from triservice.analysis.synthetic import CSV_MAPPING, synthetic_county, write_csv

GOALS = ((120_000, 10, None), (5_000_000, 60, 1000))  # events, seconds, MB
SIZE_M, COLUMNS, ROWS = 60_000, 25, 20  # the invented county and its 500 areas
WEST, SOUTH = 400_000, 300_000


def write_areas(path: Path) -> None:
    """Write the county's rectangles as small areas "Invented 001A" … in a GeoPackage."""
    column, row = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    west = WEST + column.ravel() * SIZE_M / COLUMNS
    south = SOUTH + row.ravel() * SIZE_M / ROWS
    outlines = shapely.box(west, south, west + SIZE_M / COLUMNS, south + SIZE_M / ROWS)
    number = np.arange(len(outlines))
    codes = np.array([f"E01{n:06d}" for n in number], dtype=object)
    names = np.array([f"Invented {n // 5 + 1:03d}{'ABCDE'[n % 5]}" for n in number], dtype=object)
    pyogrio.raw.write(
        path,
        shapely.to_wkb(outlines),
        [codes, names],
        ["code", "name"],
        geometry_type="Polygon",
        crs="EPSG:27700",
    )


def run(*arguments: str | Path) -> tuple[float, float]:
    """Run one command; return its seconds and its peak memory in MB."""
    start = time.perf_counter()
    command = [sys.executable, "-c", "from triservice.cli import main; main()"]
    process = subprocess.Popen([*command, *map(str, arguments)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"triservice {' '.join(map(str, arguments))} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def whole(folder: Path, events: int) -> dict[str, float]:
    """Import `events` invented events and write their picture; return what each step took."""
    raw, mapping, lake = (
        folder / f"{events}.csv",
        folder / "invented.toml",
        folder / f"lake{events}",
    )
    county = synthetic_county(seed=7, events=min(events, 500_000), west=WEST, south=SOUTH)
    write_csv(county, raw, rows=events)
    mapping.write_text(CSV_MAPPING)
    areas = folder / "areas.gpkg"
    if not areas.exists():
        write_areas(areas)
    imported, import_mb = run("import", mapping, raw, "--lake", lake)
    bounded, _ = run("boundaries", "add", areas, "--unit", "lsoa11", "--lake", lake)
    drawn, picture_mb = run(
        "picture", "--lake", lake, "--within", "Invented", "--out", folder / f"picture{events}"
    )
    return {
        "events": events,
        "import": imported,
        "boundaries": bounded,
        "picture": drawn,
        "whole": imported + bounded + drawn,
        "peak_mb": max(import_mb, picture_mb),
    }


def main() -> None:
    """Print seconds and peak memory of each step and of the whole."""
    table = Table(title="The whole path, raw file to report", title_justify="left")
    for column in ("events", "import s", "picture s", "whole s", "goal s", "peak MB", "goal MB"):
        table.add_column(column, justify="right")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        whole(Path(folder), 5_000)
        for events, seconds, memory in GOALS[:1] if "--quick" in sys.argv else GOALS:
            took = whole(Path(folder), events)
            found.append(took)
            table.add_row(
                f"{events:,}",
                f"{took['import']:.1f}",
                f"{took['picture']:.1f}",
                f"{took['whole']:.1f}",
                f"{seconds}",
                f"{took['peak_mb']:,.0f}",
                f"{memory:,}" if memory else "",
            )
    Console().print(table)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "bench_whole_path.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
