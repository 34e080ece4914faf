"""A database of an earlier version, with its triggers, is brought up to date."""

from __future__ import annotations

from copy import copy

import pytest
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection

from triservice.access.models import Epoch, Opening
from triservice.kernel.errors import InputError
from triservice.web.operations.start import waiting_migrations


@pytest.mark.django_db(transaction=True)
def test_a_table_that_triggers_of_another_speak_of_changes_and_they_are_there_again() -> None:
    before = _triggers()
    assert any("epoch" in name for name in before)
    was = Opening._meta.get_field("agency")
    now = copy(was)
    now.null = not was.null
    emit_pre_migrate_signal(0, False, "default")
    if connection.vendor == "sqlite":  # where they stand in the way; those of the record stay
        assert not any("epoch" in name for name in _triggers())
    with connection.schema_editor() as editor:
        editor.alter_field(Opening, was, now)  # SQLite makes the table anew
        editor.alter_field(Opening, now, was)
    emit_post_migrate_signal(0, False, "default")
    assert _triggers() == before
    assert Epoch.objects.filter(name="agreements").count() == 1


@pytest.mark.django_db
def test_one_that_stopped_half_way_through_earlier_migrations_is_told_what_to_do() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'access'")
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('access', '0001_initial', '2026-11-01')"
        )
    with pytest.raises(InputError, match="with the version that made it"):
        waiting_migrations()


def _triggers() -> set[str]:
    by_vendor = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'access%'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'access%'",
    }
    with connection.cursor() as cursor:
        cursor.execute(by_vendor[connection.vendor])
        return {name for (name,) in cursor.fetchall()}
