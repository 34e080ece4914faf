"""`triservice due` before and after there are tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from triservice.access.jobs import JOBS


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("TRISERVICE_")}
    env |= {"TRISERVICE_DATA": str(data)}
    command = [sys.executable, "-c", "from triservice.cli import main; main()", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_due_says_what_is_missing_then_does_it(tmp_path: Path) -> None:
    first = run(tmp_path, "due")
    assert first.returncode != 0
    assert "The database has no tables yet. Run triservice migrate first." in first.stderr
    assert run(tmp_path, "migrate").returncode == 0
    done = run(tmp_path, "due", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == dict.fromkeys(JOBS, 0)
