"""The picture as plain figures: what the page, the files and `picture.json` are all made from.

Every number carries the ids of the sources it came from, so that it can be asked "from what?".
A number that must not be shown is never here: suppression happens before a Picture is made.
Lengths are metres, shares lie between 0 and 1, months are `YYYY-MM`, intervals are 95% unless
`level` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from triservice.analysis.picture.near_model import NearRepeats

if TYPE_CHECKING:
    from triservice.analysis.picture.shapes import Shapes

HOT = "hot"


@dataclass(frozen=True)
class SourceFile:
    """A file as it was read: the SHA-256 of its bytes says which version."""

    name: str
    sha256: str
    rows: int | None = None
    quarantined: int | None = None


@dataclass(frozen=True)
class Source:
    """Where numbers came from. `moved_share` is the part of it that had to change unit."""

    id: str
    what: str
    kind: str  # events, area statistic, population, boundaries, place names
    files: tuple[SourceFile, ...]
    period: str
    rows: int | None  # that this picture uses
    vintage: str | None = None
    moved_share: float | None = None
    attribution: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Figure:
    """One number said in the report. `hidden` means suppressed: then every number is None."""

    id: str
    label: str
    value: float | None
    unit: str
    sources: tuple[str, ...]
    method: str  # id of a Method
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    count: float | None = None
    denominator: float | None = None
    p: float | None = None
    period: str | None = None
    hidden: bool = False
    note: str | None = None
    digits: int = 0
    layer: str | None = None  # the layer it is about
    card: bool = False  # one of the key figures


@dataclass(frozen=True)
class Finding:
    """A sentence that the evidence supports, and the figures it rests on."""

    text: str
    figures: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Method:
    """How a number was made, in words an informed reader can check."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Area:
    """One area of the picture, and the layers (by key) in whose worst share it is."""

    code: str
    name: str
    near: str | None  # "near Redruth", when place names are given
    easting: float
    northing: float
    population: float | None
    worst_in: tuple[str, ...] = ()
    compared: bool = True  # it has a value in every layer

    @property
    def label(self) -> str:
        """Name, with the nearest named place when known."""
        return f"{self.name} ({self.near})" if self.near else self.name


@dataclass(frozen=True)
class AreaValue:
    """A layer's value in one area, in the order of Picture.areas.

    `rank` 1 is the worst. `cluster` says that it is a significant hot spot by local Gi*.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    count: float | None = None
    rank: int | None = None
    worst: bool = False
    cluster: str | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Month:
    """Events of one month; None when the month is not in the lake, or hidden."""

    month: str
    events: int | None
    inside: bool  # within the period of the picture
    hidden: bool = False


@dataclass(frozen=True)
class Trend:
    """Events by month, every month from the first to the last, with breaks in recording."""

    months: tuple[Month, ...]
    breaks: tuple[str, ...]  # sentences
    break_months: tuple[str, ...]
    sources: tuple[str, ...]
    categories: tuple[CategoryTrend, ...] = ()


@dataclass(frozen=True)
class CategoryTrend:
    """The same months for one category."""

    category: str
    events: tuple[int | None, ...]
    total: int


EMPTY = -1


@dataclass(frozen=True)
class CellMap:
    """Events by square cell: `cells` rows are (easting, northing, count, class, hot).

    Easting and northing are those of the south-west corner. The count is None and the class 0
    where it is suppressed. Class k > 0 means breaks[k-1] ≤ count < breaks[k]. A cell without
    events is here, in class EMPTY, only when it is hot together with its neighbours.
    """

    size_m: float
    breaks: tuple[float, ...]
    cells: tuple[tuple[int, int, int | None, int, bool], ...]
    hot: int
    tested: int
    placed: int
    unplaced: int
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Layer:
    """One layer of the picture: a service's events, or an area statistic.

    `worse` says which end of `value` is bad. `breaks` are the class limits of the map, ascending:
    class k (from 0) means breaks[k] ≤ value < breaks[k+1], the last one closed.
    """

    key: str
    title: str
    noun: str  # "crimes", "dwelling fires"
    measure: str  # "crimes per 1,000 people a year"
    kind: str  # count, rate, score
    worse: str  # high, low
    digits: int
    per: float  # 1,000 of "per 1,000 people"; 0 when it is not a rate
    period: str
    sources: tuple[str, ...]
    method: str
    breaks: tuple[float, ...]
    values: tuple[AreaValue, ...]
    hue: str
    caution: str | None = None
    trend: Trend | None = None
    cells: CellMap | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Pair:
    """How far two layers agree over the areas."""

    a: str
    b: str
    title: str
    r: float
    low: float
    high: float
    p: float | None  # keeps each layer's own clustering; None where no such test could be done
    p_method: str
    both: int  # areas in the worst share of both
    expected: float
    sources: tuple[str, ...]
    p_ordinary: float | None = None  # neighbours taken as independent: too small
    both_p: float | None = None
    lee: float | None = None
    lee_p: float | None = None
    jaccard: float | None = None


@dataclass(frozen=True)
class Captured:
    """The share of one layer's demand that lies in the worst areas of another."""

    demand: str
    inside: str
    share: float
    area_share: float
    people_share: float | None
    sources: tuple[str, ...]


@dataclass(frozen=True)
class UnitAnswer:
    """The same question on another unit of place; `r` by pair key, None where it cannot be had."""

    unit: str
    title: str
    areas: int
    r: Mapping[str, float | None]
    all_observed: int | None
    all_expected: float | None
    sources: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True)
class Overlap:
    """Do the worst areas of the layers fall together?"""

    share: float  # 0.2 = the worst fifth
    worst_areas: int
    observed: int  # areas in the worst share of every layer
    expected: float
    p: float | None
    by_number: tuple[int, ...]  # areas in the worst share of 0, 1, … layers
    pairs: tuple[Pair, ...]
    captured: tuple[Captured, ...]
    units: tuple[UnitAnswer, ...]
    findings: tuple[Finding, ...]
    sources: tuple[str, ...]
    pair_findings: tuple[Finding, ...] = ()
    unit_findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Burden:
    """One area in the ranking of joint burden: its share of each layer's demand, and their mean.

    A share is None where it would give a hidden count away, and the mean with it.
    """

    rank: int
    code: str
    label: str
    joint: float | None
    scores: Mapping[str, float | None]


@dataclass(frozen=True)
class Base:
    """One place to work from, and what it brings within reach."""

    number: int
    label: str
    easting: float
    northing: float
    areas: int  # within its reach
    adds: float  # share of the joint burden beyond the bases before it
    gains: Mapping[str, float | None]  # the same by layer; None where it hides few events


@dataclass(frozen=True)
class Officer:
    """Where one officer would serve all best."""

    weights: Mapping[str, float]
    ranking: tuple[Burden, ...]
    reach_m: float
    bases: tuple[Base, ...]
    covered: Mapping[str, float]  # share of each layer's demand within reach of the bases
    alone: Mapping[str, float]  # the same, when bases are chosen for that layer alone
    findings: tuple[Finding, ...]
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Picture:
    """Everything the report says, for one area and period."""

    title: str
    within: str | None
    marking: str
    made: str  # date
    version: str
    unit: str
    unit_title: str  # "middle layer super output areas (MSOA, 2011)"
    period: str
    crs: str
    suppress_below: int
    invented: bool
    answer: str
    areas: tuple[Area, ...]
    layers: tuple[Layer, ...]
    overlap: Overlap | None
    figures: tuple[Figure, ...]
    officer: Officer | None
    near_repeat: NearRepeats
    caveats: tuple[str, ...]
    methods: tuple[Method, ...]
    sources: tuple[Source, ...]
    commands: tuple[str, ...]
    attribution: tuple[str, ...]
    related: tuple[tuple[str, str], ...] = ()  # (file beside this one, words)
    shapes: Shapes | None = field(default=None, compare=False)

    def figure(self, id: str) -> Figure:
        """Return one figure. Raises KeyError when there is none of that id."""
        for figure in self.figures:
            if figure.id == id:
                return figure
        raise KeyError(id)


def plain(value: Any) -> Any:
    """Return `value` as dicts, lists and numbers for JSON: the content of `picture.json`.

    Outlines are left out (they are in the layer files); numbers that are not finite become None.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value) if f.name != "shapes"}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, float):
        finite = value == value and abs(value) != float("inf")
        return round(value, 10) if finite else None
    return value
