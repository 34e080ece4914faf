"""Backup and restore of an SQLite database in use, by SQLite's online backup."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from triservice.kernel.errors import InputError

NAME = "sqlite"
MEMBER = "database.sqlite3"
PAGES = 2048  # copied at a time: writers wait milliseconds at most


def _live() -> Path:
    from django.db import connection

    return Path(connection.settings_dict["NAME"])


def dump(room: Path) -> dict[str, Path]:
    """Copy the database as of one moment into `room`; others go on reading and writing.

    The copy is read whole and checked. Raises InputError when it is not sound.
    """
    copy = room / MEMBER
    with (
        closing(sqlite3.connect(f"file:{_live()}?mode=ro", uri=True, timeout=20)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        # In a read transaction the source stays as it is: one moment, whatever is written.
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        source.backup(target, pages=PAGES)
        source.execute("ROLLBACK")
        target.execute("PRAGMA journal_mode=DELETE")
        _refuse_unsound(target)
    return {MEMBER: copy}


def load(room: Path, manifest: dict[str, Any]) -> None:
    """Put the copy in the place of the database, in one transaction, also while it is read.

    What the application had opened sees the new records at its next read.
    """
    from django.db import connection

    with closing(sqlite3.connect(room / MEMBER)) as source:
        _refuse_unsound(source)
        connection.close()
        live = _live()
        live.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(live, timeout=20)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=WAL")
        live.chmod(0o600)


def rows_to_lose() -> int:
    """Return how many officers and agencies the database holds; 0 for none or no database."""
    live = _live()
    if not live.is_file():
        return 0
    with closing(sqlite3.connect(f"file:{live}?mode=ro", uri=True, timeout=20)) as source:
        tables = {name for (name,) in source.execute("SELECT name FROM sqlite_master")}
        counted = tables & {"agencies_agency", "agencies_officer"}
        return sum(source.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in counted)


def _refuse_unsound(database: sqlite3.Connection) -> None:
    (answer,) = database.execute("PRAGMA quick_check").fetchone()
    if answer != "ok" or database.execute("PRAGMA foreign_key_check").fetchone():
        raise InputError(
            "The copy of the database is not sound",
            do="Look at the disk, and run triservice doctor",
        )
