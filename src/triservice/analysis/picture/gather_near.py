"""Near repeats of each service whose events have times exact enough, and why not for the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.near_repeat.incidents import read_incidents
from triservice.analysis.near_repeat.knox import Band as Found
from triservice.analysis.near_repeat.knox import knox
from triservice.analysis.picture import words
from triservice.analysis.picture.model import Band, Finding, NearRepeat, NearRepeats
from triservice.analysis.picture.provenance import Sources
from triservice.analysis.place.cells import Cells
from triservice.kernel.errors import InputError

DISTANCES_M = (100.0, 200.0, 400.0)
DAYS = (7.0, 14.0)
PERMUTATIONS = 199
MOST = 60_000  # events: beyond it the moments alone are worked out
FEWEST = 100
SIGNIFICANT = 0.05


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
    incidents = read_incidents(lake, selection)
    incidents = incidents.take(cells.locate(incidents.easting, incidents.northing) >= 0)
    if len(incidents) < FEWEST:
        raise InputError(
            f"{len(incidents)} events with an exact place and time are too few to test"
        )
    start, end, _ = incidents.for_pairs(min(DAYS))
    spans = bool((end > start).any())
    answer = knox(
        incidents.easting,
        incidents.northing,
        start,
        DISTANCES_M,
        DAYS,
        permutations=PERMUTATIONS if len(incidents) <= MOST else 0,
        time_to=end if spans else None,
    )
    bands = tuple(_band(band, below) for band in answer.bands)
    return NearRepeat(
        service, len(incidents), bands, _findings(answer.bands[0], service, below, ids), ids
    )


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


def _findings(first: Found, service: str, below: int, ids: tuple[str, ...]) -> tuple[Finding, ...]:
    if first.ratio is None or 0 < first.observed < below:
        return ()
    p = first.p_permutation if first.p_permutation is not None else first.p_moments
    near = f"within {first.distance_to:g} m and {first.days_to:g} days of another"
    if p < SIGNIFICANT:
        span = words.interval(first.ratio_low, first.ratio_high, 1)
        text = (
            f"A {service} event {near} is {first.ratio:.1f} times as common as chance gives"
            f"{f' ({span})' if span else ''}: one event is a warning for its neighbours."
        )
    else:
        text = f"A {service} event {near} is not clearly more common than chance gives."
    return (Finding(text, sources=ids),)
