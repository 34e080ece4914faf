"""`--engine`, for the commands that make the heavy pass over the events."""

from __future__ import annotations

from typing import Annotated

import typer

from triservice.analysis.lake.engine import Engine

EngineOption = Annotated[
    Engine,
    typer.Option(
        "--engine",
        help="What counts the events: spark (an extra, needs Java) when there are more than one "
        "machine can hold. The numbers are the same.",
    ),
]
