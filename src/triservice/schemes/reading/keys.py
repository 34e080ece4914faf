"""Keys that every table has: ids, words of a list, conditions, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from triservice.kernel.errors import InputError
from triservice.schemes.conditions import WORDS, Condition, parse
from triservice.toml_reader import Table

ID = re.compile(r"[a-z][a-z0-9_]{0,59}")  # of questions and scores: names in conditions
SLUG = re.compile(r"[a-z][a-z0-9-]{0,59}")  # of everything else
Word = TypeVar("Word", bound=StrEnum)


def condition_of(table: Table, key: str) -> Condition | None:
    """Return a condition of a table, parsed; None where it is not there."""
    text = table.text_of(key)
    if not text:
        return None
    try:
        return parse(text)
    except InputError as wrong:
        raise table.refuse(key, wrong.what, wrong.do) from None


def checked(table: Table, key: str, check: Callable[..., None], *given: Any) -> None:
    """Run a check; what it refuses is refused at this key, with its line."""
    try:
        check(*given)
    except InputError as wrong:
        raise table.refuse(key, wrong.what, wrong.do) from None


def id_of(table: Table, key: str = "id", pattern: re.Pattern[str] = ID) -> str:
    """Return the id of a table."""
    name = table.need_text(key, '"smoke_alarms"')
    if not pattern.fullmatch(name) or name in WORDS:
        what = "is a word of conditions" if name in WORDS else "is no id"
        raise table.refuse(
            key,
            f"{name!r} {what}",
            do=f"Use small letters, digits and {'_' if pattern is ID else '-'}, a letter first.",
        )
    return name


def number_of(table: Table, key: str) -> float | None:
    """Return a number, or None where it is not there."""
    found = table.take(key, float)
    return None if found is None else float(found)


def word_of(table: Table, key: str, kind: type[Word], example: str) -> Word:
    """Return a word of an enumeration, which must be there."""
    return kind(one_of(table, key, [str(one) for one in kind], example))


def one_of(table: Table, key: str, choices: Iterable[str], example: str) -> str:
    """Return one of some words, which must be there."""
    table.need_text(key, f'"{example}"')
    return table.choice(key, tuple(choices), "")


def unique(table: Table, key: str, name: str, known: Mapping[str, Any]) -> None:
    """Refuse an id that stands already."""
    if name in known:
        raise table.refuse(key, f"{name!r} is there already", do="Give it an id of its own.")


def file_id(root: Table, key: str) -> tuple[str, int]:
    """Return the id and version that a file states; both must agree with its name."""
    name = id_of(root, key, SLUG)
    version = root.take("version", int, 0)
    if version < 1:
        raise root.refuse("version", "must be 1 or more", do="Add for example: version = 1")
    if root.file.stem not in {name, f"{name}@{version}"}:
        raise root.refuse(
            key, f"is {name!r} in a file called {root.file.name}",
            do=f"Call the file {name}.toml, or {name}@{version}.toml when a newer one exists.",
        )  # fmt: skip
    return name, version
