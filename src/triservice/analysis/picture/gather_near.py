"""Near repeats of each service whose events have times exact enough, and why not for the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.near_repeat.incidents import Incidents, read_incidents
from triservice.analysis.near_repeat.knox import Band as Found
from triservice.analysis.near_repeat.knox import knox
from triservice.analysis.near_repeat.words import holm
from triservice.analysis.picture import words
from triservice.analysis.picture.gather_trend import name_category
from triservice.analysis.picture.gather_zones import gather_zones
from triservice.analysis.picture.model import Finding
from triservice.analysis.picture.near_model import Band, NearRepeat, NearRepeats
from triservice.analysis.picture.provenance import Sources
from triservice.analysis.place.cells import Cells
from triservice.kernel.errors import InputError

DISTANCES_M = (100.0, 200.0, 400.0)
DAYS = (7.0, 14.0)
PERMUTATIONS = 199
MOST = 40_000  # events: of more, so many are drawn at random (pairs grow with their square)
SEED = 1
FEWEST = 100
SIGNIFICANT = 0.05
NOTABLE = 1.2  # times as many as by chance: below it nobody should be sent anywhere
# Where practice looks for near repeats; the whole service when there are too few of these.
CATEGORIES = {"police": "burglary", "fire": "secondary-fire"}


def gather_near(
    sources: Sources,
    cells: Cells,
    services: Sequence[tuple[str, tuple[str, ...]]],
    select: dict[str, Selection],
    below: int,
) -> NearRepeats:
    """Test each service; `services` are (name, source ids), `select` their events."""
    tested, why_not = [], []
    for service, ids in services:
        try:
            tested.append(_test(sources.lake, cells, service, ids, select[service], below))
        except InputError as refusal:
            text = f"{words.capital(service)}: {words.sentence(refusal.what)}"
            why_not.append(Finding(text, sources=ids))
    if not services:
        why_not.append(
            Finding(
                "The lake holds no events here, only area statistics; near repeats need events."
            )
        )
    return NearRepeats(tuple(tested), tuple(why_not))


def _test(
    lake: Lake, cells: Cells, service: str, ids: tuple[str, ...], selection: Selection, below: int
) -> NearRepeat:
    incidents, name = None, f"{service} event"
    category = CATEGORIES.get(service)
    if category and not selection.categories:
        try:
            incidents = _incidents(lake, cells, replace(selection, categories=(category,)))
            name = name_category(category).lower()
        except InputError:
            pass  # there are none, or too few: the whole service is tested
    if incidents is None:
        incidents = _incidents(lake, cells, selection)
    every = incidents
    incidents, drawn = _draw(every)
    start, end, _ = incidents.for_pairs(min(DAYS))
    spans = bool((end > start).any())
    answer = knox(
        incidents.easting,
        incidents.northing,
        start,
        DISTANCES_M,
        DAYS,
        permutations=PERMUTATIONS,
        time_to=end if spans else None,
    )
    bands = tuple(_band(band, below) for band in answer.bands)
    findings = _findings(answer.bands[0], name, below, ids)
    if drawn:
        findings = (*findings, Finding(drawn, sources=ids))
    zones, why = None, f"one {name} does not make another near by clearly more likely"
    if _repeats(answer.bands):
        zones = gather_zones(every, words.plural(name), below, ids)
        why = f"no place has {below} events of the last days or more behind it"
    if zones is None:
        findings = (*findings, Finding(f"No zones are drawn: {why}.", sources=ids))
    return NearRepeat(name, len(incidents), bands, findings, ids, zones)


def _repeats(bands: Sequence[Found]) -> bool:
    """Say whether the nearest band holds more pairs than chance, all bands judged together."""
    held = holm([found.p_moments if found.p_permutation is None else found.p_permutation
                 for found in bands])  # fmt: skip
    return held[0] and (bands[0].ratio or 0.0) > 1


def _draw(incidents: Incidents) -> tuple[Incidents, str | None]:
    """Return at most MOST incidents, and what to say when they are not all.

    Thinning at random leaves the ratio of observed to expected pairs as it is, on average.
    """
    if len(incidents) <= MOST:
        return incidents, None
    chosen = np.random.default_rng(SEED).choice(len(incidents), MOST, replace=False)
    said = (
        f"Tested on {MOST:,} of {len(incidents):,} events, drawn at random: fewer pairs, so wider "
        "intervals, around the same ratio."
    )
    return incidents.take(np.sort(chosen)), said


def _incidents(lake: Lake, cells: Cells, selection: Selection) -> Incidents:
    """Return the incidents inside the areas. Raises InputError when they are too few to test."""
    found = read_incidents(lake, selection)
    found = found.take(cells.locate(found.easting, found.northing) >= 0)
    if len(found) < FEWEST:
        raise InputError(f"{len(found)} events of exact place and time are too few to test")
    return found


def _band(found: Found, below: int) -> Band:
    metres = f"{found.distance_from:g} to {found.distance_to:g} m"
    days = f"{found.days_from:g} to {found.days_to:g} days"
    if 0 < found.observed < below:
        return Band(metres, days, None, None, None, None, hidden=True)
    p = found.p_permutation if found.p_permutation is not None else found.p_moments
    return Band(
        metres,
        days,
        int(np.rint(found.observed)),
        found.expected,
        found.ratio,
        p,
        found.ratio_low,
        found.ratio_high,
    )


def _findings(first: Found, name: str, below: int, ids: tuple[str, ...]) -> tuple[Finding, ...]:
    if first.ratio is None or 0 < first.observed < below:
        return ()
    p = first.p_permutation if first.p_permutation is not None else first.p_moments
    near = f"within {first.distance_to:g} m and {first.days_to:g} days of another"
    one = f"{'An' if name[:1] in 'aeiou' else 'A'} {name} {near}"
    if p >= SIGNIFICANT or first.ratio < 1:
        text = f"{one} is not clearly more common than chance gives."
    elif first.ratio < NOTABLE:
        text = (
            f"{one} is {first.ratio - 1:.0%} more common than chance gives: too little to act on."
        )
    else:
        span = words.interval(first.ratio_low, first.ratio_high, 1)
        text = (
            f"{one} is {first.ratio:.1f} times as common as chance gives"
            f"{f' ({span})' if span else ''}: one is a warning for its neighbours."
        )
    return (Finding(text, sources=ids),)
