"""Triggers: tokens are renewed by whatever decides a read; the record of disclosures only grows.

They are in the database, so that a bulk update or another program cannot pass them by.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

# Tables whose change concerns everybody.
OF_ALL = ("access_agreementversion", "access_party", "access_term", "access_restriction")
# Tables whose change concerns one officer, and how to find that officer from a row.
OF_ONE = {
    "access_opening": "{row}.officer_id",
    "access_openingitem": (
        "(SELECT officer_id FROM access_opening WHERE access_opening.id = {row}.opening_id)"
    ),
    "access_restrictionmember": "{row}.officer_id",
    "access_conflictofinterest": "{row}.officer_id",
}
RECORD = "access_disclosure"
REFUSAL = "the record of disclosures only grows"
AGREEMENTS = "'agreements'"
SQLITE_TOKEN = "lower(hex(randomblob(16)))"
POSTGRESQL_TOKEN = "gen_random_uuid()::text"


def renew() -> None:
    """Make all triggers of the default database anew, in one transaction. Runs after `migrate`.

    SQLite drops the triggers of a table when a migration rebuilds it, so they are made each time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (*removals(connection.vendor), *statements(connection.vendor)):
            cursor.execute(statement)


def stand_aside() -> None:
    """Take away, before `migrate` on SQLite, the triggers that renew tokens, and the tokens.

    SQLite rebuilds a table under another name and refuses to name it back while a trigger elsewhere
    speaks of it. Without tokens nothing is kept from one read to the next (access.grants), so a
    migration that is killed half-way leaves no stale answer. The record keeps its own triggers.
    """
    if connection.vendor != "sqlite":
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _epoch_removals():
            cursor.execute(statement)
        if "access_epoch" in connection.introspection.table_names(cursor):
            cursor.execute("DELETE FROM access_epoch")


def statements(vendor: str) -> Iterator[str]:
    """Yield the SQL that makes all triggers and first rows, for "sqlite" or "postgresql"."""
    yield from _sqlite() if vendor == "sqlite" else _postgresql()
    token = {"sqlite": SQLITE_TOKEN, "postgresql": POSTGRESQL_TOKEN}[vendor]
    yield _renew(AGREEMENTS, token)
    yield (
        f"INSERT INTO access_chainhead (id, seq, hash) SELECT 1, 0, '{'0' * 64}' "
        f"WHERE NOT EXISTS (SELECT 1 FROM {RECORD}) ON CONFLICT (id) DO NOTHING"
    )


def removals(vendor: str) -> Iterator[str]:
    """Yield the SQL that removes the triggers."""
    if vendor == "sqlite":
        yield from _epoch_removals()
        for event in ("update", "delete", "replace"):
            yield f"DROP TRIGGER IF EXISTS {RECORD}_no_{event}"
    else:
        functions = ["access_epoch_all", "access_only_grows"]
        functions += [f"{table}_epoch" for table in OF_ONE]
        yield from (f"DROP FUNCTION IF EXISTS {name}() CASCADE" for name in functions)


def _epoch_removals() -> Iterator[str]:
    for table in OF_ALL + tuple(OF_ONE):
        for event in ("insert", "update", "delete"):
            yield f"DROP TRIGGER IF EXISTS {table}_epoch_{event}"


def _renew(name: str, token: str) -> str:
    return (
        f"INSERT INTO access_epoch (name, token) SELECT name, token FROM "
        f"(SELECT {name} AS name, {token} AS token) AS renewed WHERE name IS NOT NULL "
        "ON CONFLICT (name) DO UPDATE SET token = excluded.token"
    )


def _sqlite() -> Iterator[str]:
    token = SQLITE_TOKEN
    rows = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}
    for event, which in rows.items():
        for table in OF_ALL:
            yield (
                f"CREATE TRIGGER {table}_epoch_{event} AFTER {event.upper()} ON {table} "
                f"BEGIN {_renew(AGREEMENTS, token)}; END"
            )
        for table, officer in OF_ONE.items():
            body = "; ".join(
                _renew(f"'officer:' || {officer.format(row=row)}", token) for row in which
            )
            yield (
                f"CREATE TRIGGER {table}_epoch_{event} AFTER {event.upper()} ON {table} "
                f"BEGIN {body}; END"
            )
    for event in ("update", "delete"):
        yield (
            f"CREATE TRIGGER {RECORD}_no_{event} BEFORE {event.upper()} ON {RECORD} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
    yield (  # INSERT OR REPLACE deletes the row in its way without asking the trigger above
        f"CREATE TRIGGER {RECORD}_no_replace BEFORE INSERT ON {RECORD} "
        f"WHEN EXISTS (SELECT 1 FROM {RECORD} WHERE seq = NEW.seq OR hash = NEW.hash) "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


def _postgresql() -> Iterator[str]:
    token = POSTGRESQL_TOKEN
    yield _function("access_epoch_all", f"{_renew(AGREEMENTS, token)}; RETURN NULL;")
    for table in OF_ALL:
        yield (
            f"CREATE TRIGGER {table}_epoch AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION access_epoch_all()"
        )
    for table, officer in OF_ONE.items():
        new, old = (_renew(f"'officer:' || {officer.format(row=r)}", token) for r in ("NEW", "OLD"))
        yield _function(
            f"{table}_epoch",
            f"IF TG_OP <> 'INSERT' THEN {old}; END IF; "
            f"IF TG_OP <> 'DELETE' THEN {new}; END IF; RETURN NULL;",
        )
        yield (
            f"CREATE TRIGGER {table}_epoch AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_epoch()"
        )
    yield _function("access_only_grows", f"RAISE EXCEPTION '{REFUSAL}';")
    yield (
        f"CREATE TRIGGER {RECORD}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {RECORD} "
        "FOR EACH STATEMENT EXECUTE FUNCTION access_only_grows()"
    )


def _function(name: str, body: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ "
        f"BEGIN {body} END $body$"
    )
