"""A real browser for tests of pages. Import the fixtures into a conftest.py:

    from browsing import browser, visit  # noqa: F401

`visit(path, officer=…, viewport=PHONE)` opens a page of the live server, signed in, and fails the
test afterwards when the page asked another address, raised an error or broke its own policy. In
one test an officer has one window for each screen, with a new session at every visit: a window of
its own for every page would cost more than the page.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from signing_in import confirm, cookie_of, sign_in
from triservice.kernel.access_words import Purpose

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
# The browser itself says this of every answer that is not 2xx; tests look at the status.
EXPECTED = "Failed to load resource: the server responded with a status of"


def chromium() -> str:
    """Return the browser's program; the test is skipped without one."""
    binary = os.environ.get("TRISERVICE_CHROMIUM") or shutil.which("chromium")
    if not binary:
        pytest.skip("no Chromium here (apt-get install chromium, or set TRISERVICE_CHROMIUM)")
    return binary


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start the browser, once for a module."""
    sync_api = pytest.importorskip("playwright.sync_api")
    binary = chromium()
    with pytest.MonkeyPatch.context() as patch, sync_api.sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread; Django would then refuse its database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started = playwright.chromium.launch(
            executable_path=binary, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture
def visit(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page of the live server; see above."""
    windows: dict[str, Any] = {}
    trouble: list[str] = []

    def opened(
        path: str,
        officer: Any = None,
        purpose: Purpose | None = Purpose.PREVENTION_VISIT,
        viewport: dict[str, int] = DESK,
        **options: Any,
    ) -> Any:
        window = repr((officer and officer.pk, viewport, options))
        if window not in windows:
            windows[window] = browser.new_context(viewport=viewport, **options).new_page()
            _note_trouble(windows[window], live_server.url, trouble)
        page = windows[window]
        page.set_viewport_size(viewport)
        if officer is not None:
            client = confirm(sign_in(Client(), officer, purpose), officer)
            page.context.add_cookies([cookie_of(client, live_server.url)])
        page.goto(live_server.url + path)
        return page

    yield opened
    for page in windows.values():
        page.context.close()
    assert not trouble, trouble


def _note_trouble(page: Any, own: str, trouble: list[str]) -> None:
    page.on("request", lambda r: _note_elsewhere(r.url, own, trouble))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda m: _note_error(m, trouble))


def _note_elsewhere(url: str, own: str, trouble: list[str]) -> None:
    if not url.startswith((own, "data:", "blob:")):
        trouble.append(f"asked {url}")


def _note_error(message: Any, trouble: list[str]) -> None:
    if message.type == "error" and not message.text.startswith(EXPECTED):
        trouble.append(message.text)
