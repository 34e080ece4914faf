"""Queries that nearly every page asks, whose statements are made once.

Django makes a statement anew each time that a query is asked, which takes half a millisecond and
more, several times what the database needs to answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
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
        if connection.vendor == "postgresql":
            kind = self.rhs.output_field.cast_db_type(connection)
            return f"{column} = ANY (%s::{kind}[])", (*params, self.rhs)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, self.rhs)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with `Given` among its parameters, and what makes Python's values of its columns."""

    sql: str
    params: tuple[Any, ...]
    converters: Mapping[int, tuple[Any, Any]]

    def rows(self, given: Mapping[str, Any] = NOTHING_GIVEN) -> list[tuple[Any, ...]]:
        """Ask with these values."""
        connection = connections[DEFAULT_DB_ALIAS]  # a thread's own
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [_value(each, given, connection) for each in self.params])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return [self._converted(row, connection) for row in found] if self.converters else found

    def _converted(self, row: tuple[Any, ...], connection: Any) -> tuple[Any, ...]:
        values = list(row)
        for place, (converters, expression) in self.converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)


def statement_of(query: Query) -> Statement | None:
    """Return the statement of a query of named columns; None for one that finds nothing ever."""
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    columns = [each[0] for each in compiler.select[: compiler.col_count]]
    return Statement(sql, tuple(params), compiler.get_converters(columns))


class Prepared:
    """Rows of a `values_list` with `Given` values in it: `prepared(officer=3, at=now)`."""

    def __init__(self, make: Callable[[], QuerySet[Any, Any]]) -> None:
        """Keep what makes the query; it is called with the first question."""
        self.make = make

    @cached_property
    def statement(self) -> Statement | None:
        """Return the statement, made with the first question."""
        return statement_of(self.make().query)

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
