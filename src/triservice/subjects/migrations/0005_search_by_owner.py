"""Words in the full-text index are each under their owner: `3§jane` is Jane in a row of agency 3.

So a search walks what agencies open to the reader and nothing else: what is withheld costs no time
that could tell of it. No word that is typed can hold the sign.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

WORDS = "replace(' ' || {0}text, ' ', ' ' || {0}owner_id || '§')"
_NEW, _OLD = WORDS.format("new."), WORDS.format("old.")
_ADD = f"INSERT INTO subjects_searchtext(rowid, words) VALUES (new.id, {_NEW});"
_REMOVE = f"""INSERT INTO subjects_searchtext(subjects_searchtext, rowid, words)
        VALUES ('delete', old.id, {_OLD});"""
_NONE_BEFORE = (
    "DROP TRIGGER subjects_searchkey_added",
    "DROP TRIGGER subjects_searchkey_removed",
    "DROP TRIGGER subjects_searchkey_changed",
    "DROP TABLE subjects_searchtext",
)
_REBUILD = "INSERT INTO subjects_searchtext(subjects_searchtext) VALUES ('rebuild')"
SQLITE = (
    *_NONE_BEFORE,
    f"""CREATE VIEW subjects_searchwords AS
        SELECT id, {WORDS.format("")} AS words FROM subjects_searchkey""",
    # detail=none: no phrases, half the size; ascii: letters and digits, and all that is not ASCII
    """CREATE VIRTUAL TABLE subjects_searchtext USING fts5(
        words, content='subjects_searchwords', content_rowid='id',
        tokenize='ascii', detail='none')""",
    _REBUILD,
    f"""CREATE TRIGGER subjects_searchkey_added AFTER INSERT ON subjects_searchkey
        BEGIN {_ADD} END""",
    f"""CREATE TRIGGER subjects_searchkey_removed AFTER DELETE ON subjects_searchkey
        BEGIN {_REMOVE} END""",
    f"""CREATE TRIGGER subjects_searchkey_changed AFTER UPDATE OF text, owner_id
        ON subjects_searchkey BEGIN {_REMOVE} {_ADD} END""",
)
SQLITE_BACK = (
    *_NONE_BEFORE,
    "DROP VIEW subjects_searchwords",
    """CREATE VIRTUAL TABLE subjects_searchtext USING fts5(
        text, content='subjects_searchkey', content_rowid='id',
        tokenize='ascii', detail='none')""",
    _REBUILD,
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
POSTGRESQL = (
    "DROP INDEX subjects_searchtext",
    f"""CREATE INDEX subjects_searchtext ON subjects_searchkey
        USING gin (array_to_tsvector(string_to_array(ltrim({WORDS.format("")}), ' ')))""",
)
POSTGRESQL_BACK = (
    "DROP INDEX subjects_searchtext",
    """CREATE INDEX subjects_searchtext ON subjects_searchkey
        USING gin (to_tsvector('simple', text))""",
)


def run(schema_editor: Any, by_vendor: dict[str, tuple[str, ...]]) -> None:
    """Run the statements of the database in use."""
    for statement in by_vendor[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def forwards(apps: Any, schema_editor: Any) -> None:
    """Make the index by owner."""
    run(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def backwards(apps: Any, schema_editor: Any) -> None:
    """Make the index as it was."""
    run(schema_editor, {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK})


class Migration(migrations.Migration):
    """The full-text index, by owner."""

    dependencies = [("subjects", "0004_open_by_area")]
    operations = [migrations.RunPython(forwards, backwards)]
