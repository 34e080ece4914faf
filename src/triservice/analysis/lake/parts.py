"""Writing events to Parquet, one part file for each service and month, in bounded memory.

Parts are written to a waiting room (`.staging/<import_id>`) and moved to their places when the
file is finished; what a killed import leaves there is swept away by the next one.
"""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from triservice.analysis.lake import arrow
from triservice.analysis.lake.conversion import NULL_TIME, SERVICES
from triservice.analysis.lake.schema import (
    EVENT_COLUMNS,
    EVENT_SCHEMA,
    LOCATION_PRECISIONS,
    TIME_PRECISIONS,
    UTC_TIME,
)
from triservice.analysis.lake.words import Words

ROW_GROUP = 1 << 17
MOST_HELD_BYTES = 24 << 20
MOST_OPEN = 200
IDLE = 16  # blocks after which a month that no row falls in is taken to be over
STAGING = ".staging"

_WORD = pa.dictionary(pa.int32(), pa.string())
_WORD_COLUMNS = (
    "service", "source", "import_id", "month", "time_precision", "category", "source_category",
    "location_precision", "area_code", "area_vintage",
)  # fmt: skip
_FIXED_WORDS = {"time_precision": TIME_PRECISIONS, "location_precision": LOCATION_PRECISIONS}
_WRITTEN = pa.schema(
    [
        pa.field(c.name, _WORD if c.name in _WORD_COLUMNS else c.type, c.nullable)
        for c in EVENT_COLUMNS
    ]
)
_NAMES = tuple(_WRITTEN.names)
_COMPRESSED = {
    **dict.fromkeys(("source_id", "outcome", "uprn", "severity"), "zstd"),
    **dict.fromkeys(("easting", "northing"), "lz4"),
}
_DIFFERENCES = ("source_row", *(c.name for c in EVENT_COLUMNS if c.type == UTC_TIME))
Columns = dict[str, Any]  # name → NumPy array or Arrow text (n,)


def month_name(month: int) -> str:
    """Return YYYY-MM of months since 1970-01."""
    return f"{1970 + month // 12:04d}-{month % 12 + 1:02d}"


@dataclass
class _Part:
    """One open partition."""

    held: list[Columns] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0
    files: int = 0
    touched: int = 0
    writer: pq.ParquetWriter | None = None


@dataclass
class PartWriter:
    """Collects the events of one import and writes them by service and month."""

    root: Path
    import_id: str
    source: str
    words: dict[str, Words]
    vintages: tuple[str, ...]
    paths: list[str] = field(default_factory=list)
    _parts: dict[tuple[int, int], _Part] = field(default_factory=dict)
    _held_bytes: int = 0
    _blocks: int = 0

    @property
    def staging(self) -> Path:
        """The waiting room of this import."""
        return self.root / STAGING / self.import_id

    def prepare(self) -> None:
        """Make the waiting room, empty."""
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.mkdir(parents=True)

    def add(self, service: NDArray[np.int8], month: NDArray[np.int64], columns: Columns) -> None:
        """Take events (n,); `columns` are arrays of the schema's columns, words as codes."""
        if not len(service):
            return
        keys = month * len(SERVICES) + service
        different, counts = count_values(keys)
        if len(different) == 1:
            self._hold(int(different[0]), columns, len(keys))
        else:
            # Places among the keys that occur are small numbers, which sort by radix.
            place = np.zeros(int(different[-1] - different[0]) + 1, np.int16)
            place[different - different[0]] = np.arange(len(different))
            order = np.argsort(place[keys - different[0]], kind="stable")
            # A copy for each partition: a view would keep the whole block in memory.
            for key, rows in zip(different, np.split(order, np.cumsum(counts)[:-1]), strict=True):
                own = {name: _take(values, rows) for name, values in columns.items()}
                self._hold(int(key), own, len(rows))
        self._blocks += 1
        if self._held_bytes > MOST_HELD_BYTES:
            self._relieve()

    def close(self) -> None:
        """Write what is held and finish every file; nothing of it counts yet."""
        for key in list(self._parts):
            self._flush(key)
            self._shut(self._parts[key])

    def move(self) -> None:
        """Move the finished parts to their places. They count when the record is there."""
        staged = [self.staging / f"{number}.parquet" for number in range(len(self.paths))]
        with ThreadPoolExecutor(8) as pool:  # waiting for the disk goes side by side
            list(pool.map(_to_disk, staged))
        for source, relative in zip(staged, self.paths, strict=True):
            target = self.root / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, target)

    def abandon(self) -> None:
        """Leave nothing behind."""
        for part in self._parts.values():
            part.held.clear()
            with suppress(OSError):  # a disk that is full refuses the end of the file as well
                self._shut(part)
        for relative in self.paths:
            (self.root / relative).unlink(missing_ok=True)
        shutil.rmtree(self.staging, ignore_errors=True)

    def _relieve(self) -> None:
        """Write and shut what seems to be over; write the largest when that is not enough."""
        for key, part in self._parts.items():
            if part.touched < self._blocks - IDLE:
                self._flush(key)
                self._shut(part)
        while self._held_bytes > MOST_HELD_BYTES // 2:
            self._flush(max(self._parts, key=lambda k: self._parts[k].bytes))

    def _hold(self, key: int, columns: Columns, rows: int) -> None:
        month, service = divmod(key, len(SERVICES))
        part = self._parts.setdefault((service, month), _Part())
        size = sum(values.nbytes for values in columns.values())
        part.held.append(columns)
        part.touched = self._blocks
        part.rows, part.bytes = part.rows + rows, part.bytes + size
        self._held_bytes += size
        if part.rows >= ROW_GROUP:
            self._flush((service, month))

    def _flush(self, key: tuple[int, int]) -> None:
        part = self._parts[key]
        if not part.rows:
            return
        table = self._table(key, part)
        if part.writer is None:
            self._open(key, part)
        assert part.writer is not None
        part.writer.write_table(table, row_group_size=ROW_GROUP)
        self._held_bytes -= part.bytes
        part.held, part.rows, part.bytes = [], 0, 0

    def _open(self, key: tuple[int, int], part: _Part) -> None:
        open_parts = [p for p in self._parts.values() if p.writer is not None]
        if len(open_parts) >= MOST_OPEN:
            self._shut(min(open_parts, key=lambda p: p.touched))
        service, month = key
        relative = (
            f"events/service={SERVICES[service]}/month={month_name(month)}/"
            f"{self.import_id}-{part.files}.parquet"
        )
        part.writer = pq.ParquetWriter(
            self.staging / f"{len(self.paths)}.parquet",
            _WRITTEN,
            # Zstandard where it pays: identities are random, and times and row numbers are
            # small once written as differences. Coordinates are half as long either way, and
            # LZ4 takes a third of the time.
            compression={name: _COMPRESSED.get(name, "none") for name in _NAMES},
            use_dictionary=[*_WORD_COLUMNS, "outcome"],
            column_encoding=dict.fromkeys(_DIFFERENCES, "DELTA_BINARY_PACKED"),
            write_statistics=["time_from", "time_to", "easting", "northing"],
            store_schema=False,  # readers see plain text, not our dictionaries
        )
        part.files += 1
        self.paths.append(relative)

    @staticmethod
    def _shut(part: _Part) -> None:
        if part.writer is not None:
            part.writer.close()
            part.writer = None

    def _table(self, key: tuple[int, int], part: _Part) -> pa.Table:
        service, month = key
        constants = {
            "service": SERVICES[service],
            "source": self.source,
            "import_id": self.import_id,
            "month": month_name(month),
        }
        arrays = []
        for column in EVENT_COLUMNS:
            pieces = [held[column.name] for held in part.held if column.name in held]
            if column.name in constants:
                zeros = np.zeros(part.rows, np.int32)
                array = arrow.coded(zeros, arrow.words([constants[column.name]]))
            elif not pieces:
                array = pa.nulls(part.rows, _WRITTEN.field(column.name).type)
            else:
                array = self._array(column.name, column.type, pieces)
            arrays.append(array)
        return pa.Table.from_arrays(arrays, schema=_WRITTEN)

    def _array(self, name: str, kind: pa.DataType, pieces: list[Any]) -> pa.Array:
        if isinstance(pieces[0], pa.Array):
            return pa.chunked_array(pieces)
        values = np.concatenate(pieces)
        if name in _WORD_COLUMNS:
            return arrow.coded(values, self._dictionary(name))
        missing = np.isnan(values) if values.dtype.kind == "f" else values == NULL_TIME
        if kind == pa.uint64():
            missing = np.zeros(len(values), np.bool_)
        return arrow.numbers(values, kind, missing)

    def _dictionary(self, name: str) -> pa.Array:
        if name in _FIXED_WORDS:
            return arrow.words(_FIXED_WORDS[name])
        if name == "area_vintage":
            return arrow.words(self.vintages)
        return arrow.words(self.words[name].list)


def count_values(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (different values in order, how often each occurs) of numbers that lie together."""
    low = int(values.min())
    counts = np.bincount(values - low)
    different = np.flatnonzero(counts)
    return different + low, counts[different]


def _to_disk(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _take(values: Any, order: NDArray[np.int64]) -> Any:
    if not isinstance(values, pa.Array):
        return values[order]
    return values.take(arrow.numbers(order, pa.int64(), np.zeros(len(order), np.bool_)))


def select(values: Any, rows: NDArray[np.int64], n: int) -> Any:
    """Return `values` at `rows`, without a copy when they are all `n`."""
    return values if len(rows) == n else values[rows]


def sweep(root: Path) -> list[str]:
    """Remove what killed imports left in the waiting room and in events/; return their ids."""
    left = sorted(root.glob(f"{STAGING}/*"))
    for folder in left:
        if not (root / "imports" / f"{folder.name}.json").exists():
            for orphan in root.glob(f"events/service=*/month=*/{folder.name}-*.parquet"):
                orphan.unlink()
            (root / "quarantine" / f"{folder.name}.parquet").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
    for half in root.glob("imports/.*.part"):  # a record that was being written
        half.unlink()
    return [folder.name for folder in left]


assert EVENT_SCHEMA.names == _WRITTEN.names
