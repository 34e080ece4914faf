"""A process killed between the statements of an action, and a database that is full."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_an_action_that_is_killed_did_all_or_nothing(tmp_path: Path) -> None:
    program = Path(__file__).with_name("killed.py")
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    said = done.stdout.splitlines()
    assert len(said) == 7, done.stdout
    assert all(" times nothing, " in line for line in said[:-1])
    assert said[-1].startswith("full: refused and unchanged")
