"""The part of a picture about near repeats: bands of distance and time, and risk zones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triservice.analysis.picture.model import Finding


@dataclass(frozen=True)
class Band:
    """Pairs of events within a distance and time band; `ratio` observed over expected."""

    metres: str
    days: str
    observed: int | None
    expected: float | None
    ratio: float | None
    p: float | None
    low: float | None = None
    high: float | None = None
    hidden: bool = False


@dataclass(frozen=True)
class ZoneLevel:
    """A level of risk, and the places drawn of it."""

    name: str
    colour: str
    label: str
    places: int


@dataclass(frozen=True)
class PatrolRow:
    """A place to pass through; `share` of its demand comes in the busiest `hours` (local)."""

    rank: int
    where: str
    easting: float
    northing: float
    level: str
    km2: float
    events: int
    hours: str
    share: float


@dataclass(frozen=True)
class ZoneMap:
    """Risk zones as of a moment (local). `few` places with too few events are not drawn.

    `shapes` are (level, polygon in metres), and only drawn: they are in no file.
    """

    as_of: str
    rule: str
    levels: tuple[ZoneLevel, ...]
    patrols: tuple[PatrolRow, ...]
    drawn: int
    few: int
    findings: tuple[Finding, ...]
    sources: tuple[str, ...]
    shapes: tuple[tuple[str, Any], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class NearRepeat:
    """Does an event of one service raise the risk nearby soon after?"""

    service: str
    events: int
    bands: tuple[Band, ...]
    findings: tuple[Finding, ...]
    sources: tuple[str, ...]
    zones: ZoneMap | None = None


@dataclass(frozen=True)
class NearRepeats:
    """The services that could be tested; `why_not` says why the others could not."""

    tested: tuple[NearRepeat, ...]
    why_not: tuple[Finding, ...] = ()
