"""A role of PostgreSQL for the running application: it adds to the record and cannot change it.

The owner of the tables runs the migrations; the application connects as a role that owns nothing.
Triggers refuse a change of the record to everybody, but an owner could drop a trigger; this role
cannot. SQLite has no roles.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from triservice.kernel.errors import InputError

# Tables to which rows are added, and never changed or taken away.
ONLY_GROW = (
    "access_disclosure",
    "access_checkpoint",
    "access_agreementevent",
    "agencies_workforcechange",
)
CHANGES = ("UPDATE", "DELETE", "TRUNCATE")
# What migrations keep for themselves: who may write here could make one seem to have run.
READ_ONLY = ("django_migrations",)


def grant(role: str) -> None:
    """Give a role what the application needs, and take what it must not have, in one transaction.

    Run as the owner of the tables, after each migration. Raises InputError for a role that is not
    there, or that could take back what is taken from it.
    """
    from django.db import connection, transaction

    if connection.vendor != "postgresql":
        raise InputError("SQLite has no roles", do="Leave --grant-to out, or use PostgreSQL")
    with transaction.atomic(), connection.cursor() as cursor:
        _check(cursor, role)
        tables = connection.introspection.table_names(cursor)
        for statement in statements('"' + role.replace('"', '""') + '"', tables):
            cursor.execute(statement)


def statements(role: str, tables: list[str]) -> Iterator[str]:
    """Give the SQL, for a quoted role: also to be read by whoever runs the database."""
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"
    for table in sorted(tables):
        may = ["SELECT"]
        may += ["INSERT"] if table not in READ_ONLY else []
        may += ["UPDATE", "DELETE"] if table not in (*ONLY_GROW, *READ_ONLY) else []
        yield f'GRANT {", ".join(may)} ON "{table}" TO {role}'


def _check(cursor: Any, role: str) -> None:
    cursor.execute(
        "SELECT rolsuper OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = %s", [role]
    )
    found = cursor.fetchone()
    if found is None:
        raise InputError(
            f"The database has no role {role}",
            kept="The tables are up to date; nobody was given anything",
            do=f"As its administrator run: CREATE ROLE {role} LOGIN PASSWORD '…'",
        )
    if found[0] or may_change(cursor, role, owner=True):
        raise InputError(
            f"The role {role} owns the record, or may take what it is not given",
            kept="Nobody was given anything",
            do="Name a role of its own, without SUPERUSER, CREATEROLE and membership of the owner",
        )


def may_change(cursor: Any, role: str | None = None, *, owner: bool = False) -> list[str]:
    """Return the tables of the record that a role (None: ours) may change; `owner`: or alter."""
    who = "current_user" if role is None else "%(role)s"
    rights = "false" if owner else f"has_table_privilege({who}, c.oid, '{','.join(CHANGES)}')"
    cursor.execute(
        f"SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace "
        f"AND relname = ANY(%(tables)s) AND (pg_has_role({who}, relowner, 'MEMBER') OR {rights}) "
        "ORDER BY relname",
        {"tables": list(ONLY_GROW), "role": role},
    )
    return [name for (name,) in cursor.fetchall()]
