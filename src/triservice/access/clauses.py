"""What is open to a reader, as clauses on owner, class and shape of a row. Pure; no Django.

`access.rules` answers one read at a time; this says the same of all rows at once, for
`access.where` to write in SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from triservice.access.rules import NO_CELL, Cell, Grants, Line, Use


@dataclass(frozen=True, slots=True)
class Shape:
    """What a clause asks of a row besides its owner and class. None asks nothing."""

    areas: frozenset[str] | None = None
    not_areas: frozenset[str] = frozenset()
    sensitive: bool = True
    case: bool = False
    pks: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One owner's one class, open to rows of a shape; `small_number` is the least count shown."""

    owner: int
    data_class: str
    shape: Shape
    small_number: int = 0


def clauses(
    grants: Grants, label: str, name: str | None = None, use: Use = Use.READ
) -> frozenset[Clause]:
    """Return the clauses that open rows of the model `label` (or the field `name` of them).

    Made once for grants that are equal but for the moment and the cases, and for all models of
    which no row is opened to the reader by itself.
    """
    label = as_opened(grants, label)
    key = ("clauses", label, name, use)
    made = grants.memo.get(key)
    if made is None:
        made = grants.memo[key] = frozenset(_clauses(grants, label, name, use))
    return made


def _clauses(grants: Grants, label: str, name: str | None, use: Use) -> Iterator[Clause]:
    if not grants.purpose:
        return
    for data_class in grants.own[use]:
        yield Clause(grants.agency, data_class, Shape())
    if not grants.roles:
        return
    cells = grants.cells[use]
    opened = _opened(grants, label, name)
    for key in {*cells, *opened}:
        cell = cells.get(key, NO_CELL)
        closed = closed_areas(cell, name, grants)
        if closed is not None:
            for shape, least in _shapes(grants, key, cell, closed, opened.get(key), name, use):
                yield Clause(*key, shape, least)


ANY_MODEL = ""  # the label of no model


def as_opened(grants: Grants, label: str) -> str:
    """Return a model's label, or `ANY_MODEL` for each of which no row is opened by itself."""
    return label if any(opened == label for opened, _ in grants.passes) else ANY_MODEL


OTHER = "\0"  # the name of no field, in no term


def as_named(grants: Grants, name: str | None) -> str | None:
    """Return the name of a field, or `OTHER` for each that nothing names: the same opens them all.

    A row of twenty columns is then asked about once or twice, not twenty times.
    """
    if name is None:
        return None
    if "named" not in grants.memo:
        cells = [cell for some in grants.cells.values() for cell in some.values()]
        told = [
            *(line.fields for cell in cells for line in (*cell.opens, *cell.approvals)),
            *(never.fields for cell in cells for never in cell.nevers),
            *(each.fields for some in grants.passes.values() for each in some),
        ]
        grants.memo["named"] = frozenset[str]().union(*(fields for fields in told if fields))
    return name if name in grants.memo["named"] else OTHER


@dataclass(slots=True)
class _Opened:
    """Primary keys opened to the reader by approval, and by breaking the glass."""

    approved: set[str]
    broken: set[str]


def _opened(grants: Grants, label: str, name: str | None) -> dict[tuple[int, str], _Opened]:
    found: dict[tuple[int, str], _Opened] = defaultdict(lambda: _Opened(set(), set()))
    for (item_label, pk), passes in grants.passes.items():
        if item_label == label:
            for each in passes:
                if name is None or each.fields is None or name in each.fields:
                    opened = found[each.owner, each.data_class]
                    (opened.broken if each.break_glass else opened.approved).add(pk)
    return {key: pks for key, pks in found.items() if key[0] != grants.agency}


def closed_areas(cell: Cell, name: str | None, grants: Grants) -> frozenset[str] | None:
    """Return the areas that the nevers close (with "" for not known), or None: all of them."""
    areas: set[str] = set()
    for never in cell.nevers:
        if never.starts <= grants.at < never.until and (
            never.fields is None or (name is not None and name in never.fields)
        ):
            if never.areas is None:
                return None
            areas |= never.areas | {""}
    return frozenset(areas)


def live(lines: Iterable[Line], name: str | None, grants: Grants) -> Iterator[Line]:
    """Yield the terms that are in force now and cover the field `name` (None: the row)."""
    return (
        line
        for line in lines
        if line.starts <= grants.at < line.until
        and (name is None or line.fields is None or name in line.fields)
    )


def _shapes(
    grants: Grants,
    key: tuple[int, str],
    cell: Cell,
    closed: frozenset[str],
    opened: _Opened | None,
    name: str | None,
    use: Use,
) -> Iterator[tuple[Shape, int]]:
    for line in live(cell.opens, name, grants):
        yield shape_of(line, closed, None), line.small_number
    if opened is None:
        return
    if opened.approved:
        for line in live(cell.approvals, name, grants):
            yield shape_of(line, closed, frozenset(opened.approved)), line.small_number
    if use is Use.OFFLINE:
        return  # an emergency is read here, and not taken away
    if opened.broken and key[1] in grants.own[use] and grants.pact_with(key[0]) is not None:
        yield Shape(not_areas=closed, pks=frozenset(opened.broken)), 0


def shape_of(line: Line, closed: frozenset[str], pks: frozenset[str] | None) -> Shape:
    """Return what a term asks of a row, less the areas that a `never` closes."""
    areas = line.areas
    if areas is not None:
        areas, closed = areas - closed, frozenset()
    return Shape(areas, closed, line.sensitive, line.case, pks)
