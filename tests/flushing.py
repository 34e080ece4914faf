"""Tests that commit empty the tables afterwards; the record of disclosures refuses that.

Importing this lets the emptying of a *test* database drop the triggers first. They come back with
`post_migrate`, which the emptying sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

from triservice.access import triggers

_empty = BaseDatabaseOperations.execute_sql_flush


def _without_triggers(self: Any, sql_list: Sequence[str]) -> None:
    """Drop the triggers, then empty."""
    with connection.cursor() as cursor:
        for statement in triggers.removals(connection.vendor):
            cursor.execute(statement)
    _empty(self, sql_list)


BaseDatabaseOperations.execute_sql_flush = _without_triggers  # type: ignore[method-assign]
