"""Files → blocks of records: plain, gzip or Excel; any encoding; one pass, bounded memory."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import queue
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.mapping import FileRule
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
from triservice.kernel.errors import InputError

CHUNK = 2 << 20
HEAD = 256 << 10  # enough of the beginning to tell a file that was seen before
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx")
_REFUSED = {
    ".zip": "is a ZIP archive: unpack it and import the files in it",
    ".xls": "is an old Excel workbook: save it as .xlsx or .csv",
    ".ods": "is an OpenDocument sheet: save it as .xlsx or .csv",
    ".parquet": "is a Parquet file: export it as .csv",
    ".json": "is a JSON file: export it as .csv",
}
_ENDED_EARLY = (
    "the compressed file ends early or is damaged",
    "Nothing of it was kept.",
    "Copy or download it again.",
)


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


def base_name(path: Path) -> str:
    """Return the name of a file without .gz."""
    return path.name[:-3] if path.name.lower().endswith(".gz") else path.name


def is_excel(path: Path) -> bool:
    """Say whether a file is read as a workbook."""
    return base_name(path).lower().endswith(".xlsx")


def _raw_chunks(path: Path, at: Callable[[int], None]) -> Iterator[bytes]:
    """Yield the content of a file, gunzipped, telling `at` how many bytes of it were read."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            stream: Any = gzip.GzipFile(fileobj=raw) if packed else raw
            while chunk := stream.read(CHUNK):
                at(raw.tell())
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile):
        what, kept, do = _ENDED_EARLY
        raise InputError(what, file=path, kept=kept, do=do) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from None


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file's content."""
    for chunk in _raw_chunks(path, lambda _: None):
        return chunk[:HEAD]
    return b""


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content, the same for a file and its .gz."""
    digest = hashlib.sha256()
    for chunk in _raw_chunks(path, lambda _: None):
        digest.update(chunk)
    return digest.hexdigest()


def check_readable(path: Path) -> None:
    """Raise InputError when a path cannot be a table of rows."""
    if not path.exists():
        raise InputError("there is no such file or folder", file=path, do="Check the path.")
    suffix = Path(base_name(path)).suffix.lower()
    if suffix in _REFUSED:
        raise InputError(_REFUSED[suffix], file=path)
    if path.stat().st_size == 0:
        raise InputError("the file is empty", file=path, do="Export it again.")


def _encoding(head: bytes, declared: str) -> tuple[str, int]:
    """Return (encoding, length of the byte order mark) of a file that begins with `head`."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return name, len(mark)
    return {"": "utf-8", "utf8": "utf-8", "utf-8-sig": "utf-8"}.get(declared, declared), 0


def _utf8_chunks(chunks: Iterator[bytes], path: Path, rule: FileRule) -> Iterator[bytes]:
    """Yield the content as UTF-8 without a byte order mark; UTF-8 itself is passed through."""
    decoder: codecs.IncrementalDecoder | None = None
    first = True
    for chunk in chunks:
        if first:
            encoding, mark = _encoding(chunk[:4], rule.encoding)
            chunk, first = chunk[mark:], False
            if encoding != "utf-8":
                decoder = codecs.getincrementaldecoder(encoding)(errors="backslashreplace")
        yield decoder.decode(chunk).encode() if decoder else chunk
    if decoder and (rest := decoder.decode(b"", final=True)):
        yield rest.encode()


def _sheet_chunks(path: Path, rule: FileRule) -> Iterator[bytes]:
    """Yield the rows of a workbook's sheet as CSV; dates as ISO, whole numbers without a point."""
    from zipfile import BadZipFile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    raw = b"".join(_raw_chunks(path, lambda _: None))
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError):
        raise InputError(
            "is not an Excel workbook, or it is locked by a password",
            file=path,
            do="Save it as .xlsx without a password, or as .csv.",
        ) from None
    try:
        if rule.sheet and rule.sheet not in book.sheetnames:
            raise InputError(
                f"has no sheet {rule.sheet!r}; its sheets are {', '.join(book.sheetnames)}",
                file=path,
                do="Correct sheet in the mapping.",
            )
        sheet = book[rule.sheet] if rule.sheet else book.worksheets[0]
        out = io.StringIO()
        write = csv.writer(out, delimiter=rule.delimiter or ",", lineterminator="\n").writerow
        for row in sheet.iter_rows(values_only=True):
            write([_cell(value) for value in row])
            if out.tell() > CHUNK:
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
        yield out.getvalue().encode()
    finally:
        book.close()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if hasattr(value, "isoformat"):
        return str(value.isoformat(" ") if hasattr(value, "hour") and hasattr(value, "year")
                   else value.isoformat())  # fmt: skip
    return str(value)


@dataclass
class TableFile:
    """An open table of rows. `header` after the first block; then `blocks()` once.

    A second thread reads, unpacks and hashes ahead, two chunks at most.
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
            _sheet_chunks(self.path, self.rule)
            if is_excel(self.path)
            else _utf8_chunks(self._hashed(), self.path, self.rule)
        )
        if is_excel(self.path):
            for chunk in _raw_chunks(self.path, lambda _: None):
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
        for chunk in _raw_chunks(self.path, self.on_bytes):
            self._digest.update(chunk)
            yield chunk

    def blocks(self) -> Iterator[Block]:
        """Yield the records after the header; `sha256` is set at the end."""
        columns, row, carry = len(self.header), 0, self._carry
        arrays, kinds = _Arrays(columns), byte_kinds(self.delimiter)
        for chunk, last in _ahead(self._chunks):
            data, length = buffer(carry, chunk)
            at = 0
            while True:
                view, rest = data[at:], length - at
                arrays.reserve(count_line_ends(view, rest))
                rows, used, self._line = split_records(
                    view, rest, kinds, last, self._line, *arrays.all()
                )
                if rows:
                    yield arrays.block(view, rows, row)
                row += rows
                at += used
                if rows < arrays.rows or not used:
                    break
            carry = data[at:length].tobytes()
        self.sha256 = self._digest.hexdigest()


class _Arrays:
    """The arrays that records are written to, used again for every block."""

    def __init__(self, columns: int) -> None:
        self.columns, self.rows = columns, 0
        self._arrays: tuple[Any, ...] = ()

    def reserve(self, rows: int) -> None:
        if rows > self.rows:
            self.rows = rows + rows // 8 + 16
            n = self.rows
            self._arrays = (
                np.empty((n, self.columns), np.int32),
                np.empty((n, self.columns), np.int32),
                np.empty(n, np.int32),
                np.empty(n, np.int32),
                np.empty(n, np.int64),
                np.empty(n, np.int32),
                np.empty(n, np.uint8),
            )

    def all(self) -> tuple[Any, ...]:
        return self._arrays

    def block(self, data: Bytes, rows: int, first_row: int) -> Block:
        views = [array[:rows] for array in self._arrays]
        return Block(data, *views, first_row=first_row)  # type: ignore[misc]


def _ahead(chunks: Iterator[bytes] | None) -> Iterator[tuple[bytes, bool]]:
    """Yield (chunk, is it the last), the chunks made by another thread ahead of their use."""
    waiting: queue.Queue[bytes | BaseException | None] = queue.Queue(maxsize=2)
    stop = threading.Event()

    def offer(item: bytes | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                waiting.put(item, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for chunk in chunks or ():
                if not offer(chunk):
                    return
            offer(None)
        except BaseException as error:  # handed to the reader, who raises it
            offer(error)

    worker = threading.Thread(target=work, name="read ahead", daemon=True)
    worker.start()
    try:
        held: bytes = b""
        while True:
            item = waiting.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                yield held, True
                return
            if held:
                yield held, False
            held = item
    finally:
        stop.set()
        worker.join()


def normal(name: str) -> str:
    """Return a column name in the form in which names are compared."""
    return "".join(c for c in name.casefold() if c.isalnum())


def find_columns(header: list[str], wanted: list[str]) -> tuple[dict[str, int], list[str]]:
    """Return (column → index, wanted columns that are not there).

    A name matches exactly, or else when only case, blanks and punctuation differ and just one
    column matches so.
    """
    found, missing = {}, []
    for name in wanted:
        exact = [i for i, held in enumerate(header) if held == name]
        loose = [i for i, held in enumerate(header) if normal(held) == normal(name) != ""]
        matches = exact or loose
        if len(matches) == 1:
            found[name] = matches[0]
        else:
            missing.append(name)
    return found, missing


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
    if b"\0" in data[:4096]:
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
    arrays = _Arrays(most)
    arrays.rows = 1
    arrays._arrays = (
        np.empty((1, most), np.int32), np.empty((1, most), np.int32), np.empty(1, np.int32),
        np.empty(1, np.int32), np.empty(1, np.int64), np.empty(1, np.int32), np.empty(1, np.uint8),
    )  # fmt: skip
    rows, used, after = split_records(
        view, length, byte_kinds(delimiter), True, line, *arrays.all()
    )
    block = arrays.block(view, rows, 0)
    if not rows or block.flags[0] & BROKEN_QUOTES:
        return None
    count = min(int(block.found[0]), most)
    return [block.value(0, column) for column in range(count)], used, after


def require_columns(table: TableFile, wanted: list[str], mapping_name: str) -> dict[str, int]:
    """Return column → index. Raises InputError that names what is missing and what is there."""
    found, missing = find_columns(table.header, wanted)
    if not missing:
        return found
    twice = [name for name in missing if table.header.count(name) > 1]
    if twice:
        raise InputError(
            f"the header names {', '.join(map(repr, twice))} more than once",
            file=table.path,
            do="Give each column a name of its own.",
        )
    hint = f"Is this the right mapping? {mapping_name} was asked for"
    for other in ",;\t|":
        if len(table.header) == 1 and other in table.header[0] and other != table.delimiter:
            shown = "tab" if other == "\t" else other
            hint = f'The values seem to be separated by "{shown}": set delimiter in the mapping'
    raise InputError(
        f"the header lacks {', '.join(missing)}; it names {_listed(table.header)}",
        file=table.path,
        do=f"{hint}.",
    )


def _listed(names: list[str], most: int = 40) -> str:
    shown = ", ".join(name or "(no name)" for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
