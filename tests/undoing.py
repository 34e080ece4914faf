"""A transaction around tests that the code under test may open its own durable blocks in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """Run a block in a transaction that is rolled back; `recording` may be used inside."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]  # as TestCase: durable blocks nest
    with atomic:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def db(module_database: None) -> Iterator[None]:
    """What the module made once, for one test, put back after it. Import it into the module.

    It stands before pytest-django's `db`, which would begin with an empty database; by its name
    pytest-django knows that a test database is wanted.
    """
    with undone():
        yield
