"""Which units of place are neighbours: shared outlines, lattices and distance bands.

Everything comes back as `Neighbours`, a compressed list of lists with binary weights; a unit is
never its own neighbour unless `with_self` is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.place.outlines import Outlines as Outlines
from triservice.analysis.place.outlines import check_areas
from triservice.kernel.errors import InputError

Indices = NDArray[np.int32]
Pointers = NDArray[np.int64]
Rule = Literal["queen", "rook"]


@dataclass(frozen=True)
class Neighbours:
    """Neighbours of n units: those of unit i are `indices[indptr[i]:indptr[i + 1]]`, ascending.

    `indptr` int64 (n + 1,), `indices` int32 (links,). All weights are one.
    """

    indptr: Pointers
    indices: Indices

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.indptr) - 1

    def of(self, unit: int) -> Indices:
        """Return the neighbours of one unit."""
        return self.indices[self.indptr[unit] : self.indptr[unit + 1]]

    @cached_property
    def counts(self) -> Pointers:
        """Number of neighbours of each unit, int64 (n,)."""
        return np.diff(self.indptr)

    @cached_property
    def islands(self) -> Pointers:
        """Units without any neighbour, int64 (islands,)."""
        return np.flatnonzero(self.counts == 0)

    def with_self(self) -> Neighbours:
        """Return the same neighbours with every unit also its own (as Gi* wants)."""
        n = len(self)
        indptr = self.indptr + np.arange(n + 1)
        indices = np.empty(len(self.indices) + n, dtype=np.int32)
        _merge_self(self.indptr, self.indices, indices)
        return Neighbours(indptr, indices)

    def take(self, units: ArrayLike) -> Neighbours:
        """Return the neighbours among `units` only, renumbered in their order.

        `units` are distinct integers or a boolean mask (n,).
        """
        chosen = np.asarray(units)
        chosen = np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(np.int64)
        number = np.full(len(self), -1, dtype=np.int64)
        number[chosen] = np.arange(len(chosen))
        owner = np.repeat(number, self.counts)
        other = number[self.indices]
        keep = (owner >= 0) & (other >= 0)
        return from_pairs(owner[keep], other[keep], len(chosen), symmetric=False)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _merge_self(indptr: Pointers, indices: Indices, out: Indices) -> None:
    at = 0
    for unit in range(len(indptr) - 1):
        placed = False
        for link in range(indptr[unit], indptr[unit + 1]):
            if not placed and indices[link] > unit:
                out[at] = unit
                at += 1
                placed = True
            out[at] = indices[link]
            at += 1
        if not placed:
            out[at] = unit
            at += 1


def from_pairs(first: ArrayLike, second: ArrayLike, n: int, symmetric: bool = True) -> Neighbours:
    """Build neighbours of `n` units from pairs of indices; repeated and self pairs are dropped.

    With `symmetric` each pair counts both ways.
    """
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if symmetric:
        a, b = np.concatenate([a, b]), np.concatenate([b, a])
    apart = a != b
    keys = np.unique(a[apart] * n + b[apart])
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys // max(n, 1), minlength=n), out=indptr[1:])
    return Neighbours(indptr, (keys % max(n, 1)).astype(np.int32))


# --- lattices -------------------------------------------------------------------------------------

# Steps to neighbouring cells as (row, column), in ascending order of cell number.
_STEPS: dict[str, tuple[tuple[int, int], ...]] = {
    "queen": ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)),
    "rook": ((-1, 0), (0, -1), (0, 1), (1, 0)),
    # Rows of hexagons: odd rows lie half a cell to the east of even ones.
    "hex-even": ((-1, -1), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 0)),
    "hex-odd": ((-1, 0), (-1, 1), (0, -1), (0, 1), (1, 0), (1, 1)),
}


def grid_neighbours(
    columns: int, rows: int, mask: ArrayLike | None = None, rule: Rule = "queen"
) -> Neighbours:
    """Neighbours in a lattice of squares, numbered row by row (number = row · columns + column).

    `mask` keeps some cells: booleans (rows · columns,) or (rows, columns), or the ascending
    numbers of the kept cells. Neighbours are numbered among the kept cells, in their order.
    """
    return _lattice(columns, rows, mask, (_STEPS[rule], _STEPS[rule]), odd_first=False)


def hex_neighbours(
    columns: int, rows: int, mask: ArrayLike | None = None, first_row_odd: bool = False
) -> Neighbours:
    """Neighbours (six at most) in rows of hexagons; odd rows lie half a cell further east.

    `first_row_odd` says that row 0 is a shifted one. Numbers and `mask` as in grid_neighbours.
    """
    return _lattice(columns, rows, mask, (_STEPS["hex-even"], _STEPS["hex-odd"]), first_row_odd)


def kept_cells(columns: int, rows: int, mask: ArrayLike | None) -> Pointers:
    """Return the ascending numbers of the cells that `mask` keeps. Raises InputError."""
    total = columns * rows
    if mask is None:
        return np.arange(total, dtype=np.int64)
    chosen = np.asarray(mask)
    if chosen.dtype == bool:
        if chosen.size != total:
            raise InputError(f"the mask has {chosen.size:,} cells and the grid {total:,}")
        return np.flatnonzero(chosen.reshape(-1))
    numbers: Pointers = chosen.astype(np.int64)
    ascending = numbers.ndim == 1 and bool((np.diff(numbers) > 0).all())
    if not ascending or (len(numbers) and (numbers[0] < 0 or numbers[-1] >= total)):
        raise InputError(f"cell numbers must be distinct, ascending and within 0 to {total - 1:,}")
    return numbers


def _lattice(
    columns: int, rows: int, mask: ArrayLike | None, steps: Any, odd_first: bool
) -> Neighbours:
    """Look up every step of every kept cell in a padded lattice, or by search when it is sparse."""
    numbers = kept_cells(columns, rows, mask)
    row, column = np.divmod(numbers, columns)
    width = columns + 2  # one empty cell on every side makes all steps legal
    place = (row + 1) * width + column + 1
    odd = ((row + odd_first) & 1).astype(bool)
    near = np.empty((len(numbers), len(steps[0])), dtype=np.int32)
    find = _finder(place, width * (rows + 2))
    offsets = np.array([[down * width + right for down, right in kind] for kind in steps])
    if (offsets[0] == offsets[1]).all():
        for at, offset in enumerate(offsets[0]):
            near[:, at] = find(place + offset)
    else:
        shift = offsets[odd.astype(np.int64)]
        for at in range(near.shape[1]):
            near[:, at] = find(place + shift[:, at])
    present = near >= 0
    indptr = np.zeros(len(numbers) + 1, dtype=np.int64)
    np.cumsum(present.sum(axis=1), out=indptr[1:])
    return Neighbours(indptr, near[present])


def _finder(place: Pointers, size: int) -> Any:
    """Return a function from places to their position in `place`, −1 where it is not there."""
    n = len(place)
    if size <= 16 * n + 1_000_000:
        table = np.full(size, -1, dtype=np.int32)
        table[place] = np.arange(n, dtype=np.int32)
        return lambda wanted: table[wanted]

    def search(wanted: Pointers) -> Indices:
        at = np.searchsorted(place, wanted)
        found = place[np.minimum(at, n - 1)] == wanted
        return np.where(found, at, -1).astype(np.int32)

    return search


# --- distance -------------------------------------------------------------------------------------


def distance_band(centroids: ArrayLike, metres: float) -> Neighbours:
    """Neighbours at most `metres` apart between `centroids` (n, 2). Raises InputError."""
    from scipy.spatial import cKDTree

    points = np.asarray(centroids, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise InputError("centroids must be finite coordinates of shape (n, 2)")
    if not metres > 0:
        raise InputError(f"a distance band of {metres} m holds no neighbours")
    pairs = cKDTree(points).query_pairs(metres, output_type="ndarray")
    return from_pairs(pairs[:, 0], pairs[:, 1], len(points))


# --- outlines -------------------------------------------------------------------------------------


def queen(outlines: Outlines, tolerance: float | None = None) -> Neighbours:
    """Neighbours that share at least a corner of their outlines (shapely polygons (n,)).

    Without `tolerance` two outlines are neighbours when they hold an identical vertex, as in
    libpysal: exact and fast, but blind where one outline runs along another without sharing its
    vertices (T-junctions, generalised outlines). With `tolerance` in metres they are neighbours
    when they come that close: 0 finds T-junctions and overlaps, more also bridges slivers.
    Units without neighbours are in `.islands`.
    """
    shapes = check_areas(outlines)
    if tolerance is not None:
        near = _within(shapes, tolerance)
        return from_pairs(near[0], near[1], len(shapes), symmetric=False)
    vertices, owners = _vertices(shapes)
    return _shared(_vertex_ids(vertices), owners, len(shapes))


def rook(outlines: Outlines, tolerance: float | None = None) -> Neighbours:
    """Neighbours that share an edge: two successive vertices, as in libpysal.

    With `tolerance` in metres: those of queen(tolerance) of which more than four tolerances of
    outline run within the tolerance (so that a corner that two units share is not an edge).
    """
    shapes = check_areas(outlines)
    if tolerance is not None:
        return _rook_within(shapes, tolerance)
    vertices, owners = _vertices(shapes)
    ids = _vertex_ids(vertices)
    # Successive vertices of one ring; the first vertex of a ring comes again at its end.
    rings = _rings_of(shapes)
    along = rings[:-1] == rings[1:]
    low, high = np.minimum(ids[:-1], ids[1:])[along], np.maximum(ids[:-1], ids[1:])[along]
    keys = low * (len(vertices) + 1) + high
    edges = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    return _shared(edges, owners[:-1][along], len(shapes))


def _vertices(shapes: Outlines) -> tuple[NDArray[np.float64], Pointers]:
    """Return all vertices (m, 2) and the unit that owns each (m,)."""
    import shapely

    vertices, owners = shapely.get_coordinates(shapes, return_index=True)
    return vertices + 0.0, owners.astype(np.int64)  # + 0.0 makes −0 and 0 the same


def _rings_of(shapes: Outlines) -> Pointers:
    """Return the number of the ring of every vertex, in the order of get_coordinates."""
    import shapely

    parts = shapely.get_parts(shapes)
    rings = shapely.get_rings(parts)
    return np.repeat(np.arange(len(rings)), shapely.get_num_coordinates(rings))


def _vertex_ids(vertices: NDArray[np.float64]) -> Pointers:
    """Give equal vertices one number, int64 (m,)."""
    ids = np.empty(len(vertices), dtype=np.int64)
    bits = 4
    while (1 << bits) < 2 * len(vertices):
        bits += 1
    _hash_vertices(np.ascontiguousarray(vertices).view(np.uint64), bits, ids)
    return ids


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _hash_vertices(words: NDArray[np.uint64], bits: int, ids: Pointers) -> None:
    """Open addressing over the bits of both coordinates; ids count distinct vertices."""
    size = 1 << bits
    slots = np.full(size, -1, dtype=np.int64)
    distinct = 0
    for v in range(len(words)):
        mixed = words[v, 0] * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
        mixed = (mixed + words[v, 1]) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
        at = np.int64(mixed >> np.uint64(1)) & (size - 1)
        while True:
            held = slots[at]
            if held < 0:
                slots[at] = v
                ids[v] = distinct
                distinct += 1
                break
            if words[held, 0] == words[v, 0] and words[held, 1] == words[v, 1]:
                ids[v] = ids[held]
                break
            at = (at + 1) & (size - 1)


def _shared(ids: Pointers, owners: Pointers, n: int) -> Neighbours:
    """Return as neighbours all units that own the same id (vertex or edge)."""
    if not len(ids):
        return Neighbours(np.zeros(n + 1, dtype=np.int64), np.empty(0, dtype=np.int32))
    # Owners of each id, and the ids of each owner (already in the owners' order).
    order = np.argsort(ids, kind="stable")
    starts = np.zeros(int(ids.max()) + 2, dtype=np.int64)
    np.cumsum(np.bincount(ids), out=starts[1:])
    firsts = np.searchsorted(owners, np.arange(n + 1))
    counts = np.zeros(n + 1, dtype=np.int64)
    _gather(ids, owners[order], starts, firsts, counts, np.empty(0, dtype=np.int32), True)
    indptr = np.cumsum(counts)
    indices = np.empty(int(indptr[-1]), dtype=np.int32)
    _gather(ids, owners[order], starts, firsts, indptr, indices, False)
    return Neighbours(indptr, indices)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _gather(
    ids: Pointers,
    holders: Pointers,
    starts: Pointers,
    firsts: Pointers,
    indptr: Pointers,
    indices: Indices,
    counting: bool,
) -> None:
    """Count (into indptr[1:]) or list (into indices) the distinct other holders of a unit's ids."""
    n = len(firsts) - 1
    seen = np.full(n, -1, dtype=np.int64)
    for unit in range(n):
        at = indptr[unit]
        found = 0
        seen[unit] = unit
        for v in range(firsts[unit], firsts[unit + 1]):
            for h in range(starts[ids[v]], starts[ids[v] + 1]):
                other = holders[h]
                if seen[other] != unit:
                    seen[other] = unit
                    if not counting:
                        indices[at + found] = other
                    found += 1
        if counting:
            indptr[unit + 1] = found
        else:
            indices[at : at + found].sort()


def _within(shapes: Outlines, tolerance: float) -> Pointers:
    """Return index pairs (2, pairs), both ways, of outlines at most `tolerance` apart."""
    import shapely

    if not tolerance >= 0:
        raise InputError(f"a tolerance of {tolerance} m is not zero or more metres")
    tree = shapely.STRtree(shapes)
    pairs: Pointers = (
        tree.query(shapes, predicate="dwithin", distance=tolerance)
        if tolerance
        else tree.query(shapes, predicate="intersects")
    )
    return pairs


def _rook_within(shapes: Outlines, tolerance: float) -> Neighbours:
    import shapely

    first, second = _within(shapes, tolerance)
    once = first < second
    first, second = first[once], second[once]
    near = shapely.buffer(shapes[second], tolerance) if tolerance else shapes[second]
    beside = shapely.length(shapely.intersection(shapely.boundary(shapes[first]), near))
    along = beside > 4 * tolerance
    return from_pairs(first[along], second[along], len(shapes))
