"""A lake that is damaged, full, unwritable or not a lake: exit code 2 and a sentence."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from invented_imports import events_of, files_of, mapping_file, row, write_rows
from writing_moments import Moments, no_room

from triservice.analysis.lake.importing import import_files
from triservice.cli import main


@pytest.fixture
def desk(tmp_path):
    """A mapping, a file of ten rows, and a lake that holds them."""
    mapping, path = (
        mapping_file(tmp_path),
        write_rows(tmp_path / "a.csv", [row(n) for n in range(10)]),
    )
    import_files(tmp_path / "lake", mapping, [path])
    return tmp_path


@pytest.fixture
def refused(monkeypatch, capsys):
    """Run the command line, which has to end with 2; return what it says."""

    def run(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["triservice", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr().err
        assert ended.value.code == 2, said
        assert said.startswith("triservice: ")
        assert said.rstrip().endswith(".")
        assert "Traceback" not in said
        return said

    return run


def read_commands(lake: Path) -> list[list[object]]:
    return [
        ["lake", "--lake", lake],
        ["lake", "--lake", lake, "--quarantine"],
        ["hotspots", "--lake", lake],
        ["near-repeat", "--lake", lake],
        ["picture", "--lake", lake, "--out", lake.parent / "out"],
        ["import", lake.parent / "desk.toml", lake.parent / "a.csv", "--lake", lake],
    ]


def without(record: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in record.items() if key != name}


DAMAGE = {
    "cut short": lambda text: text[: len(text) // 2],
    "empty": lambda _: "",
    "another kind": lambda _: "[1, 2]",
    "a name that nobody knows": lambda text: json.dumps(json.loads(text) | {"odd": 1}),
    "a part of the record missing": lambda text: json.dumps(without(json.loads(text), "accepted")),
    "a wrong type": lambda text: json.dumps(json.loads(text) | {"months": 3}),
    "not text": lambda _: "\udcff",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_record_of_an_import_is_named_by_every_command(desk, refused, kind):
    (record,) = (desk / "lake" / "imports").glob("*.json")
    damaged = DAMAGE[kind](record.read_text(encoding="utf-8"))
    record.write_text(damaged, encoding="utf-8", errors="surrogateescape")
    for command in read_commands(desk / "lake"):
        said = refused(*command)
        assert record.name in said
        assert "import the file" in said


@pytest.mark.parametrize("kind", [k for k in DAMAGE if k != "a part of the record missing"])
def test_a_damaged_lake_json_is_named(desk, refused, kind):
    path = desk / "lake" / "lake.json"
    damaged = DAMAGE[kind](path.read_text(encoding="utf-8"))
    if kind == "a wrong type":
        damaged = '{"format": 1, "crs": 27700}'
    path.write_text(damaged, encoding="utf-8", errors="surrogateescape")
    for command in read_commands(desk / "lake"):
        assert "lake.json" in refused(*command)


@pytest.mark.parametrize("how", ["missing", "cut short"])
def test_a_damaged_part_is_a_sentence(desk, refused, how):
    part = next((desk / "lake" / "events").rglob("*.parquet"))
    if how == "missing":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:100])
    for command in read_commands(desk / "lake")[2:5]:
        said = refused(*command)
        assert part.name in said
        assert "damaged" in said


def test_a_damaged_file_of_quarantined_rows_is_a_sentence(desk, refused):
    write_rows(desk / "b.csv", [row(60, when="yesterday")])
    import_files(desk / "lake", desk / "desk.toml", [desk / "b.csv"])
    (kept,) = (desk / "lake" / "quarantine").glob("*.parquet")
    kept.write_bytes(b"PAR1")
    assert kept.name in refused("lake", "--lake", desk / "lake", "--quarantine")


def test_a_lake_path_that_is_a_file(desk, refused):
    file = desk / "lake.txt"
    file.write_text("not a lake")
    for command in read_commands(file):
        said = refused(*command)
        assert "lake.txt" in said
        assert "is a file" in said
    below = file / "lake"
    assert "Not a directory" in refused(
        "import", desk / "desk.toml", desk / "a.csv", "--lake", below
    )
    assert file.read_text() == "not a lake"


def refuse_to_write(monkeypatch: pytest.MonkeyPatch, below: Path) -> None:
    """Refuse what a folder without write permission does (a superuser has it everywhere)."""
    real_mkdir, real_open, real_path_open = Path.mkdir, os.open, Path.open

    def check(path: object, wanted: bool = True) -> None:
        if wanted and Path(str(path)).is_relative_to(below):
            raise PermissionError(13, "Permission denied", str(path))

    def mkdir(self: Path, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        if not (exist_ok and self.is_dir()):
            check(self)
        real_mkdir(self, mode, parents, exist_ok)

    def open_(path: str, flags: int, *rest: int, **options: int) -> int:
        check(path, bool(flags & os.O_CREAT))
        return real_open(path, flags, *rest, **options)

    def path_open(self: Path, mode: str = "r", *rest: object, **options: object) -> object:
        check(self, "w" in mode)
        return real_path_open(self, mode, *rest, **options)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    monkeypatch.setattr(os, "open", open_)
    monkeypatch.setattr(Path, "open", path_open)


AREAS = "code,value\nE01000001,1\nE01000002,2\n"


def test_an_unwritable_folder(desk, refused, monkeypatch):
    closed = desk / "closed"
    closed.mkdir()
    shutil.copytree(desk / "lake", closed / "lake")
    before = files_of(closed / "lake")
    write_rows(desk / "b.csv", [row(n) for n in range(20, 30)])
    (desk / "values.csv").write_text(AREAS)
    refuse_to_write(monkeypatch, closed)
    areas = ["areas", "add", desk / "values.csv", "--as", "health", "--code", "code", "--vintage"]
    for command in (
        ["import", desk / "desk.toml", desk / "a.csv", "--lake", closed / "new"],
        ["import", desk / "desk.toml", desk / "b.csv", "--lake", closed / "lake"],
        [*areas, "lsoa11", "--value", "value", "--lake", closed / "lake"],
    ):
        said = refused(*command)
        assert "cannot be written: Permission denied" in said
        assert str(closed) in said
    assert files_of(closed / "lake") == before
    assert events_of(closed / "lake") == events_of(desk / "lake")  # reading needs no permission


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may write everywhere")
def test_a_folder_that_is_really_unwritable(desk, refused):
    closed = desk / "closed"
    closed.mkdir(mode=0o500)
    said = refused("import", desk / "desk.toml", desk / "a.csv", "--lake", closed / "new")
    assert "Permission denied" in said


def test_a_full_disk_while_a_lake_is_made_or_locked(desk, refused, monkeypatch):
    command = ["import", desk / "desk.toml", desk / "a.csv", "--lake", desk / "new"]
    with Moments(0, no_room) as counted:
        import_files(desk / "counted", desk / "desk.toml", [desk / "a.csv"])
    for moment in range(1, len(counted.names) + 1):
        shutil.rmtree(desk / "new", ignore_errors=True)
        with Moments(moment, no_room):
            said = refused(*command)
        assert "No space left on device" in said, moment
    shutil.rmtree(desk / "new")

    def full(handle: int, _: bytes) -> int:
        no_room("")
        return handle

    monkeypatch.setattr(os, "write", full)
    assert "No space left on device" in refused(*command)


def test_a_full_disk_while_statistics_of_areas_are_added(desk, refused):
    (desk / "values.csv").write_text(AREAS)
    before = files_of(desk / "lake")
    command = ["areas", "add", desk / "values.csv", "--as", "health", "--code", "code"]
    command += ["--vintage", "lsoa11", "--value", "value", "--lake", desk / "lake"]
    with Moments(1, no_room, ((os, "fsync"),)):
        assert "No space left on device" in refused(*command)
    assert files_of(desk / "lake") == before
