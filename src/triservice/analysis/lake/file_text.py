"""Files → their text as UTF-8, chunk by chunk: plain, gzip or Excel; any encoding."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

from triservice.analysis.lake.rules import FileRule
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


def base_name(path: Path) -> str:
    """Return the name of a file without .gz."""
    return path.name[:-3] if path.name.lower().endswith(".gz") else path.name


def is_excel(path: Path) -> bool:
    """Say whether a file is read as a workbook."""
    return base_name(path).lower().endswith(".xlsx")


def raw_chunks(path: Path, at: Callable[[int], None]) -> Iterator[bytes]:
    """Yield the content of a file, gunzipped, telling `at` how many bytes of it were read."""
    if path.exists() and not path.is_file():  # a pipe would wait for ever, and cannot be read twice
        raise InputError("is not a plain file", file=path, do="Save it as a file, and name that.")
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
    for chunk in raw_chunks(path, lambda _: None):
        return chunk[:HEAD]
    return b""


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content, the same for a file and its .gz."""
    digest = hashlib.sha256()
    for chunk in raw_chunks(path, lambda _: None):
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


def utf8_chunks(chunks: Iterator[bytes], path: Path, rule: FileRule) -> Iterator[bytes]:
    """Yield the content as UTF-8 without a byte order mark; UTF-8 itself is passed through."""
    decoder: codecs.IncrementalDecoder | None = None
    first = True
    for chunk in chunks:
        if first:
            encoding, mark = _encoding(chunk[:4], rule.encoding)
            chunk, first = chunk[mark:], False
            if encoding != "utf-8":
                decoder = codecs.getincrementaldecoder(encoding)(errors="backslashreplace")
        yield _decoded(decoder, chunk, path) if decoder else chunk
    if decoder and (rest := _decoded(decoder, b"", path, final=True)):
        yield rest


def _decoded(
    decoder: codecs.IncrementalDecoder, chunk: bytes, path: Path, final: bool = False
) -> bytes:
    try:
        return decoder.decode(chunk, final).encode("utf-8", "backslashreplace")
    except UnicodeError as error:  # UTF-16 without its mark, and codecs that know no replacement
        raise InputError(
            f"is not in the encoding that the mapping states: {error}",
            file=path,
            do="Correct encoding in the mapping, or leave it out.",
        ) from None


def sheet_chunks(path: Path, rule: FileRule) -> Iterator[bytes]:
    """Yield the rows of a workbook's sheet as CSV; dates as ISO, whole numbers without a point."""
    from zipfile import BadZipFile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    raw = b"".join(raw_chunks(path, lambda _: None))
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
    if isinstance(value, datetime):
        # A workbook writes a day as its midnight: a whole number.
        return str(value if value.time() != time.min else value.date())
    return str(value)
