"""Small numbers stay out of the report: every face of it, not only the page.

A count from 1 to `below` − 1 could point at a person, so it is hidden, and with it everything
worked out from it: rate, interval, rank. Zero is shown. Where a total is shown beside its parts a
single hidden part could be had by subtraction, so another part is hidden too.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.hotspots.suppression import suppressed
from triservice.kernel.errors import InputError

Bools = NDArray[np.bool_]
_YEARS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
_MEAN_OF = re.compile(
    r"\b(\d{1,2}|" + "|".join(_YEARS) + r")[\s-]*(?:years?|yrs?)\b[\s-]*(?:average|mean|avg)", re.I
)


def hide_small(counts: ArrayLike, below: int, totals: tuple[str, ...] = ("columns",)) -> Bools:
    """Return which of `counts`, (n,) or (rows, columns), must be hidden; NaN (none) never is.

    `totals` says along which lines a total is shown as well: see `hotspots.suppression`. Counts
    that are not whole (a sum of averages) are judged by the nearest whole number. Raises
    InputError when `below` is negative.
    """
    if below < 0:
        raise InputError(
            f"small numbers below {below} cannot be suppressed", do="Give 0 to suppress none."
        )
    values = np.asarray(counts, dtype=np.float64)
    if below == 0 or not values.size:
        return np.zeros(values.shape, dtype=bool)
    known = np.isfinite(values)
    # Less than a half but not nothing is still a small number.
    whole = np.where(known & (values > 0), np.maximum(np.rint(values), 1), 0)
    return suppressed(whole, below, totals) & known


def years_averaged(description: str) -> int:
    """Return over how many years a statistic is an average, by its own description; else 1.

    "Number of fires (three-year average)" is a third of the fires that were counted, so it is
    three times the figure that decides whether it is a small number.
    """
    match = _MEAN_OF.search(description)
    if not match:
        return 1
    word = match[1].lower()
    return _YEARS.get(word) or max(int(word), 1)
