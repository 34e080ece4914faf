"""What the numbers say, in sentences that do not claim more than they show."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from triservice.analysis.near_repeat.backtest import Backtest
from triservice.analysis.near_repeat.knox import Band, Knox
from triservice.analysis.near_repeat.patrols import PatrolArea, crowding
from triservice.analysis.near_repeat.scores import Score
from triservice.analysis.near_repeat.zones import Zones

SAFEGUARDS = (
    "Zones are places where events were, not people: they justify presence and prevention, never "
    "suspicion of whoever is there.",
    "More presence finds and records more: watch how patrols concentrate, and judge by events "
    "that the public reports.",
)
SHIFT = (
    "The test takes the geography of events as fixed over the period. A place that became busy or "
    "quiet part-way (a season, a new estate, a change in recording) also looks like near repeats: "
    "repeat the test on shorter periods."
)
METHOD_NAMES = {
    "zones": "the zones",
    "kde": "kernel density of the year before",
    "last_month": "the busiest cells of the last 28 days",
    "chance": "chance",
}
_LEVEL = 0.05


def holm(p_values: Sequence[float]) -> list[bool]:
    """Return which of the tests hold at 5% for all together (Holm 1979)."""
    order = np.argsort(p_values, kind="stable")
    held = [False] * len(p_values)
    for rank, index in enumerate(order):
        if p_values[index] > _LEVEL / (len(p_values) - rank):
            break
        held[index] = True
    return held


def knox_findings(found: Knox, what: str) -> list[str]:
    """Return what the Knox test says of `what` (for example 'fire incidents')."""
    if found.events < 2 or not found.pairs:
        return [f"No two of {found.events:,} {what} lie close enough to each other to test."]
    held = holm([_p(band) for band in found.bands])
    said = [
        _band_sentence(band, what) for band, sure in zip(found.bands, held, strict=True) if sure
    ]
    count = len(found.bands)
    if not said:
        said = [
            f"No near repeats were found among {found.events:,} {what}: in none of {count} bands "
            "of distance and time are there more pairs than chance gives (5% over all bands)."
        ]
        if any(_p(band) <= _LEVEL for band in found.bands):
            said.append("Single bands fall below 5% alone, as some do when many are tried.")
        least = count / _LEVEL  # permutations below which no band could hold over all bands
        if 0 < found.permutations < least - 1:
            said.append(
                f"With {found.permutations} permutations nothing could have been found over all "
                f"bands: ask for {math.ceil(least):,} or more."
            )
    else:
        said.insert(
            0,
            f"{len(said)} of {count} bands hold more pairs of {what} than chance gives (5% over "
            "all bands).",
        )
    said += [
        _same_place_sentence(same, other)
        for same, other in zip(found.same_place, found.elsewhere, strict=True)
        if same.expected >= 1  # below, a ratio would say nothing
    ]
    return said


def _p(band: Band) -> float:
    return band.p_moments if band.p_permutation is None else band.p_permutation


def _band_sentence(band: Band, what: str) -> str:
    times = f"{band.ratio:.2f} times" if band.ratio else "above"
    sure = ""
    if band.ratio_low is not None:
        sure = f" (95% interval {band.ratio_low:.2f} to {band.ratio_high:.2f})"
    return (
        f"{band.distance_from:g} to {band.distance_to:g} m and {band.days_from:g} to "
        f"{band.days_to:g} days apart: {band.observed:,.0f} pairs of {what}, {times} the "
        f"{band.expected:,.0f} expected by chance{sure}."
    )


def _same_place_sentence(same: Band, other: Band) -> str:
    rest = f"{other.ratio:.2f} times chance" if other.ratio is not None else "too few to say"
    own = f"{same.ratio:.2f} times chance" if same.ratio is not None else "too few to say"
    return (
        f"{same.days_from:g} to {same.days_to:g} days apart at exactly the same place: "
        f"{same.observed:,.0f} pairs, {own} (repeats; included above); elsewhere within "
        f"{other.distance_to:g} m: {rest}."
    )


def zones_findings(zones: Zones, areas: Sequence[PatrolArea], what: str) -> list[str]:
    """Return what the zones show."""
    if not areas:
        return [
            f"No {what} in the {zones.rule.window_days:g} days before: there is no zone to draw."
        ]
    km2 = zones.area_km2()
    parts = ", ".join(
        f"{km2[level.name]:.1f} km² {level.name}" for level in zones.rule.levels[::-1]
    )
    said = [
        f"{len(zones.events):,} {what} in the {zones.rule.window_days:g} days before make "
        f"{sum(km2.values()):.1f} km² of zones ({parts}) in {len(areas):,} patrol areas.",
    ]
    first = areas[0]
    said.append(
        f"First to pass through: a {first.level} area of {first.area_km2:.2f} km² with "
        f"{len(first.events):,} events behind it; its busiest hours are {first.peak_from:02d}:00 "
        f"to {first.peak_to:02d}:00 ({first.peak_share:.0%} of demand, chance "
        f"{_window(first) / 24:.0%})."
    )
    if len(areas) >= 10:
        said.append(f"The first tenth of the areas holds {crowding(areas):.0%} of the score.")
    return said


def _window(area: PatrolArea) -> int:
    return (area.peak_to - area.peak_from) % 24 or 24


def backtest_findings(found: Backtest, what: str) -> list[str]:
    """Return what the back-test says, the unwelcome with the welcome."""
    zones = found.scores[0]
    said = [
        f"Over {len(found.periods)} periods the zones covered {zones.area_km2:.1f} km² on average "
        f"({zones.area_share:.1%} of the {found.study_km2:,.0f} km² with any {what}) and held "
        f"{zones.hits:,.0f} of {zones.events:,} {what}: {zones.rate:.1%} "
        f"(95% interval {zones.rate_low:.1%} to {zones.rate_high:.1%}), "
        f"{_times(zones)} what chance would hold.",
    ]
    for depth in (found.depths[0], found.depths[-1]):
        own = depth.scores[0]
        if not own.area_km2:
            continue
        where = "all zones" if depth is found.depths[-1] else f"the {depth.levels[0]} level alone"
        said += [
            _beside(rival, where, own) for rival in depth.scores[1:] if rival.method != "chance"
        ]
    if found.ring.ratio is not None:
        said.append(
            f"In the ring of {found.ring.width_m:g} m round the zones came {found.ring.hits:,} "
            f"{what}, {found.ring.ratio:.2f} times what chance gives. This is the level to compare "
            "with once zones are patrolled: a rise there would be displacement."
        )
    return said


def _times(one: Score) -> str:
    return f"{one.pai:.1f} times" if one.pai is not None else "not comparable with"


def _beside(rival: Score, where: str, own: Score) -> str:
    name = METHOD_NAMES[rival.method]
    ahead, low, high = rival.zones_ahead, rival.zones_ahead_low, rival.zones_ahead_high
    if ahead is None or low is None or high is None:
        return f"On as much land as {where}, {name} held {rival.rate:.1%} (zones {own.rate:.1%})."
    if low > 0:
        verdict = "the zones did better"
    elif high < 0:
        verdict = f"{name} did better"
    else:
        verdict = "the difference is within what weeks vary"
    return (
        f"On as much land as {where}, {name} held {rival.rate:.1%} against {own.rate:.1%}: "
        f"{verdict} (zones {100 * ahead:+.1f} points, 95% interval {100 * low:+.1f} to "
        f"{100 * high:+.1f})."
    )


BACKTEST_NOTES = (
    "Hits are what the zones would have held without patrols; they do not show that patrols "
    "prevent anything. A place chosen for being bad tends to be less bad afterwards by itself "
    "(regression to the mean): judge an operation by a comparison area.",
    "The predictive efficiency index compares with the best choice anyone could have made knowing "
    "the future; where the marked land is ample for the events, it equals the hit rate.",
)
