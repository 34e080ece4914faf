"""Land at the edge of the national grid, and places that must never fold into it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from triservice.kernel.grid import grid_to_lonlat, lonlat_to_grid


def test_the_isles_of_scilly_are_on_the_grid():
    """St Agnes lies south of the box in which the library converts degrees."""
    lon, lat = np.array([-6.34, -6.30, -6.45]), np.array([49.89, 49.92, 49.86])
    east, north = lonlat_to_grid(lon, lat)
    assert (np.abs(east - [88_394, 91_462, 80_309]) < 400).all()
    back_lon, back_lat = grid_to_lonlat(east, north)
    assert np.abs(back_lon - lon).max() < 2e-8
    assert np.abs(back_lat - lat).max() < 2e-8


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_only_places_near_britain_have_a_grid_reference(lon, lat):
    east, _north = lonlat_to_grid([lon], [lat])
    if not (-11 < lon < 5 and 48 < lat < 62):
        assert np.isnan(east[0])
