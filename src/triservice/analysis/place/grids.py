"""Square and hexagonal grids whose cells keep their ids whatever the extent of the data.

Grids are anchored at the origin of the projected system, so the same place lies in the same cell
in every analysis. A grid is only numbers until `cells` is called: a county at ten metres costs
nothing until somebody asks for cells, and then `MOST_CELLS` is the limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.place.cells import Cells, Floats, Numbers
from triservice.analysis.place.contiguity import (
    Neighbours,
    grid_neighbours,
    hex_neighbours,
    kept_cells,
)
from triservice.analysis.place.outlines import Outlines
from triservice.kernel.errors import InputError

Bounds = tuple[float, float, float, float]  # metres: west, south, east, north
MOST_CELLS = 5_000_000
SMALLEST_M, LARGEST_M = 0.01, 10_000_000.0  # widths of a cell: a centimetre, a quarter of the globe
STRAY_SHARE = 0.01  # at most this share of the points, at each end of each axis, may be stray
STRAY_GAP = 0.5  # and only beyond an empty gap of this share of the width of the others


@dataclass(frozen=True)
class RobustBounds:
    """Bounds of the points that belong together, and how many points were left out."""

    bounds: Bounds
    strays: int
    missing: int  # points without coordinates
    inside: NDArray[np.bool_]  # (n,)

    def note(self) -> str | None:
        """Return a sentence about the stray points, None when there are none."""
        if not self.strays:
            return None
        return (
            f"{self.strays:,} of {len(self.inside):,} points lie far from all others and are left "
            "out of the grid; give an area or bounds to keep them."
        )


def robust_bounds(easting: ArrayLike, northing: ArrayLike) -> RobustBounds:
    """Return bounds that one stray point cannot blow up.

    On each axis a tail of at most 1% of the points (one point when there are few) is left out
    when an empty gap of at least half the width of all others separates it from them; with fewer
    than five points nothing is. Raises InputError when no point has coordinates.
    """
    east = np.asarray(easting, dtype=np.float64)
    north = np.asarray(northing, dtype=np.float64)
    usable = np.isfinite(east) & np.isfinite(north)
    if not usable.any():
        raise InputError("no point has coordinates, so there are no bounds for a grid")
    inside = usable.copy()
    for axis in (east, north):
        low, high = _body(np.sort(axis[usable]))
        inside &= (axis >= low) & (axis <= high)
    west, south = float(east[inside].min()), float(north[inside].min())
    bounds = (west, south, float(east[inside].max()), float(north[inside].max()))
    strays = int(usable.sum() - inside.sum())
    return RobustBounds(bounds, strays, int((~usable).sum()), inside)


def _body(values: Floats) -> tuple[float, float]:
    """Return the ends of the main body of ascending `values`."""
    n = len(values)
    if n < 5:
        return float(values[0]), float(values[-1])
    tail = max(1, int(n * STRAY_SHARE))

    def cut(ordered: Floats) -> float:  # strays at the upper end of ascending values
        gaps = np.diff(ordered[n - tail - 1 :])
        widths = ordered[n - tail - 1 : n - 1] - ordered[tail]  # without either tail's strays
        stray = np.flatnonzero((gaps >= STRAY_GAP * widths) & (gaps > 0) & (widths > 0))
        return float(ordered[n - tail - 1 + stray[0]] if len(stray) else ordered[-1])

    return -cut(-values[::-1]), cut(values)


def _steps(bounds: Bounds, width: float, height: float) -> tuple[int, int, int, int]:
    """Return (first column, first row, columns, rows) of the lattice cells that cover `bounds`."""
    west, south, east, north = bounds
    if not all(map(math.isfinite, bounds)) or east < west or north < south:
        raise InputError(f"bounds {bounds} are not west, south, east, north in metres")
    first = math.floor(west / width), math.floor(south / height)
    last = math.floor(east / width), math.floor(north / height)
    return first[0], first[1], last[0] - first[0] + 1, last[1] - first[1] + 1


def check_size(size_m: float) -> None:
    """Raise InputError for a width of cells, in metres, that no grid can have."""
    if not SMALLEST_M <= size_m <= LARGEST_M:  # never true of NaN
        raise InputError(
            f"a cell of {size_m:g} m is not a size",
            do=f"Give metres from {SMALLEST_M:g} to {LARGEST_M:,.0f}.",
        )


def _check_count(count: int, size_m: float) -> None:
    if count > MOST_CELLS:
        raise InputError(
            f"a grid of {size_m:g} m would have {count:,} cells here, more than {MOST_CELLS:,}",
            do="Use larger cells, or limit the area.",
        )


def _metres(value: float) -> str:
    """Write a length without needless decimals: 500, 62.5, 0.125."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _ids(prefix: str, east: Floats, north: Floats) -> NDArray[np.str_]:
    """Build "prefix:E…:N…"; each distinct easting and northing is written once."""
    parts = []
    for letter, values in (("E", east), ("N", north)):
        distinct, place = np.unique(values, return_inverse=True)
        written = np.array([f":{letter}{_metres(v)}" for v in distinct.tolist()], dtype=np.str_)
        parts.append(written[place] if len(written) else np.empty(0, dtype=np.str_))
    ids: NDArray[np.str_] = np.char.add(np.char.add(prefix, parts[0]), parts[1])
    return ids


@dataclass(frozen=True)
class SquareGrid:
    """Squares of `size_m`; cell number = row · columns + column, from the south-west corner.

    A point on a shared edge belongs to the cell east and north of it. Ids name the south-west
    corner: "500m:E182500:N44500".
    """

    size_m: float
    west: float
    south: float
    columns: int
    rows: int

    @property
    def unit(self) -> str:
        """Name of the unit of place, for example square-500."""
        return f"square-{_metres(self.size_m)}"

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north in metres."""
        size = self.size_m
        east, north = self.west + self.columns * size, self.south + self.rows * size
        return self.west, self.south, east, north

    def cell_of(self, easting: ArrayLike, northing: ArrayLike) -> Numbers:
        """Return the cell number of each point, −1 outside the grid or without coordinates."""
        size = self.size_m
        column = np.floor(np.asarray(easting, dtype=np.float64) / size) - round(self.west / size)
        row = np.floor(np.asarray(northing, dtype=np.float64) / size) - round(self.south / size)
        return _numbers(column, row, self.columns, self.rows)

    def corners(self, numbers: ArrayLike) -> tuple[Floats, Floats]:
        """Return the south-west corners of cells, metres."""
        row, column = np.divmod(np.asarray(numbers, dtype=np.int64), self.columns)
        first_column, first_row = round(self.west / self.size_m), round(self.south / self.size_m)
        return (column + first_column) * self.size_m, (row + first_row) * self.size_m

    def ids(self, numbers: ArrayLike) -> NDArray[np.str_]:
        """Return the ids of cells."""
        return _ids(f"{_metres(self.size_m)}m", *self.corners(numbers))

    def outlines(self, numbers: ArrayLike) -> Outlines:
        """Return cells as shapely polygons, object (n,)."""
        import shapely

        east, north = self.corners(numbers)
        drawn: Outlines = shapely.box(east, north, east + self.size_m, north + self.size_m)
        return drawn

    def cells(self, mask: ArrayLike | None = None) -> Cells:
        """Return all cells, or those of `mask` (booleans, or ascending cell numbers).

        Raises InputError above MOST_CELLS.
        """
        if mask is None:
            _check_count(self.columns * self.rows, self.size_m)
        kept = kept_cells(self.columns, self.rows, mask)
        east, north = self.corners(kept)
        half = self.size_m / 2
        centroids = np.column_stack([east + half, north + half])
        return _grid_cells(self, kept, centroids, self.size_m**2)

    def touching(self, outlines: Outlines) -> Numbers:
        """Return the numbers of the cells that `outlines` touch, ascending: the area's own zeros.

        Raises InputError above MOST_CELLS.
        """
        return _touching(self, outlines)


@dataclass(frozen=True)
class HexGrid:
    """Hexagons in rows, points to the north; `size_m` is the width from flat side to flat side.

    The area is √3/2 · size². Rows are size · √3/2 apart and odd rows (counted from northing 0)
    lie half a width further east; cell number = row · columns + column. A point belongs to the
    nearest centre; on an edge to the southern, then the western cell. Ids name the centre to the
    metre: "hex250m:E182500:N44602".
    """

    size_m: float
    first_column: int
    first_row: int
    columns: int
    rows: int

    @property
    def unit(self) -> str:
        """Name of the unit of place, for example hex-250."""
        return f"hex-{_metres(self.size_m)}"

    @property
    def spacing_m(self) -> float:
        """Distance between rows of centres, metres."""
        return self.size_m * math.sqrt(3) / 2

    def cell_of(self, easting: ArrayLike, northing: ArrayLike) -> Numbers:
        """Return the cell number of each point, −1 outside the grid or without coordinates."""
        east = np.asarray(easting, dtype=np.float64)
        north = np.asarray(northing, dtype=np.float64)
        size, spacing = self.size_m, self.spacing_m
        below = np.floor(north / spacing)  # the rows of centres below and above the point
        best_column, best_row = np.full(east.shape, np.nan), below
        best = np.full(east.shape, np.inf)
        for row in (below, below + 1):
            shift = np.mod(row, 2) * (size / 2)
            column = np.ceil((east - shift) / size - 0.5)  # nearest; western one when half-way
            distance = (east - shift - column * size) ** 2 + (north - row * spacing) ** 2
            nearer = distance < best
            best = np.where(nearer, distance, best)
            best_column = np.where(nearer, column, best_column)
            best_row = np.where(nearer, row, best_row)
        column, row = best_column - self.first_column, best_row - self.first_row
        return _numbers(column, row, self.columns, self.rows)

    def centres(self, numbers: ArrayLike) -> tuple[Floats, Floats]:
        """Return the centres of cells, metres."""
        row, column = np.divmod(np.asarray(numbers, dtype=np.int64), self.columns)
        row, column = row + self.first_row, column + self.first_column
        return column * self.size_m + (row % 2) * (self.size_m / 2), row * self.spacing_m

    def ids(self, numbers: ArrayLike) -> NDArray[np.str_]:
        """Return the ids of cells."""
        east, north = self.centres(numbers)
        digits = 0 if self.size_m >= 10 else 3
        return _ids(f"hex{_metres(self.size_m)}m", np.round(east, digits), np.round(north, digits))

    def outlines(self, numbers: ArrayLike) -> Outlines:
        """Return cells as shapely polygons, object (n,); neighbours share their corners exactly."""
        import shapely

        row, column = np.divmod(np.asarray(numbers, dtype=np.int64), self.columns)
        row, column = row + self.first_row, column + self.first_column
        # Corners in whole steps of half a width and a third of a row, so that both cells of an
        # edge compute the same numbers.
        halves = np.array([1, 1, 0, -1, -1, 0])
        thirds = np.array([-1, 1, 2, 1, -1, -2])
        east = ((2 * column + row % 2)[:, None] + halves) * (self.size_m / 2)
        north = (3 * row[:, None] + thirds) * (self.spacing_m / 3)
        drawn: Outlines = shapely.polygons(np.stack([east, north], axis=-1))
        return drawn

    def cells(self, mask: ArrayLike | None = None) -> Cells:
        """Return all cells, or those of `mask` (booleans, or ascending cell numbers).

        Raises InputError above MOST_CELLS.
        """
        if mask is None:
            _check_count(self.columns * self.rows, self.size_m)
        kept = kept_cells(self.columns, self.rows, mask)
        area = self.size_m * self.spacing_m
        return _grid_cells(self, kept, np.column_stack(self.centres(kept)), area)

    def touching(self, outlines: Outlines) -> Numbers:
        """Return the numbers of the cells that `outlines` touch, ascending: the area's own zeros.

        Raises InputError above MOST_CELLS.
        """
        return _touching(self, outlines)


Grid = SquareGrid | HexGrid


def square_grid(bounds: Bounds, size_m: float) -> SquareGrid:
    """Return the squares of `size_m` metres that cover `bounds`, edges included."""
    check_size(size_m)
    column, row, columns, rows = _steps(bounds, size_m, size_m)
    return SquareGrid(float(size_m), column * size_m, row * size_m, columns, rows)


def hex_grid(bounds: Bounds, size_m: float) -> HexGrid:
    """Return hexagons of `size_m` metres from side to side that cover `bounds`."""
    check_size(size_m)
    column, row, columns, rows = _steps(bounds, size_m, size_m * math.sqrt(3) / 2)
    # A point's nearest centre may lie one row above, or half a cell to either side.
    return HexGrid(float(size_m), column - 1, row, columns + 2, rows + 1)


def _numbers(column: Floats, row: Floats, columns: int, rows: int) -> Numbers:
    with np.errstate(invalid="ignore"):
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        number = np.where(inside, row * columns + column, -1)
    return number.astype(np.int64)


def _grid_cells(grid: Grid, kept: Numbers, centroids: Floats, area_m2: float) -> Cells:
    """Make Cells of the kept cells of a grid."""
    ids = grid.ids(kept)
    whole = len(kept) == grid.columns * grid.rows

    def find(east: Floats, north: Floats) -> Numbers:
        number = grid.cell_of(east, north)
        if whole or not len(kept):
            return number if whole else np.full(number.shape, -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(kept, number), len(kept) - 1)
        return np.where(kept[at] == number, at, -1)

    def link() -> Neighbours:
        if isinstance(grid, SquareGrid):
            return grid_neighbours(grid.columns, grid.rows, kept)
        return hex_neighbours(grid.columns, grid.rows, kept, first_row_odd=grid.first_row % 2 == 1)

    return Cells(
        grid.unit,
        ids,
        ids,
        centroids,
        np.full(len(kept), area_m2),
        draw=lambda: grid.outlines(kept),
        link=link,
        find=find,
    )


def _touching(grid: Grid, outlines: Outlines) -> Numbers:
    """Return cells that touch outlines, asked in blocks of the cells near any of them."""
    import shapely

    _check_count(grid.columns * grid.rows, grid.size_m)
    shapes = shapely.make_valid(np.asarray(outlines, dtype=object))
    whole = shapely.union_all(shapes)
    shapely.prepare(whole)
    near = _near(grid, shapely.bounds(shapely.get_parts(whole)))
    found = [
        block[shapely.intersects(whole, grid.outlines(block))]
        for block in np.array_split(near, 1 + len(near) // 100_000)
    ]
    return np.concatenate(found)


def _near(grid: Grid, bounds: Floats) -> Numbers:
    """Return the cells that may touch any of the bounding boxes (n, 4), ascending."""
    if isinstance(grid, SquareGrid):
        west, south, height = grid.west, grid.south, grid.size_m
    else:
        west, south = grid.first_column * grid.size_m, grid.first_row * grid.spacing_m
        height = grid.spacing_m
    near = np.zeros((grid.rows, grid.columns), dtype=bool)
    margin = np.array([-2, 2])  # more than a hexagon reaches into the next row or column
    for box in bounds[np.isfinite(bounds).all(axis=1)]:
        left, right = np.floor((box[[0, 2]] - west) / grid.size_m).astype(int) + margin
        low, high = np.floor((box[[1, 3]] - south) / height).astype(int) + margin
        near[max(low, 0) : max(high + 1, 0), max(left, 0) : max(right + 1, 0)] = True
    return np.flatnonzero(near)
