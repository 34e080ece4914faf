"""The rules as SQL: one condition that holds for exactly the rows that `rules.decide` allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import BooleanField, Expression, Field, Model, Q, QuerySet
from django.db.models.sql.where import AND

from triservice.access.rules import (
    KNOWN_CLASSES,
    NO_CELL,
    PLAIN,
    Cell,
    Grants,
    Line,
    Use,
)
from triservice.kernel.access_words import Marking


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


class Allowed(Expression):
    """A condition on the base table of a query, already in SQL: made once, used in every read.

    It is one CASE over owner and class, so that a row is compared with what concerns its own owner
    and class only, however many terms there are, and so that the database drives the query by what
    the page asks for, never by the terms.
    """

    def __init__(self, sql: str, params: tuple[Any, ...]) -> None:
        """Keep the SQL, with a mark where the name of the table goes."""
        super().__init__(output_field=BooleanField())
        self.sql, self.params, self.alias = sql, params, ""

    def resolve_expression(self, query: Any = None, *_: Any, **__: Any) -> Allowed:
        """Bind to the base table of the query."""
        bound = Allowed.__new__(Allowed)
        bound.__dict__ |= self.__dict__
        bound.alias = query.get_initial_alias()
        return bound

    def relabeled_clone(self, change_map: Any) -> Allowed:
        """Follow the table to its name inside a larger query."""
        moved = self.copy()
        moved.alias = change_map.get(self.alias, self.alias)
        return moved

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL and its parameters."""
        table = compiler.quote_name_unless_alias(self.alias)
        return self.sql.replace(_TABLE, table), self.params


def restrict(queryset: QuerySet[M], asked: Allowed | Q) -> QuerySet[M]:
    """Return `queryset.filter(asked)`, without the work of resolving what is SQL already."""
    if isinstance(asked, Q) or queryset.query.is_sliced or queryset.query.combinator:
        return queryset.filter(asked)
    rows = queryset.all()
    rows.query.where.add(asked.resolve_expression(rows.query), AND)
    return rows


M = TypeVar("M", bound=Model)
_TABLE = "\x1f"
Part = tuple[str, list[Any]]  # SQL and its parameters


def condition(
    grants: Grants, model: type[Model], name: str | None = None, use: Use = Use.READ
) -> Allowed | Q:
    """Return the rows (or where the field `name`) that the reader may use so, for filter or When.

    Made once for grants that are equal but for the moment.
    """
    key = (model, name, use)
    made = grants.memo.get(key)
    if made is None:
        found = list(clauses(grants, model._meta.label_lower, name, use))
        within = _index_first(found, grants, model) if name is None else None
        made = grants.memo[key] = in_sql(found, grants, model, within)
    return made


FEW = 20_000  # rows; a reader who reaches no more is served by the index on owner and class


def _index_first(found: list[Clause], grants: Grants, model: type[Model]) -> Part | None:
    """Return the owners and classes that hold all that is open, if these are few rows; else None.

    A list by key would otherwise look through the whole table for the little that is open to this
    reader; for a reader to whom much is open, walking an index on owner would be the slower way.
    A matter of speed only: what is open is said by the CASE.
    """
    writer, pairs, parts = _Writer(grants, model), set[tuple[int, str]](), list[Part]()
    for clause in found:
        if clause.shape.pks is not None:
            parts.append(writer.among("pk", clause.shape.pks))
        else:
            pairs.add((clause.owner, clause.data_class))
    left = FEW
    for owner, data_class in sorted(pairs):
        cell: Part = (
            f"{writer.column('owner')} = {int(owner)} "
            f"AND {writer.column('data_class')} = {literal(data_class)}",
            [],
        )
        left -= _rows(cell[0], model, left + 1)
        if left < 0:
            return None
        parts.append(cell)
    return writer.join(" OR ", parts) if parts else None


def _rows(sql: str, model: type[Model], most: int) -> int:
    """Count rows on the index, at most `most` of them."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} "
            f"WHERE {sql.replace(_TABLE, table)} LIMIT {int(most)}) AS counted"
        )
        return int(cursor.fetchone()[0])


def in_sql(
    found: Iterable[Clause], grants: Grants, model: type[Model], first: Part | None = None
) -> Allowed | Q:
    """Return the condition of the rows that any of the clauses opens and nothing else closes.

    `first` is a condition that all these rows meet and that an index answers.
    """
    by_class: dict[str, dict[int, set[Shape]]] = defaultdict(lambda: defaultdict(set))
    for clause in found:
        by_class[clause.data_class][clause.owner].add(clause.shape)
    if not by_class:
        return nothing()
    writer = _Writer(grants, model)
    classes = [(literal(word), writer.by_owner(by_class[word])) for word in sorted(by_class)]
    reach, params = writer.case("data_class", classes)
    within: Part = (f"{reach} >= {writer.needed()}", [])
    before = [*([first] if first else []), *writer.not_closed()]
    sql, others = writer.join(" AND ", [*before, within])
    return Allowed(sql, (*others, *params))


# How far into the markings a reader reaches, and what a row asks: it is open when reach >= asked.
REACH = {False: 1, True: 2}  # by whether OFFICIAL-SENSITIVE is open too
ASKED = {PLAIN: 1, str(Marking.OFFICIAL_SENSITIVE): 2}  # a marking that is not known is never open
OUT_OF_REACH = 9


class _Writer:
    """Writes conditions on one model's columns. Words of the kernel are written as they are."""

    def __init__(self, grants: Grants, model: type[Model]) -> None:
        self.grants, self.model = grants, model

    def field(self, name: str) -> Field[Any, Any]:
        """Return a concrete field of the model."""
        found = self.model._meta.pk if name == "pk" else self.model._meta.get_field(name)
        return cast("Field[Any, Any]", found)

    def column(self, name: str) -> str:
        """Return the column of a field, of the table that the query will name."""
        return f"{_TABLE}.{connection.ops.quote_name(str(self.field(name).column))}"

    def among(self, name: str, values: Iterable[Any], word: str = "IN") -> Part:
        """Return that a column is among values, which go as parameters."""
        field = self.field(name)
        ready = [
            field.get_db_prep_value(field.to_python(value), connection) for value in sorted(values)
        ]
        if not ready:
            return ("FALSE" if word == "IN" else "TRUE"), []
        return f"{self.column(name)} {word} ({', '.join(['%s'] * len(ready))})", ready

    def join(self, word: str, parts: Iterable[Part]) -> Part:
        """Return parts joined by AND or OR."""
        parts = list(parts)
        sql = word.join(f"({text})" for text, _ in parts)
        return sql, [value for _, values in parts for value in values]

    def case(self, name: str, branches: Iterable[tuple[str, Part]]) -> Part:
        """Return a CASE over a column: each literal with its reach, else none."""
        branches = list(branches)
        whens = " ".join(f"WHEN {literal} THEN {text}" for literal, (text, _) in branches)
        values = [value for _, (_, values) in branches for value in values]
        return f"CASE {self.column(name)} {whens} ELSE 0 END", values

    def needed(self) -> str:
        """Return the reach that the marking of a row asks."""
        whens = " ".join(f"WHEN {literal(word)} THEN {asked}" for word, asked in ASKED.items())
        return f"CASE {self.column('marking')} {whens} ELSE {OUT_OF_REACH} END"

    def by_owner(self, owners: dict[int, set[Shape]]) -> Part:
        """Return how far the reader reaches into the rows of one class."""
        return self.case("owner", [(str(int(o)), self.reach(owners[o])) for o in sorted(owners)])

    def reach(self, shapes: set[Shape]) -> Part:
        """Return how far the widest of the shapes reaches that a row has."""
        whens, values = list[str](), list[Any]()
        for shape in sorted(shapes, key=_widest_first):
            sql, params = self.shape(shape)
            if not sql:  # asks nothing more: narrower shapes tell nothing new
                return self._else(whens, values, REACH[shape.sensitive])
            whens.append(f"WHEN {sql} THEN {REACH[shape.sensitive]}")
            values += params
        return self._else(whens, values, 0)

    def _else(self, whens: list[str], values: list[Any], reach: int) -> Part:
        return (f"CASE {' '.join(whens)} ELSE {reach} END" if whens else str(reach)), values

    def shape(self, shape: Shape) -> Part:
        """Return what a shape asks of a row besides its marking; blank when nothing."""
        asked: list[Part] = []
        if shape.areas is not None:
            asked.append(self.among("area", shape.areas))
        if shape.not_areas:
            asked.append(self.among("area", shape.not_areas, "NOT IN"))
        if shape.case:
            asked.append(self.among("subject_key", self.grants.cases))
        if shape.pks is not None:
            asked.append(self.among("pk", shape.pks))
        return self.join(" AND ", asked)

    def not_closed(self) -> list[Part]:
        """Return what restrictions and conflicts of interest leave."""
        restriction, subject = self.column("restriction"), self.column("subject_key")
        parts = [(f"{restriction} IS NULL", list[Any]())]
        if self.grants.lists:
            on_lists = (self.column("restriction"), sorted(self.grants.lists))
            marks = ", ".join(["%s"] * len(on_lists[1]))
            listed: Part = (f"{on_lists[0]} IN ({marks})", list(on_lists[1]))
            parts = [self.join(" OR ", [*parts, listed])]
        if self.grants.conflicts:
            others = self.among("subject_key", self.grants.conflicts, "NOT IN")
            parts.append(self.join(" OR ", [(f"{subject} IS NULL", []), others]))
        return parts


def literal(word: str) -> str:
    """Return a word of the kernel as an SQL literal. Raises ValueError on anything else."""
    if word not in KNOWN_CLASSES and word not in ASKED:
        raise ValueError(f"{word!r} is not a word of the kernel")
    return f"'{word}'"


def _widest_first(shape: Shape) -> tuple[object, ...]:
    """Order shapes by reach, those that ask nothing first among equals, then steadily."""
    asked = (shape.areas, shape.not_areas or None, shape.pks, {"case"} if shape.case else None)
    words = repr([sorted(each) if each is not None else None for each in asked])
    return (not shape.sensitive, any(each is not None for each in asked), words)


def may_exist(grants: Grants, model: type[Model]) -> Allowed | Q:
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
    return in_sql(found, grants, model)
