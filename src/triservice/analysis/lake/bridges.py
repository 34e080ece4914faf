"""The way from the areas of one unit to those of another, and the share that goes each way.

A bridge is a chain of steps. A step follows a change lookup (lsoa21 → lsoa11), or the names
(Cornwall 013A lies in Cornwall 013), or, when there is nothing better, the ground that outlines
have in common. Every area's share sums to one at every step: what leaves the known areas goes to
`elsewhere`, what should be among them and is not goes to `lost`, so nothing can vanish unseen.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.boundaries import place_of, read_boundaries, units
from triservice.analysis.lake.relations import Relation, known_codes, known_units, read_relation
from triservice.analysis.lake.store import Lake
from triservice.kernel.errors import InputError
from triservice.kernel.words import many

Weights = dict[str, dict[str, float]]  # unit -> code -> weight

# What may happen to an area on the way, from nothing to everything.
FATES = ("unchanged", "nested", "recoded", "merged", "split", "complex", "overlaid")
UNCHANGED, NESTED, RECODED, MERGED, SPLIT, COMPLEX, OVERLAID = range(len(FATES))
_COST = {"lookup": 1, "names": 1, "upwards names": 3, "overlay": 10}
SLIVER = 0.01  # of an area's ground: less is taken for the generalised drawing of one border


@dataclass(frozen=True)
class Bridge:
    """Shares of each start code in each end code.

    `shares` is a SciPy CSR array (start codes, end codes + 2); the last two columns are elsewhere
    and lost, and every row sums to one. `fates` (start codes,) index FATES.
    """

    route: tuple[str, ...]
    how: tuple[str, ...]
    start_codes: list[str]
    end_codes: list[str]
    shares: Any
    fates: NDArray[np.int64]
    notes: tuple[str, ...]


def find_route(lake: Lake, start: str, end: str) -> list[tuple[str, str, str]]:
    """Return steps (from, to, how) from one unit to another, those by outlines last of all.

    Raises InputError when there is no way.
    """
    named = {unit: any(known_codes(lake, unit).values()) for unit in known_units(lake)}
    drawn = set(units(lake))
    queue: list[tuple[int, str, list[tuple[str, str, str]]]] = [(0, start, [])]
    done: set[str] = set()
    while queue:
        cost, unit, steps = heapq.heappop(queue)
        if unit == end:
            return steps
        if unit in done:
            continue
        done.add(unit)
        for other in {*named, end} - done:
            how = _link(lake, unit, other, named, drawn)
            if how:
                heapq.heappush(queue, (cost + _COST[how], other, [*steps, (unit, other, how)]))
    raise InputError(
        f"there is no way from {start} areas to {end} areas",
        file=lake.root,
        do=f"Add a lookup (triservice relations add … --from {start} --to {end}), or the outlines "
        "of both (triservice boundaries add).",
    )


def _link(lake: Lake, a: str, b: str, named: dict[str, bool], drawn: set[str]) -> str | None:
    """Say how unit `a` leads to unit `b` in one step, None when it does not."""
    if read_relation(lake, a, b) is not None:
        return "lookup"
    if named.get(a) and named.get(b):
        if a.startswith("lsoa") and b == "m" + a[1:]:
            return "names"
        if b.startswith("lsoa") and a == "m" + b[1:]:
            return "upwards names"
    return "overlay" if a in drawn and b in drawn else None


def build_bridge(lake: Lake, start: str, end: str, weights: Weights) -> Bridge:
    """Build the chain of steps from `start` to `end`; `weights` divide areas that split.

    Areas that split are divided by the weights of their parts where all are known, else by area,
    else evenly, and a note says so. Raises InputError when there is no way.
    """
    from scipy import sparse

    codes = sorted(known_codes(lake, start))
    shares = sparse.eye_array(len(codes), len(codes) + 2, format="csr")
    fates = np.full(len(codes), UNCHANGED)
    end_codes, route, ways, notes = codes, [start], [], []
    for a, b, how in find_route(lake, start, end):
        to_codes = sorted(known_codes(lake, b))
        step = _Step(lake, a, b, end_codes, to_codes, weights)
        matrix, happened = step.build(how)
        fates = np.maximum(fates, _worst(shares, happened))
        shares = sparse.csr_array(shares @ _with_absorbing(matrix))
        end_codes = to_codes
        route.append(b)
        ways.append(how)
        notes += step.notes
    return Bridge(tuple(route), tuple(ways), codes, end_codes, shares, fates, tuple(notes))


def _with_absorbing(matrix: Any) -> Any:
    """Add rows that keep what is elsewhere or lost where it is."""
    from scipy import sparse

    columns = matrix.shape[1]
    stay = sparse.csr_array(([1.0, 1.0], ([0, 1], [columns - 2, columns - 1])), shape=(2, columns))
    return sparse.vstack([matrix, stay], format="csr")


def _worst(shares: Any, happened: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each start code the gravest fate among the codes that it has become."""
    fates = np.append(happened, [UNCHANGED, UNCHANGED])
    worst: NDArray[np.int64] = np.maximum.reduceat(fates[shares.indices], shares.indptr[:-1])
    return worst


class _Step:
    """One step of a bridge: builds its matrix, and collects what has to be said about it."""

    def __init__(
        self, lake: Lake, a: str, b: str, codes: list[str], to_codes: list[str], weights: Weights
    ) -> None:
        self.lake, self.a, self.b = lake, a, b
        self.codes, self.to_codes = codes, to_codes
        self.row = {code: i for i, code in enumerate(codes)}
        self.column = {code: i for i, code in enumerate(to_codes)}
        self.weights = weights
        self.notes: list[str] = []

    def build(self, how: str) -> tuple[Any, NDArray[np.int64]]:
        """Return the matrix (codes, to_codes + 2) and what happened to each code."""
        if how == "overlay":
            return self._overlay()
        if how == "lookup":
            relation = read_relation(self.lake, self.a, self.b)
            assert relation is not None
            return self._lookup(relation)
        return self._names(upwards=how == "upwards names")

    def _matrix(self, entries: list[tuple[int, int, float]]) -> Any:
        """Make the matrix; rows without entries go elsewhere, or are lost when they belong here."""
        from scipy import sparse

        rows, columns, shares = (
            (list(part) for part in zip(*entries, strict=True))
            if entries
            else (
                [],
                [],
                [],
            )
        )
        missing = sorted(set(range(len(self.codes))) - set(rows))
        names, places = known_codes(self.lake, self.a), self._places()
        for row in missing:
            here = place_of(names[self.codes[row]]) in places
            rows.append(row)
            columns.append(len(self.to_codes) + (1 if here else 0))
            shares.append(1.0)
        shape = (len(self.codes), len(self.to_codes) + 2)
        return sparse.csr_array(sparse.coo_array((shares, (rows, columns)), shape=shape))

    def _places(self) -> set[str]:
        named = known_codes(self.lake, self.b).values()
        return {place_of(name) for name in named if name}

    def _names(self, upwards: bool) -> tuple[Any, NDArray[np.int64]]:
        """LSOA → MSOA by the name without its letter; or the other way, by weights."""
        start, end = known_codes(self.lake, self.a), known_codes(self.lake, self.b)
        small, large = (end, start) if upwards else (start, end)
        number = {name: code for code, name in large.items() if name}
        pairs = [(code, number[name[:-1]]) for code, name in small.items() if name[:-1] in number]
        if upwards:
            pairs = [(b, a) for a, b in pairs]
            relation = Relation(self.a, self.b, pairs, ["split"] * len(pairs), {}, {})
            self.notes.append(
                f"{self.a} values are spread over smaller {self.b} areas: no detail is gained."
            )
            return self._lookup(relation)
        entries = [(self.row[a], self.column[b], 1.0) for a, b in pairs if a in self.row]
        return self._matrix(entries), np.full(len(self.codes), NESTED)

    def _lookup(self, relation: Relation) -> tuple[Any, NDArray[np.int64]]:
        fates = np.full(len(self.codes), UNCHANGED)
        targets: dict[str, list[str]] = {}
        sharing: dict[str, int] = {}
        for (a, b), change in zip(relation.pairs, relation.changes, strict=True):
            if a not in self.row or b not in self.column:
                continue
            targets.setdefault(a, []).append(b)
            sharing[b] = sharing.get(b, 0) + 1
            fate = RECODED if change == "unchanged" and a != b else FATES.index(change)
            fates[self.row[a]] = max(fates[self.row[a]], fate)
        entries = []
        basis: dict[str, int] = {}
        drawn = self.weights.get(f"area:{self.b}", {})
        for a, parts in targets.items():
            shares = [1.0]
            if len(parts) > 1:
                shares, by = self._divide(parts, sharing)
                if not drawn or any(part in drawn for part in parts):
                    basis[by] = basis.get(by, 0) + 1
            entries += [
                (self.row[a], self.column[b], s) for b, s in zip(parts, shares, strict=True)
            ]
        for by, count in basis.items():
            self.notes.append(
                f"{self.a} to {self.b}: {many(count, 'area')} that split divided {by}."
            )
        return self._matrix(entries), fates

    def _divide(self, parts: list[str], sharing: dict[str, int]) -> tuple[list[float], str]:
        """Return the share of each part, and by what it was found."""
        for name, what in (("population", "by population"), ("area", "by area")):
            weights = self.weights.get(f"{name}:{self.b}", {})
            known = [weights[b] / sharing[b] for b in parts if b in weights]
            if len(known) == len(parts) and sum(known) > 0:
                total = sum(known)
                return [w / total for w in known], what
        return [1 / len(parts)] * len(parts), "evenly, as neither population nor area is known"

    def _overlay(self) -> tuple[Any, NDArray[np.int64]]:
        """Shares of ground in common; pieces below SLIVER are ignored."""
        from triservice.analysis.place.interpolation import overlay

        start, end = read_boundaries(self.lake, self.a), read_boundaries(self.lake, self.b)
        shares = overlay(start.outlines(), end.outlines()).shares().tocoo()
        rows = np.array([self.row[c] for c in start.ids.tolist()])[shares.coords[0]]
        columns = np.array([self.column[c] for c in end.ids.tolist()])[shares.coords[1]]
        keep = shares.data >= SLIVER
        rows, columns, data = rows[keep], columns[keep], shares.data[keep]
        inside = np.bincount(rows, data, minlength=len(self.codes))
        # Where all but the coast or a sliver is placed, the whole area is.
        whole = np.where(inside >= 1 - 0.25, inside, 1.0)
        entries = list(
            zip(rows.tolist(), columns.tolist(), (data / whole[rows]).tolist(), strict=True)
        )
        outside = np.flatnonzero((inside > 0) & (inside < 1 - 0.25))
        entries += [(int(i), len(self.to_codes), 1 - float(inside[i])) for i in outside]
        self.notes.append(
            f"{self.a} to {self.b}: no lookup is in the lake, so values follow the ground that "
            "the outlines have in common."
        )
        return self._matrix(entries), np.full(len(self.codes), OVERLAID)
