"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def open_data() -> Path:
    """Folder of real open data beside the repository; the test is skipped when it is not there."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TRISERVICE_OPEN_DATA", beside))
    if not (folder / "police_street").is_dir():
        pytest.skip(f"no open data in {folder} (set TRISERVICE_OPEN_DATA)")
    return folder
