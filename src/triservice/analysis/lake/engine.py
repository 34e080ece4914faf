"""What makes the heavy pass over the events of a lake, in triservice.analysis.counts."""

from __future__ import annotations

from typing import Literal

Engine = Literal["duckdb", "spark"]
ENGINES: tuple[Engine, ...] = ("duckdb", "spark")
