"""`triservice demo` writes its pictures beside the application, and here where that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from triservice.analysis.example import demo as example
from triservice.analysis.picture import command as picture_command
from triservice.web.demo import command


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Let nothing be drawn; return the folders in which this process was asked to."""
    folders: list[Path] = []
    monkeypatch.setattr(example, "fill_lakes", lambda out, tell: None)
    monkeypatch.setattr(picture_command, "write_demo_pictures", folders.append)
    return folders


def other_does(monkeypatch: pytest.MonkeyPatch, code: str) -> list[Any]:
    """Let the other process run `code`; return what was started."""
    real, started = subprocess.Popen, []

    def start(asked: list[str], **how: Any) -> Any:
        started.append(asked)
        return real([sys.executable, "-c", code, asked[-1]], **how)

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


def test_the_other_process_writes_them_while_the_application_is_built(
    tmp_path: Path, written: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = other_does(
        monkeypatch, "import pathlib, sys; pathlib.Path(sys.argv[1], 'index.html').touch()"
    )
    with command._pictures(tmp_path):
        assert len(started) == 1
    assert (tmp_path / "index.html").is_file()  # waited for
    assert written == []
    with command._pictures(tmp_path):
        pass
    assert len(started) == 1  # the next time they are there


def test_where_the_other_process_fails_they_are_written_here(
    tmp_path: Path, written: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    other_does(monkeypatch, "raise SystemExit(3)")
    with command._pictures(tmp_path):
        assert written == []
    assert written == [tmp_path]


def test_nobody_waits_for_the_pictures_of_a_build_that_failed(
    tmp_path: Path, written: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    other_does(monkeypatch, "import time; time.sleep(600)")
    with pytest.raises(LookupError), command._pictures(tmp_path):
        raise LookupError
    assert written == []
