"""The lake on disk, and the only reader of its events.

    lake.json                                         projected system, time zone
    events/service=S/month=YYYY-MM/<import_id>-<n>.parquet
    imports/<import_id>.json                          the record of one imported file: the commit
    quarantine/<import_id>.parquet                    rows that could not be read, and why
    boundaries/  areas/  relations/                   see boundaries.py, areas.py, vintages.py

A part file counts only when the record of its import exists. The record is written last, by an
atomic rename, so a reader sees all of a file's events or none, and an import that was killed
leaves nothing behind but parts that the next import of that file overwrites.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from triservice.analysis.lake.engine import Engine
from triservice.analysis.lake.schema import EVENT_COLUMNS, EVENT_SCHEMA
from triservice.files import write_atomically
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID

FORMAT = 1


@dataclass(frozen=True)
class Settings:
    """What all events of a lake share."""

    crs: str = BRITISH_NATIONAL_GRID
    time_zone: str = "Europe/London"
    format: int = FORMAT


@dataclass(frozen=True)
class Selection:
    """Which events: empty tuples and None leave that side open. `until` is exclusive."""

    services: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    bounds: tuple[float, float, float, float] | None = None  # metres: west, south, east, north

    def conditions(self) -> list[tuple[str, str, Any]]:
        """Return (column, operator, value) for each side that is set; operators: in, >=, <.

        One list serves every engine: SQL here, Ibis expressions in counts.py.
        """
        lists = (
            ("service", self.services),
            ("source", self.sources),
            ("category", self.categories),
        )
        found: list[tuple[str, str, Any]] = [(c, "in", list(v)) for c, v in lists if v]
        limits: list[tuple[str, str, Any]] = [
            ("time_from", ">=", self.since),
            ("time_from", "<", self.until),
        ]
        if self.bounds:
            west, south, east, north = self.bounds
            limits += [("easting", ">=", west), ("northing", ">=", south)]
            limits += [("easting", "<", east), ("northing", "<", north)]
        return found + [limit for limit in limits if limit[2] is not None]

    def where(self) -> tuple[str, list[Any]]:
        """Return the conditions as SQL for DuckDB, and its parameters."""
        conditions = self.conditions()
        clauses = [
            f"list_contains(?, {column})" if operator == "in" else f"{column} {operator} ?"
            for column, operator, _ in conditions
        ]
        return " AND ".join(clauses) or "true", [value for _, _, value in conditions]


@dataclass(frozen=True)
class ImportRecord:
    """The record of one imported file: what was read, and which part files hold it."""

    import_id: str
    source: str
    file: str
    sha256: str
    mapping_sha256: str
    imported_at: str
    rows_read: int
    accepted: int
    duplicates: int
    without_coordinates: int
    outside: int
    quarantined: dict[str, int]
    months: dict[str, dict[str, int]]  # service -> month -> events
    first: str | None
    last: str | None
    parts: list[str] = field(default_factory=list)  # relative to the lake
    notes: list[str] = field(default_factory=list)
    head_sha256: str = ""  # of the first bytes: tells cheaply that a file is new
    kept: dict[str, int] = field(default_factory=dict)  # accepted without something they stated
    unmapped: dict[str, int] = field(default_factory=dict)  # source category -> events
    replaces: list[str] = field(default_factory=list)  # imports that this one stands in for


class Lake:
    """An event lake in a folder. Open one with `Lake.open`, make one with `Lake.create`."""

    def __init__(self, root: Path, settings: Settings, engine: Engine = "duckdb") -> None:
        """Use `open` or `create` instead."""
        self.root, self.settings, self.engine = root, settings, engine

    @classmethod
    def open(cls, root: str | Path, *, engine: Engine = "duckdb") -> Lake:
        """Open the lake in `root`, its events to be counted by `engine`.

        Raises InputError when there is none, or a newer format.
        """
        root = Path(root)
        try:
            text = (root / "lake.json").read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            what = "it is a file" if root.is_file() else "it holds no lake.json"
            raise InputError(
                f"{root} is not a lake ({what})",
                do="Name the folder that `triservice import … --lake` wrote.",
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"lake.json cannot be read: {error}", file=root) from None
        try:
            settings = _from_json(Settings, text)
        except ValueError as error:
            raise InputError(
                f"is damaged: {error}",
                file=root / "lake.json",
                do="Put it back from a copy, or import the files again into another folder.",
            ) from None
        if settings.format != FORMAT:
            raise InputError(
                f"lake format {settings.format} is not {FORMAT}",
                file=root,
                do="Use the version of triservice that wrote it, or import the files again.",
            )
        return cls(root, settings, engine)

    @classmethod
    def create(cls, root: str | Path, settings: Settings | None = None) -> Lake:
        """Open the lake in `root`, making it when there is none.

        Raises InputError when a lake is there with another projected system or time zone, and
        when the folder cannot be written.
        """
        root = Path(root)
        with writing(root):
            if not (root / "lake.json").exists():
                if root.is_file():
                    raise InputError(f"{root} is a file", do="Name a folder for the lake.")
                write_atomically(root / "lake.json", json.dumps(asdict(settings or Settings())))
        lake = cls.open(root)
        if settings is not None and settings != lake.settings:
            raise InputError(
                f"the lake uses {lake.settings.crs} and {lake.settings.time_zone}, "
                f"not {settings.crs} and {settings.time_zone}",
                file=root,
                do="Keep one lake for each projected system and time zone.",
            )
        return lake

    def imports(self) -> list[ImportRecord]:
        """Return the record of every finished import that no other replaces, oldest first.

        Raises InputError when one is damaged: its events would be missing from every answer.
        """
        records = [_record(path) for path in (self.root / "imports").glob("*.json")]
        replaced = {old for record in records for old in record.replaces}
        current = [record for record in records if record.import_id not in replaced]
        return sorted(current, key=lambda r: (r.imported_at, r.import_id))

    def services(self) -> list[str]:
        """Return the services of which the lake holds events, by name."""
        return sorted({service for record in self.imports() for service in record.months})

    def event_files(self, services: Sequence[str] = ()) -> list[Path]:
        """Return the part files of all finished imports, of `services` when given."""
        wanted = tuple(f"events/service={service}/" for service in services)
        return [
            self.root / part
            for record in self.imports()
            for part in record.parts
            if not wanted or part.startswith(wanted)
        ]

    def events(
        self, selection: Selection | None = None, columns: Iterable[str] | None = None
    ) -> pa.Table:
        """Return events as an Arrow table in the columns of EVENT_SCHEMA, ordered by time, id.

        Raises InputError for an unknown column, and when a part file is missing or damaged.
        """
        import duckdb  # 0.15 s and 20 MB, which an import has no use for

        selection = selection or Selection()
        names = list(columns) if columns is not None else [c.name for c in EVENT_COLUMNS]
        if unknown := set(names) - set(EVENT_SCHEMA.names):
            raise InputError(f"the lake has no column {', '.join(sorted(unknown))}")
        files = self.event_files(selection.services)
        if not files:
            return pa.schema([EVENT_SCHEMA.field(n) for n in names]).empty_table()
        condition, values = selection.where()
        quoted = ", ".join(f'"{name}"' for name in names)
        with reading_parts(self.root), duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            relation = connection.sql(
                f"SELECT {quoted} FROM read_parquet(?, hive_partitioning = false) "
                f"WHERE {condition} ORDER BY time_from, event_id",
                params=[[str(path) for path in files], *values],
            )
            return relation.to_arrow_table()


_Stored = TypeVar("_Stored", Settings, ImportRecord)


def _from_json(kind: type[_Stored], text: str) -> _Stored:
    """Return a stored record. Raises ValueError, saying why, when it is not what was written."""
    stored = json.loads(text)
    if not isinstance(stored, dict):
        raise ValueError("it holds no record")
    types = {"str": str, "int": int, "list[str]": list}
    for one in fields(kind):
        wanted = dict if str(one.type).startswith("dict") else types.get(str(one.type), object)
        if one.name in stored and not isinstance(stored[one.name], wanted):
            raise ValueError(f"{one.name} is {str(stored[one.name])[:40]!r}")
    try:
        return kind(**stored)
    except TypeError as error:  # a name that is missing, or one too many
        raise ValueError(str(error).split("() ")[-1]) from None


def _record(path: Path) -> ImportRecord:
    try:
        return _from_json(ImportRecord, path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"the record of an import cannot be read: {error}",
            file=path,
            kept="Everything else in the lake is whole.",
            do="Put this file back from a copy; or delete it and import the file that it stood "
            "for again.",
        ) from None


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Turn an error of the disk while the lake in `root` is written into a sentence."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"the lake cannot be written: {error.strerror or error}",
            file=root,
            kept="What was in the lake is as it was.",
            do="Make room, correct the permissions or name another folder, and run the same "
            "command again.",
        ) from None


@contextmanager
def reading_parts(root: Path) -> Iterator[None]:
    """Turn DuckDB's error about a part file that is missing or damaged into a sentence."""
    import duckdb

    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise InputError(
            f"a part of the lake is missing or damaged: {str(error).splitlines()[0]}",
            file=root,
            do="Put it back from a copy; or delete the record of its import (imports/, the same "
            "name without the number) and import the file again.",
        ) from None


def fingerprint(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal: which version of it was read."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
