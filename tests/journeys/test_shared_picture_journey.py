"""An analyst opens the picture and shares it; a smaller agency sees small numbers hidden."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_partnership import Small

from browsing import PHONE
from triservice.analysis.example.demo import invented_lake
from triservice.kernel.access_words import Purpose
from triservice.picture import actions, demo
from triservice.web.demo.agreement import SMALL_NUMBER
from triservice.web.demo.people import reader

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stored(small: Small, settings: Any, tmp_path: Path) -> int:
    """A picture of a few invented events in large squares, of the fire service's analyst."""
    settings.LAKE = tmp_path / "lake"
    invented_lake(settings.LAKE, events=1_500)
    keeper = reader(small.officers["Colan Treloar"])
    for service, label in demo.LABELS.items():
        actions.register_source(
            keeper,
            source=demo.SOURCE,
            service=service,
            label=label,
            owner=small.agencies[service].pk,
            data_class=str(demo.CLASSES[service]),
        )
    analyst = reader(small.officers["Tamsyn Carlyon"], Purpose.EVALUATION)
    wanted = demo.PARAMETERS | {"size_m": 5_000, "zones": False}
    key = actions.request_picture(analyst, demo.TITLE, wanted)
    actions.run(key, 1)
    return key


def test_a_picture_is_shared_and_small_numbers_stay_hidden(
    stored: int, small: Small, visit: Callable[..., Any], look: Callable[[Any, str], None]
) -> None:
    analyst, partner = (small.officers[n] for n in ("Tamsyn Carlyon", "Jowanet Yeo"))
    page = visit("/picture/", analyst, Purpose.EVALUATION)
    look(page, "1-pictures")
    page.get_by_role("link", name=demo.TITLE).click()
    page.wait_for_selector("[data-map][data-ready]", timeout=20_000)
    look(page, "2-picture")
    assert "Counts below 5 are hidden" in page.locator("main").inner_text()
    assert _hidden(page) > 0

    page.get_by_role("link", name="Share").click()
    page.get_by_label("Penmarric Council").check()
    look(page, "3-share")
    page.get_by_role("button", name="Keep").click()
    page.get_by_text("Shared with Penmarric Council").wait_for()

    page = visit(f"/picture/{stored}/", partner, Purpose.EVALUATION, PHONE)
    page.wait_for_selector("[data-map][data-ready]", timeout=20_000)
    look(page, "4-partner")
    assert "Counts below 5 are hidden" in page.locator("main").inner_text()
    assert _hidden(page) > 0
    # Without a term for counts, as an officer of theirs, every number is withheld.
    page = visit(f"/picture/{stored}/", small.officers["Wella Uglow"], viewport=PHONE)
    assert "There is nothing in this picture that is open to you" in page.content()
    look(page, "5-no-term")


def _hidden(page: Any) -> int:
    """Return how many counts of the table are hidden; none that is shown is small."""
    cells = page.locator("table:has([data-place]) td").all_inner_texts()
    said = [cell.split()[0] for cell in cells]
    shown = [int(cell.replace(",", "")) for cell in said if cell[0].isdigit()]
    assert shown
    assert not [count for count in shown if 0 < count < SMALL_NUMBER]
    return said.count("hidden")
