"""`triservice demo` has another process write its pictures while the application is built."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from django.db import connection

from triservice.analysis.example import demo as example
from triservice.web.demo import command


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Let nothing be filled; return the folders in which this process was asked to."""
    folders: list[Path] = []
    monkeypatch.setattr(example, "fill_lakes", folders.append)
    return folders


def other_does(monkeypatch: pytest.MonkeyPatch, code: str) -> list[Any]:
    """Let the other process run `code`; return what was started."""
    real, started = subprocess.Popen, []

    def start(asked: list[str], **how: Any) -> Any:
        started.append(real([sys.executable, "-c", code, asked[-1]], **how))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


def said_with(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what was printed, once it holds these words."""
    said = ""
    for _ in range(3000):
        said += capsys.readouterr().out
        if words in said:
            return said
        time.sleep(0.01)
    raise AssertionError(said)


WRITES = """
import pathlib, sys
print("filled", flush=True)
sys.stdin.read()
pathlib.Path(sys.argv[1], "index.html").touch()
"""


def test_the_other_process_fills_the_lakes_and_says_where_its_pictures_are(
    tmp_path: Path,
    filled: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    started = other_does(monkeypatch, WRITES)
    with command._pictures(tmp_path) as lakes_filled:
        lakes_filled()
        said = said_with("county with exact times", capsys)
    assert (tmp_path / "index.html").is_file()
    assert f"The picture: {(tmp_path / 'index.html').as_uri()}" in said
    assert filled == []
    with command._pictures(tmp_path) as lakes_filled:
        lakes_filled()
    assert len(started) == 1  # the next time they are there
    assert "The picture: " in capsys.readouterr().out


def test_where_the_other_process_fails_the_lakes_are_filled_here(
    tmp_path: Path,
    filled: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other_does(monkeypatch, "raise SystemExit(3)")
    with command._pictures(tmp_path) as lakes_filled:
        lakes_filled()
        assert "not written" in said_with("--pictures-only", capsys)
    assert filled == [tmp_path]


def test_the_other_process_ends_with_this_one(
    tmp_path: Path, filled: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = other_does(monkeypatch, "import time; time.sleep(600)")
    with pytest.raises(LookupError), command._pictures(tmp_path):
        raise LookupError
    assert started[0].returncode is not None
    assert filled == []


def test_a_fork_that_answers_pages_leaves_the_other_process_alone_and_waits_for_nothing(
    tmp_path: Path, filled: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = other_does(monkeypatch, "import time; time.sleep(600)")
    pictures = command._pictures(tmp_path)
    pictures.__enter__()
    if not (fork := os.fork()):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(10)
        pictures.__exit__(None, None, None)
        os._exit(0)
    assert os.waitpid(fork, 0)[1] == 0
    assert started[0].poll() is None
    pictures.__exit__(None, None, None)
    assert started[0].returncode is not None


def test_what_is_built_apart_leaves_no_thread_here_and_this_ends_as_it_did(tmp_path: Path) -> None:
    here = os.getpid()

    def ended(work: Callable[[], object]) -> int:
        try:
            command._apart(work)
        except typer.Exit as end:
            if os.getpid() != here:
                os._exit(end.exit_code)
            return end.exit_code
        return 0

    def refuse() -> None:
        raise typer.Exit(2)

    assert ended(lambda: (tmp_path / "by").write_text(str(os.getpid()))) == 0
    assert (tmp_path / "by").read_text() != str(here)
    assert ended(refuse) == 2
    with pytest.raises(ChildProcessError, match="signal 9"):
        ended(lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_what_the_other_process_does(
    tmp_path: Path,
    filled: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setattr(
        command.picture_command, "write_demo_pictures", lambda out: print("for nobody")
    )
    monkeypatch.setattr(sys, "stdout", sys.__stdout__)
    command._write(tmp_path)
    assert filled == [tmp_path]
    assert capfdbinary.readouterr().out == command.FILLED


@pytest.mark.django_db(transaction=True)
def test_only_while_it_is_built_nobody_waits_for_the_disk() -> None:
    def waits() -> tuple[int, bool]:
        if connection.vendor != "sqlite":
            return 0, gc.isenabled()
        with connection.cursor() as cursor:
            return cursor.execute("PRAGMA synchronous").fetchone()[0], gc.isenabled()

    before = waits()
    with command._quickly():
        assert waits() == (0, False)
    assert waits() == before
    assert before[1]
