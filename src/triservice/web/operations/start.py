"""Make Django ready for a command, and refuse in sentences."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from triservice.kernel.errors import InputError
from triservice.terminal import start_django as start

if TYPE_CHECKING:
    from django.db.migrations.loader import MigrationLoader

__all__ = ["is_sqlite", "make_room", "no_answer", "start", "waiting_migrations"]


def make_room() -> None:
    """Make the folders that the settings name, closed to other accounts of the machine."""
    from django.conf import settings

    os.umask(0o077)  # also for the files that the database and the log make later
    folders = [Path(settings.DATA)]
    name = settings.DATABASES["default"]["NAME"]
    if is_sqlite():
        folders.append(Path(name).parent)
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def is_sqlite() -> bool:
    """Whether the records are in an SQLite file (else in PostgreSQL)."""
    from django.db import connection

    return connection.vendor == "sqlite"


def waiting_migrations() -> list[str]:
    """Return the names of the migrations that the database has not had.

    Raises InputError when the database does not answer, or had some of the migrations that one
    migration has replaced, but not all.
    """
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
    except (DatabaseError, OSError) as fault:
        raise no_answer(fault) from None
    _must_have_had_all(executor.loader)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _must_have_had_all(loader: MigrationLoader) -> None:
    """Raise InputError for a database that had some migrations of those that one has replaced.

    Django would take it for one that had them all.
    """
    for migration in loader.disk_migrations.values():
        had = [earlier in loader.applied_migrations for earlier in migration.replaces]
        if any(had) and not all(had):
            raise InputError(
                "This database is of an earlier version, and was not brought up to date there",
                kept="Nothing was changed.",
                do="Run `triservice migrate` with the version that made it, then with this one.",
            )


def no_answer(fault: Exception) -> InputError:
    """Return the refusal for a database that does not answer; its address is not repeated."""
    why = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
    return InputError(
        f"The database does not answer ({why})",
        do="Check TRISERVICE_DATABASE, and that the server runs",
    )
