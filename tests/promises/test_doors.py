"""Data is touched only in queries and actions: read from the source itself, by its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

import triservice
from triservice.access.models import Protected

SOURCE = Path(triservice.__file__).parent
ROOMS = ("access", "agencies", "offline", "subjects", "casework", "picture", "web")
DOORS = ("queries", "actions", "models", "migrations", "jobs", "tasks")
MANAGERS = frozenset({"objects", "_default_manager", "_base_manager", "default_manager"})
RAW = frozenset({"raw", "extra", "cursor", "RawSQL", "get_object_or_404", "get_list_or_404"})
READS = frozenset({"all", "filter", "exclude", "get", "values", "values_list", "first", "last",
                   "count", "exists", "aggregate", "annotate", "iterator", "in_bulk", "none",
                   "create", "update", "delete", "bulk_create", "add", "set", "remove",
                   "get_or_create", "update_or_create", "order_by", "select_related"})  # fmt: skip

# What is a door by another name, and why.
EXCEPTIONS = {
    "access/readers.py": "says who reads: before there is a Reader nothing can ask as one",
    "access/record.py": "writes the record itself",
    "access/audit.py": "verifies the record itself, as the operator, without reading what it tells",
    "access/prepared.py": "asks what queries and readers prepared; it chooses no row itself",
    "access/lease.py": "takes turns by the clock: its one row tells of nobody",
    "access/grants.py": "compiles the terms that every query stands on",
    "access/triggers.py": "makes the triggers",
    "access/agreements/acting.py": "what the actions on agreements begin with: who may act",
    "access/agreements/saving.py": "how the actions on agreements save; agreements tell of nobody",
    "access/explorer/indexing.py": "indexes the record, which it only adds to",
    "access/where.py": "makes the conditions themselves, and counts which of them is cheaper",
    "agencies/sign_in/passwords.py": "signs in: there is no Reader yet",
    "web/demo/agreement.py": "the demonstration: makes what is invented, never in production",
    "web/demo/command.py": "the demonstration: says how its database writes while it is built",
    "web/demo/more_agreements.py": "the demonstration: makes what is invented, never in production",
    "agencies/sign_in/sessions.py": "one's own sessions in browsers: they hold nobody's data",
    "agencies/sign_in/directories.py": "signs in: there is no Reader yet",
    "agencies/sign_in/second_factor.py": "signs in: there is no Reader yet",
    "web/context.py": "names the agency of who is signed in, above every page",
    "web/health.py": "asks whether the database answers",
    "web/middleware/limits.py": "counts requests by a hash of their sender",
    "web/operations/database_role.py": "the operator's console: gives a role its rights",
    "web/operations/doctor.py": "the operator's console: looks at the database, not at rows",
    "web/operations/people.py": "the operator's console: makes the first administrator",
    "web/sqlite/base.py": "the connection itself",
    "web/operations/postgres.py": "the operator's console: copies whole tables, reads none",
}


def is_door(path: Path) -> bool:
    """Whether a file is a door by its name or its folder's."""
    names = (*path.parent.relative_to(SOURCE).parts, path.stem)
    return any(name in DOORS for name in names) or str(path.relative_to(SOURCE)) in EXCEPTIONS


def files() -> list[Path]:
    return sorted(path for room in ROOMS for path in (SOURCE / room).rglob("*.py"))


def back_doors() -> frozenset[str]:
    """Return the names under which other rows lead to protected ones."""
    protected = [model for model in apps.get_models() if issubclass(model, Protected)]
    names = {
        relation.get_accessor_name()
        for model in apps.get_models()
        for relation in model._meta.related_objects
        if relation.related_model in protected
    }
    return frozenset(name for name in names if name)


def called_with_a_key(node: ast.Call) -> bool:
    """Whether a get() is that of a dictionary: with a key, not with conditions."""
    return bool(node.args) and not node.keywords


def touches(tree: ast.AST, accessors: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Give each place where a syntax tree touches data: line and what."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            yield node.lineno, f".{node.attr}"
        elif isinstance(node, ast.Call):
            called = node.func
            name = getattr(called, "attr", getattr(called, "id", ""))
            if name in RAW:
                yield node.lineno, f"{name}()"
            inner = getattr(called, "value", None)
            of_dict = name == "get" and called_with_a_key(node)
            behind = isinstance(inner, ast.Attribute) and inner.attr in accessors
            if name in READS and behind and not of_dict:
                yield node.lineno, f".{inner.attr}.{name}()"
            if name == "getattr" and any(
                isinstance(each, ast.Constant) and each.value in MANAGERS for each in node.args
            ):
                yield node.lineno, "getattr of a manager"
        elif isinstance(node, ast.ImportFrom) and {n.name for n in node.names} & RAW:
            yield node.lineno, "import of raw SQL"


def test_data_is_touched_only_in_queries_and_actions() -> None:
    accessors = back_doors()
    assert {"links", "markers", "parts"} <= accessors
    found = [
        f"{path.relative_to(SOURCE)}:{line} {what}"
        for path in files()
        if not is_door(path)
        for line, what in touches(ast.parse(path.read_text(encoding="utf-8")), accessors)
    ]
    assert not found, "\n".join(found)


def test_every_exception_is_still_there_and_still_needs_it() -> None:
    accessors = back_doors()
    for name, why in EXCEPTIONS.items():
        tree = ast.parse((SOURCE / name).read_text(encoding="utf-8"))
        assert list(touches(tree, accessors)), f"{name} is no door any more: {why}"


@pytest.mark.parametrize(
    "code",
    [
        "Person.objects.all()",
        "model._default_manager.get()",
        "getattr(Person, 'objects')",
        "person.links.filter(pk=1)",
        "connection.cursor()",
        "Person.objects",
        "from django.shortcuts import get_object_or_404",
        "rows.raw('SELECT 1')",
        "RawSQL('SELECT 1', ())",
    ],
)
def test_the_scan_sees_a_back_door(code: str) -> None:
    assert list(touches(ast.parse(code), back_doors()))
