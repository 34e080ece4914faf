"""What goes into a comparison of layers and what comes out of it, as plain figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.overlap.correlation import Concordance
from triservice.analysis.place.cells import Cells

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Kind = Literal["count", "rate", "score"]


@dataclass(frozen=True)
class Layer:
    """One layer of the comparison, a value for each unit of place; NaN where there is none.

    `values` (n,) is what is ranked; `worse` says which end is bad. `demand` (n,) is how much
    there is to serve: counts, or a rate times the people it is of; None when that is unknown (a
    score). `people` (n,) is the denominator. `smoothed` (n,) is set for counts divided by people:
    the rates, drawn to their mean where few people live, in which hotspots are looked for.
    """

    name: str
    label: str  # for sentences: "crime", "poor health"
    values: Floats
    worse: Literal["low", "high"]
    kind: Kind
    measure: str  # what a value is: "per 1,000 people", "events", "score"
    demand: Floats | None = None
    people: Floats | None = None
    smoothed: Floats | None = None
    source: str = ""
    period: str = ""
    vintage: str = ""
    moved_share: float = 0.0  # of the layer that had to change from one unit to another
    unplaced: int = 0  # events that could not be placed
    snapped: bool = False  # points moved to the nearest of a few places before publication
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()  # notes that a reader of the findings must see

    @property
    def badness(self) -> Floats:
        """The values turned so that high is worse, (n,)."""
        return self.values if self.worse == "high" else -self.values

    @property
    def tested(self) -> Floats:
        """What hotspots are looked for in, turned so that high is worse, (n,)."""
        if self.smoothed is None:
            return self.badness
        return self.smoothed if self.worse == "high" else -self.smoothed


@dataclass(frozen=True)
class PairOverlap:
    """How far two layers agree. p-values without `ordinary` keep spatial autocorrelation."""

    a: str
    b: str
    r: float  # Spearman, turned so that worse with worse is positive
    low: float  # interval for as many independent areas as the layers are worth
    high: float
    p: float | None  # None where no test that keeps autocorrelation could be done
    n: int
    n_effective: float | None
    low_ordinary: float
    high_ordinary: float
    p_ordinary: float
    both: int  # areas among the worst of both
    expected: float
    both_p: float | None
    both_p_ordinary: float
    jaccard: float
    dice: float
    lee: float | None = None
    lee_p: float | None = None
    moran: float | None = None
    moran_p: float | None = None
    hotspots: SetFigures | None = None


@dataclass(frozen=True)
class SetFigures:
    """Areas common to sets, against sets of those sizes drawn blindly and against the null."""

    sizes: tuple[int, ...]
    common: int
    expected: float
    p: float | None
    p_ordinary: float
    jaccard: float
    dice: float


@dataclass(frozen=True)
class Captured:
    """The share of one layer's demand inside another layer's worst areas (or its own)."""

    demand: str
    inside: str
    share: float
    share_of_areas: float
    share_of_people: float | None
    times_expected: float | None


@dataclass(frozen=True)
class Overlap:
    """The whole answer. Arrays are aligned with `cells`; areas not `used` lack a value."""

    cells: Cells
    layers: tuple[Layer, ...]
    used: Bools  # (n,) with a value in every layer
    share: float
    worst_size: int
    worst: dict[str, Bools]  # layer -> (n,)
    tied_out: dict[str, int]
    hot: dict[str, Bools]  # layer -> significant hotspots (n,)
    pairs: dict[tuple[str, str], PairOverlap]
    all: SetFigures
    by_number: tuple[int, ...]  # areas among the worst of 0, 1, … layers
    all_hotspots: SetFigures | None
    concordance: Concordance | None  # of three layers or more
    captured: tuple[Captured, ...]
    concentrated: dict[str, tuple[float, float]]  # layer -> (demand in worst share of people, Gini)
    method: str  # of the p-values
    permutations: int
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def areas(self) -> int:
        """Areas with a value in every layer."""
        return int(self.used.sum())

    def layer(self, name: str) -> Layer:
        """Return one layer by name."""
        return next(layer for layer in self.layers if layer.name == name)
