"""Reading a TOML table so that every mistake is named with its file, key and line."""

from __future__ import annotations

import difflib
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from triservice.kernel.errors import InputError

_KIND_NAMES = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


class Table:
    """One table of a TOML file; `finish` complains of keys that nobody asked for."""

    def __init__(
        self, values: dict[str, Any], path: str, file: Path, text: str, place: str = ""
    ) -> None:
        """Wrap the table at dotted `path` of `file`, whose whole text is `text`.

        `place` is the path with the number of each item of an array: "location[1].time".
        """
        self.values, self.path, self.file, self.text = values, path, file, text
        self.place = place or path
        self._asked: set[str] = set()

    @classmethod
    def read(cls, file: Path) -> Table:
        """Read a whole file. Raises InputError when it is missing or is not TOML."""
        try:
            text = file.read_text(encoding="utf-8-sig")  # Notepad writes a byte order mark
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise InputError(f"cannot be read: {reason}", file=file) from None
        try:
            return cls(tomllib.loads(text), "", file, text)
        except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
            raise InputError(
                f"is not TOML: {error}", file=file, do="Correct that line and run it again."
            ) from None
        except RecursionError:
            raise InputError("its tables or lists lie too deep in each other", file=file) from None

    def key(self, name: str) -> str:
        """Return the dotted name of a key."""
        return f"{self.path}.{name}" if self.path else name

    def refuse(self, name: str, what: str, do: str | None = None) -> InputError:
        """Return the error that says `what` is wrong with key `name`."""
        line = self._line(name)
        place = f"{self.key(name)} (line {line})" if line else self.key(name)
        return InputError(what, file=self.file, field=place, do=do)

    def has(self, name: str) -> bool:
        """Say whether the key is there."""
        return name in self.values

    def take(self, name: str, kind: type, default: Any = None) -> Any:
        """Return a value of `kind`; `default` when it is not there."""
        self._asked.add(name)
        if name not in self.values:
            return default
        value = self.values[name]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise self.refuse(name, f"must be {_KIND_NAMES[kind]}, not {value!r}")
        return value

    def text_of(self, name: str, default: str = "") -> str:
        """Return text; `default` when it is not there."""
        return str(self.take(name, str, default))

    def need_text(self, name: str, example: str) -> str:
        """Return text that must be there and not be empty."""
        value = self.text_of(name)
        if not value.strip():
            raise self.refuse(name, "is missing", do=f"Add for example: {name} = {example}.")
        return value

    def texts(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one."""
        self._asked.add(name)
        value = self.values.get(name, list(default))
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.refuse(name, f"must be text or a list of texts, not {value!r}")
        return tuple(value)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of `choices`."""
        value = self.text_of(name, default)
        if value not in choices:
            raise self.refuse(
                name,
                f"{value!r} is not one of {', '.join(choices)}",
                do=near(value, choices) or None,
            )
        return value

    def table(self, name: str) -> Table | None:
        """Return a table inside this one; None when it is not there."""
        self._asked.add(name)
        if name not in self.values:
            return None
        value = self.values[name]
        if not isinstance(value, dict):
            raise self.refuse(name, "must be a table", do=f"Write [{self.key(name)}].")
        return Table(value, self.key(name), self.file, self.text, self._inside(name))

    def tables(self, name: str) -> list[Table]:
        """Return the tables of an array; a single table is an array of one."""
        self._asked.add(name)
        value = self.values.get(name, [])
        value = [value] if isinstance(value, dict) else value
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.refuse(name, "must be tables", do=f"Write [[{self.key(name)}]].")
        inside = self._inside(name)
        return [
            Table(item, self.key(name), self.file, self.text, f"{inside}[{number}]")
            for number, item in enumerate(value)
        ]

    def _inside(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def words(self, name: str) -> dict[str, str]:
        """Return a table of text → text."""
        table = self.table(name)
        if table is None:
            return {}
        for key, value in table.values.items():
            if not isinstance(value, str):
                raise table.refuse(key, f"must be text, not {value!r}")
        return dict(table.values)

    def finish(self) -> None:
        """Raise InputError when a key is there that nothing reads."""
        for name in self.values:
            if name not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.refuse(
                    name,
                    "is not a key that is understood here",
                    do=f"{near(name, self._asked)} Known keys: {known}.".strip(),
                )

    def _line(self, name: str) -> int | None:
        """Return the line of a key, or of the nearest table around it."""
        found, place = lines_of(self.text), self._inside(name)
        while place and place not in found:
            place = place[: place.rindex("[")] if place[-1] == "]" else place.rpartition(".")[0]
        return found.get(place)


_TOKEN = re.compile(
    r"""\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*|[\[\]{}\n]""",
    re.DOTALL,
)
_PART = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
_HEADING = re.compile(rf"\s*(\[\[?)\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]")
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")


@lru_cache(maxsize=32)
def lines_of(text: str) -> dict[str, int]:
    """Return the line (from 1) of every table and key: "form.part[1].title", items from 0.

    Keys inside an inline table or a list have no line of their own: ask for the key around them.
    """
    found: dict[str, int] = {}
    items: dict[str, int] = {}  # how many items each array of tables has so far
    here = ""
    inside = _continued(text)
    for number, line in enumerate(text.split("\n"), start=1):
        if number in inside:
            continue
        if match := _HEADING.match(line):
            here = _resolved(_parts(match[2]), items, new=match[1] == "[[")
            _add(found, here, number)
        elif match := _KEY.match(line):
            _add(found, ".".join(filter(None, (here, *_parts(match[1])))), number)
    return found


def _continued(text: str) -> set[int]:
    """Return the lines that begin inside a text or a list that an earlier line began."""
    lines: set[int] = set()
    number, depth = 1, 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "[{":
            depth += 1
        elif token in "]}":
            depth -= 1
        elif token == "\n":
            number += 1
            if depth > 0:
                lines.add(number)
        else:
            for _ in range(token.count("\n")):
                number += 1
                lines.add(number)
    return lines


def _parts(key: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_PART, key)]


def _resolved(parts: list[str], items: dict[str, int], *, new: bool) -> str:
    """Return the place of a heading: each array of tables in it stands for its last item."""
    place = ""
    for index, part in enumerate(parts):
        place = f"{place}.{part}" if place else part
        if new and index == len(parts) - 1:
            items[place] = items.get(place, 0) + 1
        if place in items:
            place = f"{place}[{items[place] - 1}]"
    return place


def _add(found: dict[str, int], place: str, number: int) -> None:
    """Note the line of a place and of every table around it that has none yet."""
    while place:
        found.setdefault(place, number)
        found.setdefault(place.removesuffix("[0]"), number)
        place = place.rpartition(".")[0]


def near(word: str, known: Any) -> str:
    """Return 'Did you mean …?' with the nearest of `known`, or nothing."""
    found = difflib.get_close_matches(word.casefold(), [str(k) for k in known], n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(found)}?" if found else ""
