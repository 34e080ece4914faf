"""How SQLite reads what a page asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection


def plans_of(read: Callable[[], Any], room: str) -> list[str]:
    """Return how the database reads each statement about a room's tables, as lines."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        read()
    found = []
    for sql, params in asked:
        if f'"{room}_' in sql and "SELECT" in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                found.append("; ".join(row[-1] for row in cursor.fetchall()))
    return found
