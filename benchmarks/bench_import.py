"""CSV → Parquet: the import engine beside plain copies that check nothing.

The peers read the same file with types given or found and write one Parquet file (zstd), or one
for each service and month. The engine validates every row, gives each event its identity, leaves
out what the lake has, converts clocks to UTC, maps categories, writes by service and month, and
commits.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as pa_csv

from harness import compare

ROWS_A_YEAR = 1_000_000
SERVICES = np.array(["Police", "Fire", "Ambulance"])
TYPES = np.array([f"TYPE {number:02d}" for number in range(40)])
MAPPING = """
name = "bench"
[service]
column = "service"
table = { Police = "police", Fire = "fire", Ambulance = "ambulance" }
[columns]
id = "incident"
[time]
zone = "Europe/London"
from = { column = "called", format = "%Y-%m-%d %H:%M:%S" }
arrived = { column = "arrived", format = "%Y-%m-%d %H:%M:%S" }
[category]
column = "type"
[location]
x = "easting"
y = "northing"
"""


def make_input(rows: int) -> Path:
    """Return a folder with events.csv of `rows` rows in order of time, a million a year."""
    folder = Path(tempfile.gettempdir()) / f"triservice-bench-import-{rows}"
    file = folder / "events.csv"
    if file.exists():
        return folder
    folder.mkdir(exist_ok=True)
    (folder / "bench.toml").write_text(MAPPING)
    rng = np.random.default_rng(1)
    start = np.datetime64("2019-01-01T00:00:00", "s")
    seconds = np.sort(rng.integers(0, 365 * 86_400 * max(rows // ROWS_A_YEAR, 1), rows))
    called = start + seconds.astype("timedelta64[s]")
    arrived = called + rng.integers(120, 1800, rows).astype("timedelta64[s]")
    waiting = file.with_suffix(".part")
    with waiting.open("wb") as out:
        for first in range(0, rows, 500_000):
            part = slice(first, min(first + 500_000, rows))
            n = part.stop - first
            table = pa.table(
                {
                    "incident": pa.array([f"INC-{k:09d}" for k in range(first, part.stop)]),
                    "called": pa.array(np.char.replace(called[part].astype(str), "T", " ")),
                    "arrived": pa.array(np.char.replace(arrived[part].astype(str), "T", " ")),
                    "service": SERVICES[rng.integers(0, 3, n)],
                    "type": TYPES[rng.integers(0, 40, n)],
                    "easting": np.round(rng.uniform(180_000, 250_000, n), 1),
                    "northing": np.round(rng.uniform(30_000, 110_000, n), 1),
                }
            )
            options = pa_csv.WriteOptions(include_header=first == 0, quoting_style="none")
            pa_csv.write_csv(table, out, options)
    waiting.rename(file)
    return folder


def _fresh(folder: Path, name: str) -> Path:
    target = folder / name
    shutil.rmtree(target, ignore_errors=True)
    return target


def ours(folder: Path) -> Any:
    from triservice.analysis.lake.importing import import_files

    lake = _fresh(folder, "lake")
    import_files(lake, folder / "bench.toml", [folder / "events.csv"])
    return _answer(str(lake / "events/**/*.parquet"), "service")


def pyarrow_copy(folder: Path) -> Any:
    """Stream record batches into one file: the leanest there is."""
    import pyarrow.parquet as pq

    target = _fresh(folder, "pyarrow")
    target.mkdir()
    reader = pa_csv.open_csv(folder / "events.csv")
    with pq.ParquetWriter(target / "events.parquet", reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
    return _answer(str(target / "*.parquet"), "lower(service)")


def pandas_copy(folder: Path) -> Any:
    import pandas as pd

    target = _fresh(folder, "pandas")
    target.mkdir()
    frame = pd.read_csv(folder / "events.csv", engine="pyarrow", parse_dates=["called", "arrived"])
    frame.to_parquet(target / "events.parquet", compression="zstd")
    return _answer(str(target / "*.parquet"), "lower(service)")


def duckdb_copy(folder: Path) -> Any:
    import duckdb

    target = _fresh(folder, "duckdb")
    target.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (FROM read_csv('{folder}/events.csv')) "
            f"TO '{target}/events.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
    return _answer(str(target / "*.parquet"), "lower(service)")


def duckdb_by_month(folder: Path) -> Any:
    import duckdb

    target = _fresh(folder, "duckdb-by-month")
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT *, strftime(called, '%Y-%m') AS month "
            f"FROM read_csv('{folder}/events.csv')) TO '{target}' "
            "(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (service, month))"
        )
    return _answer(str(target / "**/*.parquet"), "lower(service)")


def _answer(files: str, service: str) -> Any:
    import duckdb

    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT {service} AS s, count(*), round(sum(easting)), round(sum(northing)) "
            f"FROM read_parquet('{files}') GROUP BY s ORDER BY s"
        ).fetchall()


def agree(mine: Any, theirs: Any, _: Path) -> str:
    assert mine == theirs, f"{mine} is not {theirs}"
    return "same events and coordinates by service"


if __name__ == "__main__":
    compare(
        "Import, CSV to Parquet",
        sizes=[200_000, 1_000_000, 5_000_000],
        make_input=make_input,
        ours=ours,
        peers={
            "pyarrow copy": pyarrow_copy,
            "pandas + pyarrow copy": pandas_copy,
            "DuckDB copy": duckdb_copy,
            "DuckDB by service and month": duckdb_by_month,
        },
        agree=agree,
        goal="5M rows within 1.3× of the best copy, within 500 MB",
        repeat=2,
        peer_repeat=2,
    )
