"""Queries that nearly every page asks, whose statements Django makes once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler


class Given(Expression):
    """A value in a prepared query that is given each time it is asked, by name."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        """Keep the name, and the field that says how the database holds such a value."""
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return a mark, and itself in place of the value."""
        return "%s", (self,)

    def of(self, given: dict[str, Any], connection: Any) -> Any:
        """Return the value as the database takes it. Raises KeyError when it is not given."""
        return self.output_field.get_db_prep_value(given[self.name], connection)


class Prepared:
    """Rows of a `values_list` with `Given` values in it: `prepared(officer=3, at=now)`.

    Django makes a statement anew each time that a query is asked, which takes half a millisecond
    and more, several times what the database needs to answer.
    """

    def __init__(self, make: Callable[[], QuerySet[Any, Any]]) -> None:
        """Keep what makes the query; it is called with the first question on a connection."""
        self.make = make

    def __call__(self, **given: Any) -> list[tuple[Any, ...]]:
        """Ask with these values."""
        connection = connections[DEFAULT_DB_ALIAS]  # a thread's own
        known: dict[Prepared, Any] = connection.__dict__.setdefault("triservice_prepared", {})
        if self not in known:
            compiler = self.make().query.get_compiler(connection=connection)
            known[self] = (compiler, *compiler.as_sql())
        compiler, sql, params = known[self]
        with connection.cursor() as cursor:
            cursor.execute(sql, [_value(each, given, connection) for each in params])
            rows = cursor.fetchall()
        return list(compiler.results_iter(results=[rows], tuple_expected=True))


def _value(param: Any, given: dict[str, Any], connection: Any) -> Any:
    return param.of(given, connection) if isinstance(param, Given) else param
