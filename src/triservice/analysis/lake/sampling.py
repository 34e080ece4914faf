"""A sample of any table file: how it is written, and some rows from all through it."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from triservice.analysis.lake.file_text import check_readable, head_of, is_excel
from triservice.analysis.lake.mapping import MISSING_WORDS
from triservice.analysis.lake.reading import TableFile
from triservice.analysis.lake.rules import FileRule
from triservice.kernel.errors import InputError

FIRST_ROWS = 2_000
ROWS_OF_EACH_BLOCK = 250  # of every two megabytes after the first rows
MOST_BLOCKS = 250  # half a gigabyte; what lies behind is not looked at
TOP = 40  # lines in which the header may stand, below titles
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Sample:
    """Rows of a file, by column.

    values: column → its trimmed values in the sampled rows, "" where it says nothing; only
    columns with a name of their own are there. rows: in the whole file, or as far as it was read.
    """

    path: Path
    rule: FileRule
    delimiter: str
    header: tuple[str, ...]
    values: dict[str, list[str]]
    sampled: int
    rows: int
    whole: bool

    def filled(self, name: str) -> list[str]:
        """Return the values of a column that say something."""
        return [value for value in self.values[name] if value]

    def share_filled(self, name: str) -> float:
        """Return the share of the sampled rows in which a column says something."""
        return len(self.filled(name)) / self.sampled


def read_sample(path: Path, encoding: str = "") -> Sample:
    """Sample a file, finding out delimiter, header line, sheet and (unless given) encoding.

    Raises InputError when it is no table: empty, no header, no rows, a format that is not read.
    """
    check_readable(path)
    if path.is_dir():
        raise InputError("is a folder", file=path, do="Name one of the files in it.")
    rule = _workbook_rule(path) if is_excel(path) else _text_rule(path, encoding)
    table = TableFile(path, rule)
    table.open([])
    usable = [
        (at, name)
        for at, name in enumerate(table.header)
        if name.strip() and table.header.count(name) == 1
    ]
    _refuse_values_as_names(table)
    values: dict[str, list[str]] = {name: [] for _, name in usable}
    missing, rows, sampled, whole = {"", *MISSING_WORDS}, 0, 0, True
    with closing(table.blocks()) as blocks:  # type: ignore[type-var]
        for number, block in enumerate(blocks):
            if number == MOST_BLOCKS:
                whole = False
                break
            last = len(block)
            some = np.linspace(0, max(0, last - 1), ROWS_OF_EACH_BLOCK).astype(int)
            chosen = range(min(FIRST_ROWS, last)) if number == 0 else []
            for row in sorted({*chosen, *some.tolist()} if last else ()):
                if int(block.found[row]) != len(table.header):
                    continue  # it will be quarantined: it tells nothing about the columns
                for at, name in usable:
                    value = block.value(row, at)
                    values[name].append("" if value in missing else value)
                sampled += 1
            rows += last
    if not sampled:
        raise InputError(
            "the file holds a header and no rows"
            if not rows
            else "no row has as many values as the header has names",
            file=path,
            do="Export it again.",
        )
    delimiter = "" if is_excel(path) else table.delimiter
    return Sample(path, rule, delimiter, tuple(table.header), values, sampled, rows, whole)


def _text_rule(path: Path, encoding: str) -> FileRule:
    head = head_of(path)
    declared = encoding or _guess_encoding(head)
    text = head.decode(_python_encoding(head, declared), "replace").lstrip("\ufeff")
    delimiter, skip = _layout(text)
    return FileRule((), delimiter, declared, ".", MISSING_WORDS, skip, "")


def _guess_encoding(head: bytes) -> str:
    """Return "" for what the reader finds by itself: UTF-8, and what begins with a mark."""
    if head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ""
    if b"\0" in head[:4096]:
        return "utf-16-be" if b"\0" in head[:4096:2] else "utf-16-le"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"  # what Excel writes on Windows
    return ""


def _python_encoding(head: bytes, declared: str) -> str:
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return declared or ("utf-16" if marked else "utf-8")


def _layout(text: str) -> tuple[str, int]:
    """Return (delimiter, lines above the header): the one that makes the rows most alike."""
    best, score = (",", 0), (0.0, 0)
    for delimiter in _DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        records, line = [], 0
        try:
            for cells in islice(reader, TOP):
                records.append((line, cells))
                line = reader.line_num
        except csv.Error:
            continue
        width, alike = _width([cells for _, cells in records])
        if width > 1 and (alike, width) > score:
            best, score = (delimiter, _above_header(records, width)), (alike, width)
    return best


def _width(records: Iterable[list[str]]) -> tuple[int, float]:
    """Return (the commonest number of cells, the share of the records that have it)."""
    counts = Counter(len(cells) for cells in records if cells)
    if not counts:
        return 0, 0.0
    width, most = counts.most_common(1)[0]
    return width, round(most / sum(counts.values()), 1)


def _above_header(records: list[tuple[int, list[str]]], width: int) -> int:
    """Return how many lines stand above the first record that names most of the columns."""
    for line, cells in records:
        if len(cells) == width and sum(bool(c.strip()) for c in cells) * 2 > width:
            return line
    return 0


def _workbook_rule(path: Path) -> FileRule:
    """Return the first sheet with a table on it, and the lines above its header."""
    import openpyxl

    found, skip = "", 0
    try:
        raw = path.open("rb")
        with raw:
            book = openpyxl.load_workbook(raw, read_only=True, data_only=True)
            for number, sheet in enumerate(book.worksheets):
                rows = [
                    ["" if cell is None else str(cell) for cell in row]
                    for row in sheet.iter_rows(max_row=TOP, values_only=True)
                ]
                full = [row for row in rows if sum(map(bool, row)) > 1]
                if len(full) > 1:
                    found, skip = ("" if number == 0 else sheet.title), _titles(rows)
                    break
            book.close()
    except Exception:  # whatever is wrong with a workbook, the reader says it in a sentence
        pass
    return FileRule((), "", "", ".", MISSING_WORDS, skip, found)


def _titles(rows: list[list[str]]) -> int:
    """Return the lines, as CSV, above the first row that is about as full as the fullest."""
    fullest, lines = max(sum(map(bool, row)) for row in rows), 0
    for row in rows:
        if sum(map(bool, row)) * 2 > fullest:
            return lines
        lines += 1 + sum(cell.count("\n") for cell in row)
    return 0


def _refuse_values_as_names(table: TableFile) -> None:
    import re

    value = re.compile(r"-?\d+\.\d+|\d{5,}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|[EWSN]\d{8}")
    values = [name for name in table.header if value.fullmatch(name.strip())]
    if len(values) > 1 or (values and len(values) * 3 >= len(table.header)):
        raise InputError(
            f"the first row holds values ({', '.join(values[:3])}), not the names of the columns",
            file=table.path,
            do="Add a first row that names the columns.",
        )
