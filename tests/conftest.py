"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection
from django.test import SimpleTestCase
from hypothesis import HealthCheck, settings

import flushing  # noqa: F401  (lets tests that commit empty the record)
from triservice.analysis.lake.schema import EVENT_SCHEMA
from triservice.analysis.lake.store import ImportRecord, Lake
from triservice.files import write_atomically
from undoing import undone

# How long one example takes says how busy the machine is, not whether the code is right.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

REAL = connection.settings_dict["NAME"]
# Spark's tests are short: half of Java's time went into compiling well what runs once.
os.environ.setdefault(
    "PYSPARK_SUBMIT_ARGS", "--driver-java-options -XX:TieredStopAtLevel=1 pyspark-shell"
)
ON_POSTGRES = os.environ.get("TRISERVICE_DATABASE", "").startswith("postgres")


# Files with tests that are marked so take long; one that begins last is waited for by every core.
LONG = ("browser", "long", "postgres", "spark")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run once more what keeps data; what does not was tested already.

    Where several cores take file after file (`make test`), long files come first, then those with
    many tests.
    """
    if ON_POSTGRES:
        left = [item for item in items if not _keeps_data(item)]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if _keeps_data(item)]
    if hasattr(config, "workerinput"):
        items[:] = chain.from_iterable(sorted(_by_file(items), key=_turn))


def _by_file(items: list[pytest.Item]) -> Iterable[list[pytest.Item]]:
    """Return the tests of each file together, in their order."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    return files.values()


def _turn(tests: list[pytest.Item]) -> tuple[bool, int]:
    """Return what the tests of a file are sorted by."""
    long = any(test.get_closest_marker(word) for test in tests for word in LONG)
    return not long, -len(tests)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let what was imported be, and look for rubbish seldom: a tenth of the time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _keeps_data(item: pytest.Item) -> bool:
    """Whether a test asks for Django's database, or is marked to reach one by other programs."""
    asked = {"db", "transactional_db", "module_database"} & set(getattr(item, "fixturenames", ()))
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("postgres")
    return bool(asked or marked) or issubclass(getattr(item, "cls", None) or object, SimpleTestCase)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_tox_suffix(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep SQLite's test database in a file of the process's own, as a running system does.

    In memory, the threads of a live server would share one connection with the test: what one has
    begun, another would end. This is the first of pytest-django's fixtures that change settings.
    """
    if not ON_POSTGRES:
        kept = tmp_path_factory.mktemp("database") / "test.sqlite3"
        django_settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(kept)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Make the tables of the models that tests bring along, wherever they are collected.

    pytest-django makes a test database only when a test that was chosen asks for `db`.
    """
    assert connection.settings_dict["NAME"] != REAL, "no test asks for db: this would be real data"
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        there = connection.introspection.table_names()
        for model in apps.get_models():
            if model._meta.db_table not in there:
                editor.create_model(model)


@pytest.fixture(scope="module")
def module_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, for one module, rolled back after it; each test puts its own back."""
    with django_db_blocker.unblock():
        try:
            with undone():
                yield
        finally:
            connection.close()


@pytest.fixture(scope="session", autouse=True)
def kept_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what tests upload in a folder of the run's own."""
    django_settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")


@pytest.fixture(scope="session")
def open_data() -> Path:
    """Folder of real open data beside the repository; the test is skipped when it is not there."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TRISERVICE_OPEN_DATA", beside))
    if not (folder / "police_street").is_dir():
        pytest.skip(f"no open data in {folder} (set TRISERVICE_OPEN_DATA)")
    return folder


@pytest.fixture
def lake_of(tmp_path: Path) -> Callable[..., Lake]:
    """Return a function that makes a lake of the events given as rows (dicts of columns)."""

    def make(rows: list[dict[str, Any]], source: str = "invented") -> Lake:
        lake = Lake.create(tmp_path / "lake")
        table = pa.Table.from_pylist([_event(i, row, source) for i, row in enumerate(rows)])
        parts = []
        months: dict[str, dict[str, int]] = {}
        for service in sorted(set(table["service"].to_pylist())):
            part = f"events/service={service}/month=all/{source}.parquet"
            chosen = table.filter(pa.compute.equal(table["service"], service)).cast(EVENT_SCHEMA)
            (lake.root / part).parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(chosen, lake.root / part)
            parts.append(part)
            months[service] = dict(Counter(chosen["month"].to_pylist()))
        record = ImportRecord(
            import_id=source,
            source=source,
            file=f"{source}.csv",
            sha256="0" * 64,
            mapping_sha256="0" * 64,
            imported_at="2026-01-01T00:00:00+00:00",
            rows_read=len(rows),
            accepted=len(rows),
            duplicates=0,
            without_coordinates=sum(row.get("easting") is None for row in rows),
            outside=0,
            quarantined={},
            months=months,
            first=None,
            last=None,
            parts=parts,
        )
        path = lake.root / "imports" / f"{source}.json"
        write_atomically(path, json.dumps(asdict(record)))
        return lake

    return make


def _event(number: int, row: dict[str, Any], source: str) -> dict[str, Any]:
    """Fill what a test does not care about."""
    moment = row.get("time_from", datetime(2025, 1, 15, 12, tzinfo=UTC))
    filled = dict.fromkeys(EVENT_SCHEMA.names) | {
        "event_id": number + 1,
        "service": "police",
        "source": source,
        "source_row": number + 1,
        "import_id": source,
        "month": f"{moment:%Y-%m}",
        "time_from": moment,
        "time_to": moment,
        "time_precision": "second",
        "category": "burglary",
        "location_precision": "exact" if row.get("easting") is not None else "none",
    }
    return filled | row
