"""What every file that is written has in common."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from triservice.files import check_ending, csv_text, refusing_the_disk, write_atomically
from triservice.kernel.errors import InputError


def test_a_text_that_a_spreadsheet_would_run_is_defused_and_a_number_is_not() -> None:
    run = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
    read = list(
        csv.reader(io.StringIO(csv_text(["=h", "n"], [[t, -1.5] for t in run]), newline=""))
    )
    assert read[0] == ["'=h", "n"]
    assert [row[0] for row in read[1:]] == [f"'{text}" for text in run]
    assert {row[1] for row in read[1:]} == {"-1.5"}


def test_nothing_is_empty_and_a_truth_a_word() -> None:
    assert csv_text(["a", "b", "c"], [[None, True, False]]) == "a,b,c\r\n,yes,no\r\n"
    assert csv_text(["a"], []) == "a\r\n"


def test_an_ending_is_taken_or_refused_in_a_sentence() -> None:
    assert check_ending(Path("map.GeoJSON"), ".csv", ".geojson") == ".geojson"
    for name, what in (("map.shp", "ends in .shp"), ("map", "ends in nothing")):
        with pytest.raises(InputError, match=what) as refusal:
            check_ending(Path(name), ".csv", ".geojson")
        assert "End the name in .csv or .geojson." in str(refusal.value)


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    write_atomically(path, "first, and long")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("")
    path = tmp_path / "here" / "a.csv"
    with (
        pytest.raises(InputError, match=r"cannot be written: .*") as refusal,
        refusing_the_disk(path),
    ):
        write_atomically(path, "")
    assert "a.csv" in str(refusal.value)
