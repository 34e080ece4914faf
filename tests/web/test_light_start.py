"""The web process and the command line start without the heavy libraries of the analysis."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "duckdb", "ibis", "matplotlib", "numba", "numpy", "openpyxl", "pandas", "pyarrow", "pyogrio",
    "pyproj", "scipy", "shapely", "sklearn", "splink", "sqlglot", "statsmodels", "typst",
}  # fmt: skip
WEB = (
    "import triservice.web.wsgi; from django.urls import get_resolver; get_resolver().url_patterns"
)
COMMAND = "import triservice.cli"
SAY = "; import sys, json; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"


def modules(code: str) -> set[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TRISERVICE_")}
    done = subprocess.run([sys.executable, "-c", code + SAY], env=clean, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_web_process() -> None:
    loaded = modules(WEB)
    assert "django" in loaded
    assert not loaded & HEAVY


def test_the_command_line_loads_neither() -> None:
    assert not modules(COMMAND) & (HEAVY | {"django"})


@pytest.mark.parametrize("command", ["serve", "migrate", "doctor"])
def test_without_the_web_extra_a_sentence_says_so(command: str, tmp_path: Path) -> None:
    """A find_spec that finds no Django stands for a machine without the extra."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'django' else real(name, *a)\n"
    )
    done = subprocess.run(
        [str(Path(sys.executable).with_name("triservice")), command],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "The web application is not installed" in done.stderr
    assert "pip install 'triservice[web]'" in done.stderr
