"""The page before a chief officer: on a phone, by keyboard alone, without a network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from invented_picture import invented_picture
from triservice.analysis.picture.render import render

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    binary = os.environ.get("TRISERVICE_CHROMIUM") or shutil.which("chromium")
    if not binary:
        pytest.skip("no Chromium here (apt-get install chromium, or set TRISERVICE_CHROMIUM)")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=binary, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(render(invented_picture()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def open_page(browser: Any, address: str) -> Iterator[Any]:
    """Return a function that opens the page; afterwards nothing was asked of any network."""
    contexts, trouble = [], []

    def opened(viewport: dict[str, int] = DESK, **options: Any) -> Any:
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: trouble.append(r.url) if r.url != address else None)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not trouble, trouble


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_nothing_runs_off_the_side(open_page: Any, viewport: dict[str, int]) -> None:
    page = open_page(viewport)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    beyond = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(e => {
            if (e.closest('.scroll, svg, .vh, .defs')) return false;
            const box = e.getBoundingClientRect();
            return box.width > 0 && box.right > innerWidth + 1;
        }).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert not beyond


def test_the_map_is_read_by_keyboard_alone(open_page: Any) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    assert "Skip to the findings" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    for _ in range(12):  # on through the switch to the map
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "stage":
            break
    assert page.evaluate("document.activeElement.id") == "stage"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    first = page.locator(".detail-name").text_content()
    page.keyboard.press("ArrowRight")
    second = page.locator(".detail-name").text_content()
    assert first != second
    assert page.locator("#detail dl div").count() == 4
    assert page.locator("#detail").get_attribute("aria-live") == "polite"
    assert page.locator("#find").evaluate("e => e.options[e.selectedIndex].text") == second


def test_arrows_go_the_way_they_point(open_page: Any) -> None:
    page = open_page()
    page.select_option("#find", "14")
    page.focus("#stage")
    for key, axis, sign in (("ArrowRight", 0, 1), ("ArrowUp", 1, -1)):
        before = page.evaluate("JSON.parse(document.getElementById('picture-data').textContent).at")
        at = int(page.locator("#find").input_value())
        page.keyboard.press(key)
        after = int(page.locator("#find").input_value())
        assert (before[after][axis] - before[at][axis]) * sign > 0


def test_the_map_shows_another_layer(open_page: Any) -> None:
    page = open_page()
    colours = (
        "[...document.querySelectorAll('#stage .areas use')].map(e => getComputedStyle(e).fill)"
    )
    before = page.evaluate(colours)
    page.focus("input[value=shared]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(colours) != before
    assert page.locator("[data-legend=l0]").is_visible()
    assert page.locator("[data-legend=shared]").is_hidden()


def test_a_finger_asks_an_area_what_it_is(open_page: Any) -> None:
    page = open_page(PHONE, has_touch=True)
    page.locator("#stage .areas use").nth(12).tap()
    assert page.locator(".detail-name").text_content().startswith("Examplia 012")


def test_zoom_keeps_the_chosen_area_and_comes_back(open_page: Any) -> None:
    page = open_page()
    page.select_option("#find", "8")
    whole = page.locator("#stage .areas use").nth(8).bounding_box()
    page.click("[data-zoom=in]")
    page.click("[data-zoom=in]")
    near = page.locator("#stage .areas use").nth(8).bounding_box()
    stage = page.locator("#stage").bounding_box()
    assert near["width"] > 2 * whole["width"]
    assert stage["x"] < near["x"] + near["width"] / 2 < stage["x"] + stage["width"]
    assert page.locator("#stage .furniture").is_hidden()  # its scale bar would be wrong
    page.click("[data-zoom=all]")
    back = page.locator("#stage .areas use").nth(8).bounding_box()
    assert back["width"] == pytest.approx(whole["width"])
    assert page.locator("#stage .furniture").is_visible()


def test_a_table_sorts_by_its_numbers_and_says_so(open_page: Any) -> None:
    page = open_page()
    page.click(".table-view summary")
    button = page.locator(".sortable thead button").nth(3)
    button.press("Enter")
    cells = page.locator(".sortable tbody tr td:nth-child(4)")
    values = [v for v in cells.evaluate_all("all => all.map(e => e.dataset.sort)") if v]
    assert [float(v) for v in values] == sorted((float(v) for v in values), reverse=True)
    assert page.locator(".sortable th[aria-sort=descending]").count() == 1
    assert cells.last.text_content().startswith("not shown")  # hidden values stay at the end


def test_the_mark_beside_a_number_leads_to_its_source(open_page: Any) -> None:
    page = open_page()
    page.locator(".card .from a").first.click()
    assert page.url.endswith("#S1")
    assert page.locator("#S1").evaluate("e => e.getBoundingClientRect().top < innerHeight")


def test_without_the_script_everything_can_still_be_read(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=DESK)
    page = context.new_page()
    page.goto(address)
    assert page.locator("#stage svg").is_visible()
    assert page.locator(".switch").is_hidden()  # it would do nothing
    assert page.locator(".zoom").is_hidden()
    page.locator(".table-view summary").click()
    assert page.locator(".table-view tbody tr").count() == 30
    context.close()


def test_targets_are_large_enough_for_a_finger(open_page: Any) -> None:
    page = open_page(PHONE)
    small = page.evaluate(
        """() => [...document.querySelectorAll('main a, main button, main summary, main select')]
            .filter(e => !e.closest('.from') && e.offsetParent)
            .filter(e => getComputedStyle(e).display !== 'inline')
            .map(e => [e.textContent.trim().slice(0, 30), e.getBoundingClientRect()])
            .filter(([, box]) => Math.min(box.width, box.height) < 24).map(([text]) => text)"""
    )
    assert not small


def test_visible_text_has_contrast(open_page: Any) -> None:
    """WCAG 1.4.3 on what the browser worked out, outside drawings."""
    page = open_page()
    poor = page.evaluate(
        """() => {
        const lum = c => { const [r, g, b] = c.map(v => { v /= 255;
            return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const rgb = s => s.match(/[\\d.]+/g).map(Number);
        const ground = e => { for (; e; e = e.parentElement) {
            const c = rgb(getComputedStyle(e).backgroundColor);
            if (c.length < 4 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
        return [...document.querySelectorAll('body *')]
            .filter(e => !e.closest('svg, script, style'))
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
            .filter(e => e.offsetParent).map(e => {
                const a = lum(rgb(getComputedStyle(e).color).slice(0, 3)), b = lum(ground(e));
                const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
                return [e.textContent.trim().slice(0, 40), ratio];
            }).filter(([, ratio]) => ratio < 4.5);
        }"""
    )
    assert not poor


def test_on_paper_the_tables_are_open_and_the_switches_gone(open_page: Any) -> None:
    page = open_page()
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".switch").is_hidden()
    assert page.locator(".table-view table").is_visible()
    assert page.locator(".marking").first.is_visible()


def test_large_text_does_not_break_the_page(open_page: Any) -> None:
    """WCAG 1.4.4 and 1.4.10: twice the size on a 1,280 pixel screen is a 640 pixel page."""
    page = open_page({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
