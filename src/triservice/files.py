"""What every file that is written has in common: whole or not at all, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from triservice.kernel.errors import InputError

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a text that starts so


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a small file so that a reader, or a crash at any moment, sees all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}.part")
    data = content.encode() if isinstance(content, str) else content
    try:
        with waiting.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(waiting, path)
    except BaseException:
        waiting.unlink(missing_ok=True)
        raise


def check_ending(path: Path, *endings: str) -> str:
    """Return the ending of a file's name, in small letters; ask before the work, not after it.

    Raises InputError for one that is not among `endings` (".csv", ".geojson", …).
    """
    kind = path.suffix.lower()
    if kind not in endings:
        raise InputError(
            f"{path.name} ends in {kind or 'nothing'}",
            do=f"End the name in {' or '.join(endings)}.",
        )
    return kind


@contextmanager
def refusing_the_disk(path: Path) -> Iterator[None]:
    """Turn an error of the disk while `path` is written into a sentence (InputError)."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"the file cannot be written: {reason}", file=path) from None


def csv_text(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a table as CSV (RFC 4180): None is empty, a truth yes or no.

    A text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_cell(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its title."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def sheets_csv(sheets: Iterable[Sheet]) -> str:
    """Return tables as one CSV; of several each under its title, with an empty line between."""
    sheets = list(sheets)
    if len(sheets) == 1:
        return csv_text(sheets[0].head, sheets[0].rows)
    return "\r\n".join(csv_text([one.title], [one.head, *one.rows]) for one in sheets)


def sheets_xlsx(sheets: Iterable[Sheet], marking: str) -> bytes:
    """Return tables as a workbook, a sheet for each, its marking above and below every page.

    Texts are texts: none is run as a formula. Moments lose their zone, which a workbook has not.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for one in sheets:
        sheet = book.create_sheet(one.title[:31])
        sheet.oddHeader.center.text = sheet.oddFooter.center.text = marking
        for row in (one.head, *one.rows):
            sheet.append([_plain(_cell(value)) for value in row])
    if not book.worksheets:
        book.create_sheet("Nothing")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
