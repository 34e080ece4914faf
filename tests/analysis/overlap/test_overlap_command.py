from __future__ import annotations

import csv
import json

import pytest
from typer.testing import CliRunner

from triservice.analysis.overlap.command import read_weights
from triservice.cli import app
from triservice.kernel.errors import InputError

run = CliRunner()


def _run(*words):
    done = run.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def _refused(*words):
    """Return the sentence of a refusal; the program turns it into exit code 2."""
    with pytest.raises(InputError) as refusal:
        run.invoke(app, [str(word) for word in words], catch_exceptions=False)
    return str(refusal.value)


def test_overlap_as_json_has_the_agreed_keys(testshire):
    out = _run("overlap", "--lake", testshire.root, "--within", "Testshire", "--unit", "msoa11",
               "--layers", "police,fires,health", "--rate", "--worst", 20, "--json",
               "--permutations", 99)  # fmt: skip
    answer = json.loads(out)
    assert answer["unit"] == "msoa11"
    assert answer["areas"] == 36
    assert answer["layers"] == ["police", "fires", "health"]
    assert set(answer["spearman"]) == {"police~fires", "police~health", "fires~health"}
    for found in answer["spearman"].values():
        assert found["low"] <= found["r"] <= found["high"]
        assert 0 < found["p"] <= 1
    assert answer["spearman"]["police~health"]["r"] > 0.7  # both worsen eastwards
    worst = answer["worst"]
    assert (worst["share"], worst["areas"]) == (0.2, 7)
    assert worst["expected_all"] == pytest.approx(36 * (7 / 36) ** 3)
    assert isinstance(worst["all"], int)
    assert all(isinstance(n, int) for n in worst["pairs"].values())
    assert len(worst["in_all"]) == worst["all"]
    assert "Crime and poor health" in answer["findings"][0]
    assert answer["provenance"]["health"]["worse"] == "low"
    assert answer["provenance"]["police"]["unplaced"] == 1
    assert answer["seed"] == 20181


def test_overlap_for_people_and_as_files(testshire, tmp_path):
    sheet, shapes = tmp_path / "o.csv", tmp_path / "o.geojson"
    words = ("overlap", "--lake", testshire.root, "--layers", "police,health", "--rate",
             "--permutations", 99)  # fmt: skip
    out = _run(*words, "--also", "lsoa11,1000", "--out", sheet)
    for part in ("36 MSOAs (2011)", "The same on 144 LSOAs (2011)", "What the evidence supports",
                 "Keep in mind", "From what", "health.csv"):  # fmt: skip
        assert part in out
    rows = list(csv.DictReader(sheet.read_text().splitlines()))
    assert len(rows) == 36
    assert sum(int(row["police_worst"]) for row in rows) == 7
    assert sum(float(row["joint_burden"]) for row in rows) == pytest.approx(1)
    both = sum(int(r["police_worst"]) and int(r["health_worst"]) for r in rows)
    _run(*words, "--out", shapes, "--json")
    drawn = json.loads(shapes.read_text())
    assert len(drawn["features"]) == 36
    one = drawn["features"][0]
    assert -8 < one["geometry"]["coordinates"][0][0][0] < 2  # longitude
    assert sum(f["properties"]["layers_worst"] == 2 for f in drawn["features"]) == both


@pytest.mark.parametrize("rate", [[], ["--rate"]])
def test_hotspots_are_those_that_the_hotspots_command_finds(testshire, tmp_path, rate):
    sheet = tmp_path / "o.csv"
    asked = ("--lake", testshire.root, "--within", "Testshire", "--unit", "lsoa11", *rate, "--json")
    alone = json.loads(_run("hotspots", *asked, "--service", "police"))
    _run("overlap", *asked, "--layers", "police,health", "--permutations", 9, "--out", sheet)
    rows = csv.DictReader(sheet.read_text().splitlines())
    hot = {row["code"] for row in rows if row["police_hotspot"] == "1"}
    assert hot == {found["id"] for found in alone["hotspots"]}
    assert len(hot) > 10


def test_overlap_on_squares(testshire):
    out = _run("overlap", "--lake", testshire.root, "--layers", "police,police:drugs", "--cell",
               1000, "--within", "Testshire", "--json", "--permutations", 99)  # fmt: skip
    answer = json.loads(out)
    assert answer["unit"] == "square-1000"
    assert "torus shift" in answer["method"]
    assert answer["spearman"]["police~police:drugs"]["p"] is not None


def test_bases(testshire, tmp_path):
    sheet = tmp_path / "b.csv"
    words = ("bases", "--lake", testshire.root, "--within", "Testshire", "--unit", "msoa11",
             "--layers", "police,fires,health", "--k", 3, "--within-km", 3,
             "--weights", "police=2,fires=1")  # fmt: skip
    answer = json.loads(_run(*words, "--json", "--out", sheet))
    assert answer["weights"] == {"police": 2.0, "fires": 1.0, "health": 1.0}
    assert len(answer["bases"]) == 3
    assert answer["proven"]
    assert answer["covered"]["joint"] == pytest.approx(sum(b["adds"] for b in answer["bases"]))
    for layer in answer["layers"]:
        assert answer["covered"][layer] <= answer["best_alone"][layer] + 1e-12
    assert [area["rank"] for area in answer["ranking"]] == list(range(1, 37))
    rows = list(csv.DictReader(sheet.read_text().splitlines()))
    assert sum(float(r["joint_burden"]) for r in rows if r["in_reach"] == "1") == pytest.approx(
        answer["covered"]["joint"]
    )
    out = _run(*words)
    for part in ("Areas by joint burden", "What each agency gets", "3 bases at"):
        assert part in out


def test_bases_by_travel_time_and_by_station(testshire, tmp_path):
    times = tmp_path / "t.csv"
    times.write_text("base,area,minutes\nTruro,E02000000,10\nBodmin,E02000035,15\n")
    words = ("bases", "--lake", testshire.root, "--layers", "police,fires", "--json")
    answer = json.loads(_run(*words, "--times", times, "--k", 1))
    assert answer["bases"][0]["name"] == "Bodmin"  # the north-east carries more
    assert answer["bases"][0]["easting"] is None
    assert answer["reach"] == "20 minutes"
    stations = tmp_path / "s.csv"
    stations.write_text("name,easting,northing\nWest,201000,51000\nEast,211000,61000\n")
    kept = _run(*words, "--candidates", stations, "--k", 2, "--keep", "west", "--within-km", 2)
    assert [b["name"] for b in json.loads(kept)["bases"]] == ["West", "East"]
    said = _refused(*words, "--times", times, "--candidates", stations)
    assert "Leave out --candidates" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--layers", "police"], "two are needed"),
        (["--layers", "police,floods"], "'floods' is no layer"),
        (["--layers", "police,fires", "--within", "Testshir"], "Testshire"),
        (["--layers", "police,fires", "--unit", "wards"], "no wards outlines"),
        (["--layers", "police,fires", "--worst", "0"], "between 0 and 1"),
        (["--layers", "police,fires", "--since", "2018-13"], "neither a month nor a day"),
        (["--layers", "police,fires", "--until", "9999-12-31"], "neither a month nor a day"),
        (["--layers", "police,fires", "--out", "x.pdf"], "x.pdf ends in .pdf"),
        (["--layers", "fires,health", "--cell", "500"], "no layer is of events"),
        (["--layers", "police,fires", "--cell", "inf"], "is not a size"),
        (["--layers", "police,fires", "--cell", "1e-308"], "is not a size"),
        (["--layers", "police,fires", "--cell", "1e308"], "is not a size"),
    ],
)
def test_bad_arguments_get_a_sentence(testshire, words, said):
    assert said in _refused("overlap", "--lake", testshire.root, *words)


def test_no_lake(tmp_path):
    assert "is not a lake" in _refused("overlap", "--lake", tmp_path, "--layers", "a,b")


def test_weights():
    assert read_weights("Police=2, fires=0.5,") == {"police": 2.0, "fires": 0.5}
    assert read_weights(None) == {}
    with pytest.raises(InputError, match="'police' is not a layer and a number"):
        read_weights("police")


def test_help_has_examples():
    for command in ("overlap", "bases"):
        assert "Examples" in _run(command, "--help")
