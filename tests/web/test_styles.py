"""A class of ours is styled in one place: two pieces of the same name would spoil each other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import triservice

SOURCES = Path(triservice.__file__).parent / "web" / "front" / "src"
BEGINS = re.compile(r"^\.(app-[\w-]+)", re.MULTILINE)


def test_each_block_begins_in_one_style_sheet() -> None:
    found = [
        name
        for sheet in SOURCES.rglob("*.scss")
        for name in {*BEGINS.findall(sheet.read_text(encoding="utf-8"))}
    ]
    assert len(found) > 10
    assert [name for name, times in Counter(found).items() if times > 1] == []
