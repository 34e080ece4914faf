"""Rows that did not become events of their own: which, why, and the row itself as it came.

Three kinds, told apart by `kind`: "quarantined" could not be read; "duplicate" says again what an
event already says; "kept" became an event, but without something that it stated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from triservice.analysis.lake import arrow
from triservice.analysis.lake.reading import Block
from triservice.analysis.lake.records import copy_slices
from triservice.analysis.lake.store import Lake
from triservice.analysis.lake.table_files import read_part
from triservice.files import csv_text, refusing_the_disk, write_atomically
from triservice.kernel.errors import InputError

KINDS = ("quarantined", "duplicate", "kept")

SCHEMA = pa.schema(
    [
        pa.field("file", pa.string()),
        pa.field("row", pa.int64()),  # header excluded, from 1
        pa.field("line", pa.int64()),  # of the file, from 1, header included
        pa.field("kind", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("field", pa.string()),
        pa.field("value", pa.string()),
        pa.field("text", pa.string()),  # the row as it came
    ]
)


@dataclass(frozen=True)
class Reason:
    """Why a row is here: a slug for machines, a sentence for people."""

    slug: str
    sentence: str
    kind: str = "quarantined"


REASONS: tuple[Reason, ...] = (
    Reason("", "It was read."),
    Reason("wrong-field-count", "The row has more or fewer values than the header has names."),
    Reason("broken-quotes", "A quotation mark is not closed, or text follows a closing one."),
    Reason("nul-byte", "The row holds a zero byte: the file is damaged there."),
    Reason("bad-encoding", "The row is not UTF-8 text; set encoding in the mapping, e.g. cp1252."),
    Reason("missing-time", "The time is empty, and an event needs one."),
    Reason("bad-time", "The time does not fit any format of the mapping, or no such time exists."),
    Reason("times-reversed", "The span ends before it begins."),
    Reason("bad-number", "A number is expected, and this is not one."),
    Reason("half-a-location", "One coordinate is there, the other is empty."),
    Reason("missing-service", "The service is empty, and an event needs one."),
    Reason("unknown-service", "The mapping's service table does not name this service."),
    Reason("repeated-id", "The identifier is that of an event already in the lake.", "duplicate"),
    Reason("repeated-row", "The same row of this source is already in the lake.", "duplicate"),
    Reason(
        "impossible-location",
        "The coordinates lie outside what the projected system covers; kept without a location.",
        "kept",
    ),
)
CODES = {reason.slug: code for code, reason in enumerate(REASONS)}


class QuarantineWriter:
    """Writes rows to one Parquet file, opened when the first comes."""

    def __init__(self, path: Path, file: str, header: list[str]) -> None:
        """Rows come from `file`, whose columns are `header`."""
        self.path, self.file, self.header = path, file, header
        self._writer: pq.ParquetWriter | None = None

    def add(self, block: Block, codes: NDArray[np.uint8], columns: NDArray[np.int16]) -> None:
        """Keep the rows of `block` whose reason in `codes` (n,) is not 0; `columns` (n,) or -1."""
        rows = np.flatnonzero(codes)
        if not len(rows):
            return
        reasons = [REASONS[code] for code in codes[rows]]
        named = [int(column) for column in columns[rows]]
        table = pa.table(
            {
                "file": pa.array([self.file] * len(rows)),
                "row": block.first_row + rows + 1,
                "line": block.lines[rows],
                "kind": [reason.kind for reason in reasons],
                "reason": [reason.slug for reason in reasons],
                "field": pa.array([self.header[c] if c >= 0 else None for c in named], pa.string()),
                "value": pa.array(
                    [
                        block.value(r, c) if c >= 0 else None
                        for r, c in zip(rows, named, strict=True)
                    ],
                    pa.string(),
                ),
                "text": _texts(block, rows),
            },
            schema=SCHEMA,
        )
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self.path, SCHEMA, compression="zstd")
        self._writer.write_table(table)

    def close(self) -> bool:
        """Finish the file; say whether there is one."""
        if self._writer is not None:
            self._writer.close()
        return self._writer is not None


def _texts(block: Block, rows: NDArray[np.int64]) -> pa.Array:
    starts, ends = block.row_starts[rows], block.row_ends[rows]
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum(ends - starts, out=offsets[1:])
    target = np.empty(offsets[-1], np.uint8)
    copy_slices(block.data, starts, ends, offsets, target)
    raw = arrow.texts(offsets, target, np.zeros(len(rows), np.bool_), pa.binary())
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:  # not UTF-8
        return pa.array([block.text(row) for row in rows], pa.string())


def read_quarantine(lake: Lake, kinds: tuple[str, ...] = ("quarantined",)) -> pa.Table:
    """Return the rows kept aside by all finished imports, in the columns of SCHEMA plus source.

    Ordered by import, file and row. Raises InputError for a kind that does not exist.
    """
    if unknown := set(kinds) - set(KINDS):
        raise InputError(
            f"{', '.join(sorted(unknown))} is not a kind of row", do=f"Use {', '.join(KINDS)}."
        )
    tables = [SCHEMA.append(pa.field("source", pa.string())).empty_table()]
    for source, table in _stored(lake):
        wanted = pa.compute.is_in(table["kind"], value_set=pa.array(kinds))
        table = table.filter(wanted)
        tables.append(table.append_column("source", pa.array([source] * len(table), pa.string())))
    return pa.concat_tables(tables)


def _stored(lake: Lake) -> Iterator[tuple[str, Any]]:
    for record in lake.imports():
        path = lake.root / "quarantine" / f"{record.import_id}.parquet"
        if path.exists():
            yield record.source, read_part(path)


def sentence(reason: str) -> str:
    """Return the sentence of a reason's slug."""
    return REASONS[CODES[reason]].sentence if reason in CODES else reason


def export_csv(table: pa.Table, path: Path) -> None:
    """Write rows to a CSV file in which no value runs as a formula of a spreadsheet.

    Raises InputError when it cannot be written.
    """
    columns = [table[name].to_pylist() for name in table.column_names]
    with refusing_the_disk(path):
        write_atomically(path, csv_text(table.column_names, zip(*columns, strict=True)))
