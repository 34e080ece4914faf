"""The rules as SQL: one condition that holds for exactly the rows that `rules.decide` allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import isqrt
from typing import Any, TypeVar

from django.db import connection
from django.db.models import (
    BooleanField,
    Expression,
    Field,
    Max,
    Model,
    Q,
    QuerySet,
)
from django.db.models.sql.where import AND

from triservice.access.clauses import (
    Clause,
    as_named,
    as_opened,
    clauses,
    closed_areas,
    live,
    shape_of,
)
from triservice.access.prepared import NOTHING_GIVEN, now
from triservice.access.rules import Cell, Grants, Use
from triservice.access.writing import CASES, TABLE, Areas, Part, Writer


def own(grants: Grants) -> Mapping[str, Any]:
    """Return what is given to a kept statement for the reader who asks."""
    return {CASES.name: grants.cases}


def nothing() -> Q:
    """Return the condition that holds for no row."""
    return Q(pk__in=())


class Allowed(Expression):
    """A condition on the base table of a query, or a column of it, already in SQL: made once.

    A row is compared with what concerns its own owner and class, however many terms there are, and
    the database drives the query by what the page asks for, not by the terms.
    """

    def __init__(
        self, sql: str, params: tuple[Any, ...], kind: Field[Any, Any] | None = None
    ) -> None:
        """Keep the SQL, with a mark where the name of the table goes, and what kind it gives."""
        super().__init__(output_field=kind or BooleanField())
        self.sql, self.params, self.alias = sql, params, ""
        self.given: Mapping[str, Any] = NOTHING_GIVEN

    def of(self, grants: Grants) -> Allowed:
        """Return it for one reader: the same but for the cases that they work on."""
        theirs = self.copy()
        theirs.given = own(grants)
        return theirs

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
        return self.sql.replace(TABLE, table), now(self.params, self.given, connection)


def restrict(queryset: QuerySet[M], asked: Allowed | Q) -> QuerySet[M]:
    """Return `queryset.filter(asked)`, without the work of resolving what is SQL already."""
    if isinstance(asked, Q) or queryset.query.is_sliced or queryset.query.combinator:
        return queryset.filter(asked)
    rows = queryset.all()
    rows.query.where.add(asked.resolve_expression(rows.query), AND)
    return rows


def each_once(conditions: Iterable[Allowed | Q]) -> list[Allowed | Q]:
    """Return conditions that all must hold, without those whose SQL is there already."""
    found: dict[object, Allowed | Q] = {}
    for one in conditions:
        found.setdefault(one if isinstance(one, Q) else (one.sql, one.params), one)
    return list(found.values())


M = TypeVar("M", bound=Model)


def condition(
    grants: Grants,
    model: type[Model],
    name: str | None = None,
    use: Use = Use.READ,
    *,
    few: bool = False,
) -> Allowed | Q:
    """Return the rows (or where the field `name`) that the reader may use so, for filter or When.

    Made once for grants that are equal but for the moment and the cases. `few`: what is asked
    besides finds few rows by itself, so no index on what is open helps.
    """
    name = as_named(grants, name)
    key = (model, name, use, few)
    made = grants.memo.get(key)
    if made is None:
        made = _of_any(grants, model, name, use)
        if isinstance(made, Allowed) and not few and name is None:
            made = _by_index(
                made, clauses(grants, model._meta.label_lower, name, use), grants, model
            )
        grants.memo[key] = made
    return _of(made, grants)


def _of_any(grants: Grants, model: type[Model], name: str | None, use: Use) -> Allowed | Q:
    """Return that condition, the same for all models of which no row is opened by itself."""
    label = model._meta.label_lower
    key = ("open", as_opened(grants, label), name, use)
    if key not in grants.memo:
        grants.memo[key] = _of_all(clauses(grants, label, name, use), grants, model)
    return grants.memo[key]  # type: ignore[no-any-return]


def _by_index(
    made: Allowed, found: Iterable[Clause], grants: Grants, model: type[Model]
) -> Allowed:
    """Return the condition after one that it implies and that an index answers, where it helps."""
    first = _index_first(found, grants, model)
    if first is None:
        return made
    sql, params = Writer(grants, model).join(" AND ", [first, (made.sql, list(made.params))])
    return Allowed(sql, tuple(params))


WORTH = 8  # an index is worth it while rows open, squared, are at most so many times the table


def _index_first(found: Iterable[Clause], grants: Grants, model: type[Model]) -> Part | None:
    """Return the owners, classes and areas that hold all that is open, if few rows; else None.

    A list of 25 by key looks through 25 n / k rows of a table of n of which k are open; the index
    on owner, class and area reads all k, each three times as dear, and sorts them. Measured on
    SQLite with a million rows. A matter of speed only: what is open is said by the rest of the
    condition, so counts that grow old tell nothing wrong.
    """
    writer, parts = Writer(grants, model), list[Part]()
    ranges: dict[tuple[int, Areas], set[str]] = defaultdict(set)
    for clause in found:
        if clause.shape.pks is not None:
            parts.append(writer.among("pk", clause.shape.pks))
        else:
            ranges[clause.owner, clause.shape.areas].add(clause.data_class)
    left = isqrt(WORTH * _last_key(model))
    for (owner, areas), classes in ranges.items():
        part = writer.range(owner, classes, areas)
        left -= _rows(part, model, left + 1)
        if left < 0:
            return None
        parts.append(part)
    return writer.join(" OR ", parts) if parts else None


def _last_key(model: type[Model]) -> int:
    """Return about how many rows the table has: the highest key, which the database has at hand."""
    return model._default_manager.aggregate(last=Max("pk"))["last"] or 0


def _rows(part: Part, model: type[Model], most: int) -> int:
    """Count rows on the index, at most `most` of them."""
    table, (sql, params) = connection.ops.quote_name(model._meta.db_table), part
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} "
            f"WHERE {sql.replace(TABLE, table)} LIMIT {int(most)}) AS counted",
            params,
        )
        return int(cursor.fetchone()[0])


def in_sql(found: Iterable[Clause], grants: Grants, model: type[Model]) -> Allowed | Q:
    """Return the condition of the rows that any of the clauses opens and nothing else closes."""
    return _of(_of_all(found, grants, model), grants)


def _of(made: Allowed | Q, grants: Grants) -> Allowed | Q:
    return made if isinstance(made, Q) else made.of(grants)


def _of_all(found: Iterable[Clause], grants: Grants, model: type[Model]) -> Allowed | Q:
    """Return that condition for any reader with these grants, whatever their cases."""
    found = list(found)
    if not found:
        return nothing()
    writer = Writer(grants, model)
    within = writer.by_keys(found) if connection.vendor == "postgresql" else writer.by_case(found)
    sql, params = writer.join(" AND ", [*writer.not_closed(), within])
    return Allowed(sql, tuple(params))


def may_exist(grants: Grants, model: type[Model]) -> Allowed | Q:
    """Return the condition of rows that a term lets the reader know of, open or not."""
    if not grants.purpose or not grants.roles:
        return nothing()
    found = []
    for key, cell in grants.cells[Use.READ].items():
        loud = tuple(never for never in cell.nevers if not never.existence)
        closed = closed_areas(Cell(nevers=loud), None, grants)
        if closed is not None and key[0] != grants.agency:
            found += [
                Clause(*key, shape_of(line, closed, None))
                for line in live(cell.existence, None, grants)
            ]
    return in_sql(found, grants, model)
