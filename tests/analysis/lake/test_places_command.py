"""`triservice boundaries`, `areas` and `relations` as a person types them."""

from __future__ import annotations

import json

import pytest
from invented_places import LSOA11, write_lookup, write_outlines, write_values

from triservice import cli


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command line on a lake; returns exit code, standard output and standard error."""

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
def lake(tmp_path):
    return tmp_path / "lake"


PEOPLE = {code: 100 + i for i, (code, _, _) in enumerate(LSOA11)}


def test_boundaries_areas_and_relations_add_and_list(run, lake, tmp_path):
    outlines = write_outlines(tmp_path, "lsoa11")
    code, out, _ = run("boundaries", "add", outlines, "--unit", "lsoa11", "--lake", lake)
    assert (code, out) == (0, "lsoa11: 20 areas added, 0 were there already; the lake holds 20.\n")
    code, out, _ = run("boundaries", "add", outlines, "--unit", "lsoa11", "--lake", lake, "--json")
    answer = json.loads(out)
    assert (answer["added"], answer["already_there"], answer["areas"]) == (0, 20, 20)

    path = write_values(tmp_path, PEOPLE)
    words = ["areas", "add", path, "--as", "population", "--code", "code", "--vintage", "lsoa11"]
    code, out, err = run(*words, "--value", "people", "--lake", lake)
    assert code == 0
    assert "a count for 20 lsoa11 areas, 100 to 119, 2,190 in all" in out
    assert "say --kind if it is not" in err
    code, out, err = run(*words, "--value", "people", "--lake", lake, "--json")
    answer = json.loads(out)
    assert (answer["areas"], answer["outlines_with_value"], answer["kind"]) == (20, 20, "count")

    lookup = write_lookup(tmp_path)
    words = ["relations", "add", lookup, "--from", "lsoa11", "--to", "lsoa21", "--lake", lake]
    words += ["--from-code", "F_LSOA11CD", "--to-code", "LSOA21CD", "--change", "CHGIND"]
    code, out, _ = run(*words)
    assert code == 0
    assert out.startswith("lsoa11 to lsoa21: 21 pairs (")
    assert json.loads(run(*words, "--json")[1])["changes"]["split"] == 2

    listed = json.loads(run("boundaries", "list", "--lake", lake, "--json")[1])
    assert listed["boundaries"][0]["places"] == ["Norland", "Southam"]
    listed = json.loads(run("areas", "list", "--lake", lake, "--json")[1])
    assert listed["areas"][0]["name"] == "population"
    assert "lsoa11" in run("boundaries", "list", "--lake", lake)[1]
    assert "population" in run("areas", "list", "--lake", lake)[1]


def test_options_of_areas_reach_the_layer(run, lake, tmp_path):
    path = tmp_path / "v.csv"
    path.write_text("code,crimes\nA,1\nA,2\n")
    words = ["areas", "add", path, "--as", "x", "--code", "code", "--vintage", "beats"]
    words += ["--value", "crimes", "--lake", lake]
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "--duplicates sum" in err
    words += ["--duplicates", "sum", "--worse", "low", "--kind", "count", "--json"]
    answer = json.loads(run(*words)[1])
    assert (answer["total"], answer["worse"], answer["kind"]) == (3, "low", "count")


@pytest.mark.parametrize(
    "words",
    [
        ["boundaries", "add", "no.geojson", "--unit", "lsoa11"],
        ["boundaries", "add", "pyproject.toml", "--unit", "lsoa11"],
        ["areas", "add", "no.csv", "--as", "x", "--code", "c", "--vintage", "v", "--value", "v"],
        ["relations", "add", "no.csv", "--from", "a", "--to", "b", "--from-code", "c",
         "--to-code", "d"],
        ["areas", "list"],
        ["boundaries", "list"],
        ["boundaries", "add"],
        ["areas", "add", "x.csv", "--worse", "sideways"],
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_a_sentence_and_exit_code_2(run, lake, words):
    code, out, err = run(*words, "--lake", lake)
    assert code == 2
    assert out == ""
    assert err
    assert "Traceback" not in err


@pytest.mark.parametrize("group", ["boundaries", "areas", "relations"])
def test_help_shows_examples(run, group):
    for words in ([group, "add", "--help"], [group, "add", "-h"]):
        code, out, _ = run(*words)
        assert code == 0
        assert "Examples" in out
        assert f"$ triservice {group} add" in out
