"""The checklist and the hazard log name tests that exist, and leave no requirement out."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs" / "security"
CHECKLIST = (DOCS / "asvs.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([123]) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = ROW.findall(CHECKLIST)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
PLACE = re.compile(r"\[[^\]]+\]\(([\w./-]+)#([\w-]+)\)")
# How many requirements ASVS 5.0 has at levels 1 and 2, chapter by chapter; then at level 3 of two.
_COUNTS = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)
LEVELS_1_AND_2 = dict(enumerate(_COUNTS, start=1))
LEVEL_3 = {8: 6, 16: 1}


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the tests in a file; none when it is not there."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@cache
def headings(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found)


def test_each_requirement_occurs_once() -> None:
    twice = [number for number, count in Counter(row[0] for row in ROWS).items() if count > 1]
    assert twice == []
    written = re.findall(r"^\| (\d+\.\d+\.\d+) ", CHECKLIST, re.MULTILINE)
    assert len(written) == len(ROWS)  # a row of another form would not be looked at


def test_no_requirement_is_left_out() -> None:
    low = Counter(int(row[0].split(".")[0]) for row in ROWS if row[1] != "3")
    high = Counter(int(row[0].split(".")[0]) for row in ROWS if row[1] == "3")
    assert dict(low) == LEVELS_1_AND_2
    assert dict(high) == LEVEL_3
    assert sum(low.values()) == 253


def test_each_row_says_met_by_or_why_not() -> None:
    for number, _, _, state, why in ROWS:
        assert state in {"met", "**not met**", "not applicable"}, number
        shown = TEST.findall(why) + PLACE.findall(why)
        if state == "met":
            assert shown, f"{number} is met by nothing"
        else:
            assert len(why) > 15, f"{number} gives no reason"


def test_the_totals_are_right() -> None:
    count = Counter(row[3] for row in ROWS)
    words = (("met", "met"), ("not met", "**not met**"), ("not applicable", "not applicable"))
    for word, state in words:
        assert f"{count[state]} {word}" in CHECKLIST.split("##")[0], (word, count[state])


@pytest.mark.parametrize("name", ["asvs.md", "hazards.md", "model.md"])
def test_every_test_that_is_named_exists(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    named = TEST.findall(text)
    assert named or name == "model.md"
    assert [f"{path}::{test}" for path, test in named if test not in names_in(path)] == []
    assert len(re.findall(r"test_\w+`", text)) == len(named)  # each with its file


@pytest.mark.parametrize("name", ["asvs.md", "hazards.md", "model.md"])
def test_every_place_that_is_named_exists(name: str) -> None:
    for page, anchor in PLACE.findall((DOCS / name).read_text(encoding="utf-8")):
        assert anchor in headings(DOCS / page), f"{page}#{anchor}"


def test_each_hazard_is_whole() -> None:
    text = (DOCS / "hazards.md").read_text(encoding="utf-8")
    hazards = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    numbers = [one.split(" ")[0] for one in hazards]
    assert numbers == [f"H{number:02}" for number in range(1, len(hazards) + 1)]
    assert len(hazards) >= 20
    parts = ("Cause", "Effect", "Who", "Before", "Controls", "Left", "Owner")
    for hazard in hazards:
        said = re.findall(r"^- \*\*([\w]+)\*\*: \S", hazard, re.MULTILINE)
        assert tuple(said) == parts, hazard.split("\n")[0]


def test_listed_words_of_passwords_are_those_refused() -> None:
    from triservice.agencies.sign_in.passwords import WORDS

    text = (DOCS / "model.md").read_text(encoding="utf-8")
    said = re.search(r"the names of\s+the agencies, \*(.+?)\*, months and seasons", text, re.DOTALL)
    assert said
    listed = {word.strip() for word in said.group(1).replace("\n", " ").split(",")}
    months = "january february march april may june july august september october november december"
    assert listed | set(months.split()) | {"summer", "winter", "spring", "autumn"} == set(WORDS)
