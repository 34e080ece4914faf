"""The navigation: few sections by what somebody does; every page of it two clicks away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import Client

import signing_in
from partnership import NOON, Partnership, make_partnership
from triservice.access.pages import may_open
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.web.navigation import declared, entries_for, sections_for, tasks_for


@pytest.fixture
def made(db: None) -> Iterator[Partnership]:
    """The invented partnership at noon, with an officer of each role that is asked about."""
    with clock.frozen(NOON):
        yield make_partnership(roles=ROLES)


ROLES = (Role.OFFICER, Role.DATA_PROTECTION_LEAD, Role.ADMINISTRATOR)
LINK = re.compile(r'<a [^>]*href="([^"]+)"')


def hrefs(client: Client, path: str, within: str) -> list[str]:
    """Return the addresses that a page offers within an element of a class."""
    page = client.get(path).content.decode()
    _, _, rest = page.partition(f'class="{within}')
    return LINK.findall(rest.partition("</nav>")[0])


def test_nobody_has_more_than_six_sections(made: Partnership) -> None:
    everything = replace(made.reader("police"), roles=frozenset(Role))
    assert len(sections_for(everything)) <= 6
    assert len(list(tasks_for(everything))) == len([r for _, _, r in declared() if r and r.nav])


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_navigation_is_two_clicks_away(made: Partnership, role: Role) -> None:
    client = signing_in.sign_in(Client(), made.officer("police", role))
    first = hrefs(client, "/", "govuk-service-navigation__list")
    assert 1 < len(first) <= 6
    reached = set(first)
    for path in first:
        reached |= set(hrefs(client, path, "app-beside"))
    wanted = {task.href for task in tasks_for(made.reader("police", role))}
    assert wanted <= reached
    home = set(LINK.findall(client.get("/").content.decode()))
    assert wanted <= home


def test_the_pages_beside_are_those_that_the_reader_may_open(made: Partnership) -> None:
    reader = made.reader("police")
    entries, name, beside = entries_for(reader, "/people/places")
    assert [entry["text"] for entry in entries if entry["active"]] == ["People and places"]
    assert name == "People and places"
    assert [page["text"] for page in beside] == ["People", "Places", "Warnings"]
    assert [page["text"] for page in beside if page["current"]] == ["Places"]
    deeper = entries_for(reader, "/people/places/1234")[2]
    assert [(page["text"], page["active"], page["current"]) for page in deeper] == [
        ("People", False, False),
        ("Places", True, False),
        ("Warnings", False, False),
    ]


def test_a_section_of_one_page_has_its_word_and_nothing_beside(made: Partnership) -> None:
    reader = made.reader("police")
    notices = sections_for(reader)["Notices"]
    assert [task.label for task in notices] == ["Notices"]
    assert entries_for(reader, notices[0].href)[1:] == ("", [])
    assert all(
        may_open(rule, reader) for _, _, rule in declared() if rule and rule.nav == "Notices"
    )


def test_elsewhere_nothing_is_beside(made: Partnership) -> None:
    entries, name, beside = entries_for(made.reader("police"), "/")
    assert (name, beside) == ("", [])
    assert not any(entry["active"] for entry in entries)
    assert entries_for(None, "/") == ([], "", [])
