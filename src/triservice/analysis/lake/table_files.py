"""Read named columns of a table from the files people have: CSV (also .gz), Excel, Parquet."""

from __future__ import annotations

import csv
import difflib
import gzip
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triservice.kernel.errors import InputError

HEADER_SEARCH = 30  # rows of a sheet in which the header may stand, below titles and notes


@dataclass(frozen=True)
class Columns:
    """Columns of one table, all of the same length; row i of them is row i + 1 of the file."""

    file: Path
    header: tuple[str, ...]
    values: dict[str, list[Any]]
    rows: int


def read_columns(
    path: str | Path, wanted: Mapping[str, str], optional: Mapping[str, Sequence[str]] | None = None
) -> Columns:
    """Read the columns `wanted` {our name: column}, and of `optional` the first that is there.

    Columns are found by their exact name, else whatever the case of letters and spaces around.
    Text files give text, Excel and Parquet what they hold; rows that are wholly empty are left
    out at the end only, so that row numbers stay those of the file. Raises InputError.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("there is no such file" if not path.exists() else "is a folder", file=path)
    lower = path.name.lower()
    if lower.endswith((".xlsx", ".xlsm")):
        header, table = _sheet(path, list(wanted.values()))
    elif lower.endswith(".parquet"):
        return _parquet(path, wanted, optional or {})
    else:
        header, table = _text(path)
    places = _places(path, header, wanted, optional or {})
    values = {ours: [row[at] for row in table] for ours, at in places.items()}
    return Columns(path, tuple(header), values, len(table))


def _places(
    path: Path,
    header: Sequence[str],
    wanted: Mapping[str, str],
    optional: Mapping[str, Sequence[str]],
) -> dict[str, int]:
    """Return the position of each column. Raises InputError with near names when one is missing."""
    loose = {name.strip().casefold(): at for at, name in reversed(list(enumerate(header)))}
    exact = {name: at for at, name in reversed(list(enumerate(header)))}
    places = {}
    for ours, column in wanted.items():
        at = exact.get(column, loose.get(column.strip().casefold()))
        if at is None:
            near = difflib.get_close_matches(column, header, 3, 0.6)
            shown = ", ".join(header[:20]) + (" …" if len(header) > 20 else "")
            raise InputError(
                f"there is no column {column!r}",
                file=path,
                do=(f"Did you mean {' or '.join(map(repr, near))}? " if near else "")
                + f"The columns are: {shown}",
            )
        places[ours] = at
    for ours, columns in optional.items():
        found = [loose[c.casefold()] for c in columns if c.casefold() in loose]
        if found:
            places[ours] = found[0]
    return places


def _text(path: Path) -> tuple[list[str], list[list[str]]]:
    """Read a CSV file; the header is its first row."""
    try:
        data = path.read_bytes()
        if path.name.lower().endswith(".gz"):
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot be read ({error})", file=path) from None
    if b"\0" in data[:4096]:
        raise InputError(
            "is not a text file", file=path, do="Give a CSV (plain or .gz), .xlsx or .parquet file."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # what Excel writes on Windows
    sample = text[:20_000].splitlines()
    first = sample[0] if sample else ""
    delimiter = max(",;\t|", key=first.count) if first else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(f"is not a well-formed CSV file ({error})", file=path) from None
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) < 2:
        raise InputError("holds no rows below a header", file=path)
    header = rows[0]
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(header):
            if not any(cell.strip() for cell in row):
                row.extend([""] * (len(header) - len(row)))
                continue
            raise InputError(
                f"has {len(row):,} fields where the header has {len(header):,}",
                file=path,
                row=number,
                kept="Nothing was kept.",
                do="Put quotes around a field that holds the separator, or save the file again.",
            )
    return header, rows[1:]


def _sheet(path: Path, wanted: Sequence[str]) -> tuple[list[str], list[list[Any]]]:
    """Read the first sheet on which a row holds all wanted column names: that is the header."""
    import warnings

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    names = {name.strip().casefold() for name in wanted}
    seen: list[str] = []
    try:
        with warnings.catch_warnings():  # about styles and extensions of the workbook
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, data_only=True)
            for sheet in book.worksheets:
                rows = [list(row) for row in sheet.iter_rows(values_only=True)]
                for at, row in enumerate(rows[:HEADER_SEARCH]):
                    header = [str(cell).strip() if cell is not None else "" for cell in row]
                    if names <= {cell.casefold() for cell in header}:
                        table = [r + [None] * (len(header) - len(r)) for r in rows[at + 1 :]]
                        while table and all(cell is None for cell in table[-1]):
                            table.pop()
                        return header, table
                    seen += [cell for cell in header if cell and cell not in seen]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise InputError(f"is not a workbook that can be read ({error})", file=path) from None
    raise InputError(
        f"no sheet has a row with the columns {' and '.join(map(repr, wanted))}",
        file=path,
        do=f"Cells near the top of the sheets hold: {', '.join(seen[:20])}" if seen else None,
    )


def _parquet(
    path: Path, wanted: Mapping[str, str], optional: Mapping[str, Sequence[str]]
) -> Columns:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        header = pq.read_schema(path).names
        places = _places(path, header, wanted, optional)
        table = pq.read_table(path, columns=[header[at] for at in places.values()])
    except (pa.ArrowException, OSError) as error:
        said = str(error).split(".")[0]
        raise InputError(f"is not a Parquet file that can be read ({said})", file=path) from None
    values = {ours: table[header[at]].to_pylist() for ours, at in places.items()}
    return Columns(path, tuple(header), values, table.num_rows)


def read_part(path: Path, columns: Sequence[str] | None = None) -> Any:
    """Read a Parquet file of the lake as an Arrow table. Raises InputError when it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, columns=list(columns) if columns else None)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"is damaged ({str(error).split('.')[0]})",
            file=path,
            do="Delete it and add its source again; the rest of the lake is whole.",
        ) from None
