"""Which pages a signed-in person is offered, by what they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from triservice.kernel.access_words import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the service navigation and of the start page.

    `view` is the name of the page; who may open it is the page's own rule, asked here again.
    """

    label: str
    view: str
    hint: str = ""
    roles: frozenset[Role] | None = None  # None: everybody who is signed in


@dataclass(frozen=True, slots=True)
class Task:
    """An entry that this person may open."""

    label: str
    href: str
    hint: str


# In the order of the work, not of the rooms. An address that does not exist is left out.
ENTRIES: tuple[Entry, ...] = ()


def address(view: str) -> str | None:
    """Return the address of a view by name, or None where there is none."""
    try:
        return reverse(view)
    except NoReverseMatch:
        return None


def tasks_for(roles: frozenset[Role]) -> Iterator[Task]:
    """Give the entries that these roles may open."""
    for entry in ENTRIES:
        href = address(entry.view)
        if href and (entry.roles is None or entry.roles & roles):
            yield Task(entry.label, href, entry.hint)


def entries_for(roles: frozenset[Role], path: str) -> Iterator[dict[str, Any]]:
    """Give the entries for these roles, as the service navigation component takes them."""
    for task in tasks_for(roles):
        here = path == task.href or (task.href != "/" and path.startswith(task.href))
        yield {"text": task.label, "href": task.href, "active": here}
