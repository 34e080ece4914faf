"""`describe_file` on files of every make, bad files, random exports and real ones."""

from __future__ import annotations

import gzip
import random
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented_exports import dispatch_feed, imported, moments, proposed, write_csv
from typer.testing import CliRunner

from triservice.analysis.lake.describe import describe_file
from triservice.analysis.lake.importing import import_files
from triservice.cli import app
from triservice.kernel.errors import InputError

# -- how files are written -------------------------------------------------------------------


def test_a_european_export_with_titles_above_and_decimal_commas(tmp_path: Path) -> None:
    rows = [
        [f"A{i}", f"{t:%d/%m/%Y}", f"{t:%H:%M}", "Café fire" if i % 2 else "AFA",
         f"{180_000 + i},5", f"{40_000 + i},5"]
        for i, t in enumerate(moments(300))
    ]  # fmt: skip
    file = write_csv(
        tmp_path / "Vorfälle_2024-05.csv",
        ["Incident No", "Date of call", "Time of call", "Incident type", "Easting", "Northing"],
        rows, delimiter=";", encoding="cp1252", above="Report of calls;;;;;\r\n\r\n",
    )  # fmt: skip
    mapping = proposed(file)
    assert mapping["file"] == {
        "delimiter": ";",
        "encoding": "cp1252",
        "decimal": ",",
        "skip_rows": 2,
    }
    assert mapping["name"] == "vorfalle"
    summary, events = imported(file)
    assert summary["accepted"] == 300
    assert summary["unmapped_categories"] == {"Café fire": 150}
    assert events.iloc[0]["easting"] == 180_000.5


def test_bytes_that_are_no_utf8_far_down_are_found(tmp_path: Path) -> None:
    rows = [[i, t, "AFA" if i % 2 else "RTC", "x" * 60] for i, t in enumerate(moments(5000))]
    rows[-1][3] = "Café"
    file = write_csv(
        tmp_path / "fire.csv", ["id", "time", "stop code", "note"], rows, encoding="cp1252"
    )
    assert proposed(file)["file"]["encoding"] == "cp1252"
    assert imported(file)[0]["quarantined"] == {}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_encodings_of_windows(tmp_path: Path, encoding: str) -> None:
    rows = [[i, t, "AFA" if i % 2 else "RTC"] for i, t in enumerate(moments(100))]
    file = write_csv(tmp_path / "fire.csv", ["id", "time", "stop code"], rows, encoding=encoding)
    assert imported(file)[0]["accepted"] == 100


def test_a_workbook_with_a_first_sheet_of_notes(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Read me"])
    sheet = book.create_sheet("Data")
    sheet.append(["Noise complaints to the council"])
    sheet.append([])
    sheet.append(
        ["Case ref", "Date received", "Complaint type", "Easting", "Northing", "Ward code"]
    )
    times = moments(80)
    for i, when in enumerate(times):
        sheet.append(
            [f"N{i}", when, "Noise" if i % 2 else "Party", 440_000 + i, 110_000, "E05002412"]
        )
    file = tmp_path / "noise.xlsx"
    book.save(file)
    mapping = proposed(file)
    assert mapping["file"] == {"skip_rows": 2, "sheet": "Data"}
    assert mapping["service"] == "council"
    assert mapping["area"] == {"column": "Ward code", "vintage": "ward"}
    summary, events = imported(file)
    assert summary["accepted"] == 80
    assert events.iloc[0]["time_from"].tz_convert("Europe/London").tz_localize(None) == times[0]


def test_names_and_values_that_could_break_out_of_the_toml(tmp_path: Path) -> None:
    header = ['The "ref" \\ no', "Date\nof fire", "Incident type", "", "twice", "twice"]
    words = ['"Arson" \\ x', "New\nline", '# = "', "]\u2028\x7f", "AFA"]
    rows = [[i, t, words[i % 5], "", 1, 2] for i, t in enumerate(moments(100))]
    file = write_csv(tmp_path / 'odd "file"\n[x].csv', header, rows)
    summary, events = imported(file)
    assert summary["accepted"] == 100
    assert sorted(set(events["source_category"])) == sorted(words)
    # Each line left open becomes a key when its # is taken away.
    text = describe_file(file)
    lines = [line for line in text.split("\n") if line.startswith(('# "', "[category.table]"))]
    opened = "\n".join(line.removeprefix("# ") for line in lines)
    assert set(tomllib.loads(opened)["category"]["table"]) == set(words[:4])


# -- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name,postcode,x,y\nStation,TR1 1AA,1,2\n", "no column holds a date or a month"),
        ("LSOA code,Month,Crime Count\n" + "E01000001,2024-01,13\n" * 9, "--duplicates sum"),
        ("1,2024-01-01,AFA,51.5\n2,2024-01-02,AFA,51.6\n", "not the names of the columns"),
        ("a,b,date\n", "holds a header and no rows"),
        ("", "the file is empty"),
        ("\n\n", "holds no rows"),
    ],
)
def test_a_file_without_events_is_refused_with_a_sentence(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "file.csv"
    file.write_text(content)
    with pytest.raises(InputError, match=said):
        describe_file(file)


def test_folders_and_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        describe_file(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        describe_file(tmp_path / "none.csv")
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InputError, match="workbook"):
        describe_file(broken)
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(b"id,date\n1,2024-01-01\n" * 99)[:-12])
    with pytest.raises(InputError, match="ends early"):
        describe_file(cut)


# -- properties ------------------------------------------------------------------------------

DATES = ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d-%b-%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"]
KINDS = ["AFA", "RTC", "Lift Release", 'Odd, "quoted" thing', "Café", "x; y | z"]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "cp1252", "utf-16"]),
    written=st.sampled_from(DATES),
    kinds=st.lists(st.sampled_from(KINDS), min_size=2, unique=True),
    places=st.sampled_from(["easting northing", "lon lat", ""]),
    numbered=st.booleans(),
    packed=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_what_is_proposed_imports_every_row_with_its_time_place_and_words(
    tmp_path_factory: pytest.TempPathFactory,
    delimiter: str,
    encoding: str,
    written: str,
    kinds: list[str],
    places: str,
    numbered: bool,
    packed: bool,
    seed: int,
) -> None:
    chance = random.Random(seed)
    rows: list[list[Any]] = []
    for i, when in enumerate(moments(60, seed)):
        row: list[Any] = [f"F{i:04}"] if numbered else []
        row += [when.strftime(written), kinds[i % len(kinds)]]
        if places == "easting northing":
            row += [chance.randrange(180_000, 190_000), chance.randrange(40_000, 50_000)]
        elif places:
            row += [f"{-5 + chance.random() / 9:.6f}", f"{50.3 + chance.random() / 9:.6f}"]
        rows.append(row)
    header = ["Incident number"] * numbered + ["Date of fire", "Incident type", *places.split()]
    folder = tmp_path_factory.mktemp("export")
    file = folder / ("fires.csv.gz" if packed else "fires.csv")
    write_csv(file, header, rows, delimiter=delimiter, encoding=encoding)
    summary, events = imported(file)
    assert (summary["accepted"], summary["quarantined"]) == (60, {})
    assert summary["without_coordinates"] == (0 if places else 60)
    local = events["time_from"].dt.tz_convert("Europe/London").dt.strftime(written).tolist()
    given_times = [row[numbered] for row in rows]
    skipped = {moments(60, seed)[i] for i in range(60)} & {
        datetime(2024, 3, 31, 1, m) for m in range(60)
    }
    assert local == given_times or skipped  # a local hour that does not exist in spring
    assert events["source_category"].tolist() == [row[numbered + 1] for row in rows]
    if numbered:
        assert events["source_id"].tolist() == [row[0] for row in rows]


# -- command line and real files -------------------------------------------------------------


def test_the_command_prints_only_toml_and_says_what_is_left_on_the_other_stream(
    tmp_path: Path,
) -> None:
    done = CliRunner().invoke(
        app, ["import", "--describe", str(dispatch_feed(tmp_path / "feed.csv"))]
    )
    assert done.exit_code == 0
    assert tomllib.loads(done.stdout)["name"] == "feed"
    assert done.stderr == ""
    file = write_csv(tmp_path / "x.csv", ["a", "time"], [[1, "2024-01-01"], [2, "2024-01-02"]])
    done = CliRunner().invoke(app, ["import", "--describe", str(file)])
    assert done.exit_code == 0
    assert tomllib.loads(done.stdout)["service"] == "?"
    assert "FILL IN BEFORE IMPORTING: service" in done.stderr


def test_montgomery_is_imported_as_proposed(open_data: Path, tmp_path: Path) -> None:
    file = next((open_data / "montgomery_911").glob("*.csv.gz"))
    mapping = tmp_path / "m.toml"
    mapping.write_text(describe_file(file), encoding="utf-8")
    summary = import_files(tmp_path / "lake", mapping, [file])
    assert (summary.accepted, summary.quarantined, summary.duplicates) == (66_491, {}, 0)
    assert set(summary.month_counts) == {"ambulance", "fire", "police"}
    assert summary.unmapped_categories == {}
    assert 12 <= summary.outside <= 20


def test_london_and_police_files_say_which_mapping_fits_better(
    open_data: Path, tmp_path: Path
) -> None:
    for name, file in (
        ("lfb", next((open_data / "lfb").glob("*.csv.gz"))),
        ("police-uk", next((open_data / "police_street" / "2025-01").glob("*cornwall*"))),
    ):
        text = describe_file(file)
        assert f"triservice import {name} FILE" in text.replace("\n# ", " ")
        mapping = tmp_path / f"{name}-described.toml"
        mapping.write_text(text, encoding="utf-8")
        summary = import_files(tmp_path / "lake", mapping, [file])
        assert summary.quarantined == {}
        assert summary.unmapped_categories == {}
        assert summary.accepted == summary.rows_read


def test_lists_of_places_and_tables_of_counts_are_no_events(open_data: Path) -> None:
    files = [
        *(open_data / "stations").glob("*.csv"),
        *(open_data / "isle_of_man_osm").glob("*.csv"),
    ]
    assert len(files) >= 5
    for file in files:
        with pytest.raises(InputError, match="no column holds a date or a month"):
            describe_file(file)
    counts = next((open_data / "police_lsoa_counts").glob("*.csv.gz"))
    with pytest.raises(InputError, match='--value "Crime Count" --duplicates sum'):
        describe_file(counts)
