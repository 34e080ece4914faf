"""What the page of a year's outcomes shows, and how it is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from triservice.casework.dashboards.rules import Line, Share, Table


class Step(NamedTuple):
    """One step from referral to closing: how many, and which share of what."""

    name: str
    number: int
    share: str


@dataclass(frozen=True, slots=True)
class Year:
    """The numbers of a year, and what they are of. No step: nothing is open to the reader.

    `made_at` is when they were worked out, where that was in a job and not for this very page.
    """

    steps: tuple[Step, ...]
    tables: tuple[Table, ...]
    about: str
    made_at: datetime | None = None


def as_json(found: Year) -> dict[str, Any]:
    """Return the numbers as plain values for JSON, without the moment."""
    return {name: value for name, value in asdict(found).items() if name != "made_at"}


def from_json(kept: Mapping[str, Any], made_at: datetime | None) -> Year:
    """Return the numbers that were kept by `as_json`."""
    steps = tuple(Step(*each) for each in kept["steps"])
    return Year(steps, tuple(map(_table, kept["tables"])), kept["about"], made_at)


def _table(kept: Mapping[str, Any]) -> Table:
    lines = tuple(map(_line, kept["lines"]))
    return Table(**{**kept, "heads": tuple(kept["heads"]), "lines": lines})


def _line(kept: Mapping[str, Any]) -> Line:
    share = Share(**kept["share"]) if kept["share"] else None
    return Line(kept["name"], tuple(kept["counts"]), share, kept["more"])
