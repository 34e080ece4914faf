"""Is a page accessible? axe-core looks at it in a real browser.

from axe import assert_accessible
page.goto(...)
assert_accessible(page)
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

FRONT = Path(__file__).resolve().parents[1] / "src" / "triservice" / "web" / "front"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Every rule looks at every element; of what passes only the number of rules is wanted, so axe need
# not describe each element that does.
LOOK = """async ([within, tags]) => {
  const asked = {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']};
  const found = await axe.run(within || document, asked);
  return {passes: found.passes.length, violations: found.violations};
}"""
# GOV.UK Frontend puts aria-expanded on a radio or checkbox that reveals a question. The Design
# System knows that axe objects, and keeps it after tests with people who use screen readers.
KEPT = {"aria-allowed-attr": ("govuk-radios__input", "govuk-checkboxes__input")}


@cache
def script() -> str:
    """Return axe-core as the front end's lock names it; the test is skipped before it is built."""
    path = FRONT / "node_modules" / "axe-core" / "axe.min.js"
    if not path.is_file():
        pytest.skip("axe-core is not there (make .venv/.front)")
    return path.read_text(encoding="utf-8")


def violations(page: Any, within: str | None = None) -> list[str]:
    """Return what is wrong with the page (or with the part `within`), one sentence each.

    The browser's own evaluate is not held to the page's policy, so the strict policy stays on.
    """
    if not page.evaluate("'axe' in window"):  # half a megabyte, so once for a page in all its sizes
        page.evaluate(script())
    answer = page.evaluate(LOOK, [within, RULES])
    assert answer["passes"] > 5, "axe found nothing to look at"
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: {node['html'][:160]}"
        for found in answer["violations"]
        for node in found["nodes"]
        if not any(name in node["html"] for name in KEPT.get(found["id"], ()))
    ]


def assert_accessible(page: Any, within: str | None = None) -> None:
    """Fail with every violation that axe finds, or when the page is wider than the screen."""
    found = violations(page, within)
    assert not found, "\n".join(found)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"the page is {wide} pixels wider than the screen"
