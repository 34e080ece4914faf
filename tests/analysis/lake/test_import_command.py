"""`triservice import` and `triservice lake` as a person and as a machine use them."""

from __future__ import annotations

import csv
import json

import pytest
from invented_imports import mapping_file, row, write_rows

from triservice import cli

KEYS = {
    "files", "rows_read", "accepted", "quarantined", "duplicates", "months", "without_coordinates",
    "outside", "breaks", "missing_months", "already_imported", "refused", "unmapped_categories",
}  # fmt: skip


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line; returns exit code, standard output and standard error."""

    def call(*words):
        monkeypatch.setattr("sys.argv", ["triservice", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def desk(tmp_path):
    """A mapping, a file with two broken rows and a repeated one, and where the lake goes."""
    rows = [row(n) for n in range(10)]
    rows += [row(3), row(11, when="soon"), row(12, harm="=1+1"), row(13, east="", north="")]
    return mapping_file(tmp_path), write_rows(tmp_path / "a.csv", rows), tmp_path / "lake"


def test_json_of_an_import_has_the_promised_keys_and_adds_up(run, desk):
    mapping, path, lake = desk
    code, out, err = run("import", mapping, path, "--lake", lake, "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert set(answer) >= KEYS
    assert (answer["files"], answer["rows_read"], answer["accepted"]) == (1, 14, 11)
    assert answer["quarantined"] == {"bad-time": 1, "bad-number": 1}
    assert (answer["duplicates"], answer["without_coordinates"]) == (1, 1)
    assert answer["months"] == sorted(answer["months"])
    assert all(len(month) == 7 for month in answer["months"])
    code, out, _ = run("import", mapping, path, "--lake", lake, "--json")
    again = json.loads(out)
    assert (code, again["files"], again["rows_read"], again["accepted"]) == (0, 1, 0, 0)
    assert again["already_imported"] == [str(path)]


def test_exit_codes(run, desk, tmp_path):
    mapping, path, lake = desk
    assert run("import", mapping, path, "--lake", lake, "--strict")[0] == 1
    assert run("import", mapping, path, "--lake", lake, "--strict")[0] == 0  # nothing came in
    good = write_rows(tmp_path / "good.csv", [row(50)])
    assert run("import", mapping, good, "--lake", lake, "--strict")[0] == 0
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    code, out, err = run("import", mapping, bad, "--lake", lake)
    assert (code, out) == (2, "")
    assert err.startswith("triservice: ")
    assert "Traceback" not in err
    more = write_rows(tmp_path / "more.csv", [row(60)])
    code, out, err = run("import", mapping, more, bad, "--lake", lake, "--json")
    answer = json.loads(out)  # what could be used is in, and said; the code tells of the rest
    assert (code, answer["accepted"], list(answer["refused"])) == (2, 1, [str(bad)])
    assert "the header lacks" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "a mapping is not given"),
        (("police-uk",), "files is not given"),
        (("police-uk", "a.csv"), "--lake is not given"),
        (("polize-uk", "a.csv", "--lake", "lake"), "Did you mean police-uk"),
        (("police-uk", "nowhere.csv", "--lake", "lake"), "there is no such file or folder"),
        (("mine.toml", "a.csv", "--lake", "lake"), "is not a file"),
    ],
)
def test_arguments_that_cannot_be_used(run, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRISERVICE_LAKE", raising=False)
    code, out, err = run("import", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert not (tmp_path / "lake").exists()


def test_the_summary_for_people(run, desk):
    mapping, path, lake = desk
    code, out, _ = run("import", mapping, path, "--lake", lake)
    assert code == 0
    assert "Quarantined 1 (bad-time): The time does not fit any format" in out
    assert "Not in the category table, kept as unmapped: Other" in out
    assert "triservice lake --lake LAKE --quarantine" in out


def test_what_is_in_the_lake(run, desk):
    mapping, path, lake = desk
    run("import", mapping, path, "--lake", lake)
    code, out, _ = run("lake", "--lake", lake, "--json")
    answer = json.loads(out)
    source = answer["sources"]["desk"]
    assert (code, answer["events"], source["events"]) == (0, 11, 11)
    assert sum(source["services"].values()) == 11
    assert set(source["services"]) == {"fire", "ambulance", "police"}
    assert source["first"].startswith("2024-01-01T00:00:07")
    assert source["last"][:7] == "2024-10"
    assert source["quarantined"] == {"bad-time": 1, "bad-number": 1}
    code, out, _ = run("lake", "--lake", lake)
    assert "…" not in out  # no date is cut off
    assert "desk" in out


def test_quarantine_is_listed_and_exported_without_formulas(run, desk, tmp_path):
    mapping, path, lake = desk
    run("import", mapping, path, "--lake", lake)
    code, out, _ = run("lake", "--lake", lake, "--quarantine", "--json")
    rows = json.loads(out)["rows"]
    assert code == 0
    assert [(r["row"], r["line"], r["reason"], r["value"]) for r in rows] == [
        (12, 13, "bad-time", "soon"),
        (13, 14, "bad-number", "=1+1"),
    ]
    assert {r["file"] for r in rows} == {str(path)}
    code, out, _ = run("lake", "--lake", lake, "--quarantine", "--all", "--json")
    assert next(r["reason"] for r in json.loads(out)["rows"]) == "repeated-id"
    code, out, _ = run("lake", "--lake", lake, "--quarantine")
    assert "bad-number: A number is expected" in out
    target = tmp_path / "aside.csv"
    code, out, err = run("lake", "--lake", lake, "--export", target)
    assert (code, out) == (0, "")
    assert "2 rows written" in err
    with target.open(newline="", encoding="utf-8") as stream:
        written = list(csv.DictReader(stream))
    assert [r["value"] for r in written] == ["soon", "'=1+1"]
    assert written[1]["text"].split(",")[0] == "D000012"


def test_a_folder_that_is_no_lake(run, tmp_path):
    code, out, err = run("lake", "--lake", tmp_path, "--json")
    assert (code, out) == (2, "")
    assert "is not a lake" in err


def test_the_vocabulary(run):
    code, out, _ = run("import", "--categories", "--json")
    assert code == 0
    assert json.loads(out)["burglary"]["label"] == "Burglary"
