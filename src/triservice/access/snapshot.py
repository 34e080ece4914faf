"""A transaction that reads only, on the embedded database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection, transaction

READS = frozenset({"SELECT", "WITH", "SAVEPOINT", "RELEASE", "ROLLBACK", "EXPLAIN"})


@contextmanager
def snapshot() -> Iterator[None]:
    """Read SQLite as it is at one moment, without the lock of the one writer; writing is refused.

    Our transactions begin IMMEDIATE, for one that reads and later writes would fail when another
    wrote in between. One that never writes needs no lock. (SQLite could refuse writes itself, by
    query_only; but setting that makes it prepare every statement anew: 10 ms a page.)
    """
    connection.ensure_connection()  # which says how transactions usually begin
    usual = connection.transaction_mode  # type: ignore[attr-defined]
    connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
    try:
        with transaction.atomic(durable=True), connection.execute_wrapper(_only_reads):
            yield
    finally:
        connection.transaction_mode = usual  # type: ignore[attr-defined]


def _only_reads(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Run a statement that reads; raise DatabaseError on any other."""
    if sql.lstrip().partition(" ")[0].upper() not in READS:
        raise DatabaseError("Nothing is written while reading: this block was opened by `reading`.")
    return execute(sql, params, many, context)
