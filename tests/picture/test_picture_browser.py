"""The picture's pages in a real browser: on a phone and a desk, by keyboard, without script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from invented_pictures import CLASS_OF, make_picture

from axe import assert_accessible
from browsing import DESK, PHONE
from partnership import Partnership, make_partnership
from triservice.agencies.models import Officer
from triservice.kernel.access_words import Purpose, Role
from triservice.picture import actions, demo
from triservice.picture.models import StoredPicture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Any]
SIZES = pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
ROLES = (Role.ANALYST, Role.OFFICER, Role.ADMINISTRATOR)


@pytest.fixture
def made(transactional_db: None, lake: Path) -> Partnership:
    made = make_partnership(terms=False, roles=ROLES)
    made.term(
        "police", "fire", [CLASS_OF["police"]], purposes=[Purpose.PREVENTION_VISIT], small_number=5
    )
    keeper = made.reader("council", Role.ADMINISTRATOR)
    owners = {s: made.agencies[s].pk for s in demo.LABELS}
    for service, label in demo.LABELS.items():
        actions.register_source(
            keeper,
            source=demo.SOURCE,
            service=service,
            label=label,
            owner=owners[service],
            data_class=str(demo.CLASSES[service]),
        )
    return made


@pytest.fixture
def analyst(made: Partnership) -> Officer:
    return made.officer("fire", Role.ANALYST)


@pytest.fixture
def ready(made: Partnership) -> int:
    """A picture of two thousand invented events, worked out."""
    reader = made.reader("fire", Role.ANALYST)
    wanted = demo.PARAMETERS | {"size_m": 5_000, "overlap": True}
    key = actions.request_picture(reader, "Where the services are called (invented)", wanted)
    actions.run(key, 1)
    assert StoredPicture.objects.get(pk=key).error == ""
    return key


POLLUTE = """() => {
  const spread = JSON.parse('{"__proto__": {"polluted": 1}}');
  for (const [key, value] of Object.entries(spread)) {
    Reflect.set(({})[key], "polluted", value.polluted);
  }
  Reflect.set(Array.prototype, "polluted", 1);
  const open = [Object, Array].map(({ prototype }) => Object.isExtensible(prototype));
  return [...open, typeof ({}).polluted, typeof [].polluted];
}"""


def drawn(page: Any) -> None:
    """Wait until the map stands."""
    page.wait_for_selector("[data-map][data-ready]", timeout=20_000)


@SIZES
def test_a_picture_with_its_map_and_table(
    visit: Visit, analyst: Officer, ready: int, viewport: dict[str, int]
) -> None:
    page = visit(f"/picture/{ready}/", analyst, viewport=viewport)
    drawn(page)
    assert_accessible(page)
    assert page.get_by_text("Invented ambulance incidents withheld").is_visible()
    # The place in the table and on the map say the same.
    first = page.locator("[data-place] button").first
    count = page.locator("tbody tr").first.locator("td").first.inner_text().split()[0]
    first.focus()
    page.keyboard.press("Enter")
    words = page.locator("[data-said]").inner_text()
    assert words.startswith(first.inner_text())
    assert f" {count}" in words
    assert "ambulance" not in words
    # Another service on the map brings its own legend.
    page.get_by_role("radio", name="Invented fire and rescue incidents").check()
    legends = page.locator("[data-legend]:visible")
    assert legends.count() == 1
    assert legends.get_attribute("data-label") == "Invented fire and rescue incidents"


def test_the_map_is_drawn_in_the_colours_of_the_legend(
    visit: Visit, analyst: Officer, ready: int
) -> None:
    """The pixels of the canvas hold the darkest colour of the layer that is shown."""
    page = visit(f"/picture/{ready}/", analyst)
    drawn(page)
    # What all objects inherit takes nothing up, on the page and in the map's worker.
    assert page.workers
    for world in (page, *page.workers):
        assert world.evaluate(POLLUTE) == [False, False, "undefined", "undefined"]
    page.wait_for_timeout(1_000)
    shot = page.locator("[data-map]").screenshot()
    from io import BytesIO

    from matplotlib.image import imread

    pixels = (imread(BytesIO(shot), format="png")[..., :3] * 255).round().astype(int)
    darkest = page.locator("[data-legend]:visible").get_attribute("data-colours").split()[-1]
    wanted = [int(darkest[i : i + 2], 16) for i in (1, 3, 5)]
    assert (abs(pixels - wanted).max(axis=2) <= 3).sum() > 20


def test_without_script_the_table_says_all(visit: Visit, analyst: Officer, ready: int) -> None:
    page = visit(f"/picture/{ready}/", analyst, java_script_enabled=False)
    assert page.get_by_text("The map is drawn by JavaScript").is_visible()
    assert not page.locator("[data-map]").is_visible()
    assert page.locator("tbody tr").count() > 10
    page.get_by_role("link", name="Share").click()
    page.get_by_label("Penmarric Police").check()
    page.get_by_role("button", name="Keep").click()
    assert page.get_by_text("Shared with Penmarric Police").is_visible()


@SIZES
def test_a_picture_is_asked_for_and_waited_for(
    visit: Visit, analyst: Officer, viewport: dict[str, int]
) -> None:
    page = visit("/picture/", analyst, viewport=viewport)
    assert_accessible(page)
    page.get_by_role("link", name="Make a picture").click()
    assert_accessible(page)
    page.get_by_role("button", name="Make the picture").click()
    assert page.title().startswith("Error: ")
    assert_accessible(page)
    page.get_by_label("Title").fill("Invented fires")
    page.get_by_label("Fire", exact=True).check()
    page.get_by_label("Districts").check()
    page.get_by_role("button", name="Make the picture").click()
    page.wait_for_selector("[data-waiting]")
    assert_accessible(page)
    picture = StoredPicture.objects.get()
    actions.run(picture.pk, 1)
    drawn(page)  # the page shows it by itself
    assert page.locator("h1").inner_text() == "Invented fires"


@SIZES
def test_the_other_pages(
    visit: Visit, made: Partnership, analyst: Officer, ready: int, viewport: dict[str, int]
) -> None:
    stored = StoredPicture.objects.get(pk=ready)
    other = make_picture(
        made, stored.result, title="Another", parameters=stored.parameters, shapes=stored.shapes
    )
    failed = make_picture(
        made, None, title="Failed", state="failed", error="There is no lake.", made_at=None
    )
    page = visit(f"/picture/{ready}/", analyst, viewport=viewport)
    page.get_by_role("button", name="Compare").click()
    assert page.locator("h1").inner_text() == "What changed"
    assert_accessible(page)
    for path in (f"/picture/{failed.pk}/", f"/picture/{other.pk}/delete/", "/picture/"):
        assert_accessible(visit(path, analyst, viewport=viewport))
    officer = made.officer("fire", Role.OFFICER)
    page = visit(f"/picture/{ready}/", officer, viewport=viewport)
    page.get_by_role("link", name="Single events of Invented fire").click()
    assert page.locator("tbody tr").count() > 0
    assert_accessible(page)
    keeper = made.officer("council", Role.ADMINISTRATOR)
    assert_accessible(visit("/picture/sources/", keeper, viewport=viewport))
    # Everything is withheld from who has no term.
    stored.shared_with.add(made.agencies["council"])
    outsider = made.officer("council", Role.ANALYST)
    page = visit(f"/picture/{ready}/", outsider, viewport=viewport)
    assert page.get_by_text("There is nothing in this picture that is open to you").is_visible()
    assert_accessible(page)
