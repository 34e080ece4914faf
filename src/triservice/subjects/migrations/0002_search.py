"""The full-text index of search keys: FTS5 on SQLite, a text search vector on PostgreSQL.

Both hold the same words and match the same rows: a key matches when it has every word asked for.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

SQLITE = (
    # detail=none: no phrases, half the size
    """CREATE VIRTUAL TABLE subjects_searchtext USING fts5(
        text, content='subjects_searchkey', content_rowid='id',
        tokenize='ascii', detail='none')""",
    """CREATE TRIGGER subjects_searchkey_added AFTER INSERT ON subjects_searchkey BEGIN
        INSERT INTO subjects_searchtext(rowid, text) VALUES (new.id, new.text); END""",
    """CREATE TRIGGER subjects_searchkey_removed AFTER DELETE ON subjects_searchkey BEGIN
        INSERT INTO subjects_searchtext(subjects_searchtext, rowid, text)
        VALUES ('delete', old.id, old.text); END""",
    """CREATE TRIGGER subjects_searchkey_changed AFTER UPDATE OF text ON subjects_searchkey BEGIN
        INSERT INTO subjects_searchtext(subjects_searchtext, rowid, text)
        VALUES ('delete', old.id, old.text);
        INSERT INTO subjects_searchtext(rowid, text) VALUES (new.id, new.text); END""",
)
SQLITE_BACK = (
    "DROP TRIGGER subjects_searchkey_added",
    "DROP TRIGGER subjects_searchkey_removed",
    "DROP TRIGGER subjects_searchkey_changed",
    "DROP TABLE subjects_searchtext",
)
POSTGRESQL = (
    """CREATE INDEX subjects_searchtext ON subjects_searchkey
        USING gin (to_tsvector('simple', text))""",
)
POSTGRESQL_BACK = ("DROP INDEX subjects_searchtext",)


def run(schema_editor: Any, by_vendor: dict[str, tuple[str, ...]]) -> None:
    """Run the statements of the database in use."""
    for statement in by_vendor[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def forwards(apps: Any, schema_editor: Any) -> None:
    """Make the index."""
    run(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def backwards(apps: Any, schema_editor: Any) -> None:
    """Drop the index."""
    run(schema_editor, {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK})


class Migration(migrations.Migration):
    """The full-text index."""

    dependencies = [("subjects", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
