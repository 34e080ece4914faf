"""The columns of protected rows as a reader may see them: SQL made once for grants and model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Field, Q, QuerySet

from triservice.access import where
from triservice.access.clauses import as_named, clauses
from triservice.access.models import Protected
from triservice.access.prepared import NOTHING_GIVEN, Statement, statement_of
from triservice.access.rules import Grants, Use
from triservice.access.writing import TABLE

Columns = list[Field[Any, Any]]


@dataclass(frozen=True, slots=True)
class Select:
    """What is selected of a model's rows: `inside` of the table, then `outside` of those rows.

    A column that is withheld from some rows goes outside only where its condition holds. A
    condition is written once inside, however many columns share it: SQLite reads a statement
    anew at each length of a list in it, and 60 kB take it 8 ms.
    """

    columns: Columns
    inside: where.Allowed
    outside: str  # blank when nothing is withheld


def select_of(held: Grants, model: type[Protected], use: Use = Use.READ) -> Select:
    """Return what a reader is shown of a model's rows; made once for grants equal but in time."""
    key = ("select", model, use)
    if key not in held.memo:
        held.memo[key] = _make(held, model, use)
    return held.memo[key]  # type: ignore[no-any-return]


def _make(held: Grants, model: type[Protected], use: Use) -> Select:
    quote, columns = connection.ops.quote_name, list(model._meta.concrete_fields)
    names = {each: f"c{number}" for number, each in enumerate(columns)}
    inside = [f"{TABLE}.{quote(str(each.column))} AS {name}" for each, name in names.items()]
    params: list[Any] = []
    flags: dict[tuple[str, tuple[Any, ...]], str] = {}
    shown = dict(names)
    for column in _shielded(held, model, use):
        asked = where.condition(held, model, column.name, use)
        if isinstance(asked, Q):  # open on no row
            shown[column] = "NULL"
            continue
        flag = flags.get((asked.sql, asked.params))
        if flag is None:
            flag = flags[asked.sql, asked.params] = f"open_{len(flags)}"
            inside.append(f"({asked.sql}) AS {flag}")
            params += asked.params
        shown[column] = f"CASE WHEN {flag} THEN {names[column]} END"
    outside = ", ".join(shown.values()) if shown != names else ""
    return Select(columns, where.Allowed(", ".join(inside), tuple(params)), outside)


def _shielded(held: Grants, model: type[Protected], use: Use) -> Columns:
    """Return the columns that are withheld from some of the rows that the reader sees."""
    label = model._meta.label_lower
    rows = clauses(held, label, None, use)
    asked = {name: as_named(held, name) for name in model.FIELDS}
    apart = {name for name in {*asked.values()} if clauses(held, label, name, use) != rows}
    return [
        model._meta.get_field(name)  # type: ignore[misc]
        for name, named in asked.items()
        if named in apart
    ]


def statement_for(select: Select, rows: QuerySet[Any], *, kept: bool) -> Statement | None:
    """Return the statement that reads these rows, or None when there are none, ever.

    A column that is withheld leaves the database as NULL.
    """
    query = rows.query.chain()
    query.clear_select_clause()
    query.select = (select.inside.resolve_expression(query),)
    made = statement_of(query, kept=kept)
    if made is None:
        return None
    sql = made.sql
    if select.outside:
        sql = f"WITH open_rows AS MATERIALIZED ({sql}) SELECT {select.outside} FROM open_rows"
    table = query.get_initial_alias()
    columns = [each.get_col(table) for each in select.columns]
    converters = query.get_compiler(DEFAULT_DB_ALIAS).get_converters(columns)
    return Statement(sql, made.params, converters, kept)


def fetch(
    select: Select, statement: Statement | None, given: Mapping[str, Any] = NOTHING_GIVEN
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a statement by column."""
    names = [each.attname for each in select.columns]
    for values in statement.rows(given) if statement else ():
        yield dict(zip(names, values, strict=False))  # a distinct query adds what it orders by
