"""Insert many rows at once: one prepared statement on SQLite, COPY on PostgreSQL.

The database checks its constraints as ever; what is left out is only the making of instances and
of statements, which for a delivery of records is most of the time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
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
    values = list(zip(*[_column(field, rows) for field in fields], strict=True))
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


def _column(field: models.Field[Any, Any], rows: Sequence[Row]) -> list[Any]:
    """Return what the database stores for a field, row by row."""
    name, default = field.attname, field.get_default()
    told = [row.get(name, default) for row in rows]
    if isinstance(field, models.JSONField):  # which has no null of its own, where it has a default
        told = [default if value is None else value for value in told]
    prepare = _prepare(field)
    return [None if value is None else prepare(value) for value in told] if prepare else told


def _prepare(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """Return what makes a value of a field as the driver takes it; None where it is so already."""
    if isinstance(field, models.JSONField):
        return _as_json
    if isinstance(field, models.CharField):
        return str
    if connection.vendor == "sqlite":
        if isinstance(field, models.UUIDField):
            return attrgetter("hex")
        if isinstance(field, models.DateTimeField):
            return _Once(connection.ops.adapt_datetimefield_value)
        if isinstance(field, models.DateField):
            return str
    return None


_json = json.JSONEncoder(default=str, ensure_ascii=False).encode


def _as_json(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


class _Once:
    """Remembers what it was last asked: a delivery has one time of receipt."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function, self._asked, self._answer = function, object(), None

    def __call__(self, value: Any) -> Any:
        if value is not self._asked:
            self._asked, self._answer = value, self._function(value)
        return self._answer
