"""Small numbers stay out of the report: every face of it, not only the page.

A count from 1 to `below` − 1 could point at a person, so it is hidden, and with it everything
worked out from it: rate, interval, rank. Zero is shown. Where a total is shown beside its parts a
single hidden part could be had by subtraction, so another part is hidden too.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.kernel.errors import InputError

Bools = NDArray[np.bool_]
_YEARS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
_MEAN_OF = re.compile(
    r"\b(\d{1,2}|" + "|".join(_YEARS) + r")[\s-]*(?:years?|yrs?)\b[\s-]*(?:average|mean|avg)", re.I
)


def hide_small(counts: ArrayLike, below: int, *, total_shown: bool = True) -> Bools:
    """Return which of `counts` (n,) must be hidden; NaN (no count) never is.

    With `total_shown`, nobody who knows the total, the shown counts and the rule can say what any
    small count is: the smallest shown count that is not zero is hidden as well when it is needed.
    Raises InputError when `below` is negative.
    """
    if below < 0:
        raise InputError(
            f"small numbers below {below} cannot be suppressed", do="Give 0 to suppress none."
        )
    values = np.asarray(counts, dtype=np.float64)
    hidden: Bools = (values > 0) & (values < below)
    if total_shown and _can_be_told(values, hidden, below):
        shown = np.flatnonzero((values >= below) & np.isfinite(values))
        if shown.size:
            hidden[shown[np.argmin(values[shown])]] = True
    return hidden


def _can_be_told(values: NDArray[np.float64], hidden: Bools, below: int) -> bool:
    """Whether the sum of the hidden counts leaves only one possibility for one of them."""
    many = int(hidden.sum())
    if many == 0:
        return False
    least, most = many, many * (below - 1)
    return many == 1 or not least < float(values[hidden].sum()) < most


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
