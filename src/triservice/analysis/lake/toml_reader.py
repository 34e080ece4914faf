"""Reading a TOML table so that every mistake is named with its file, key and line."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

from triservice.kernel.errors import InputError

_KIND_NAMES = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


class Table:
    """One table of a TOML file; `finish` complains of keys that nobody asked for."""

    def __init__(self, values: dict[str, Any], path: str, file: Path, text: str) -> None:
        """Wrap the table at dotted `path` of `file`, whose whole text is `text`."""
        self.values, self.path, self.file, self.text = values, path, file, text
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
        return Table(value, self.key(name), self.file, self.text)

    def tables(self, name: str) -> list[Table]:
        """Return the tables of an array; a single table is an array of one."""
        self._asked.add(name)
        value = self.values.get(name, [])
        value = [value] if isinstance(value, dict) else value
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.refuse(name, "must be tables", do=f"Write [[{self.key(name)}]].")
        return [Table(item, self.key(name), self.file, self.text) for item in value]

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
        """Return the line of a key: the first that sets it below its table's heading."""
        here = ""
        heading = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?")
        whole = self.key(name)
        for number, line in enumerate(self.text.splitlines(), start=1):
            if match := heading.match(line):
                here = match[1].replace('"', "")
                if here == whole:
                    return number
                continue
            if match := re.match(r'\s*(?:"([^"]+)"|([\w.\-]+))\s*=', line):
                found = match[1] or match[2]
                full = f"{here}.{found}" if here else found
                if full == whole or whole.startswith(f"{full}."):
                    return number
        return None


def near(word: str, known: Any) -> str:
    """Return 'Did you mean …?' with the nearest of `known`, or nothing."""
    found = difflib.get_close_matches(word.casefold(), [str(k) for k in known], n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(found)}?" if found else ""
