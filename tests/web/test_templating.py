"""Pages are strict, components lenient, everything escaped; words as people say them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template import engines
from django.test import Client
from jinja2 import UndefinedError
from jinja2.exceptions import TemplateSyntaxError

from triservice.kernel.access_words import Reason
from triservice.web import words
from triservice.web.navigation import declared
from triservice.web.templating import ROOMS, SOURCE

BUTTON = '{% from "govuk_frontend_jinja/components/button/macro.html" import govukButton %}'
PAGES = sorted(
    path.relative_to(SOURCE / room / "templates").as_posix()
    for room in ROOMS
    for path in (SOURCE / room / "templates").rglob("*.html")
    if path.is_file()
)


def render(source: str, **context: Any) -> str:
    return engines["jinja2"].from_string(source).render(context)


@pytest.mark.parametrize("source", ["{{ nobody }}", "{{ thing.nothing }}", "{{ thing['x'] }}"])
def test_a_name_that_is_not_there_raises(source: str) -> None:
    with pytest.raises(UndefinedError):
        render(source, thing={"a": 1})


def test_components_may_leave_out_what_is_optional() -> None:
    assert "govuk-button" in render(BUTTON + '{{ govukButton({"text": "Go"}) }}')


def test_text_is_escaped_in_pages_and_components() -> None:
    assert "<script>" not in render("{{ x }}", x="<script>")
    assert "<script>" not in render(BUTTON + '{{ govukButton({"text": x}) }}', x="<script>")


def test_withheld_says_who_why_and_how_to_ask() -> None:
    source = '{% from "web/components.html" import withheld %}{{ withheld(by, because, ask) }}'
    text = " ".join(render(source, by="Trust", because=Reason.NO_TERM, ask="/ask").split())
    assert "Withheld</strong> by Trust, because no agreement opens this to your agency." in text
    assert 'href="/ask"' in text
    assert "href" not in render(source, by="Trust", because=Reason.NEVER, ask=None)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_compiles(name: str) -> None:
    try:
        engines["jinja2"].get_template(name)
    except TemplateSyntaxError as wrong:
        pytest.fail(f"{name}, line {wrong.lineno}: {wrong}")


def test_words() -> None:
    summer = datetime(2026, 6, 1, 23, 5, tzinfo=UTC)  # after midnight, here
    assert words.moment(summer) == "2 June 2026 at 12:05am"
    assert words.day(date(2026, 3, 7)) == "7 March 2026"
    assert words.clock(datetime(2026, 1, 1, 12, 0, tzinfo=UTC)) == "12:00pm"
    assert words.known("") == words.known(None) == words.day(None) == "Not known"
    assert words.known(0) == 0
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(["a"]) == "a"
    assert words.listed([]) == ""
    assert words.number(1234567) == "1,234,567"
    assert words.number(0.12345) == "0.123"
    assert words.plural(1, "visit") == "1 visit"
    assert words.plural(1200, "child", "children") == "1,200 children"
    assert words.first_up("the UK") == "The UK"


def test_the_strip_says_who_for_whom_and_why(signed_in: Client) -> None:
    text = signed_in.get("/").content.decode()
    assert "Featherstonehaugh-Cholmondeley-Invented, Fire" in text
    assert "Purpose: <strong>prevention visit</strong>" in text
    assert 'href="/access/purpose"' in text
    assert text.count("OFFICIAL") >= 2


def test_no_two_entries_of_the_navigation_read_alike() -> None:
    words = [rule.nav for _, _, rule in declared() if rule and rule.nav]
    assert len(words) == len(set(words)), words


def test_somebody_unknown_is_asked_to_sign_in(db: None) -> None:
    text = Client().get("/").content.decode()
    assert "/accounts/sign-in/" in text
    assert "app-strip" not in text
