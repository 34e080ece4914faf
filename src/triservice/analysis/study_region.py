"""Where to look when nobody named an area: the large squares that hold events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from triservice.analysis.counts import tally
from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.place.grids import robust_bounds
from triservice.analysis.place.outlines import Outlines
from triservice.kernel.errors import InputError

BLOCK_M = 5_000.0
BLOCK_CELLS = 10  # a block is never narrower than so many cells


def where_events_are(
    lake: Lake, services: Sequence[str], cell_m: float
) -> tuple[Outlines, tuple[str, ...]]:
    """Return the blocks of 5 km (more for large cells) that hold any event of `services`.

    All months and categories count, so that cells without the events in question are true zeros.
    Blocks follow coasts and gaps between forces better than one hull. Events far from all others
    are left out; the sentences returned say so. Raises InputError without any coordinates.
    """
    held = tally(lake, ("column", "row"), Selection(services=tuple(services)), cell_m=cell_m)
    held = held.filter(held["column"].is_valid())
    if not len(held):
        raise InputError(
            "none of the events has coordinates, so they cannot be put on squares",
            do="Events known by area need its outlines: triservice boundaries add.",
        )
    west, south = (held[name].to_numpy() * cell_m for name in ("column", "row"))
    events = held["events"].to_numpy()
    robust = robust_bounds(np.repeat(west, events), np.repeat(south, events))
    low_east, low_north, high_east, high_north = robust.bounds
    kept = (west >= low_east) & (west <= high_east) & (south >= low_north) & (south <= high_north)
    block = max(BLOCK_M, BLOCK_CELLS * cell_m)
    corners = np.unique(np.floor(np.column_stack([west, south])[kept] / block), axis=0) * block
    east, north = corners.T
    inset = 1e-3  # a block touches the cells inside it, not those along its edge
    drawn = shapely.box(east + inset, north + inset, east + block - inset, north + block - inset)
    said = (
        f"No area was named: the study region is the {len(corners):,} squares of "
        f"{block / 1000:g} km that hold events; give --within to follow a boundary."
    )
    note = robust.note()
    return drawn, (said, note) if note else (said,)
