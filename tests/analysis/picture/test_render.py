"""The page: valid, self-contained, escaped, and navigable without seeing it."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from invented_picture import HOSTILE, invented_picture
from triservice.analysis.picture import palette
from triservice.analysis.picture.render import colour_rules, render

VOID = {"meta", "link", "input", "br", "hr", "img", "path", "use", "circle", "rect", "line"}


class Page(HTMLParser):
    """Elements in order, with what they stand in; refuses tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({n for n, _ in attrs}) == len(attrs), (tag, attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> does not match"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text.append(data)

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attrs for tag, attrs in self.elements if tag in tags]


@pytest.fixture(scope="module")
def html() -> str:
    return render(invented_picture())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_tags_match_and_ids_are_unique(page: Page) -> None:
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_every_reference_on_the_page_leads_somewhere(page: Page) -> None:
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    for tag, attrs in page.elements:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert set(attrs.get(name, "").split()) <= ids, (tag, attrs)
        if attrs.get("href", "").startswith("#"):
            assert attrs["href"][1:] in ids, (tag, attrs)


def test_nothing_is_fetched(html: str, page: Page) -> None:
    for tag, attrs in page.elements:
        assert "src" not in attrs, tag
        target = attrs.get("href", "")
        if tag == "link":
            assert target == "data:,"
        elif tag == "a":
            assert not re.match(r"[a-z]+:|//", target), target
    style = re.search(r"<style>(.*?)</style>", html, re.S)[1]  # type: ignore[index]
    assert "@import" not in style
    assert set(re.findall(r"url\((.*?)\)", style)) == {"#hatch"}
    policy = next(a["content"] for a in page.all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'")


def test_headings_make_an_outline_and_landmarks_are_there(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1, landmark
    assert page.all("html")[0]["lang"] == "en-GB"
    assert page.all("nav")[0]["aria-label"]


def test_maps_have_names_and_tables_have_headers(page: Page) -> None:
    for svg in page.all("svg"):
        assert svg.get("aria-hidden") == "true" or (svg["role"] == "img" and svg["aria-labelledby"])
    for cell in page.all("th"):
        assert cell["scope"] in ("row", "col")
    for region in page.all("div"):
        if region.get("class", "").startswith("scroll"):
            assert region["tabindex"] == "0"
            assert region["role"] == "region"
            assert region["aria-label"]


def test_a_hostile_name_is_text_and_nothing_else(html: str) -> None:
    page = Page(html)
    assert "<script>alert" not in html
    assert any(HOSTILE in text for text in page.text)
    assert len(page.all("script")) == 2  # the data and our own
    data = re.search(r'id="picture-data">(.*?)</script>', html, re.S)[1]  # type: ignore[index]
    assert HOSTILE in json.loads(data)["areas"][3]["name"]


@pytest.mark.parametrize("field", ["title", "answer", "marking", "period", "unit_title"])
def test_every_text_of_the_picture_is_escaped(field: str) -> None:
    html = render(replace(invented_picture(), **{field: HOSTILE}))
    assert "<script>alert" not in html
    Page(html)


def test_a_layer_key_never_becomes_a_selector() -> None:
    picture = invented_picture()
    bad = "x}body{display:none"
    layers = (replace(picture.layers[0], key=bad, title=bad), *picture.layers[1:])
    overlap = picture.overlap
    assert overlap is not None
    pairs = tuple(p for p in overlap.pairs if p.a != "police")
    officer = picture.officer
    assert officer is not None
    ranking = tuple(
        replace(b, scores={bad if k == "police" else k: v for k, v in b.scores.items()})
        for b in officer.ranking
    )
    changed = replace(
        picture,
        layers=layers,
        overlap=replace(overlap, pairs=pairs),
        officer=replace(officer, ranking=ranking),
    )
    assert bad not in colour_rules(changed)
    assert bad not in re.search(r"<style>(.*?)</style>", render(changed), re.S)[1]  # type: ignore[index]


def test_numbers_are_beside_their_sources(html: str) -> None:
    assert re.search(r'62\.1.{0,400}?href="#S1"', html, re.S)
    assert 'id="S1"' in html
    assert "abababababab" in html  # the fingerprint of its file


def test_a_hidden_value_is_said_to_be_hidden(html: str) -> None:
    assert "not shown (fewer than 5)" in html


def test_the_marking_stands_at_both_ends(html: str) -> None:
    body = html[html.index("<body>") :]
    marks = [m.start() for m in re.finditer('<p class="marking">OFFICIAL</p>', body)]
    assert len(marks) == 2
    assert marks[0] < body.index("<h1")
    assert marks[1] > body.index("</main>")


def test_the_same_picture_gives_the_same_page(html: str) -> None:
    assert render(invented_picture()) == html


def test_one_layer_alone_still_makes_a_page() -> None:
    picture = invented_picture()
    alone = replace(picture, layers=picture.layers[:1], overlap=None, officer=None)
    page = Page(render(alone))
    assert any("before anything can overlap" in text for text in page.text)


def test_text_colours_reach_aa_on_their_grounds() -> None:
    for ink, ground in [
        ("#484f56", "#ffffff"),
        ("#484f56", "#f4f5f4"),
        ("#1a5a96", "#ffffff"),
        ("#c9d6e2", "#12253a"),
        ("#ffffff", "#12253a"),
        ("#1b4a75", "#ffffff"),
        ("#0b0c0c", "#fffaea"),
        ("#333a40", "#f4f5f4"),
    ]:
        assert palette.contrast(ink, ground) >= 4.5, (ink, ground)
