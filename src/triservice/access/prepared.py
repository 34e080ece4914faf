"""Queries that nearly every page asks, whose statements are made once.

Django makes a statement anew each time that a query is asked, which takes half a millisecond and
more, several times what the database needs to answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, ForeignObject, Lookup, QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

NOTHING_GIVEN: Mapping[str, Any] = {}


class Given(Expression):
    """A value in a prepared query that is given each time it is asked, by name."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        """Keep the name, and the field that says how the database holds such a value."""
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return a mark, and itself in place of the value."""
        return "%s", (self,)

    def of(self, given: Mapping[str, Any], connection: Any) -> Any:
        """Return the value as the database takes it. Raises KeyError when it is not given."""
        return self.output_field.get_db_prep_value(given[self.name], connection)


class Several(Given):
    """Values that are given as one list, for a filter by `among`."""

    def of(self, given: Mapping[str, Any], connection: Any) -> Any:
        """Return the list as the database takes it. Raises KeyError when it is not given."""
        prepare = self.output_field.get_db_prep_value
        values = [prepare(value, connection) for value in given[self.name]]
        return values if connection.vendor == "postgresql" else json.dumps(values)


class Known(Given):
    """A long value that is known already, kept out of the text of a statement."""

    def __init__(self, value: Any, field: Field[Any, Any]) -> None:
        """Keep the value as the database takes it."""
        super().__init__("", field)
        self.value = value

    def of(self, given: Mapping[str, Any], connection: Any) -> Any:
        """Return the value."""
        return self.value


@Field.register_lookup
@ForeignObject.register_lookup
class Among(Lookup[bool]):
    """`record__among=Several(…)`: as `in`, but one statement for a list of any length.

    Each length of a list in the text is another statement, which SQLite reads anew.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition."""
        column, params = self.process_lhs(compiler, connection)
        return is_among(column, self.rhs.output_field, connection), (*params, self.rhs)


def is_among(column: str, field: Field[Any, Any], connection: Any) -> str:
    """Return the SQL of whether a column is among a list that is one parameter."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY (%s::{field.cast_db_type(connection)}[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with `Given` among its parameters, and what makes Python's values of its columns."""

    sql: str
    params: tuple[Any, ...]
    converters: Mapping[int, tuple[Any, Any]]
    kept: bool = False  # and asked again: on PostgreSQL the server keeps it, read and planned

    def rows(self, given: Mapping[str, Any] = NOTHING_GIVEN) -> list[tuple[Any, ...]]:
        """Ask with these values."""
        connection = connections[DEFAULT_DB_ALIAS]  # a thread's own
        with _keeping_cursor(connection) if self.kept else connection.cursor() as cursor:
            cursor.execute(self.sql, [_value(each, given, connection) for each in self.params])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return [self._converted(row, connection) for row in found] if self.converters else found

    def _converted(self, row: tuple[Any, ...], connection: Any) -> tuple[Any, ...]:
        values = list(row)
        for place, (converters, expression) in self.converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)


_TO_KEEP: ContextVar[bool] = ContextVar("to_keep", default=False)


def now(params: tuple[Any, ...], given: Mapping[str, Any], connection: Any) -> tuple[Any, ...]:
    """Return parameters with their values, but for a statement that is made to be kept.

    So a kept statement has what is given as marks, whoever it was made for. Raises KeyError when
    a value is not given.
    """
    if _TO_KEEP.get():
        return params
    return tuple(_value(each, given, connection) for each in params)


AT_MOST = 600  # statements that a connection keeps; the one not asked for longest goes first


def _keeping_cursor(connection: Any) -> Any:
    """Return a cursor whose statements the server keeps by their text, where it can.

    PostgreSQL needs 2 ms to read and plan a statement with what agreements open, and 0.1 to answer.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.connection.prepared_max = AT_MOST
    with connection.wrap_database_errors:
        made = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
        return connection._prepare_cursor(made)


def statement_of(query: Query, *, kept: bool = False) -> Statement | None:
    """Return the statement of a query of named columns; None for one that finds nothing ever."""
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    before = _TO_KEEP.set(True)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    finally:
        _TO_KEEP.reset(before)
    columns = [each[0] for each in compiler.select[: compiler.col_count]]
    if kept:
        sql, params = _written_out(sql, params, connections[DEFAULT_DB_ALIAS])
    return Statement(sql, tuple(params), compiler.get_converters(columns), kept)


def _written_out(sql: str, params: Iterable[Any], connection: Any) -> tuple[str, list[Any]]:
    """Return a statement that PostgreSQL keeps, with what is always the same in its text.

    An index on some rows only is used where the text tells that the rows are among them.
    """
    several = list(params)
    if connection.vendor != "postgresql":
        return sql, several
    marks = [
        "%s" if isinstance(each, Given) else _doubled(connection.ops.compose_sql("%s", [each]))
        for each in several
    ]
    return sql.replace("%%", "%%%%") % tuple(marks), [e for e in several if isinstance(e, Given)]


def _doubled(text: str) -> str:
    return text.replace("%", "%%")


class Prepared:
    """Rows of a `values_list` with `Given` values in it: `prepared(officer=3, at=now)`."""

    def __init__(self, make: Callable[[], QuerySet[Any, Any]]) -> None:
        """Keep what makes the query; it is called with the first question."""
        self.make = make

    @cached_property
    def statement(self) -> Statement | None:
        """Return the statement, made with the first question."""
        return statement_of(self.make().query, kept=True)

    def __call__(self, **given: Any) -> list[tuple[Any, ...]]:
        """Ask with these values."""
        return self.statement.rows(given) if self.statement else []


class PreparedRows:
    """Few protected rows, found by `Given` values: `seen(record, parts(records=[3, 4]))`.

    Its statement hangs on what is open to the reader, so `access.queries` keeps it beside what it
    is made of: for grants that are equal, and no longer than these.
    """

    def __init__(self, make: Callable[[], QuerySet[Any]]) -> None:
        """Keep what makes the query."""
        self.make = make

    def __call__(self, **given: Any) -> Asked:
        """Return the rows of these values, not yet read."""
        return Asked(self, given)


@dataclass(frozen=True, slots=True)
class Asked:
    """Prepared rows with the values that they are asked for."""

    rows: PreparedRows
    given: Mapping[str, Any]


def _value(param: Any, given: Mapping[str, Any], connection: Any) -> Any:
    return param.of(given, connection) if isinstance(param, Given) else param
