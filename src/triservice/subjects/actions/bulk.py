"""Insert many rows at once: one prepared statement on SQLite, COPY on PostgreSQL.

The database checks its constraints as ever; what is left out is only the making of instances and
of statements, which for a delivery of records is most of the time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models

Row = dict[str, Any]
BLOCK = 1_000  # primary keys taken from a sequence at a time


class Numbers:
    """Gives primary keys of tables; inside the transaction that inserts them."""

    def __init__(self) -> None:
        """Begin with none taken."""
        self._next: dict[type[models.Model], Iterable[int]] = {}

    def __call__(self, model: type[models.Model]) -> int:
        """Return the next primary key of a table."""
        if model not in self._next:
            self._next[model] = iter(self._block(model))
        try:
            return next(self._next[model])  # type: ignore[call-overload, no-any-return]
        except StopIteration:
            self._next[model] = iter(self._block(model))
            return next(self._next[model])  # type: ignore[call-overload, no-any-return]

    def _block(self, model: type[models.Model]) -> Iterable[int]:
        table = model._meta.db_table
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":  # the only writer: nobody else takes numbers now
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
                last = cursor.fetchone()
                return range((last[0] if last else 0) + 1, 2**62)
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, BLOCK],
            )
            return [number for (number,) in cursor.fetchall()]


def insert(model: type[models.Model], rows: Sequence[Row]) -> None:
    """Insert rows that have their primary keys. A column left out has its default."""
    if not rows:
        return
    fields = model._meta.concrete_fields
    readers = [_reader(field) for field in fields]
    values = [tuple([reader(row) for reader in readers]) for row in rows]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sql = f"COPY {table} ({columns}) FROM STDIN"
            with connection.wrap_database_errors, cursor.copy(sql) as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)


def _reader(field: models.Field[Any, Any]) -> Callable[[Row], Any]:
    """Return a function from a row to what the database stores for a field."""
    name = field.attname
    default = field.get_default()
    if isinstance(field, models.JSONField):
        empty = None if default is None else json.dumps(default)

        def as_json(row: Row) -> Any:
            value = row.get(name)
            if value is None or isinstance(value, str):
                return empty if value is None else value
            return json.dumps(value, default=str, ensure_ascii=False)

        return as_json
    prepare: Callable[[Any], Any] | None = None
    if connection.vendor == "sqlite":
        if isinstance(field, models.UUIDField):
            prepare = _hex
        elif isinstance(field, models.DateTimeField):
            prepare = _Once(connection.ops.adapt_datetimefield_value)
        elif isinstance(field, models.DateField):
            prepare = str
    if isinstance(field, models.CharField):
        prepare = str
    if prepare is None:
        return lambda row: row.get(name, default)
    prepared = prepare

    def adapted(row: Row) -> Any:
        value = row.get(name, default)
        return None if value is None else prepared(value)

    return adapted


def _hex(value: Any) -> str:
    return str(value.hex)


class _Once:
    """Remembers what it was last asked: a delivery has one time of receipt."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function, self._asked, self._answer = function, object(), None

    def __call__(self, value: Any) -> Any:
        if value is not self._asked:
            self._asked, self._answer = value, self._function(value)
        return self._answer
