"""Again, under another name, in another order, beside another import: the same lake."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_imports import (
    HEADER,
    MAPPING,
    csv_text,
    events_of,
    files_of,
    many_rows,
    mapping_file,
    row,
    write_rows,
)

from triservice.analysis.lake import file_text, parts, reading
from triservice.analysis.lake.importing import import_files
from triservice.analysis.lake.lock import import_lock
from triservice.analysis.lake.quarantine import KINDS, read_quarantine
from triservice.analysis.lake.store import Lake
from triservice.kernel.errors import InputError


@pytest.fixture
def desk(tmp_path):
    return mapping_file(tmp_path)


def test_every_column_of_an_event_by_hand(tmp_path, desk):
    path = write_rows(tmp_path / "a.csv", [row(1, when="2024-07-01 00:30:00", harm="2.5")])
    import_files(tmp_path / "lake", desk, [path])
    (event,) = Lake.open(tmp_path / "lake").events().to_pylist()
    moment = event.pop("time_from")
    assert moment.isoformat() == "2024-06-30T23:30:00+00:00"
    assert event.pop("time_to") == moment
    event.pop("event_id")
    event.pop("import_id")
    assert {name: value for name, value in event.items() if value is not None} == {
        "service": "ambulance",
        "source": "desk",
        "source_id": "D000001",
        "source_row": 1,
        "month": "2024-07",
        "time_precision": "second",
        "category": "fall",
        "source_category": "Fall",
        "severity": 2.5,
        "easting": 180_001.0,
        "northing": 50_001.25,
        "location_precision": "exact",
        "outcome": "note 1",
    }


def test_the_same_content_comes_in_once_whatever_its_name(tmp_path, desk):
    path = write_rows(tmp_path / "a.csv", many_rows(300))
    lake = tmp_path / "lake"
    first = import_files(lake, desk, [path])
    assert (first.accepted, first.per_file[0].status) == (300, "imported")
    before = files_of(lake)
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    other = tmp_path / "c.csv"
    other.write_bytes(path.read_bytes())
    again = import_files(lake, desk, [path, packed, other])
    assert [r.status for r in again.per_file] == ["already imported"] * 3
    assert (again.files, again.rows_read, again.accepted) == (3, 0, 0)
    assert files_of(lake) == before
    assert events_of(lake).num_rows == 300


def test_plain_and_packed_files_make_the_same_lake(tmp_path, desk):
    path = write_rows(tmp_path / "a.csv", many_rows(300))
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    import_files(tmp_path / "one", desk, [path])
    import_files(tmp_path / "two", desk, [packed])
    assert events_of(tmp_path / "one") == events_of(tmp_path / "two")


def test_an_overlapping_file_adds_only_its_new_events(tmp_path, desk):
    lake = tmp_path / "lake"
    import_files(lake, desk, [write_rows(tmp_path / "jan.csv", [row(n) for n in range(100)])])
    overlap = write_rows(tmp_path / "feb.csv", [row(n) for n in range(60, 160)])
    summary = import_files(lake, desk, [overlap])
    assert (summary.rows_read, summary.accepted, summary.duplicates) == (100, 60, 40)
    whole = write_rows(tmp_path / "all.csv", [row(n) for n in range(160)])
    import_files(tmp_path / "whole", desk, [whole])
    assert events_of(lake) == events_of(tmp_path / "whole")
    aside = read_quarantine(Lake.open(lake), ("duplicate",)).to_pylist()
    assert [a["row"] for a in aside] == list(range(1, 41))


def test_files_of_one_run_do_not_count_an_event_twice(tmp_path, desk):
    one = write_rows(tmp_path / "1.csv", [row(n) for n in range(10)])
    two = write_rows(tmp_path / "2.csv", [row(n) for n in range(5, 15)])
    summary = import_files(tmp_path / "lake", desk, [one, two])
    assert (summary.accepted, summary.duplicates) == (15, 5)


def test_replace_takes_the_corrected_file_for_the_old_one(tmp_path, desk):
    lake = tmp_path / "lake"
    path = write_rows(tmp_path / "a.csv", [row(n) for n in range(50)])
    other = write_rows(tmp_path / "b.csv", [row(n) for n in range(50, 60)])
    import_files(lake, desk, [path, other])
    write_rows(path, [row(n, note="corrected") for n in range(40)])
    summary = import_files(lake, desk, [path], replace=True)
    assert (summary.accepted, summary.duplicates) == (40, 0)
    clean = tmp_path / "clean"
    import_files(clean, desk, [path, other])
    assert events_of(lake) == events_of(clean)
    assert files_of(lake) == files_of(clean)


def test_another_version_of_the_mapping_asks_before_it_replaces(tmp_path, desk):
    lake = tmp_path / "lake"
    path = write_rows(tmp_path / "a.csv", [row(n) for n in range(6)])
    import_files(lake, desk, [path])
    mapping_file(tmp_path, MAPPING.replace('Fall = "fall"', 'Fall = "injury"'))
    (result,) = import_files(lake, desk, [path]).per_file
    assert result.status == "already imported"
    assert "--replace" in result.reason
    assert import_files(lake, desk, [path], replace=True).accepted == 6
    categories = set(events_of(lake)["category"].to_pylist())
    assert categories == {"building-fire", "injury", "unmapped"}


def test_two_files_alike_at_their_beginning_do_not_take_each_others_parts(
    tmp_path, desk, monkeypatch
):
    """Same name, same first bytes, same size, other rows behind: imports X and X run 2."""
    monkeypatch.setattr(file_text, "HEAD", 200)
    rows = [row(n) for n in range(50)]
    lake = tmp_path / "lake"
    for folder, note in (("one", "aaaa"), ("two", "bbbb")):
        (tmp_path / folder).mkdir()
        changed = [*rows[:40], *(row(n, id=f"{note}{n:03d}", note=note) for n in range(40, 50))]
        import_files(lake, desk, [write_rows(tmp_path / folder / "a.csv", changed)])
    records = Lake.open(lake).imports()
    assert len(records) == 2
    assert records[1].import_id == f"{records[0].import_id}r2"
    assert events_of(lake).num_rows == 60
    (tmp_path / "three").mkdir()
    last = write_rows(tmp_path / "three" / "a.csv", [row(n) for n in range(3)])
    import_files(lake, desk, [last], replace=True)
    assert events_of(lake).num_rows == 3
    assert len([f for f in files_of(lake) if f.startswith("events/")]) == 3


def test_a_second_import_at_once_gets_a_sentence(tmp_path, desk):
    lake = tmp_path / "lake"
    path = write_rows(tmp_path / "a.csv", [row(1)])
    import_files(lake, desk, [path])
    more = write_rows(tmp_path / "b.csv", [row(2)])
    with import_lock(lake), pytest.raises(InputError, match="another import is writing"):
        import_files(lake, desk, [more])
    assert events_of(lake).num_rows == 1
    assert import_files(lake, desk, [more]).accepted == 1


def test_the_lock_of_a_process_that_died_holds_nobody_up(tmp_path, desk):
    lake = tmp_path / "lake"
    path = write_rows(tmp_path / "a.csv", [row(1)])
    import_files(lake, desk, [path])
    script = (
        "import os, sys; from pathlib import Path;"
        "from triservice.analysis.lake.lock import import_lock;"
        "lock = import_lock(Path(sys.argv[1])); lock.__enter__(); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(lake)]).returncode == 9
    more = write_rows(tmp_path / "b.csv", [row(2)])
    assert import_files(lake, desk, [more]).accepted == 1


def test_the_size_of_chunks_and_of_what_is_held_changes_nothing(tmp_path, desk, monkeypatch):
    rows = many_rows(2_000)
    rows[500] = row(9_000, note='a "quoted", note\nover lines')
    rows[501] = row(9_001, when="nonsense")
    path = write_rows(tmp_path / "a.csv", rows)
    import_files(tmp_path / "whole", desk, [path])
    monkeypatch.setattr(file_text, "CHUNK", 1_000)
    monkeypatch.setattr(reading, "HEAD", 500)
    monkeypatch.setattr(parts, "MOST_HELD_BYTES", 20_000)
    monkeypatch.setattr(parts, "MOST_OPEN", 3)
    monkeypatch.setattr(parts, "ROW_GROUP", 50)
    monkeypatch.setattr(parts, "IDLE", 2)
    import_files(tmp_path / "pieces", desk, [path])
    assert events_of(tmp_path / "whole") == events_of(tmp_path / "pieces")
    whole, pieces = (
        read_quarantine(Lake.open(tmp_path / name), KINDS) for name in ("whole", "pieces")
    )
    assert whole == pieces
    assert len(files_of(tmp_path / "pieces")) > len(files_of(tmp_path / "whole"))


def test_a_folder_gives_the_files_that_fit_and_says_why_others_do_not(tmp_path, desk):
    folder = tmp_path / "drop"
    (folder / "deep").mkdir(parents=True)
    write_rows(folder / "deep" / "a.csv", [row(1)])
    (folder / "other.csv").write_text("a,b\n1,2\n")
    (folder / "read.me").write_text("hello")
    (folder / ".hidden.csv").write_text(csv_text([row(2)]))
    summary = import_files(tmp_path / "lake", desk, [folder])
    assert (summary.files, summary.accepted) == (1, 1)
    why = {path.rsplit("/", 1)[1]: reason for path, reason in summary.ignored.items()}
    assert set(why) == {"other.csv", "read.me"}
    assert "lacks" in why["other.csv"]


def test_progress_ends_at_the_whole(tmp_path, desk):
    paths = [
        write_rows(tmp_path / f"{k}.csv", [row(n) for n in range(k, k + 500)]) for k in (0, 500)
    ]
    told: list[tuple[str, int, int]] = []
    import_files(tmp_path / "lake", desk, paths, progress=lambda *said: told.append(said))
    total = sum(path.stat().st_size for path in paths)
    done = [read for _, read, _ in told]
    assert done == sorted(done)
    assert told[-1] == ("500.csv", total, total)


texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30
).filter(lambda text: text == text.strip(" \t") and text.casefold() not in ("null", "none", "-"))


@settings(max_examples=60, deadline=None)
@given(
    notes=st.lists(texts, min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
)
def test_a_table_that_python_writes_comes_back_exactly(
    tmp_path_factory, notes, delimiter, line_end, mark
):
    folder = tmp_path_factory.mktemp("table")
    words = ("NULL", "NA", "N/A", "n/a", "NaN", "nan", "#N/A")
    rows = [row(n, note=note) for n, note in enumerate(notes)]
    # Python quotes a CR of its own accord only where it ends lines.
    quoting = csv.QUOTE_ALL if line_end == "\n" else csv.QUOTE_MINIMAL
    text = csv_text(rows, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    path = folder / "a.csv"
    path.write_bytes((b"\xef\xbb\xbf" if mark else b"") + text.encode())
    summary = import_files(folder / "lake", mapping_file(folder), [path])
    assert (summary.rows_read, summary.accepted) == (len(rows), len(rows))
    table = Lake.open(folder / "lake").events(columns=["source_row", "outcome", "easting"])
    found = {e["source_row"]: e for e in table.to_pylist()}
    for number, one in enumerate(rows, 1):
        kept = None if one["note"] in ("", *words) else one["note"]
        assert found[number]["outcome"] == kept
        assert found[number]["easting"] == float(one["east"])


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=300), columns=st.sampled_from([",", ";"]))
def test_no_bytes_make_a_traceback_or_lose_a_row(tmp_path_factory, body, columns):
    folder = tmp_path_factory.mktemp("bytes")
    path = folder / "a.csv"
    good = columns.join(row(1).values()).encode()
    path.write_bytes(columns.join(HEADER).encode() + b"\n" + good + b"\n" + body)
    try:
        summary = import_files(folder / "lake", mapping_file(folder), [path])
    except InputError:  # a sentence
        return
    kept = sum(summary.quarantined.values())
    assert summary.rows_read == summary.accepted + kept + summary.duplicates
    assert summary.accepted >= 1
    lake = Lake.open(folder / "lake")
    assert read_quarantine(lake).num_rows == kept
    assert lake.events().num_rows == summary.accepted
