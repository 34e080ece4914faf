"""Killed, out of disk, or refused by it at any moment: the lake holds all of a file or nothing."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from invented_imports import events_of, files_of, many_rows, mapping_file, row, write_rows
from writing_moments import Moments, no_room

from triservice.analysis.lake.importing import import_files
from triservice.analysis.lake.quarantine import KINDS, read_quarantine
from triservice.analysis.lake.store import Lake
from triservice.kernel.errors import InputError

posix = pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")


def small_file(folder: Path, name: str = "calls.csv", note: str = "") -> Path:
    """Four partitions, two rows kept aside."""
    rows = [
        row(n, when=f"2024-0{n % 2 + 1}-05 10:00:00", agency=("Fire", "Police")[n // 2 % 2])
        for n in range(40)
    ]
    rows += [row(1, note=note), row(50, when="yesterday")]
    return write_rows(folder / name, rows)


def kill_everywhere(folder: Path, mapping: Path, *arguments: object) -> int:
    script = Path(__file__).with_name("writing_moments.py")
    command = [sys.executable, str(script), str(folder), str(mapping), *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return int(done.stdout)


@posix
def test_killed_at_any_moment_the_import_runs_again_to_the_same_lake(tmp_path):
    mapping = mapping_file(tmp_path)
    earlier = write_rows(tmp_path / "earlier.csv", [row(n + 500) for n in range(5)])
    path = small_file(tmp_path)
    before, clean = tmp_path / "lakes" / "before", tmp_path / "clean"
    for lake in (before, clean):
        import_files(lake, mapping, [earlier])
    import_files(clean, mapping, [path])
    old, new = events_of(before), events_of(clean)
    moments = kill_everywhere(tmp_path / "lakes", mapping, path)
    assert moments > 20
    complete = 0
    for moment in range(1, moments + 1):
        lake = tmp_path / "lakes" / str(moment)
        seen = events_of(lake)
        assert seen in (old, new), moment
        complete += seen == new
        summary = import_files(lake, mapping, [path])
        assert events_of(lake) == new, moment
        assert files_of(lake) == files_of(clean), moment
        aside = read_quarantine(Lake.open(lake), KINDS).to_pylist()
        assert aside == read_quarantine(Lake.open(clean), KINDS).to_pylist()
        (result,) = summary.per_file
        assert result.status == ("already imported" if seen == new else "imported")
    assert 1 <= complete < moments / 2  # most kills came before the record


@posix
def test_killed_while_it_replaces_a_file_the_lake_holds_the_old_or_the_new(tmp_path):
    mapping = mapping_file(tmp_path)
    path = small_file(tmp_path)
    before, clean = tmp_path / "lakes" / "before", tmp_path / "clean"
    for lake in (before, clean):
        import_files(lake, mapping, [path])
    write_rows(path, [row(n, note="corrected") for n in range(20)])
    import_files(clean, mapping, [path], replace=True)
    old, new = events_of(before), events_of(clean)
    assert old != new
    moments = kill_everywhere(tmp_path / "lakes", mapping, path, "--replace")
    for moment in range(1, moments + 1):
        lake = tmp_path / "lakes" / str(moment)
        assert events_of(lake) in (old, new), moment
        import_files(lake, mapping, [path], replace=True)
        assert events_of(lake) == new, moment


@posix
@pytest.mark.parametrize("delay", [0.0, 0.04, 0.12])
def test_kill_nine_from_outside(tmp_path, delay):
    """A larger file through the command line, killed when the waiting room is seen."""
    mapping = mapping_file(tmp_path)
    path = write_rows(tmp_path / "many.csv", many_rows(30_000))
    lake = tmp_path / "lake"
    command = [sys.executable, "-c", "from triservice.cli import main; main()", "import"]
    command += [str(mapping), str(path), "--lake", str(lake), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(lake.glob(".staging/*")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    clean = tmp_path / "clean"
    import_files(clean, mapping, [path])
    seen = events_of(lake).num_rows
    assert seen in (0, 30_000)
    again = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    answer = json.loads(again.stdout)
    assert answer["accepted"] == (0 if seen else 30_000)
    assert events_of(lake) == events_of(clean)
    assert files_of(lake) == files_of(clean)


def test_a_full_disk_at_any_moment_leaves_the_lake_as_it_was(tmp_path):
    mapping = mapping_file(tmp_path)
    earlier = write_rows(tmp_path / "earlier.csv", [row(n + 500) for n in range(5)])
    path = small_file(tmp_path)
    lake, clean = tmp_path / "lake", tmp_path / "clean"
    import_files(lake, mapping, [earlier])
    shutil.copytree(lake, clean)
    with Moments(0, no_room) as counted:
        import_files(clean, mapping, [path])
    before, new = files_of(lake), events_of(clean)
    old = events_of(lake)
    assert len(counted.names) > 15
    for moment in range(1, len(counted.names) + 1):
        with Moments(moment, no_room) as failing, pytest.raises(InputError) as refused:
            import_files(lake, mapping, [path])
        said = str(refused.value)
        assert "No space left on device" in said, (moment, failing.names[-1])
        assert "Traceback" not in said
        assert "the lake is as it was" in said
        assert files_of(lake) == before, (moment, failing.names)
        assert events_of(lake) == old
    import_files(lake, mapping, [path])
    assert events_of(lake) == new
    assert files_of(lake) == files_of(clean)


@posix
def test_a_write_that_the_system_refuses_inside_arrow(tmp_path):
    """A limit on the size of files makes the real write fail, as a full disk would."""
    mapping = mapping_file(tmp_path)
    path = write_rows(tmp_path / "many.csv", many_rows(20_000))
    lake = tmp_path / "lake"
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000));"
        "from triservice.cli import main; main()"
    )
    command = [sys.executable, "-c", script, "import", str(mapping), str(path)]
    done = subprocess.run(
        [*command, "--lake", str(lake)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2, done.stderr
    assert "writing to the lake failed" in done.stderr
    assert "Nothing of this file was kept" in done.stderr
    assert "Traceback" not in done.stderr
    assert files_of(lake) == ["lake.json"]


def test_what_cannot_be_cleared_up_does_not_undo_a_finished_import(tmp_path, monkeypatch):
    mapping = mapping_file(tmp_path)
    path = small_file(tmp_path)
    lake = tmp_path / "lake"
    import_files(lake, mapping, [path])
    write_rows(path, [row(n, note="corrected") for n in range(20)])

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("triservice.analysis.lake.importing.remove_import", refuse)
    summary = import_files(lake, mapping, [path], replace=True)
    assert summary.accepted == 20
    assert events_of(lake).num_rows == 20  # what was replaced lies about, and does not count


def test_a_file_that_fails_does_not_harm_the_others_of_its_run(tmp_path):
    mapping = mapping_file(tmp_path)
    good = write_rows(tmp_path / "a-good.csv", [row(n) for n in range(10)])
    bad = tmp_path / "b-bad.csv"
    bad.write_text("nothing,that,is,known\n1,2,3,4\n")
    last = write_rows(tmp_path / "c-good.csv", [row(n) for n in range(10, 30)])
    summary = import_files(tmp_path / "lake", mapping, [good, bad, last])
    assert [r.status for r in summary.per_file] == ["imported", "refused", "imported"]
    assert summary.accepted == 30
    assert "b-bad.csv" in summary.of("refused")[0].reason
