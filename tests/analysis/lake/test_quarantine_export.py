"""Rows kept aside, as a CSV file for a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pytest

from triservice.analysis.lake.quarantine import SCHEMA, export_csv
from triservice.kernel.errors import InputError


def _rows(*texts: str) -> pa.Table:
    rows = [dict.fromkeys(SCHEMA.names) | {"row": n + 1, "text": t} for n, t in enumerate(texts)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def test_a_row_that_a_spreadsheet_would_run_is_defused(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "rows.csv"
    texts = ('=HYPERLINK("http://x"),1', "+1", "@SUM(A1)", "plain, = inside", 'a "b"')
    export_csv(_rows(*texts), path)
    with path.open(encoding="utf-8", newline="") as stream:
        read = list(csv.DictReader(stream))
    assert [r["text"] for r in read] == [*(f"'{text}" for text in texts[:3]), *texts[3:]]
    assert [r["row"] for r in read] == ["1", "2", "3", "4", "5"]
    assert {r["value"] for r in read} == {""}


def test_nothing_to_export_is_a_header(tmp_path: Path) -> None:
    export_csv(_rows(), tmp_path / "rows.csv")
    assert len((tmp_path / "rows.csv").read_text(encoding="utf-8").splitlines()) == 1


def test_a_folder_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        export_csv(_rows("a"), tmp_path / "here" / "rows.csv")
