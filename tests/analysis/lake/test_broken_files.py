"""A broken file of each kind: what is kept, what is kept aside, and the sentence that says so."""

from __future__ import annotations

import csv
import gzip
import os
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from invented_imports import HEADER, MAPPING, csv_text, mapping_file, row, write_rows

from triservice.analysis.lake.importing import import_files
from triservice.analysis.lake.quarantine import read_quarantine, sentence
from triservice.analysis.lake.store import Lake
from triservice.kernel.errors import InputError

HEAD = ",".join(HEADER) + "\n"
GOOD = ",".join(row(1).values())
LAST = ",".join(row(2).values())


def line(**other):
    return ",".join(row(7, **other).values())


ROWS = {
    "too few values": ("D9,2024-01-01 10:00:00,,Fire", "wrong-field-count", None, None),
    "too many values": (GOOD + ",and,more", "wrong-field-count", None, None),
    "no such day": (line(when="2024-02-30 10:00:00"), "bad-time", "when", "2024-02-30 10:00:00"),
    "a word for a time": (line(when="yesterday"), "bad-time", "when", "yesterday"),
    "no time": (line(when=""), "missing-time", "when", ""),
    "a word for nothing": (line(when="NULL"), "missing-time", "when", "NULL"),
    "a word for a number": (line(harm="lots"), "bad-number", "harm", "lots"),
    "infinity": (line(harm="1e999"), "bad-number", "harm", "1e999"),
    "thousands": (line(east='"182,000"'), "bad-number", "east", "182,000"),
    "half a location": (line(east=""), "half-a-location", "east", ""),
    "no service": (line(agency=""), "missing-service", "agency", ""),
    "a service unknown": (line(agency="Coastguard"), "unknown-service", "agency", "Coastguard"),
    "text behind a quote": (line(note='"a"b'), "broken-quotes", None, None),
    "an open quote": (line(note='"never closed'), "broken-quotes", None, None),
    "a zero byte": (line(note="a\0b"), "nul-byte", None, None),
}


@pytest.mark.parametrize("kind", ROWS)
def test_a_broken_row_is_kept_aside_and_the_rows_around_it_are_read(tmp_path, kind):
    text, reason, column, value = ROWS[kind]
    path = tmp_path / "a.csv"
    path.write_text(HEAD + GOOD + "\n" + text + "\n" + LAST + "\n", encoding="utf-8")
    summary = import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    assert (summary.rows_read, summary.accepted) == (3, 2)
    assert summary.quarantined == {reason: 1}
    lake = Lake.open(tmp_path / "lake")
    assert sorted(lake.events(columns=["source_id"])["source_id"].to_pylist()) == [
        "D000001",
        "D000002",
    ]
    (aside,) = read_quarantine(lake).to_pylist()
    assert (aside["file"], aside["row"], aside["line"]) == (str(path), 2, 3)
    assert (aside["reason"], aside["field"], aside["value"]) == (reason, column, value)
    assert aside["text"] == text
    assert sentence(reason).endswith(".")
    assert len(sentence(reason).split()) >= 5


def test_bytes_that_are_not_utf8_are_kept_as_they_can_be_shown(tmp_path):
    path = tmp_path / "a.csv"
    broken = line(note="Caf\xe9").encode("cp1252")
    path.write_bytes(f"{HEAD}{GOOD}\n".encode() + broken + f"\n{LAST}\n".encode())
    summary = import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    assert summary.quarantined == {"bad-encoding": 1}
    (aside,) = read_quarantine(Lake.open(tmp_path / "lake")).to_pylist()
    assert aside["text"].endswith("Caf\\xe9")
    assert "cp1252" in sentence("bad-encoding")
    told = mapping_file(tmp_path, MAPPING + '[file]\nencoding = "cp1252"\n')
    again = import_files(tmp_path / "told", told, [path])
    assert (again.accepted, again.quarantined) == (3, {})
    assert "Café" in Lake.open(tmp_path / "told").events()["outcome"].to_pylist()


def test_a_quote_that_is_never_closed_costs_its_line_only(tmp_path):
    rows = [",".join(row(n).values()) for n in range(200)]
    rows[5] = line(note='"open')
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    summary = import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    assert (summary.accepted, summary.quarantined) == (199, {"broken-quotes": 1})


GOOD_FILES = {
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
    "blank lines": lambda text: text.replace("\n", "\n\n").encode(),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "gzip": lambda text: gzip.compress(text.encode()),
    "two gzip members": lambda text: gzip.compress(text[:90].encode()) + gzip.compress(
        text[90:].encode()
    ),
    "other case of the header": lambda text: text.replace(HEAD, HEAD.upper()).encode(),
    "spaces around": lambda text: text.replace(",", " ,\t ").encode(),
    "empty columns behind": lambda text: text.replace("\n", ",,\n").encode(),
}  # fmt: skip


@pytest.mark.parametrize("kind", GOOD_FILES)
def test_what_is_written_otherwise_but_whole_is_read_whole(tmp_path, kind):
    path = tmp_path / "a.csv"
    path.write_bytes(GOOD_FILES[kind](csv_text([row(n) for n in range(20)])))
    summary = import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    assert (summary.rows_read, summary.accepted, summary.quarantined) == (20, 20, {})
    events = Lake.open(tmp_path / "lake").events().to_pylist()
    assert {e["source_id"]: (e["easting"], e["outcome"]) for e in events} == {
        f"D{n:06d}": (180_000.0 + n, f"note {n}") for n in range(20)
    }


def test_quoted_line_ends_quotes_and_delimiters(tmp_path):
    notes = ["two\nlines", "two\r\nlines", 'say "so"', "a,b", '"', ' "x" ', 'ends with quote"']
    path = write_rows(tmp_path / "a.csv", [row(n, note=note) for n, note in enumerate(notes)])
    import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    events = Lake.open(tmp_path / "lake").events().to_pylist()
    found = {e["source_row"]: e["outcome"] for e in events}
    assert [found[n] for n in range(1, len(notes) + 1)] == [note.strip(" ") for note in notes]


def packed_cut(path):
    path.write_bytes(gzip.compress(csv_text([row(n) for n in range(900)]).encode())[:-400])


def packed_damaged(path):
    data = bytearray(gzip.compress(csv_text([row(n) for n in range(900)]).encode()))
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


def archive(path):
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.csv", csv_text([row(1)]))


FILES = {
    "cut gzip": ("a.csv.gz", packed_cut, "ends early or is damaged. Nothing of it was kept."),
    "damaged gzip": ("a.csv.gz", packed_damaged, "ends early or is damaged."),
    "empty": ("a.csv", lambda p: p.write_bytes(b""), "the file is empty"),
    "empty gzip": ("a.csv.gz", lambda p: p.write_bytes(gzip.compress(b"")), "holds no rows"),
    "blank": ("a.csv", lambda p: p.write_bytes(b"\n \n"), "no rows"),
    "columns missing": (
        "a.csv",
        lambda p: p.write_text("id,when,agency\n1,2,3\n"),
        "the header lacks until, type, east, north, harm, note; it names id, when, agency",
    ),
    "no header": ("a.csv", lambda p: p.write_text(GOOD + "\n"), "the header lacks"),
    "column twice": (
        "a.csv",
        lambda p: p.write_text(HEAD.replace("note", "when")),
        "names 'when' more than once",
    ),
    "caret for a delimiter": (
        "a.csv",
        lambda p: p.write_text(csv_text([row(1)]).replace(",", "^")),
        "the header lacks",
    ),
    "zero bytes": ("a.csv", lambda p: p.write_bytes(b"\0" * 900), "zero bytes"),
    "UTF-16 without mark": (
        "a.csv",
        lambda p: p.write_bytes(csv_text([row(1)]).encode("utf-16-le")),
        "set encoding (for example utf-16-le) in the mapping",
    ),
    "open quote in the header": (
        "a.csv",
        lambda p: p.write_text('"id,when\n1,2\n'),
        "the header",
    ),
    "zip": ("a.zip", archive, "is a ZIP archive: unpack it"),
    "zip called csv": ("a.csv", archive, "zero bytes"),
    "zip called xlsx": ("a.xlsx", archive, "is not an Excel workbook"),
    "text called xlsx": ("a.xlsx", lambda p: p.write_text(HEAD), "is not an Excel workbook"),
    "old workbook": ("a.xls", lambda p: p.write_bytes(b"\xd0\xcf"), "save it as .xlsx or .csv"),
    "no such file": ("a.csv", lambda p: None, "there is no such file or folder"),
    "a folder without any": ("drop", lambda p: p.mkdir(), "no file in it fits desk"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_cannot_be_used_gets_a_sentence_and_leaves_nothing(tmp_path, kind):
    name, write, said = FILES[kind]
    path = tmp_path / name
    write(path)
    with pytest.raises(InputError) as refused:
        import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    answer = str(refused.value)
    assert answer.startswith(str(path)), answer
    assert said in answer, answer
    assert answer.endswith((".", "?")), answer
    lake = tmp_path / "lake"
    assert not lake.exists() or Lake.open(lake).events().num_rows == 0
    assert not list(lake.rglob("*.parquet"))


def test_a_header_alone_is_a_file_of_no_events(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEAD)
    summary = import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    assert (summary.files, summary.rows_read, summary.months) == (1, 0, [])


def test_the_mapping_names_the_delimiter_when_the_file_has_another(tmp_path):
    mapping = mapping_file(tmp_path, MAPPING + '[file]\ndelimiter = ","\n')
    path = write_rows(tmp_path / "a.csv", [row(1)], delimiter=";")
    with pytest.raises(InputError, match='separated by ";": set delimiter'):
        import_files(tmp_path / "lake", mapping, [path])


def test_titles_above_the_header_are_skipped_and_lines_still_counted(tmp_path):
    mapping = mapping_file(tmp_path, MAPPING + "[file]\nskip_rows = 2\n")
    path = tmp_path / "a.csv"
    path.write_text(f"Export of the desk\nSecret\n{HEAD}{GOOD}\n{line(when='?')}\n")
    summary = import_files(tmp_path / "lake", mapping, [path])
    assert summary.accepted == 1
    (aside,) = read_quarantine(Lake.open(tmp_path / "lake")).to_pylist()
    assert (aside["row"], aside["line"]) == (2, 5)


def test_decimal_commas(tmp_path):
    mapping = mapping_file(tmp_path, MAPPING + '[file]\ndecimal = ","\n')
    rows = [row(1, east="180000,5", north="50000,25", harm="1e2")]
    path = write_rows(tmp_path / "a.csv", rows, delimiter=";")
    import_files(tmp_path / "lake", mapping, [path])
    (event,) = Lake.open(tmp_path / "lake").events().to_pylist()
    assert (event["easting"], event["northing"], event["severity"]) == (180_000.5, 50_000.25, 100)


def workbook(path: Path, rows: list[list[object]], sheet: str = "Calls") -> Path:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for one in rows:
        book.active.append(one)
    book.save(path)
    return path


def test_a_workbook_with_real_dates_numbers_and_empty_cells(tmp_path):
    """Dates in cells are read although the mapping speaks of dates as text."""
    rows = [
        HEADER,
        [1, datetime(2024, 7, 1, 0, 30, 7), None, "Fire", "House", 180_000, 50_000.25, 2.5, "x"],
        [2, date(2024, 7, 2), None, "Police", "Other", 180_001.5, 50_000, None, None],
        [3, "01/07/2024 10:30", None, "Fire", "Fall", "180002", "50000", "3", "as text"],
        [4, "soon", None, "Fire", "Fall", 180_002, 50_000, 3, "bad"],
    ]
    path = workbook(tmp_path / "a.xlsx", rows)
    summary = import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    assert (summary.rows_read, summary.accepted) == (4, 3)
    lake = Lake.open(tmp_path / "lake")
    one, two, three = sorted(lake.events().to_pylist(), key=lambda e: e["source_row"])
    assert one["time_from"].isoformat() == "2024-06-30T23:30:07+00:00"
    assert (one["source_id"], one["time_precision"], one["severity"]) == ("1", "second", 2.5)
    assert (two["time_precision"], two["outcome"]) == ("day", None)
    assert (two["time_to"] - two["time_from"]).days == 1
    assert (three["time_precision"], three["easting"]) == ("minute", 180_002.0)
    (aside,) = read_quarantine(lake).to_pylist()
    assert (aside["row"], aside["reason"], aside["value"]) == (4, "bad-time", "soon")


def test_a_workbook_with_the_date_and_the_time_in_two_cells(tmp_path):
    mapping = mapping_file(
        tmp_path,
        'name = "two"\nservice = "fire"\n[time]\n'
        'from = { date = "day", time = "clock", format = "%d/%m/%Y" }\n[file]\nsheet = "Second"\n',
    )
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Second")
    sheet.append(["day", "clock"])
    sheet.append([date(2024, 1, 5), time(23, 5, 9)])
    sheet.append(["06/01/2024", "07:08"])
    book.save(path)
    import_files(tmp_path / "lake", mapping, [path])
    events = Lake.open(tmp_path / "lake").events().to_pylist()
    assert [e["time_from"].isoformat()[:19] for e in events] == [
        "2024-01-05T23:05:09",
        "2024-01-06T07:08:00",
    ]
    assert [e["time_precision"] for e in events] == ["second", "minute"]
    wrong = mapping_file(tmp_path, mapping.read_text().replace("Second", "Third"))
    with pytest.raises(InputError, match="no sheet 'Third'; its sheets are Sheet, Second"):
        import_files(tmp_path / "other", wrong, [path])


def test_more_different_words_than_a_category_has_is_a_wrong_column(tmp_path):
    mapping = mapping_file(tmp_path, MAPPING.replace('column = "type"', 'column = "note"'))
    path = write_rows(tmp_path / "a.csv", [row(n) for n in range(20_050)])
    with pytest.raises(InputError, match=r"note: has more than 20,000 different values.*notes"):
        import_files(tmp_path / "lake", mapping, [path])


def test_the_exported_rows_cannot_run_in_a_spreadsheet(tmp_path):
    from triservice.analysis.lake.quarantine import export_csv

    path = write_rows(tmp_path / "a.csv", [row(1, harm="=cmd|' /C calc'!A0", id="+1")])
    import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    out = tmp_path / "deep" / "aside.csv"
    export_csv(read_quarantine(Lake.open(tmp_path / "lake")), out)
    with out.open(newline="", encoding="utf-8") as stream:
        (aside,) = csv.DictReader(stream)
    assert aside["value"] == "'=cmd|' /C calc'!A0"
    assert aside["text"].startswith("'+1,")
    assert (aside["row"], aside["reason"], aside["source"]) == ("1", "bad-number", "desk")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(InputError, match="not a plain file"):
        import_files(tmp_path / "lake", mapping_file(tmp_path), [tmp_path / "a.csv"])


@pytest.mark.parametrize("encoding", ["idna", "utf-16"])
def test_an_encoding_that_the_file_is_not_in(tmp_path, encoding):
    mapping = mapping_file(tmp_path, f'{MAPPING}[file]\nencoding = "{encoding}"\n')
    with pytest.raises(InputError, match=r"a\.csv: is not in the encoding.*Correct encoding"):
        import_files(tmp_path / "lake", mapping, [write_rows(tmp_path / "a.csv", [row(1)])])
