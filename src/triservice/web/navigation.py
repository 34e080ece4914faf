"""Which pages a signed-in person is offered, by what they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from triservice.kernel.access_words import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the service navigation. `roles` None means everybody who is signed in."""

    label: str
    view: str
    roles: frozenset[Role] | None = None


# In the order of the work, not of the rooms. An address that does not exist yet is left out.
ENTRIES: tuple[Entry, ...] = ()


def address(view: str) -> str | None:
    """Return the address of a view by name, or None where there is none."""
    try:
        return reverse(view)
    except NoReverseMatch:
        return None


def entries_for(roles: frozenset[Role], path: str) -> Iterator[dict[str, Any]]:
    """Give the entries for these roles, as the service navigation component takes them."""
    for entry in ENTRIES:
        href = address(entry.view)
        if href is None or (entry.roles is not None and not entry.roles & roles):
            continue
        yield {
            "text": entry.label,
            "href": href,
            "active": path == href or (href != "/" and path.startswith(href)),
        }
