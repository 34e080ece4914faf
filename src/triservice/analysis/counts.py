"""The heavy pass over the lake: events → counts by place, month, service and category.

It is written once, as an Ibis expression, and runs on DuckDB by default or on Spark for national
data. Both engines give identical numbers: every step is integer counting or an exact floor.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Literal

import pyarrow as pa

from triservice.analysis.lake.schema import EVENT_SCHEMA
from triservice.analysis.lake.store import Lake, Selection
from triservice.kernel.errors import InputError

Engine = Literal["duckdb", "spark"]
ENGINES: tuple[Engine, ...] = ("duckdb", "spark")
KIND = ("service", "category", "month")
"""What is counted apart from place."""


def tally(
    lake: Lake,
    by: Sequence[str],
    selection: Selection | None = None,
    *,
    cell_m: float | None = None,
    engine: Engine = "duckdb",
) -> pa.Table:
    """Count events by the columns in `by`, ordered by them; the count is the column `events`.

    With `cell_m`, the columns `column` and `row` may be named too: the square cell of that size
    in metres, floor(easting / cell_m) and floor(northing / cell_m), null without coordinates.
    Raises InputError for an unknown engine or column, and when Spark is not there.
    """
    if engine not in ENGINES:
        raise InputError(f"{engine!r} is not an engine", do=f"Choose {' or '.join(ENGINES)}.")
    files = [str(path) for path in lake.event_files((selection or Selection()).services)]
    if not files:
        types = {"column": pa.int64(), "row": pa.int64()}
        fields = [pa.field(n, types.get(n) or EVENT_SCHEMA.field(n).type) for n in by]
        return pa.schema([*fields, pa.field("events", pa.int64())]).empty_table()
    events = _READERS[engine](files)
    if cell_m is not None:
        if not cell_m > 0:
            raise InputError(f"a cell of {cell_m} m has no area", do="Give a size above 0 metres.")
        events = events.mutate(
            column=(events.easting / float(cell_m)).floor().cast("int64"),
            row=(events.northing / float(cell_m)).floor().cast("int64"),
        )
    if unknown := set(by) - set(events.columns):
        raise InputError(f"events have no column {', '.join(sorted(unknown))}")
    for column, operator, value in (selection or Selection()).conditions():
        events = events.filter(_OPERATORS[operator](events[column], value))
    counted = events.group_by(list(by)).agg(events=events.count()).to_pyarrow()
    # Sorted and typed here: engines order nulls, and hold text, each in their own way.
    fields = [pa.field(f.name, pa.string() if _is_text(f.type) else f.type) for f in counted.schema]
    return counted.cast(pa.schema(fields)).sort_by([(name, "ascending") for name in by])


_OPERATORS = {
    "in": lambda column, value: column.isin(value),
    ">=": lambda column, value: column >= value,
    "<": lambda column, value: column < value,
}


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _read_duckdb(files: list[str]) -> Any:
    import ibis  # one to two seconds: only when something is counted

    backend = ibis.duckdb.connect()
    backend.raw_sql("SET TimeZone = 'UTC'")
    return backend.read_parquet(files, hive_partitioning=False)  # the columns are in the files


def _read_spark(files: list[str]) -> Any:
    import ibis

    session = _spark_session()
    session.read.parquet(*files).createOrReplaceTempView("events")  # Ibis reads one path only
    return ibis.pyspark.connect(session).table("events")


_READERS = {"duckdb": _read_duckdb, "spark": _read_spark}


@functools.cache
def _spark_session() -> Any:
    """Start (once) a Spark session on all local cores, or on the cluster the environment names."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError(
            "Spark is not installed", do="Install it with: pip install 'triservice[spark]'."
        ) from None
    builder = (
        SparkSession.builder.appName("triservice")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
    )
    try:
        session = builder.getOrCreate()
    except Exception as error:  # Py4J raises many kinds; all mean that no Java engine answered
        raise InputError(
            f"Spark could not start ({type(error).__name__})",
            do="Install Java 17 or later, or leave out --engine spark.",
        ) from error
    session.sparkContext.setLogLevel("ERROR")
    return session
