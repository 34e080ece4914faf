"""Files → blocks of records, in one pass and bounded memory."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.file_text import (
    HEAD,
    check_readable,
    is_excel,
    raw_chunks,
    sheet_chunks,
    utf8_chunks,
)
from triservice.analysis.lake.header import find_columns
from triservice.analysis.lake.records import (
    BROKEN_QUOTES,
    Bytes,
    Flags,
    Offsets,
    buffer,
    byte_kinds,
    count_line_ends,
    split_records,
)
from triservice.analysis.lake.rules import FileRule
from triservice.kernel.errors import InputError


@dataclass
class Block:
    """Some whole records of a file, as offsets into its bytes. Arrays are views: (rows, …)."""

    data: Bytes
    starts: Offsets
    ends: Offsets
    row_starts: Offsets
    row_ends: Offsets
    lines: NDArray[np.int64]
    found: Offsets
    flags: Flags
    first_row: int

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.row_starts)

    def text(self, row: Any) -> str:
        """Return a record as it came; bytes that are not UTF-8 become \\xNN."""
        raw = bytes(self.data[self.row_starts[row] : self.row_ends[row]])
        return raw.decode("utf-8", "backslashreplace")

    def value(self, row: Any, column: int) -> str:
        """Return one trimmed value."""
        start = int(self.starts[row, column])
        raw = bytes(self.data[start : self.ends[row, column]])
        text = raw.decode("utf-8", "backslashreplace").strip(" \t")
        if '""' in text and start and self.data[start - 1] == ord('"'):
            text = text.replace('""', '"')
        return text


@dataclass
class TableFile:
    """An open table of rows. `header` after the first block; then `blocks()` once.

    A second thread reads, unpacks, hashes and splits ahead.
    """

    path: Path
    rule: FileRule
    on_bytes: Callable[[int], None] = lambda _: None
    header: list[str] = field(default_factory=list)
    delimiter: str = ""
    sha256: str = ""
    _digest: Any = field(default_factory=hashlib.sha256)
    _chunks: Iterator[bytes] | None = None
    _carry: bytes = b""
    _line: int = 1

    def open(self, wanted: list[str]) -> None:
        """Read the header. `wanted` columns help to find the delimiter.

        Raises InputError when the file has no header or lacks a wanted column.
        """
        check_readable(self.path)
        source = (
            sheet_chunks(self.path, self.rule)
            if is_excel(self.path)
            else utf8_chunks(self._hashed(), self.path, self.rule)
        )
        if is_excel(self.path):
            for chunk in raw_chunks(self.path, lambda _: None):
                self._digest.update(chunk)
        self._chunks = iter(source)
        first = next(self._chunks, b"")
        while len(first) < HEAD and (more := next(self._chunks, b"")):
            first += more
        for _ in range(self.rule.skip_rows):
            end = first.find(b"\n")
            first = first[end + 1 :] if end >= 0 else b""
            self._line += 1
        if not first.strip():
            raise InputError("the file holds no rows", file=self.path, do="Export it again.")
        self.delimiter, self.header, used, self._line = _read_header(
            first, self.rule.delimiter, wanted, self._line, self.path
        )
        self._carry = first[used:]

    def _hashed(self) -> Iterator[bytes]:
        for chunk in raw_chunks(self.path, self.on_bytes):
            self._digest.update(chunk)
            yield chunk

    def blocks(self) -> Iterator[Block]:
        """Yield the records after the header; `sha256` is set at the end."""
        return _ahead(self._split())

    def _split(self) -> Iterator[Block]:
        columns, row, carry = len(self.header), 0, self._carry
        kinds = byte_kinds(self.delimiter)
        for chunk, last in _with_last(self._chunks or iter(())):
            data, length = buffer(carry, chunk)
            arrays = _Arrays(columns, count_line_ends(data, length))
            rows, used, self._line = split_records(
                data, length, kinds, last, self._line, *arrays.all()
            )
            if rows:
                yield arrays.block(data, rows, row)
            row += rows
            carry = data[used:length].tobytes()
        self.sha256 = self._digest.hexdigest()


class _Arrays:
    """The arrays that the records of one block are written to."""

    def __init__(self, columns: int, rows: int) -> None:
        self._arrays: tuple[Any, ...] = (
            np.empty((rows, columns), np.int32),
            np.empty((rows, columns), np.int32),
            np.empty(rows, np.int32),
            np.empty(rows, np.int32),
            np.empty(rows, np.int64),
            np.empty(rows, np.int32),
            np.empty(rows, np.uint8),
        )

    def all(self) -> tuple[Any, ...]:
        return self._arrays

    def block(self, data: Bytes, rows: int, first_row: int) -> Block:
        views = [array[:rows] for array in self._arrays]
        return Block(data, *views, first_row=first_row)  # type: ignore[misc]


def _with_last(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield (chunk, is it the last); at least one, which may be empty."""
    held = next(chunks, b"")
    for chunk in chunks:
        yield held, False
        held = chunk
    yield held, True


def _ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """Yield blocks that another thread makes ahead of their use; one waits at most."""
    waiting: queue.Queue[Block | BaseException | None] = queue.Queue(maxsize=1)
    stop = threading.Event()

    def offer(item: Block | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                waiting.put(item, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for block in blocks:
                if not offer(block):
                    return
            offer(None)
        except BaseException as error:  # handed to the reader, who raises it
            offer(error)

    worker = threading.Thread(target=work, name="read ahead", daemon=True)
    worker.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        worker.join()


def _read_header(
    data: bytes, delimiter: str, wanted: list[str], line: int, path: Path
) -> tuple[str, list[str], int, int]:
    """Return (delimiter, names, bytes used, next line)."""
    view, length = buffer(data)
    best: tuple[str, list[str], int, int] | None = None
    score = -1
    for candidate in [delimiter] if delimiter else [",", ";", "\t", "|"]:
        record = _first_record(view, length, candidate, line)
        if record is None:
            continue
        names, used, after = record
        found = len(find_columns(names, wanted)[0]) * 1000 + len(names)
        if found > score:
            best, score = (candidate, names, used, after), found
    # One zero byte in a row costs that row; many, or one among the names, are no text.
    if data[:4096].count(0) > 40 or (best and 0 in data[: best[2]]):
        raise InputError(
            "holds zero bytes where text should be",
            file=path,
            do="If it is text, set encoding (for example utf-16-le) in the mapping.",
        )
    if best is None:
        raise InputError(
            "the header has a quote that is never closed", file=path, do="Correct the first line."
        )
    return best


def _first_record(
    view: Bytes, length: int, delimiter: str, line: int
) -> tuple[list[str], int, int] | None:
    most = 4096
    arrays = _Arrays(most, 1)
    rows, used, after = split_records(
        view, length, byte_kinds(delimiter), True, line, *arrays.all()
    )
    block = arrays.block(view, rows, 0)
    if not rows or block.flags[0] & BROKEN_QUOTES:
        return None
    count = min(int(block.found[0]), most)
    return [block.value(0, column) for column in range(count)], used, after
