"""The database engine of an embedded system: Django's own for SQLite, less work a statement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base

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
