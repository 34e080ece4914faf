"""Backup and restore of a PostgreSQL database in use: pg_dump where it is found, else COPY.

Both take the records as of one moment, in one transaction. A dump of pg_dump is put back by
pg_restore; COPY needs nothing but the driver, and the tables that the migrations make.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from triservice.kernel.errors import InputError

NAME = "postgresql"
DUMP = "database.pgdump"
TABLES = "tables.json"


def tool(name: str) -> str | None:
    """Return the path of a PostgreSQL program, or None; TRISERVICE_PG_TOOLS=no says to use none."""
    if os.environ.get("TRISERVICE_PG_TOOLS") == "no":
        return None
    return shutil.which(name)


def dump(room: Path) -> dict[str, Path]:
    """Write the database as of one moment into `room`; others go on reading and writing."""
    if tool("pg_dump") and _not_older_than_server("pg_dump"):
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={room / DUMP}")
        return {DUMP: room / DUMP}
    return _copy_out(room)


def load(room: Path, manifest: dict[str, Any]) -> None:
    """Put the records back in one transaction: all of them, or nothing is changed."""
    from django.db import connection

    if DUMP in manifest["members"]:
        if not tool("pg_restore"):
            raise InputError(
                "The backup was made by pg_dump, and pg_restore is not here",
                kept="Nothing was changed",
                do="Install the PostgreSQL client programs",
            )
        connection.close()
        _run(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            "--exit-on-error",
            f"--dbname={_settings()['NAME']}",
            str(room / DUMP),
        )
    else:
        _copy_in(room, manifest)


def rows_to_lose() -> int:
    """Return how many officers and agencies the database holds; 0 when it has no tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        total = 0
        for table in sorted(tables & {"agencies_agency", "agencies_officer"}):
            cursor.execute(f"SELECT count(*) FROM {table}")
            total += cursor.fetchone()[0]
    return total


def _not_older_than_server(program: str) -> bool:
    """Whether the program can read the server: an older one refuses."""
    from django.db import connection

    said = subprocess.run([str(tool(program)), "--version"], capture_output=True, text=True).stdout
    found = re.search(r"(\d+)", said)
    connection.ensure_connection()
    server = connection.connection.info.server_version // 10_000
    return found is not None and int(found[1]) >= server


def _settings() -> dict[str, Any]:
    from django.db import connection

    return connection.settings_dict


def _run(program: str, *arguments: str) -> None:
    """Run a program on our database. The password goes by the environment, never as argument."""
    chosen = _settings()
    environment = os.environ | {
        "PGHOST": str(chosen["HOST"] or ""),
        "PGPORT": str(chosen["PORT"] or ""),
        "PGUSER": str(chosen["USER"] or ""),
        "PGPASSWORD": str(chosen["PASSWORD"] or ""),
        "PGDATABASE": str(chosen["NAME"]),
        "PGSSLMODE": str(chosen.get("OPTIONS", {}).get("sslmode", "prefer")),
    }
    environment = {name: value for name, value in environment.items() if value}
    done = subprocess.run(
        [str(tool(program)), *arguments], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise InputError(
            f"{program} failed: {lines[0] if lines else f'exit code {done.returncode}'}",
            kept="Nothing was changed",
        )


# ---- COPY --------------------------------------------------------------------------------------
# Columns that the database works out itself are not copied: they come back by themselves.
_COLUMNS = """
    SELECT c.relname, array_agg(a.attname ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relnamespace = 'public'::regnamespace
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.relname ORDER BY c.relname
"""
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"


def _copy_out(room: Path) -> dict[str, Path]:
    from django.db import connection, transaction

    members: dict[str, Path] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(_COLUMNS)
        tables = dict(cursor.fetchall())
        cursor.execute(_SEQUENCES)
        sequences = dict(cursor.fetchall())
        for table, columns in tables.items():
            name = f"{table}.copy"
            statement = f'COPY (SELECT {_named(columns)} FROM "{table}") TO STDOUT'
            with open(room / name, "wb") as file, cursor.cursor.copy(statement) as copy:
                for block in copy:
                    file.write(block)
            members[name] = room / name
    about = {"tables": tables, "sequences": sequences}
    (room / TABLES).write_text(json.dumps(about), encoding="utf-8")
    return {TABLES: room / TABLES} | members


def _copy_in(room: Path, manifest: dict[str, Any]) -> None:
    from django.db import connection, transaction

    about = json.loads((room / TABLES).read_text(encoding="utf-8"))
    _refuse_odd_names(about)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
        _migrate_to(manifest["migrations"])
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            tables = about["tables"]
            everything = ", ".join(f'"{table}"' for table in tables)
            for table in tables:  # what only ever grows has triggers against a TRUNCATE
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            cursor.execute(f"TRUNCATE {everything} CASCADE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for table, columns in tables.items():
                statement = f'COPY "{table}" ({_named(columns)}) FROM STDIN'
                with (
                    open(room / f"{table}.copy", "rb") as file,
                    cursor.cursor.copy(statement) as copy,
                ):
                    while block := file.read(1 << 20):
                        copy.write(block)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
            for sequence, value in about["sequences"].items():
                if value is not None:
                    cursor.execute("SELECT setval(%s, %s)", [f'public."{sequence}"', value])


def _migrate_to(wanted: list[str]) -> None:
    """Make the tables as they were when the backup was made: with its migrations and no other."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    had = {node for node in graph.nodes if ".".join(node) in set(wanted)}
    last = [  # the last of each app: Django goes back from a target that is not
        node
        for node in sorted(had)
        if not any(child.key[0] == node[0] and child.key in had for child in _after(graph, node))
    ]
    executor.migrate(last)


def _after(graph: Any, node: tuple[str, str]) -> Any:
    return graph.node_map[node].children


def _refuse_odd_names(about: dict[str, Any]) -> None:
    """Raise InputError for a name that would end its quotes in the statement that holds it."""
    tables = about["tables"]
    names = [*tables, *about["sequences"], *(name for some in tables.values() for name in some)]
    if not all(re.fullmatch(r"[a-z0-9_]+", name) for name in names):
        raise InputError(
            "The backup names a table or column that is none of ours", kept="Nothing was changed"
        )


def _named(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
