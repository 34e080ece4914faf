"""What every file that is written has in common: whole or not at all, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
