"""The rules as SQL: one condition that holds for exactly the rows that `rules.decide` allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Model, Q

from triservice.access.rules import KNOWN_MARKINGS, NO_CELL, PLAIN, Cell, Grants, Line, Use


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


def nothing() -> Q:
    """Return the condition that holds for no row."""
    return Q(pk__in=())


def clauses(
    grants: Grants, label: str, name: str | None = None, use: Use = Use.READ
) -> Iterator[Clause]:
    """Yield the clauses that open rows of the model `label` (or the field `name` of them)."""
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
        closed = _closed(cell, name, grants)
        if closed is not None:
            for shape, least in _shapes(grants, key, cell, closed, opened.get(key), name, use):
                yield Clause(*key, shape, least)


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


def _closed(cell: Cell, name: str | None, grants: Grants) -> frozenset[str] | None:
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


def _live(lines: Iterable[Line], name: str | None, grants: Grants) -> Iterator[Line]:
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
    for line in _live(cell.opens, name, grants):
        yield _shape(line, closed, None), line.small_number
    if opened is None:
        return
    if opened.approved:
        for line in _live(cell.approvals, name, grants):
            yield _shape(line, closed, frozenset(opened.approved)), line.small_number
    if opened.broken and key[1] in grants.own[use] and grants.pact_with(key[0]) is not None:
        yield Shape(not_areas=closed, pks=frozenset(opened.broken)), 0


def _shape(line: Line, closed: frozenset[str], pks: frozenset[str] | None) -> Shape:
    areas = line.areas
    if areas is not None:
        areas, closed = areas - closed, frozenset()
    return Shape(areas, closed, line.sensitive, line.case, pks)


def any_of(found: Iterable[Clause], grants: Grants, model: type[Model]) -> Q | None:
    """Return the clauses as one condition, or None when there are none.

    Clauses of one shape and owner are joined, then owners with the same classes, so that its
    length grows with what differs and not with the number of terms.
    """
    by_owner: dict[tuple[int, Shape], set[str]] = defaultdict(set)
    for clause in found:
        by_owner[clause.owner, clause.shape].add(clause.data_class)
    for owner, shape in list(by_owner):  # what is open without asking makes narrower ones idle
        if shape != Shape() and (wide := by_owner.get((owner, Shape()))):
            by_owner[owner, shape] -= wide
    owners: dict[tuple[frozenset[str], Shape], set[int]] = defaultdict(set)
    for (owner, shape), classes in by_owner.items():
        if classes:
            owners[frozenset(classes), shape].add(owner)
    parts = [
        Q(owner__in=sorted(several), data_class__in=sorted(classes))
        & _shape_q(shape, grants, model)
        for (classes, shape), several in sorted(owners.items(), key=_steadily)
    ]
    return reduce(or_, parts) if parts else None


def _steadily(entry: tuple[tuple[frozenset[str], Shape], set[int]]) -> tuple[object, ...]:
    (classes, shape), several = entry
    asked = (shape.areas, shape.not_areas, shape.pks)
    said = [sorted(words) if words is not None else [] for words in asked]
    return (sorted(several), sorted(classes), said, shape.sensitive, shape.case)


def _shape_q(shape: Shape, grants: Grants, model: type[Model]) -> Q:
    asked = Q(marking__in=sorted(KNOWN_MARKINGS)) if shape.sensitive else Q(marking=PLAIN)
    if shape.areas is not None:
        asked &= Q(area__in=sorted(shape.areas))
    if shape.not_areas:
        asked &= ~Q(area__in=sorted(shape.not_areas))
    if shape.case:
        asked &= Q(subject_key__in=sorted(map(UUID, grants.cases)))
    if shape.pks is not None:
        key = model._meta.pk
        asked &= Q(pk__in=sorted(key.to_python(pk) for pk in shape.pks))
    return asked


def not_closed(grants: Grants) -> Q:
    """Return what restrictions and conflicts of interest leave."""
    left = Q(restriction__isnull=True)
    if grants.lists:
        left |= Q(restriction__in=sorted(grants.lists))
    if grants.conflicts:
        left &= Q(subject_key__isnull=True) | ~Q(
            subject_key__in=sorted(map(UUID, grants.conflicts))
        )
    return left


def may(grants: Grants, model: type[Model], name: str | None = None, use: Use = Use.READ) -> Q:
    """Return the condition of the rows (or of the field `name`) that the reader may use so."""
    opened = any_of(clauses(grants, model._meta.label_lower, name, use), grants, model)
    return nothing() if opened is None else not_closed(grants) & opened


def may_exist(grants: Grants, model: type[Model]) -> Q:
    """Return the condition of rows that a term lets the reader know of, open or not."""
    if not grants.purpose or not grants.roles:
        return nothing()
    found = []
    for key, cell in grants.cells[Use.READ].items():
        loud = tuple(never for never in cell.nevers if not never.existence)
        closed = _closed(Cell(nevers=loud), None, grants)
        if closed is not None and key[0] != grants.agency:
            found += [
                Clause(*key, _shape(line, closed, None))
                for line in _live(cell.existence, None, grants)
            ]
    known = any_of(found, grants, model)
    return nothing() if known is None else not_closed(grants) & known
