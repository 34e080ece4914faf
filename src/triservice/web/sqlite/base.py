"""The database engine of an embedded system: Django's own for SQLite, less work a statement."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base

# The C library's options of malloc, by number (malloc.h), and how many free bytes it keeps.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT = 32 * 1024 * 1024


def keep_freed_memory() -> bool:
    """Let malloc keep what SQLite frees, so that the next statement need not ask for it again.

    SQLite takes a megabyte for a statement and gives it back. By default glibc hands that on to the
    system each time, and the next statement meets 284 page faults: measured, 0.14 ms became 0.7.
    Returns whether the C library has such options; without them nothing is changed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(
        mallopt and all(mallopt(each, _KEPT) for each in (_TRIM_THRESHOLD, _MMAP_THRESHOLD))
    )


keep_freed_memory()
_translate = lru_cache(maxsize=1024)(base.SQLiteCursorWrapper.convert_query)


class Cursor(base.SQLiteCursorWrapper):
    """Remembers how `%s` was translated to `?`.

    Django looks through a statement for its marks at each execution. A statement that says all
    that is open to a reader is thousands of characters long, and always the same.
    """

    def convert_query(self, query: str, *, param_names: Sequence[str] | None = None) -> str:
        """Return the statement as SQLite reads it."""
        if param_names is not None:
            return super().convert_query(query, param_names=param_names)
        return _translate(None, query)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection with such cursors."""

    def create_cursor(self, name: Any = None) -> Cursor:
        """Return a cursor."""
        made: Cursor = self.connection.cursor(factory=Cursor)
        return made
