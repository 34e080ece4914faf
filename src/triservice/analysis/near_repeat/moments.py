"""The exact mean and variance of a Knox count under permutation, and the p-value they give.

Sources: Barton and David (1966), "The random intersection of two graphs"; Mantel (1967), "The
detection of disease clustering and a generalized regression approach", Cancer Research 27.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]


@dataclass(frozen=True)
class Graph:
    """What the moments need to know of a symmetric table of weights between n events."""

    total: int  # sum over pairs i < j of the weight
    squares: int  # the same of the squared weight
    rows: int  # sum over events of the squared sum of their weights

    @property
    def adjacent(self) -> int:
        """Products of two different pairs that share one event, each order counted."""
        return self.rows - 2 * self.squares

    @property
    def disjoint(self) -> int:
        """Products of two pairs without a common event, each order counted."""
        return self.total**2 - self.squares - self.adjacent


def graph(degree: Longs, most: int = 1) -> Graph:
    """Describe a table by the sum of weights of each event, `degree` (n,), whole numbers.

    With `most` = 1 the weights are 0 or 1 and the description is exact. With more, each weight is
    a whole number up to `most`, and the squares are replaced by their upper bound (the variance
    that follows is at most a little too large).
    """
    total = int(degree.sum()) // 2
    rows = sum(  # whole numbers beyond 64 bits, part by part
        int(np.dot(part, part)) for part in np.array_split(degree, len(degree) // 50_000 + 1)
    )
    return Graph(total, most * total, rows)


def moments(space: Graph, time: Graph, events: int) -> tuple[float, float]:
    """Return mean and variance of the sum of products over pairs when one table is permuted.

    Exact for whole numbers: computed as fractions. Both are 0 with fewer than two events.
    """
    n = events
    if n < 2:
        return 0.0, 0.0
    pairs = Fraction(n * (n - 1), 2)
    mean = space.total * time.total / pairs
    second = space.squares * time.squares / pairs
    if n > 2:
        second += Fraction(space.adjacent * time.adjacent, n * (n - 1) * (n - 2))
    if n > 3:
        second += Fraction(4 * space.disjoint * time.disjoint, n * (n - 1) * (n - 2) * (n - 3))
    return float(mean), max(0.0, float(second - mean**2))


def upper_tail(observed: float, mean: float, variance: float) -> float:
    """Return the chance of a count of at least `observed` from its mean and variance.

    A count is taken as Poisson where variance and mean agree, negative binomial where the
    variance is larger, binomial where it is smaller; all three near the normal as counts grow.
    """
    from scipy import special  # scipy.stats has the same in words, and takes a second to load

    if mean <= 0 or variance <= 0:
        return 1.0 if observed <= mean else 0.0
    below = math.ceil(observed - 1e-9) - 1
    if below < 0:
        return 1.0
    share = mean / variance
    if share < 1 - 1e-6:
        return float(special.betainc(below + 1, mean * share / (1 - share), 1 - share))
    if share <= 1 + 1e-6:
        return float(special.pdtrc(below, mean))
    trials = max(round(mean / (1 - 1 / share)), math.ceil(mean))
    if below >= trials:
        return 0.0
    return float(special.betainc(below + 1, trials - below, mean / trials))
