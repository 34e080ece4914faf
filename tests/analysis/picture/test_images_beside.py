"""Maps come from the other process as from this one, and from this one when there is no other."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from invented_picture import invented_picture
from triservice.analysis.picture import images_beside
from triservice.analysis.picture.images_beside import drawing


def test_the_other_process_draws_what_this_one_would(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = invented_picture()
    here = images_beside._draw(picture)
    monkeypatch.setattr(images_beside, "_draw", lambda _: pytest.fail("it was drawn here"))
    with drawing(picture) as images:
        assert images() == here


@pytest.mark.parametrize("python", ["/nowhere/python", "", "/bin/false"])
def test_without_another_python_it_draws_here(monkeypatch: pytest.MonkeyPatch, python: str) -> None:
    monkeypatch.setattr(sys, "executable", python)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(images_beside, "_draw", lambda _: [("here", b"")])
    with drawing(invented_picture()) as images:
        assert images() == [("here", b"")]


def test_a_report_that_fails_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []

    class Seen(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **settings: Any) -> None:
            super().__init__(*args, **settings)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Seen)
    with pytest.raises(OSError, match="full"), drawing(invented_picture()):
        raise OSError("the disk is full")
    assert [other.returncode is not None for other in started] == [True]
