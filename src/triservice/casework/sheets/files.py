"""Sheets as files: read what was uploaded, write the template and the rows to put right."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath

from triservice.analysis.lake.table_files import read_columns
from triservice.casework.sheets.rules import MOST_ROWS, REFERENCE, WRONG, Column, text_of
from triservice.files import csv_text
from triservice.kernel.errors import InputError
from triservice.schemes.scheme import Form

MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 40 * 1024 * 1024  # a workbook is a zip: a small one can hold very much
NOTHING = "Nothing was sent."
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Rows = list[tuple[int, dict[str, str]]]


def kind_of(name: str) -> str:
    """Return "csv" or "xlsx" by the name of a file. Raises InputError."""
    kind = PurePath(name).suffix.lower().lstrip(".")
    if kind not in KINDS:
        raise InputError(
            "Choose a spreadsheet that ends in .csv or .xlsx", kept=NOTHING,
            do="Download the template of the scheme and fill it in.",
        )  # fmt: skip
    return kind


def read_sheet(name: str, data: bytes, columns: Sequence[Column]) -> Rows:
    """Return the rows that hold anything, each with its number as the spreadsheet shows it.

    The first row holds the names of the columns. Raises InputError for a file that cannot be read,
    a column that nobody knows, and too many rows: nothing of it was sent then.
    """
    kind = kind_of(name)
    if kind == "xlsx":
        _refuse_bomb(data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sheet.{kind}"
        path.write_bytes(data)
        try:
            table = read_columns(
                path, {REFERENCE: REFERENCE}, {each.name: [each.name] for each in columns}
            )
        except InputError as error:
            raise InputError(
                f"The sheet {error.what}" if not error.row else f"Row {error.row + 1} {error.what}",
                kept=NOTHING, do=error.do,
            ) from None  # fmt: skip
    known = {REFERENCE, WRONG, *(each.name for each in columns)}
    if unknown := [each for each in table.header if each and each.strip().casefold() not in known]:
        raise InputError(
            f"The scheme asks nothing called {', '.join(repr(one[:60]) for one in unknown[:5])}",
            kept=NOTHING, do="Take the column out, or use the names of the template.",
        )  # fmt: skip
    rows = [
        (number + 2, {name: text_of(values[number]) for name, values in table.values.items()})
        for number in range(table.rows)
    ]
    filled = [(number, row) for number, row in rows if any(row.values())]
    if len(filled) > MOST_ROWS:
        raise InputError(
            f"The sheet holds {len(filled):,} rows", kept=NOTHING,
            do=f"Send at most {MOST_ROWS} at once.",
        )  # fmt: skip
    if not filled:
        raise InputError("The sheet holds no row below the names of the columns", kept=NOTHING)
    return filled


def _refuse_bomb(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(member.file_size for member in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise InputError("This is not a workbook that can be read", kept=NOTHING) from None
    if size > MOST_UNPACKED:
        raise InputError("The workbook is far too large when unpacked", kept=NOTHING)


def write_sheet(
    kind: str, form: Form, columns: Sequence[Column], rows: Iterable[Mapping[str, str]] = ()
) -> bytes:
    """Write a sheet with these rows: a template when there are none. A workbook explains itself."""
    rows = list(rows)
    header = [REFERENCE, *(each.name for each in columns), *([WRONG] if rows else [])]
    table = [[row.get(name, "") for name in header] for row in rows]
    if kind == "csv":
        return csv_text(header, table).encode("utf-8-sig")  # Excel asks for the mark
    return _workbook(form, columns, header, table)


def _workbook(
    form: Form, columns: Sequence[Column], header: list[str], table: list[list[str]]
) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = "Referrals"
    sheet.append(header)
    for number, row in enumerate(table, 2):
        for place, value in enumerate(row, 1):
            cell = sheet.cell(number, place, value)
            cell.data_type = "s"  # text, whatever it begins with: never a formula
    for letter in (cell.column_letter for cell in sheet[1]):
        sheet.column_dimensions[letter].width = 24
        sheet.column_dimensions[letter].number_format = "@"  # keeps the nought of a telephone
    sheet.freeze_panes = "B2"
    told = book.create_sheet("What to enter")
    told.append(["column", "what is asked", "how to answer", "part of the form"])
    told.append([REFERENCE, "Your own reference of the row: received once for each", "", ""])
    parts = {name: part.title for part in form.parts for name in part.questions}
    for each in columns:
        told.append([each.name, each.asked, each.answered, parts.get(each.question.id, "")])
    for page in (sheet, told):
        for cell in page[1]:
            cell.font = Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
