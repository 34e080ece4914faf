"""What makes a heavy pass: over the events of a lake, or over the pairs of people."""

from __future__ import annotations

import functools
from typing import Any, Literal

from triservice.kernel.errors import InputError

Engine = Literal["duckdb", "spark"]
ENGINES: tuple[Engine, ...] = ("duckdb", "spark")


@functools.cache
def spark_session() -> Any:
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
