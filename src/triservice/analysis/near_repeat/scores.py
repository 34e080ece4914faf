"""How good was a choice of land: hit rate, accuracy and efficiency indices, with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Z95 = 1.959963984540054
RESAMPLES = 2000
FEWEST_PERIODS = 6  # below this a resampling of periods says little


@dataclass(frozen=True)
class Score:
    """How much of what came lay on the land that one method marked.

    `hits` of `events` in all periods together; `rate` = hits / events with its 95% Wilson interval;
    `area_km2` the mean marked area and `area_share` its share of the study area, periods weighted
    by their events; `pai` = rate / area_share (1 is chance) with the interval of the rate;
    `pei` = hits / hits of the best choice of as many cells, between 0 and 1. `zones_ahead` is how
    much higher the zones' rate was, with a 95% interval that resamples periods. None: unknown.
    """

    method: str
    hits: float
    events: int
    rate: float
    rate_low: float | None
    rate_high: float | None
    area_km2: float
    area_share: float
    pai: float | None
    pai_low: float | None
    pai_high: float | None
    pei: float | None
    zones_ahead: float | None
    zones_ahead_low: float | None
    zones_ahead_high: float | None

    def without_interval(self) -> Score:
        """Return the score of something that is not an estimate."""
        return replace(self, rate_low=None, rate_high=None, pai_low=None, pai_high=None)


def capture(worth: Floats, actual: Floats, cells: float) -> float:
    """Return the events in the `cells` cells of highest `worth`; equals share what is left.

    `worth` and `actual` are (cells,); the number of cells may be broken: the last is counted by
    its share. Where many cells are equal (nothing happened in either), the result is what a random
    choice among them would hold on average.
    """
    if cells <= 0 or not len(worth):
        return 0.0
    if cells >= len(worth):
        return float(actual.sum())
    whole = math.ceil(cells)
    threshold = np.partition(worth, len(worth) - whole)[len(worth) - whole]
    above, equal = worth > threshold, worth == threshold
    share = (cells - above.sum()) / equal.sum()
    return float(actual[above].sum() + share * actual[equal].sum())


def wilson(hits: float, events: float) -> tuple[float, float]:
    """Return the 95% Wilson score interval of a share; (0, 1) without events."""
    if events <= 0:
        return 0.0, 1.0
    rate, square = hits / events, Z95**2 / events
    middle = (rate + square / 2) / (1 + square)
    reach = Z95 / (1 + square) * math.sqrt(rate * (1 - rate) / events + square / (4 * events))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def score(
    method: str,
    hits: Floats,
    events: Floats,
    area_km2: Floats,
    study_km2: float,
    *,
    ideal: Floats,
    beside: Floats,
    seed: int = 1,
) -> Score:
    """Score one method from its (periods,) hits, events and marked areas.

    `ideal` (periods,) are the hits of the best choice, `beside` those of the zones.
    """
    total, all_hits = float(events.sum()), float(hits.sum())
    rate = all_hits / total
    low, high = wilson(all_hits, total)
    share = float((events * area_km2).sum() / (total * study_km2))
    best = float(ideal.sum())
    ahead = _ahead(beside - hits, events, seed)
    return Score(
        method=method,
        hits=all_hits,
        events=int(total),
        rate=rate,
        rate_low=low,
        rate_high=high,
        area_km2=float(area_km2.mean()),
        area_share=share,
        pai=rate / share if share else None,
        pai_low=low / share if share else None,
        pai_high=high / share if share else None,
        pei=all_hits / best if best else None,
        zones_ahead=ahead[0],
        zones_ahead_low=ahead[1],
        zones_ahead_high=ahead[2],
    )


def _ahead(
    more: Floats, events: Floats, seed: int
) -> tuple[float | None, float | None, float | None]:
    """Return the difference of rates and its interval over resampled periods."""
    if not more.any() and len(more):
        return 0.0, None, None  # a method beside itself
    mean = float(more.sum() / events.sum())
    if len(more) < FEWEST_PERIODS:
        return mean, None, None
    drawn = np.random.default_rng(seed).integers(0, len(more), (RESAMPLES, len(more)))
    totals = np.maximum(events[drawn].sum(1), 1)
    low, high = np.quantile(more[drawn].sum(1) / totals, (0.025, 0.975))
    return mean, float(low), float(high)
