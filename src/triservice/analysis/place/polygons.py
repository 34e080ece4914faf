"""Exact point in polygon for many points and many polygons.

A lattice over the polygons says at once where most points lie: a lattice cell that no outline
touches belongs to one polygon, or to none. Only points in cells that an outline touches are
tested, against the edges of the candidate polygons that pass through the cell's row. Points and
edges go to rows and columns by the same monotone arithmetic, and the side of an edge is decided
exactly, so no tolerance enters anywhere.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.place.outlines import CROSSED, Outlines, valid_areas
from triservice.analysis.place.predicates import side
from triservice.kernel.errors import InputError
from triservice.kernel.words import many

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Marks = NDArray[np.int32]

CELLS_PER_POLYGON = 400  # about twenty cells across the middling polygon
MOST_CELLS = 8_000_000  # of the lattice: 32 MB
BLOCK = 500_000  # points looked up at a time by one thread


class _Lattice(NamedTuple):
    """Where the lattice lies; a point's column is floor((x − west) · per_x), its row likewise."""

    west: float
    south: float
    per_x: float
    per_y: float
    columns: int
    rows: int


class _Tables(NamedTuple):
    """What the search reads.

    owner (cells,): ≥ 0 the polygon that covers the whole cell, −1 nobody, −2 − i: candidate list
    i. candidates: those of list i are candidates[starts[i]:starts[i + 1]], ascending; polygon p
    is written p when its outline touches the cell and −1 − p when it covers the whole cell.
    edges (m, 4): x0, y0, x1, y1 of polygon p in its row r (counted from first_row[p]):
    edges[row_starts[slab[p] + r]:row_starts[slab[p] + r + 1]].
    """

    owner: Marks
    starts: Numbers
    candidates: Marks
    edges: Floats
    row_starts: Numbers
    slab: Numbers
    first_row: Numbers


@dataclass(frozen=True)
class PolygonIndex:
    """Polygons prepared for finding which one holds a point. Make one with `build`.

    `repaired` lists the outlines that were invalid (crossing themselves) and were made valid by
    shapely.make_valid; `empty` those that hold no area and so no point.
    """

    n: int
    repaired: Numbers
    empty: Numbers
    lattice: _Lattice
    tables: _Tables

    @classmethod
    def build(cls, outlines: Outlines) -> PolygonIndex:
        """Prepare shapely polygons or multipolygons (n,), with holes, gaps and overlaps.

        Raises InputError for outlines that are not areas or hold coordinates that are not finite.
        """
        import shapely

        shapes, repaired = valid_areas(outlines)
        vertices, owners = shapely.get_coordinates(shapes, return_index=True)
        parts, part_owner = shapely.get_parts(shapes, return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        ring = np.repeat(np.arange(len(rings)), shapely.get_num_coordinates(rings))
        along = np.flatnonzero(ring[:-1] == ring[1:])
        edges = np.hstack([vertices[along], vertices[along + 1]])
        owner = part_owner[ring_part][ring[along]].astype(np.int64)
        empty = np.flatnonzero(np.bincount(owners, minlength=len(shapes)) == 0)
        lattice = _lay_lattice(shapes)
        tables = _build_tables(edges, owner, len(shapes), lattice)
        return cls(len(shapes), repaired, empty, lattice, tables)

    def locate(self, easting: ArrayLike, northing: ArrayLike) -> Numbers:
        """Return for each point the polygon that covers it, −1 for none or NaN; int64 (n,).

        Boundaries, of holes too, belong to their polygon; where several polygons cover a point
        (a shared boundary, an overlap) the one with the lowest index has it.
        """
        east = np.ascontiguousarray(easting, dtype=np.float64)
        north = np.ascontiguousarray(northing, dtype=np.float64)
        if east.shape != north.shape or east.ndim != 1:
            raise InputError("easting and northing must be one-dimensional and of equal length")
        found = np.empty(len(east), dtype=np.int64)

        def search(start: int) -> None:
            block = slice(start, start + BLOCK)
            _locate(east[block], north[block], found[block], self.lattice, self.tables)

        starts = range(0, len(east), BLOCK)
        if len(starts) <= 1:
            search(0)
        else:
            with ThreadPoolExecutor() as pool:
                list(pool.map(search, starts))
        return found

    def notes(self) -> list[str]:
        """Return sentences about outlines that were repaired or hold nothing."""
        said = []
        if len(self.repaired):
            said.append(f"{many(len(self.repaired), *CROSSED)}; made valid.")
        if len(self.empty):
            said.append(f"{many(len(self.empty), 'empty outline')}, in which no point lies.")
        return said


def _lay_lattice(shapes: Outlines) -> _Lattice:
    """Choose square lattice cells: CELLS_PER_POLYGON in the middling polygon, MOST_CELLS in all."""
    import shapely

    areas = shapely.area(shapes)
    areas = areas[areas > 0]
    if not len(areas):
        return _Lattice(0.0, 0.0, 1.0, 1.0, 1, 1)
    bounds = shapely.total_bounds(shapes)
    west, south = bounds[:2]
    width, height = np.maximum(bounds[2:] - bounds[:2], 1e-6)
    wanted = float(width * height / np.median(areas)) * CELLS_PER_POLYGON
    wanted = min(max(wanted, 1_024.0), MOST_CELLS)
    columns = int(min(max(math.sqrt(wanted * (width / height)), 1.0), wanted))
    rows = int(max(wanted / columns, 1.0))
    # One cell of margin: the easternmost point must not fall on the far side of the last column.
    return _Lattice(
        float(west),
        float(south),
        columns / float(width),
        rows / float(height),
        columns + 1,
        rows + 1,
    )


def _build_tables(edges: Floats, owner: Numbers, n: int, lattice: _Lattice) -> _Tables:
    """Sort edges into rows of their polygon, and lattice cells into covered and touched."""
    y0, y1 = np.minimum(edges[:, 1], edges[:, 3]), np.maximum(edges[:, 1], edges[:, 3])
    low = np.floor((y0 - lattice.south) * lattice.per_y).astype(np.int64)
    high = np.floor((y1 - lattice.south) * lattice.per_y).astype(np.int64)
    first_row = np.full(n, np.iinfo(np.int64).max)
    last_row = np.full(n, -1, dtype=np.int64)
    np.minimum.at(first_row, owner, low)
    np.maximum.at(last_row, owner, high)
    spans = np.where(last_row >= 0, last_row - first_row + 1, 0)
    slab = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(spans, out=slab[1:])
    row_starts = np.zeros(int(slab[-1]) + 1, dtype=np.int64)
    _count_rows(owner, low, high, first_row, slab, row_starts)
    np.cumsum(row_starts, out=row_starts)
    sorted_edges = np.empty((int(row_starts[-1]), 4))
    _fill_rows(edges, owner, low, high, first_row, slab, row_starts.copy(), sorted_edges)
    shape = _Tables(
        np.empty(0, dtype=np.int32),
        np.empty(0, dtype=np.int64),
        np.empty(0, dtype=np.int32),
        sorted_edges,
        row_starts,
        slab,
        first_row,
    )
    owners, starts, candidates = _candidate_lists(*_cover_all(shape, lattice, n))
    return shape._replace(owner=owners, starts=starts, candidates=candidates)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _count_rows(
    owner: Numbers, low: Numbers, high: Numbers, first_row: Numbers, slab: Numbers, counts: Numbers
) -> None:
    for e in range(len(owner)):
        at = slab[owner[e]] - first_row[owner[e]] + 1
        for row in range(low[e], high[e] + 1):
            counts[at + row] += 1


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _fill_rows(
    edges: Floats,
    owner: Numbers,
    low: Numbers,
    high: Numbers,
    first_row: Numbers,
    slab: Numbers,
    at: Numbers,
    out: Floats,
) -> None:
    for e in range(len(owner)):
        base = slab[owner[e]] - first_row[owner[e]]
        for row in range(low[e], high[e] + 1):
            out[at[base + row]] = edges[e]
            at[base + row] += 1


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _covers(edges: Floats, start: int, stop: int, x: float, y: float) -> bool:
    """Whether a polygon covers a point, by the edges of the point's row; boundaries count.

    Counts the edges that a ray to the east crosses; an edge owns its lower end only, so that a
    ray through a vertex counts once.
    """
    inside = False
    for e in range(start, stop):
        x0, y0, x1, y1 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        rising = y1 > y0
        bottom, top = (y0, y1) if rising else (y1, y0)
        if y < bottom or y > top:
            continue
        left, right = (x0, x1) if x0 < x1 else (x1, x0)
        if x > right:
            continue
        if bottom == top:
            if x >= left:
                return True
            continue
        if x < left:
            if y < top:
                inside = not inside
            continue
        turn = side(x0, y0, x1, y1, x, y)
        if turn == 0:
            return True
        if y < top and (turn > 0) == rising:
            inside = not inside
    return inside


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cover_all(tables: _Tables, lattice: _Lattice, n: int) -> tuple[Marks, Numbers, Marks]:
    """Walk every polygon's rows: which cells does its outline touch, which does it cover?

    Returns the owner of cells that need no list, and (cell, mark) pairs for those that do, with
    the marks of one cell in ascending order of polygon.
    """
    columns = lattice.columns
    owner = np.full(columns * lattice.rows, -1, dtype=np.int32)
    listed = np.zeros(len(owner), dtype=np.bool_)
    stamp = np.full(columns, -1, dtype=np.int64)
    cells, marks = np.empty(1024, dtype=np.int64), np.empty(1024, dtype=np.int32)
    used = 0
    for p in range(n):
        for slab in range(tables.slab[p], tables.slab[p + 1]):
            row = tables.first_row[p] + slab - tables.slab[p]
            start, stop = tables.row_starts[slab], tables.row_starts[slab + 1]
            first, last = columns, -1
            for e in range(start, stop):
                low, high = _touched(tables.edges[e], row, lattice)
                first, last = min(first, low), max(last, high)
                for column in range(low, high + 1):
                    stamp[column] = slab
            fresh, covered = True, False
            for column in range(first, last + 1):
                cell = row * columns + column
                touched = stamp[column] == slab
                if not touched and fresh:  # all of a run without edges lies on one side
                    x = lattice.west + (column + 0.5) / lattice.per_x
                    y = lattice.south + (row + 0.5) / lattice.per_y
                    covered = _covers(tables.edges, start, stop, x, y)
                fresh = touched
                if owner[cell] >= 0 or not (touched or covered):
                    continue  # a lower polygon has the whole cell already, or this one nothing
                if not touched:
                    owner[cell] = p
                    if not listed[cell]:
                        continue
                if used == len(cells):
                    cells = np.concatenate((cells, np.empty_like(cells)))
                    marks = np.concatenate((marks, np.empty_like(marks)))
                cells[used] = cell
                marks[used] = p if touched else -1 - p
                listed[cell] = True
                used += 1
    return owner, cells[:used], marks[:used]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _touched(edge: Floats, row: int, lattice: _Lattice) -> tuple[Any, Any]:
    """Return first and last column that an edge may touch within a row; never too few.

    The strip of the row is widened by far more than rounding can move it.
    """
    x0, y0, x1, y1 = edge[0], edge[1], edge[2], edge[3]
    if y0 > y1:
        x0, y0, x1, y1 = x1, y1, x0, y0
    left, right = min(x0, x1), max(x0, x1)
    first = np.int64(np.floor((left - lattice.west) * lattice.per_x))
    last = np.int64(np.floor((right - lattice.west) * lattice.per_x))
    if first == last or y0 == y1:
        return first, last
    slack_y = 1e-6 / lattice.per_y + 1e-14 * max(abs(y0), abs(y1))
    slack_x = 1e-6 / lattice.per_x + 1e-14 * max(abs(left), abs(right))
    bottom = max(y0, lattice.south + row / lattice.per_y - slack_y)
    top = min(y1, lattice.south + (row + 1) / lattice.per_y + slack_y)
    xa = x0 + (x1 - x0) * min(max((bottom - y0) / (y1 - y0), 0.0), 1.0)
    xb = x0 + (x1 - x0) * min(max((top - y0) / (y1 - y0), 0.0), 1.0)
    low = np.floor((min(xa, xb) - slack_x - lattice.west) * lattice.per_x)
    high = np.floor((max(xa, xb) + slack_x - lattice.west) * lattice.per_x)
    return max(first, np.int64(low)), min(last, np.int64(high))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _candidate_lists(owner: Marks, cells: Numbers, marks: Marks) -> tuple[Marks, Numbers, Marks]:
    """Group (cell, mark) pairs into lists, in their order, and point the cells' owner at them."""
    sizes = np.zeros(len(cells) + 2, dtype=np.int64)
    lists = 0
    for cell in cells:
        owner[cell] = -1
    for cell in cells:
        if owner[cell] == -1:
            owner[cell] = -2 - lists
            lists += 1
        sizes[-owner[cell]] += 1  # list i is counted at i + 2, so that the sums give its start
    starts = np.cumsum(sizes)
    sorted_marks = np.empty_like(marks)
    for at in range(len(cells)):
        place = -1 - owner[cells[at]]  # i + 1: where the next mark of list i goes
        sorted_marks[starts[place]] = marks[at]
        starts[place] += 1
    return owner, starts[: lists + 1], sorted_marks


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _locate(
    east: Floats, north: Floats, found: Numbers, lattice: _Lattice, tables: _Tables
) -> None:
    for i in range(len(east)):
        x, y = east[i], north[i]
        across = np.floor((x - lattice.west) * lattice.per_x)
        up = np.floor((y - lattice.south) * lattice.per_y)
        found[i] = -1
        if not (across >= 0 and across < lattice.columns and up >= 0 and up < lattice.rows):
            continue  # outside, or NaN
        row = np.int64(up)
        owner = tables.owner[row * lattice.columns + np.int64(across)]
        if owner >= -1:
            found[i] = owner
            continue
        for c in range(tables.starts[-2 - owner], tables.starts[-1 - owner]):
            mark = tables.candidates[c]
            if mark < 0:
                found[i] = -1 - mark
                break
            slab = tables.slab[mark] + row - tables.first_row[mark]
            if _covers(tables.edges, tables.row_starts[slab], tables.row_starts[slab + 1], x, y):
                found[i] = mark
                break
