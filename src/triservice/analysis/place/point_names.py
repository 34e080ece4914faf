"""What a point is called so that a reader finds it on another map: grid reference, else degrees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.place.map_files import to_lonlat
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, grid_reference

_DEGREE_M = 111_000


def point_names(points: NDArray[np.float64], crs: str, step_m: float = 100.0) -> list[str]:
    """Return a name for each of `points` (n, 2), metres, fine enough to tell points `step_m` apart.

    'SX 471 546' in Britain, '40.12° N, 75.34° W' elsewhere, and for points beyond the lettered
    squares of the national grid.
    """
    if crs == BRITISH_NATIONAL_GRID:
        digits = next((d for d in (2, 3, 4) if 10 ** (5 - d) <= step_m), 5)
        try:
            return [grid_reference(float(east), float(north), digits) for east, north in points]
        except InputError:
            pass  # some lie beyond it: all are named in one way
    digits = max(1, int(np.ceil(np.log10(_DEGREE_M / step_m))))
    return [
        f"{abs(lat):.{digits}f}° {'NS'[int(lat < 0)]}, {abs(lon):.{digits}f}° {'EW'[int(lon < 0)]}"
        for lon, lat in to_lonlat(points, crs)
    ]
