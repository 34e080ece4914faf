"""Correction for looking at many cells at once: false-discovery-rate q-values.

Of the cells called significant at q ≤ 0.05, at most 5% are expected to be so by chance.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.kernel.errors import InputError

Rule = Literal["benjamini-hochberg", "benjamini-yekutieli"]


def q_values(p: ArrayLike, rule: Rule = "benjamini-hochberg") -> NDArray[np.float64]:
    """Return the q-value of each p (n,): the smallest rate of false discoveries that admits it.

    Benjamini–Hochberg (1995) holds for independent tests and for the positive dependence of
    neighbouring cells; Benjamini–Yekutieli (2001) for any dependence, at the price of a factor
    Σ 1/i. NaN (cells without a test) stay NaN and do not count as tests. Raises InputError for a
    p outside 0–1 or an unknown rule.
    """
    given = np.asarray(p, dtype=np.float64)
    tested = given[~np.isnan(given)]
    if tested.size and (tested.min() < 0 or tested.max() > 1):
        raise InputError("a p-value lies outside 0–1")
    if rule not in ("benjamini-hochberg", "benjamini-yekutieli"):
        raise InputError(
            f"{rule!r} is not a correction",
            do="Choose benjamini-hochberg or benjamini-yekutieli.",
        )
    m = tested.size
    rank = np.arange(1, m + 1)
    factor = float((1.0 / rank).sum()) if rule == "benjamini-yekutieli" else 1.0
    order = np.argsort(tested, kind="stable")
    stepped = tested[order] * (m * factor) / rank
    corrected = np.empty(m)
    corrected[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    q = np.full(given.shape, np.nan)
    q[~np.isnan(given)] = corrected
    return q


def cells_needed(smallest_p: float, tests: int, rate: float) -> int:
    """Return how many tests must reach `smallest_p` before any of them can have q ≤ `rate`.

    With 999 permutations no p is below 0.001 (0.002 two-sided): among 10,000 cells at 5%, 400
    cells must reach it together, or none is significant.
    """
    return int(np.ceil(smallest_p * tests / rate - 1e-9))
