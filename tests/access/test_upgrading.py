"""A database of an earlier version, with its triggers, is brought up to date."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

BEFORE = "0005"  # the last version before a table that triggers of another table speak of changed


def migrate(database: Path, *to: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "triservice.web.manage", "migrate", "--verbosity=0", *to],
        env=os.environ | {
            "TRISERVICE_DATABASE": f"sqlite:///{database}", "TRISERVICE_DATA": str(database.parent),
        },
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


def test_an_earlier_sqlite_database_with_its_triggers_is_brought_up_to_date(tmp_path: Path) -> None:
    database = tmp_path / "earlier.sqlite3"
    migrate(database, "access", BEFORE)
    with sqlite3.connect(database) as earlier:
        assert _triggers(earlier), "the earlier version has triggers"
    migrate(database)
    with sqlite3.connect(database) as now:
        assert "agency_id" in {row[1] for row in now.execute("PRAGMA table_info(access_opening)")}
        assert {"access_openingitem_epoch_insert", "access_disclosure_no_delete"} <= _triggers(now)
        assert now.execute("SELECT name FROM access_epoch").fetchall() == [("agreements",)]


def _triggers(database: sqlite3.Connection) -> set[str]:
    found = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return {name for (name,) in found}
