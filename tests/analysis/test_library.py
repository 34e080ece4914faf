"""`import triservice.analysis as ta` offers what it says, and loads nothing heavy by itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

import triservice.analysis as ta


@pytest.mark.parametrize("name", ta.__all__)
def test_everything_offered_is_there_and_documented(name: str) -> None:
    assert getattr(ta, name).__doc__


def test_an_unknown_name_is_refused_like_any_other() -> None:
    with pytest.raises(AttributeError, match="no attribute 'levitate'"):
        _ = ta.levitate


def test_the_import_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'numba', 'pandas', 'scipy', 'ibis', 'duckdb', 'shapely', 'matplotlib'}"
    code = f"import sys, triservice.analysis; print(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
