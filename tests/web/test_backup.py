"""A backup is whole and of one moment while people work, and comes back as it was.

Runs on SQLite, and on PostgreSQL when TRISERVICE_DATABASE names one (`make test` does both).
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from operating import System, as_it_was, empty_database, started

FIRST = """
from triservice.agencies import actions
from triservice.agencies.models import Agency
fire = actions.add_agency(None, name="Penrose Fire", short_name="Fire", kind="fire")
actions.engage(None, email="a@penrose.example", name="Ann Invented \\\\N \\t é £", employer=fire)
"""
# Each transaction writes two rows that belong together; a backup in between would hold one.
WRITER = """
from django.db import transaction
from triservice.agencies.models import Agency, Officer
fire = Agency.objects.get(short_name="Fire")
print("ready", flush=True)
for n in range(100_000):
    with transaction.atomic():
        Officer.objects.create(email=f"w{n}@x.example", name="left", employer=fire)
        Officer.objects.create(email=f"x{n}@x.example", name="right", employer=fire)
    if n == 20:
        print("going", flush=True)
"""
# Everything in every table, as text: two systems are equal when these are. What access has cached
# (access_epoch) is made anew after every restore, so that no process reads by what was in force.
CONTENT = """
import hashlib
from django.db import connection
with connection.cursor() as cursor:
    for table in sorted(connection.introspection.table_names(cursor)):
        if table in ("django_session", "web_cache", "access_epoch"):
            continue
        cursor.execute(f'SELECT * FROM "{table}"')
        rows = sorted(map(repr, cursor.fetchall()))
        print(table, len(rows), hashlib.sha256("\\n".join(rows).encode()).hexdigest())
"""
PAIRS = """
from collections import Counter
from triservice.agencies.models import Officer
found = Counter(Officer.objects.values_list("name", flat=True))
print(found["left"], found["right"])
"""
NEXT = """
from triservice.agencies.models import Agency, Officer
fire = Agency.objects.get(short_name="Fire")
print(Officer.objects.create(email="next@x.example", name="n", employer=fire).pk)
"""
POSTGRES = os.environ.get("TRISERVICE_DATABASE", "").startswith("postgres")
WAYS = ["pg_dump", "COPY"] if POSTGRES else ["SQLite"]
pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Return a migrated system with a few invented rows; tests copy it."""
    folder = tmp_path_factory.mktemp("origin")
    with empty_database(folder) as database:
        system = System(folder, database)
        done = system.run("migrate")
        assert done.returncode == 0, done.stderr
        system.ask(FIRST)
        yield system


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Return a system that waits for commands; each test makes it a copy of the origin."""
    folder = tmp_path_factory.mktemp("working") / "system"
    with empty_database(folder) as database, started(System(folder, database)) as system:
        yield system


@pytest.fixture
def system(working: System, origin: System) -> System:
    as_it_was(working, origin)
    return working


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> dict[str, str]:
    return {"TRISERVICE_PG_TOOLS": "no"} if request.param == "COPY" else {}


def test_it_comes_back_as_it_was(system: System, tmp_path: Path, way: dict[str, str]) -> None:
    file = tmp_path / "one.backup"
    uploaded = system.data / "files" / "letters" / "a.txt"
    uploaded.parent.mkdir(parents=True)
    uploaded.write_text("an invented letter")
    before = system.ask(CONTENT)
    done = system.run("backup", str(file), "--json", **way)
    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout)
    assert file.stat().st_mode & 0o777 == 0o600
    assert "files/letters/a.txt" in manifest["members"]
    later = int(system.ask(NEXT))
    uploaded.write_text("changed")
    assert system.ask(CONTENT) != before
    refused = system.run("restore", str(file), **way)
    assert refused.returncode == 2
    assert "would replace a database that holds 3 agencies and officers" in refused.stderr
    assert system.ask(CONTENT) != before  # nothing was changed
    put = system.run("restore", str(file), "--yes", **way)
    assert put.returncode == 0, put.stderr
    assert system.ask(CONTENT) == before
    assert uploaded.read_text() == "an invented letter"
    assert int(system.ask(NEXT)) == later  # numbers go on where they were
    assert system.run("doctor").returncode == 0


def test_it_comes_back_on_an_empty_machine(
    system: System, tmp_path: Path, way: dict[str, str]
) -> None:
    file = tmp_path / "one.backup"
    before = system.ask(CONTENT)
    assert system.run("backup", str(file), **way).returncode == 0
    with empty_database(tmp_path) as database:
        other = System(tmp_path / "other", database)
        put = other.run("restore", str(file), **way)
        assert put.returncode == 0, put.stderr
        with started(other) as there:
            assert there.ask(CONTENT) == before
            assert there.run("migrate", "--check").returncode == 0


def test_it_is_of_one_moment_while_people_write(
    system: System, tmp_path: Path, way: dict[str, str]
) -> None:
    writer = system.start(WRITER)
    assert writer.stdout is not None
    while writer.stdout.readline().strip() != "going":
        assert writer.poll() is None
    files = [tmp_path / f"{n}.backup" for n in range(2)]
    for file in files:
        done = system.run("backup", str(file), **way)
        assert done.returncode == 0, done.stderr
    assert writer.poll() is None, "the writer was stopped by the backup"
    writer.kill()
    writer.communicate()
    counts = []
    for file in files:
        put = system.run("restore", str(file), "--yes", **way)
        assert put.returncode == 0, put.stderr
        left, right = map(int, system.ask(PAIRS).split())
        assert left == right > 0
        counts.append(left)
    assert counts[1] > counts[0]


def test_a_damaged_file_changes_nothing(
    system: System, tmp_path: Path, way: dict[str, str]
) -> None:
    file = tmp_path / "one.backup"
    assert system.run("backup", str(file), **way).returncode == 0
    before = system.ask(CONTENT)
    whole = file.read_bytes()
    with tarfile.open(file) as tar:  # where a bit counts: between members there is padding
        largest = max(tar.getmembers(), key=lambda member: member.size)
    middle = largest.offset_data + largest.size // 2
    for name, content in {
        "short": whole[:middle],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "other": b"not a backup",
        "empty": b"",
    }.items():
        damaged = tmp_path / name
        damaged.write_bytes(content)
        done = system.run("restore", str(damaged), "--yes", **way)
        assert done.returncode == 2, name
        assert name in done.stderr
        assert "Traceback" not in done.stderr
    assert system.run("restore", str(tmp_path / "missing"), "--yes").returncode == 2
    assert system.ask(CONTENT) == before


def forged(
    system: System, tmp_path: Path, said: dict[str, object], more: dict[str, bytes] | None = None
) -> Path:
    """Return a backup of which somebody has changed what the manifest says, and added members."""
    file, changed, folder = (tmp_path / name for name in ("one.backup", "changed.backup", "open"))
    assert system.run("backup", str(file)).returncode == 0
    with tarfile.open(file) as tar:
        tar.extractall(folder, filter="data")
    manifest = json.loads((folder / "manifest.json").read_text())
    added = {name: sha256(content).hexdigest() for name, content in (more or {}).items()}
    manifest["members"] |= added
    (folder / "manifest.json").write_text(json.dumps(manifest | said))
    with tarfile.open(changed, "w") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, arcname=path.name)
        for name, content in (more or {}).items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return changed


@pytest.mark.parametrize(
    "said",
    [
        {"members": None},
        {"members": {"database.sqlite3": 1}},
        {"members": ["database.sqlite3"]},
        {"migrations": "all"},
        {"migrations": [["agencies", "0001_initial"]]},
        {"database": None},
    ],
    ids=str,
)
def test_a_forged_manifest_is_refused_in_a_sentence(
    system: System, tmp_path: Path, said: dict[str, object]
) -> None:
    done = system.run("restore", str(forged(system, tmp_path, said)), "--yes")
    assert done.returncode == 2
    assert "is no backup of triservice" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_forged_member_is_not_put_outside_the_folder_of_files(
    system: System, tmp_path: Path
) -> None:
    aim = tmp_path / "aim"
    for name in (f"files/{aim}", f"files//{str(aim).lstrip('/')}"):
        done = system.run("restore", str(forged(system, tmp_path, {}, {name: b"x"})), "--yes")
        assert done.returncode == 2, name
        assert not aim.exists()
        (tmp_path / "one.backup").unlink()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("database", "another", "holds a another database"),
        ("migrations", ["agencies.9999_from_the_future"], "newer version"),
    ],
)
def test_another_kind_or_version_is_refused(
    system: System, tmp_path: Path, key: str, value: object, said: str
) -> None:
    changed = forged(system, tmp_path, {key: value})
    done = system.run("restore", str(changed), "--yes")
    assert done.returncode == 2
    assert said in done.stderr


def test_nothing_is_overwritten(system: System, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("mine")
    done = system.run("backup", str(file))
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert file.read_text() == "mine"
    assert system.run("backup", str(tmp_path / "no" / "folder")).returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_the_password_is_on_no_command_line(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not POSTGRES:
        pytest.skip("SQLite has no password; runs on PostgreSQL")
    spy = tmp_path / "bin" / "pg_dump"
    spy.parent.mkdir()
    log = tmp_path / "arguments"
    spy.write_text(f'#!/bin/sh\necho "$@" >> {log}\n[ "$1" = --version ] && echo 99\nexit 3\n')
    spy.chmod(0o755)
    path = f"{spy.parent}{os.pathsep}{os.environ['PATH']}"
    done = system.run("backup", str(tmp_path / "x"), PATH=path)
    assert done.returncode == 2
    password = system.database.split(":")[2].split("@")[0]
    assert password not in log.read_text() + done.stderr
