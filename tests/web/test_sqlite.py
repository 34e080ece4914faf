"""The database engine of an embedded system reads as Django's own does."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite only"),
]


def test_marks_are_translated_alike_each_time() -> None:
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s, '100%%', %s", [1, "%s"])
            assert cursor.fetchone() == (1, "100%", "%s")


def test_names_are_translated_too() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %(one)s, %(two)s", {"one": 1, "two": "b"})
        assert cursor.fetchone() == (1, "b")
