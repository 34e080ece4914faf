"""Tests that commit empty the tables afterwards; the record of disclosures refuses that.

Importing this lets the emptying of a *test* database drop the triggers first. They come back with
`post_migrate`, which the emptying sends. On PostgreSQL only tables that hold something are emptied,
by deleting: to truncate makes new files for all tables and their indexes, whatever they held.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.postgresql.operations import DatabaseOperations as Postgres

from triservice.access import triggers

_empty = BaseDatabaseOperations.execute_sql_flush
_truncate = Postgres.sql_flush


def _without_triggers(self: Any, sql_list: Sequence[str]) -> None:
    """Drop the triggers, then empty."""
    with connection.cursor() as cursor:
        for statement in triggers.removals(connection.vendor):
            cursor.execute(statement)
    _empty(self, sql_list)


def _deletions(self: Any, style: Any, tables: Sequence[str], **how: Any) -> list[str]:
    """Return the statements that empty what is filled; keys are compared when all are done."""
    if how.get("reset_sequences"):
        return list(_truncate(self, style, tables, **how))
    names = [self.quote_name(table) for table in tables]
    filled = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names]
    with self.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(filled))
        return [f"DELETE FROM {name}" for (name,) in cursor.fetchall()]


BaseDatabaseOperations.execute_sql_flush = _without_triggers  # type: ignore[method-assign]
Postgres.sql_flush = _deletions  # type: ignore[method-assign]
