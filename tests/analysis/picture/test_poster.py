"""The map that stands alone: valid SVG, hostile text as text, everything inside it."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from invented_picture import HOSTILE, invented_picture
from triservice.analysis.picture.poster import overlap_poster

SVG = "{http://www.w3.org/2000/svg}"


def test_it_is_one_svg_that_fetches_nothing() -> None:
    text = overlap_poster(invented_picture())
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    ids = {e.get("id") for e in root.iter() if e.get("id")}
    for use in root.iter(f"{SVG}use"):
        assert use.get("href", "")[1:] in ids
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert len(list(root.iter(f"{SVG}use"))) == 31  # thirty areas and the edge of all


def test_the_legend_counts_the_areas() -> None:
    picture = invented_picture()
    words = "".join(ElementTree.fromstring(overlap_poster(picture)).itertext())
    assert picture.overlap is not None
    for number in picture.overlap.by_number:
        assert f"({number} areas)" in words


@pytest.mark.parametrize("field", ["title", "answer", "period"])
def test_hostile_text_stays_text(field: str) -> None:
    root = ElementTree.fromstring(overlap_poster(replace(invented_picture(), **{field: HOSTILE})))
    assert not list(root.iter(f"{SVG}script"))
    assert "alert('x')" in "".join(root.itertext())
