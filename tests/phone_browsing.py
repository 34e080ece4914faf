"""A phone in a real browser, with a folder of its own: set up, opened by its PIN, started anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.test import Client

from browsing import PHONE, chromium
from signing_in import confirm, cookie_of, sign_in
from triservice.agencies.models import Officer

PIN = "rowan-lane-7"
WAIT = 15_000


def start_phone(
    browser: Any,
    folder: Path,
    address: str,
    officer: Officer | None,
    *,
    offline: bool = False,
) -> Any:
    """Start a browser on the phone's folder, signed in or not, and open the page; return it.

    Whoever starts it closes its context.
    """
    context = browser.browser_type.launch_persistent_context(
        str(folder),
        executable_path=chromium(),
        args=["--no-sandbox", "--disable-gpu"],
        viewport=PHONE,
        offline=offline,
    )
    context.set_default_timeout(WAIT)
    if officer is not None:
        context.add_cookies([session_of(officer, address)])
    page = context.pages[0]
    page.goto(f"{address}/offline/")
    return page


def session_of(officer: Officer, address: str) -> Any:
    """Return a session of an officer who has just confirmed who they are, as a cookie."""
    return cookie_of(confirm(sign_in(Client(), officer), officer), address)


def set_up_phone(page: Any, name: str = "My phone") -> None:
    """Set the phone up and take the day along."""
    page.get_by_label("A name for this phone").fill(name)
    page.get_by_label("Choose a PIN for this phone").fill(PIN)
    page.get_by_label("The same again").fill(PIN)
    page.get_by_role("button", name="Set up this phone").click()
    page.get_by_role("button", name="Take along").click()
    page.get_by_role("button", name="Take along anew").wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def unlock(page: Any) -> None:
    """Open the phone by its PIN."""
    page.get_by_label("PIN of this phone").fill(PIN)
    page.get_by_role("button", name="Open", exact=True).click()
    # A PIN is slow to try on purpose, and slower beside other tests.
    page.get_by_label("PIN of this phone").wait_for(state="detached", timeout=60_000)


def says(page: Any, text: str) -> None:
    """Wait until the line at the top says so."""
    page.locator("[data-status]", has_text=text).wait_for()
