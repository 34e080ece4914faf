"""Units of place: grids, polygons, who neighbours whom, and moving values between units."""
