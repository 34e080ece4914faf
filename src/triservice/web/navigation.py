"""Which pages a signed-in person is offered: those that declare a word for the navigation.

The rule of each page (access.pages) says who may open it; nothing is said here a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from triservice.access.pages import Page, may_open, rule_of
from triservice.kernel.access_words import Reader

# In the order of the work. A word that is not here comes after these, in the order of addresses.
ORDER = (
    *("People", "Places", "Matches", "Wrong links", "Picture"),
    *("Requests", "Approvals", "Reviews", "Agreements", "Disclosures", "My reads"),
    *("Rows not read", "Agencies", "Systems"),
)


@dataclass(frozen=True, slots=True)
class Task:
    """A page that this person may open from anywhere."""

    label: str
    href: str
    hint: str


def address(view: str) -> str | None:
    """Return the address of a view by name, or None where there is none."""
    try:
        return reverse(view)
    except NoReverseMatch:
        return None


def declared(
    patterns: list[URLPattern | URLResolver] | None = None, space: str = ""
) -> Iterator[tuple[str, URLPattern, Page | None]]:
    """Give every address: the name of its view, its pattern, and its rule (None: undeclared)."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from declared(pattern.url_patterns, inside)
        else:
            name = f"{space}{pattern.name or ''}"
            yield name, pattern, rule_of(pattern.callback, name)


@cache
def _offered() -> tuple[tuple[Task, Page], ...]:
    found = []
    for name, _, rule in declared():
        href = address(name) if rule and rule.nav else None
        if rule and rule.nav and href:
            found.append((Task(rule.nav, href, rule.title), rule))
    place = {word: index for index, word in enumerate(ORDER)}
    return tuple(sorted(found, key=lambda pair: place.get(pair[0].label, len(ORDER))))


def tasks_for(reader: Reader | None) -> Iterator[Task]:
    """Give the pages that this reader may open."""
    return (task for task, rule in _offered() if reader and may_open(rule, reader))


def entries_for(reader: Reader | None, path: str) -> Iterator[dict[str, Any]]:
    """Give the pages for this reader, as the service navigation component takes them."""
    tasks = list(tasks_for(reader))
    inside = [task.href for task in tasks if path.startswith(task.href)]
    here = max(inside, key=len, default=None)  # the nearest, where one lies within another
    for task in tasks:
        yield {
            "text": task.label,
            "href": task.href,
            "active": task.href == here,
            "current": task.href == path,
        }
