"""The Cornwall answer from the raw open files, through the commands an analyst would type."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from triservice.cli import app

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def lake(open_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cornwall") / "lake"
    months = ["2018-10", "2018-11", "2018-12", "2019-01", "2019-02"]
    files = [
        str(next((open_data / "police_street" / month).glob("*devon-and-cornwall*")))
        for month in months
    ]
    lsoas = open_data / "lsoa" / "boundaries_2011" / "E06000052.geojson.gz"
    msoas = open_data / "lsoa" / "msoa_boundaries_2011" / "E06000052.geojson.gz"
    people = open_data / "population" / "population20_lsoa11.csv.gz"
    health = open_data / "iod" / "imd2019_england_lsoa11.csv.gz"
    fires = open_data / "fire_msoa" / "dwelling_fires_msoa_3yr_avg.csv"
    for words in (
        ["import", "police-uk", *files],
        ["boundaries", "add", lsoas, "--unit", "lsoa11"],
        ["boundaries", "add", msoas, "--unit", "msoa11"],
        ["areas", "add", people, "--as", "population", "--code", "lsoa11_code",
         "--vintage", "lsoa11", "--value", "total_population"],
        ["areas", "add", health, "--as", "health", "--code", "lsoa11_code",
         "--vintage", "lsoa11", "--value", "Health_rank", "--worse", "low"],
        ["areas", "add", fires, "--as", "fires", "--code", "MSOA11CD",
         "--vintage", "msoa11", "--value", "Number of fires (three-year average)"],
    ):  # fmt: skip
        _run(*words, "--lake", folder)
    return folder


def _run(*words):
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_known_answer(lake):
    answer = json.loads(
        _run("overlap", "--lake", lake, "--within", "Cornwall", "--unit", "msoa11",
             "--layers", "police,fires,health", "--rate", "--worst", 20, "--json")
    )  # fmt: skip
    assert answer["areas"] == 73
    r = {pair: round(found["r"], 2) for pair, found in answer["spearman"].items()}
    assert r == {"police~fires": 0.41, "police~health": 0.73, "fires~health": 0.30}
    worst = answer["worst"]
    assert (worst["areas"], worst["all"], round(worst["expected_all"], 1)) == (15, 5, 0.6)
    assert worst["pairs"] == {"police~fires": 7, "police~health": 9, "fires~health": 7}
    assert answer["findings"][0] == "Crime and poor health overlap strongly; fires only partly."
    assert answer["provenance"]["police"]["period"] == "October 2018 to February 2019"
    assert any("moved to a nearby map point" in caveat for caveat in answer["caveats"])


def test_the_table_in_the_repository_is_what_the_raw_files_give(lake, cornwall, tmp_path):
    import csv

    sheet = tmp_path / "areas.csv"
    _run("overlap", "--lake", lake, "--within", "Cornwall", "--layers", "police,fires,health",
         "--rate", "--permutations", 9, "--out", sheet, "--json")  # fmt: skip
    rows = {row["code"]: row for row in csv.DictReader(sheet.read_text().splitlines())}
    for at, code in enumerate(cornwall.codes):
        row = rows[code]
        assert float(row["police_amount"]) == cornwall.crimes[at]
        assert float(row["fires_amount"]) == pytest.approx(cornwall.fires[at])
        assert float(row["health"]) == pytest.approx(cornwall.health_rank[at])
        rate = cornwall.crimes[at] / cornwall.population[at] * 1000
        assert float(row["police"]) == pytest.approx(rate)
