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

# What is offered from everywhere, by what somebody does, and the pages of each in the order of the
# work. A page whose word is not here is a section of its own, after these.
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Casework",
        (
            "My day",
            "Triage",
            "Cases",
            "Find a case",
            "Plans",
            "Refer",
            "Sent",
            "Equipment",
            "Out now",
            "Phones",
            "From phones",
            "Numbers",
            "Outcomes",
        ),
    ),
    (
        "People and places",
        ("People", "Places", "Warnings", "Matches", "Wrong links", "Rows not read"),
    ),
    ("Picture", ("Picture", "Sources")),
    ("Requests", ("Requests", "Reviews", "Lists", "Conflicts")),
    ("Partnership", ("Schemes", "Services", "Agreements", "Disclosures", "Agencies", "Systems")),
)
_PLACE = {
    word: (number, index, label)
    for number, (label, words) in enumerate(SECTIONS)
    for index, word in enumerate(words)
}


@dataclass(frozen=True, slots=True)
class Task:
    """A page that this person may open from anywhere."""

    label: str
    href: str
    hint: str

    @property
    def section(self) -> str:
        """Return the section that the page lies in."""
        return self._place[2]

    @property
    def _place(self) -> tuple[int, int, str]:
        return _PLACE.get(self.label, (len(SECTIONS), 0, self.label))


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
    return tuple(sorted(found, key=lambda pair: pair[0]._place[:2]))


def tasks_for(reader: Reader | None) -> Iterator[Task]:
    """Give the pages that this reader may open."""
    return (task for task, rule in _offered() if reader and may_open(rule, reader))


def sections_for(reader: Reader | None) -> dict[str, list[Task]]:
    """Return the pages that this reader may open by section; a single page by its own word."""
    found: dict[str, list[Task]] = {}
    for task in tasks_for(reader):
        found.setdefault(task.section, []).append(task)
    return {
        section if len(tasks) > 1 else tasks[0].label: tasks for section, tasks in found.items()
    }


def entries_for(
    reader: Reader | None, path: str
) -> tuple[list[dict[str, Any]], str, list[dict[str, Any]]]:
    """Return the sections for this reader, and the name and pages of the one that `path` is in.

    As the service navigation component takes them; a section leads to its first page. A section
    of one page needs no list of its pages: then there is none.
    """
    sections = sections_for(reader)
    offered = [task for tasks in sections.values() for task in tasks]
    inside = [task for task in offered if path.startswith(task.href)]
    here = max(inside, key=lambda task: len(task.href), default=None)  # the nearest
    entries, name, pages = [], "", list[dict[str, Any]]()
    for section, tasks in sections.items():
        entries.append(_entry(section, tasks[0], here in tasks, path))
        if here in tasks and len(tasks) > 1:
            name = section
            pages = [_entry(task.label, task, task is here, path) for task in tasks]
    return entries, name, pages


def _entry(text: str, to: Task, active: bool, path: str) -> dict[str, Any]:
    return {"text": text, "href": to.href, "active": active, "current": to.href == path}
