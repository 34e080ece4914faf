"""Areas as runs of cells: sparse, exact to the cell, and turned into valid polygons.

An area is a list of runs: in row r, the cells from `left` up to (not including) `right`, all of one
level. Nothing is kept for empty land, so a county costs what its zones cost, and a stray event
costs one disc. Rows and columns count cells of `cell_m` metres from the origin of the projected
system, so the same place always falls into the same cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
_ROW_BITS, _COLUMN_BITS, _BAND_BITS = 29, 29, 4  # and one for the sign, in a key of 63 bits


@dataclass(frozen=True)
class Runs:
    """Runs of cells in order of row, then column; runs of one row do not overlap."""

    row: Ints
    left: Ints
    right: Ints  # not included
    level: NDArray[np.int8]
    cell_m: float

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.row)

    @property
    def cells(self) -> NDArray[np.int64]:
        """Cells in each run."""
        return self.right.astype(np.int64) - self.left

    def area_m2(self) -> float:
        """Return the area of all runs."""
        return float(self.cells.sum()) * self.cell_m**2

    def take(self, chosen: NDArray[Any]) -> Runs:
        """Return the runs that a mask or an index chooses (an index must rise)."""
        row, left, right = self.row[chosen], self.left[chosen], self.right[chosen]
        return Runs(row, left, right, self.level[chosen], self.cell_m)

    def merged(self) -> Runs:
        """Return the same area without regard to level: runs that touch in a row are joined."""
        if not len(self):
            return self
        starts = np.ones(len(self), bool)
        starts[1:] = (self.row[1:] != self.row[:-1]) | (self.left[1:] != self.right[:-1])
        first = np.flatnonzero(starts)
        last = np.append(first[1:], len(self)) - 1
        level = np.maximum.reduceat(self.level, first)
        return Runs(self.row[first], self.left[first], self.right[last], level, self.cell_m)

    def find(self, easting: Floats, northing: Floats) -> NDArray[np.int64]:
        """Return (n,) the run that holds each point, -1 outside."""
        column = np.floor(np.asarray(easting) / self.cell_m).astype(np.int64)
        row = np.floor(np.asarray(northing) / self.cell_m).astype(np.int64)
        if not len(self):
            return np.full(row.shape, -1, np.int64)
        key = (self.row.astype(np.int64) << 32) + self.left
        at = np.searchsorted(key, (row << 32) + column, side="right") - 1
        held = (at >= 0) & (self.row[at] == row) & (column < self.right[at])
        return np.where(held, at, -1)

    def components(self) -> tuple[Ints, int]:
        """Return (m,) the number of the connected area of each run, and how many there are.

        Cells are connected through their sides, not their corners; levels are not regarded.
        """
        label = _components(self.row, self.left, self.right)
        return label, int(label.max(initial=-1)) + 1

    def polygons(self, label: Ints, count: int) -> NDArray[Any]:
        """Return (count,) shapely polygons in metres, one for each connected area.

        Runs of a row may not touch within one area (see `merged`). Shells run anticlockwise and
        holes clockwise, as RFC 7946 asks; every polygon is valid.
        """
        import shapely

        order = np.argsort(label, kind="stable")
        corners, ring, owner = _trace(
            self.row[order], self.left[order], self.right[order], label[order]
        )
        rings = shapely.linearrings(corners * self.cell_m, indices=ring)
        # Twice the signed area of a ring of cells is a whole number: exact in its sign.
        wedge = corners[:-1, 0] * corners[1:, 1] - corners[1:, 0] * corners[:-1, 1]
        wedge = np.where(ring[:-1] == ring[1:], wedge, 0)
        shell = np.bincount(ring[:-1], wedge, minlength=len(owner)) > 0 if len(ring) else owner > 0
        outlines = np.empty(count, object)
        outlines[owner[shell]] = shapely.polygons(rings[shell])
        for area in np.unique(owner[~shell]):
            holes = rings[~shell & (owner == area)]
            outlines[area] = shapely.polygons(rings[shell & (owner == area)][0], holes=holes)
        return outlines


def discs(
    easting: Floats,
    northing: Floats,
    band: NDArray[np.integer[Any]],
    radius_m: float,
    cell_m: float,
    needs: Ints,
    gives: NDArray[np.int8],
) -> Runs:
    """Return the cells whose centre lies within `radius_m` of an event, with their level.

    `band` (n,) is the age band of each event. A cell in reach of c[b] events of band b takes the
    highest level `gives` (rules,) of the rules whose `needs` (rules, bands) are all met.
    Raises InputError when events lie too far apart to be on one map.
    """
    x, y = np.asarray(easting, np.float64) / cell_m, np.asarray(northing, np.float64) / cell_m
    none = np.empty(0, np.int32)
    if not len(x):
        return Runs(none, none, none, none.astype(np.int8), cell_m)
    reach = radius_m / cell_m
    west, south = np.floor(x.min() - reach) - 1, np.floor(y.min() - reach) - 1
    far = max(x.max() - west, y.max() - south, abs(west), abs(south)) + reach + 2
    if far >= 2**_ROW_BITS:
        raise InputError("events lie too far apart to be on one map", do="Give bounds or a CRS.")
    keys = _ends(x - west, y - south, band.astype(np.int64), reach)
    keys.sort()
    row, left, right, level = _sweep(keys, needs, gives)
    return Runs(row + np.int32(south), left + np.int32(west), right + np.int32(west), level, cell_m)


@njit(cache=True, nogil=True)
def _ends(x, y, band, reach):  # type: ignore[no-untyped-def]
    """Return where discs begin and end in every row, packed as row, column, band, end."""
    keys = np.empty(len(x) * (2 * int(np.ceil(2 * reach)) + 4), np.int64)
    at = 0
    for i in range(len(x)):
        for row in range(int(np.ceil(y[i] - reach - 0.5)), int(np.floor(y[i] + reach - 0.5)) + 1):
            up = row + 0.5 - y[i]
            half = np.sqrt(max(reach * reach - up * up, 0.0))
            first = int(np.ceil(x[i] - half - 0.5))
            beyond = int(np.floor(x[i] + half - 0.5)) + 1
            if beyond > first:
                line = (row << _COLUMN_BITS) + first
                keys[at] = (line << (_BAND_BITS + 1)) + (band[i] << 1)
                line = (row << _COLUMN_BITS) + beyond
                keys[at + 1] = (line << (_BAND_BITS + 1)) + (band[i] << 1) + 1
                at += 2
    return keys[:at]


@njit(cache=True, nogil=True)
def _sweep(keys, needs, gives):  # type: ignore[no-untyped-def]
    """Walk along every row, counting the discs that cover each stretch."""
    rows, lefts = np.empty(len(keys), np.int32), np.empty(len(keys), np.int32)
    rights, levels = np.empty(len(keys), np.int32), np.empty(len(keys), np.int8)
    covering = np.zeros(needs.shape[1], np.int32)
    made, total, since, level = 0, 0, -1, -1
    at = 0
    while at < len(keys):
        line = keys[at] >> (_BAND_BITS + 1)
        while at < len(keys) and keys[at] >> (_BAND_BITS + 1) == line:
            step = 1 - 2 * (keys[at] & 1)
            covering[(keys[at] >> 1) & ((1 << _BAND_BITS) - 1)] += step
            total += step
            at += 1
        now = -1
        if total:
            for rule in range(len(gives)):
                met = gives[rule] > now
                for b in range(len(covering)):
                    met = met and covering[b] >= needs[rule, b]
                if met:
                    now = gives[rule]
        if now != level:  # no run ever passes the end of a row: there the discs have ended
            column = line & ((1 << _COLUMN_BITS) - 1)
            if level >= 0:
                rows[made], levels[made] = line >> _COLUMN_BITS, level
                lefts[made], rights[made] = since, column
                made += 1
            since, level = column, now
    return rows[:made].copy(), lefts[:made].copy(), rights[:made].copy(), levels[:made].copy()


@njit(cache=True, nogil=True)
def _root(parent, run):  # type: ignore[no-untyped-def]
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run


@njit(cache=True, nogil=True)
def _components(row, left, right):  # type: ignore[no-untyped-def]
    """Join runs that share a side, within a row and between rows, by union and find."""
    size = len(row)
    parent = np.arange(size).astype(np.int32)
    below = 0
    for run in range(size):
        if run and row[run - 1] == row[run] and right[run - 1] == left[run]:
            parent[_root(parent, run)] = _root(parent, run - 1)
        while below < run and (
            row[below] < row[run] - 1 or (row[below] == row[run] - 1 and right[below] <= left[run])
        ):
            below += 1
        other = below
        while other < run and row[other] == row[run] - 1 and left[other] < right[run]:
            parent[_root(parent, run)] = _root(parent, other)
            other += 1
    label = np.full(size, -1, np.int32)
    numbers = 0
    for run in range(size):
        top = _root(parent, run)
        if label[top] < 0:
            label[top] = numbers
            numbers += 1
        label[run] = label[top]
    return label


@njit(cache=True, nogil=True)
def _corner(run, side, left, right):  # type: ignore[no-untyped-def]
    return left[run] if side < 2 else right[run]


@njit(cache=True, nogil=True)
def _join(partner, left, right, low, low_end, high, high_end):  # type: ignore[no-untyped-def]
    """Join the ends of upright edges along the line between one row of an area and the next.

    Ends are numbered 4 x run + side; sides 0 and 1 are the bottom and top of the left edge, 2 and
    3 of the right edge. Along the line the outline lies where exactly one of the rows is covered.
    Where two cells touch by a corner only, the outline stays with the empty cells, so a shell
    never touches itself and the polygon is valid.
    """
    a, b, a_stop, b_stop = 2 * low, 2 * high, 2 * low_end, 2 * high_end
    waiting = -1
    while a < a_stop or b < b_stop:
        end_a, end_b = 2 * a + 1, 2 * b  # 4 x run + 2 x (0 left, 1 right), + 1 at the top
        at_a = _corner(a // 2, end_a & 3, left, right) if a < a_stop else np.int32(2**31 - 1)
        at_b = _corner(b // 2, end_b & 3, left, right) if b < b_stop else np.int32(2**31 - 1)
        if a < a_stop and b < b_stop and at_a == at_b:
            a, b = a + 1, b + 1
            if waiting < 0:
                partner[end_a], partner[end_b] = end_b, end_a
            else:
                near, far = (end_a, end_b) if end_a & 2 == 0 else (end_b, end_a)
                partner[waiting], partner[near] = near, waiting
                waiting = far
            continue
        if at_a < at_b:
            end = end_a
            a += 1
        else:
            end = end_b
            b += 1
        if waiting < 0:
            waiting = end
        else:
            partner[waiting], partner[end] = end, waiting
            waiting = -1


@njit(cache=True, nogil=True)
def _trace(row, left, right, label):  # type: ignore[no-untyped-def]
    """Return corners (k, 2), the ring of each corner and the area of each ring; rings closed."""
    size = len(row)
    partner = np.full(4 * size, -1, np.int64)
    low, high = 0, 0
    while high < size:
        stop = high
        while stop < size and label[stop] == label[high] and row[stop] == row[high]:
            stop += 1
        follows = low < high and label[low] == label[high] and row[low] == row[high] - 1
        if low < high and not follows:
            _join(partner, left, right, low, high, 0, 0)
        _join(partner, left, right, low if follows else high, high, high, stop)
        low, high = high, stop
    _join(partner, left, right, low, size, 0, 0)

    corners = np.empty((10 * size, 2), np.float64)
    ring, owner = np.empty(10 * size, np.int64), np.empty(2 * size, np.int64)
    seen = np.zeros(size, np.bool_)
    at, rings = 0, 0
    for start in range(size):
        if seen[start]:
            continue
        first, end = at, 4 * start + 1
        while True:
            run = end >> 2
            if end & 3 == 1:
                seen[run] = True
            end ^= 1  # along the edge to its other end
            height = row[run] + (end & 1)
            here = _corner(run, end & 3, left, right)
            end = partner[end]
            there = _corner(end >> 2, end & 3, left, right)
            if here != there:
                corners[at, 0], corners[at, 1], ring[at] = here, height, rings
                corners[at + 1, 0], corners[at + 1, 1], ring[at + 1] = there, height, rings
                at += 2
            if end == 4 * start + 1:
                break
        corners[at], ring[at] = corners[first], rings
        owner[rings] = label[start]
        at, rings = at + 1, rings + 1
    return corners[:at].copy(), ring[:at].copy(), owner[:rings].copy()
