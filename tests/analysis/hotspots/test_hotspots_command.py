"""The command `hotspots`, from a lake to JSON, files and sentences."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from triservice.analysis.hotspots import study
from triservice.analysis.hotspots.local import getis_ord
from triservice.analysis.hotspots.study import Question, study_hotspots
from triservice.analysis.lake.areas import add_areas
from triservice.analysis.lake.boundaries import add_boundaries
from triservice.analysis.lake.store import Lake
from triservice.cli import app
from triservice.kernel.errors import InputError
from triservice.kernel.grid import grid_to_lonlat

run = CliRunner()
WEST, SOUTH, SIZE = 200_000.0, 50_000.0, 10_000.0
TOWN = 203_000.0, 54_000.0  # south-west corner of two kilometres of town


@pytest.fixture
def county(lake_of, tmp_path):
    """Return a lake of ten kilometres square: a town, a countryside, sixteen areas with people.

    A quarter of the town's events come in the last month, at its edge in the south-west.
    """
    rng = np.random.default_rng(9)
    rows = []
    for number in range(1_500):
        in_town = number % 3 > 0
        place = (
            rng.uniform(TOWN, np.add(TOWN, 2_000))
            if in_town
            else rng.uniform((WEST, SOUTH), (WEST + SIZE, SOUTH + SIZE))
        )
        rows.append(
            _event(place, 1 + number % 12, ("burglary", "anti-social-behaviour")[number % 2])
        )
    rows += [_event((5e6, 9e6), 3, "burglary"), _event(None, 4, "burglary")]
    rows += [_event((WEST + 50 * i, SOUTH + 70 * i), 5, "primary-fire", "fire") for i in range(40)]
    lake = lake_of(rows, "police-uk")
    features, people = [], []
    for number in range(16):
        row, column = divmod(number, 4)
        west, south = WEST + column * SIZE / 4, SOUTH + row * SIZE / 4
        ring = shapely.get_coordinates(shapely.box(west, south, west + SIZE / 4, south + SIZE / 4))
        lon, lat = grid_to_lonlat(ring[:, 0], ring[:, 1])
        code = f"E0100{number:04d}"
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "LSOA11CD": code,
                    "LSOA11NM": f"Testshire {number // 4 + 1:03d}{'ABCD'[number % 4]}",
                },
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [np.column_stack([lon, lat]).tolist()],
                },
            }
        )
        people.append((code, 1_000 + number))
    outlines = tmp_path / "l.geojson"
    outlines.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    add_boundaries(lake, [outlines], "lsoa11")
    table = tmp_path / "population.csv"
    table.write_text("code,value\n" + "".join(f"{code},{n}\n" for code, n in people))
    add_areas(lake, table, "population", "code", "lsoa11", "value", kind="count")
    return lake


def _event(place, month, category, service="police"):
    return {
        "service": service,
        "category": category,
        "easting": None if place is None else float(place[0]),
        "northing": None if place is None else float(place[1]),
        "location_precision": "none" if place is None else "snapped",
        "time_from": datetime(2025, month, 15, tzinfo=UTC),
    }


def ask(*words):
    done = run.invoke(app, ["hotspots", *(str(word) for word in words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(*words):
    with pytest.raises(InputError) as refusal:
        run.invoke(app, ["hotspots", *(str(word) for word in words)], catch_exceptions=False)
    return str(refusal.value)


def test_the_agreed_command_gives_the_agreed_keys(county):
    out = ask("--lake", county.root, "--service", "police", "--cell", 500, "--permutations", 999,
              "--json")  # fmt: skip
    answer = json.loads(out)
    assert answer["service"] == "police"
    assert answer["unit"] == "square-500"
    assert answer["cell_m"] == 500
    assert answer["events"] == 1_502
    assert answer["events_without_place"] == 1
    assert answer["events_in_cells"] + answer["events_elsewhere"] == 1_501
    assert answer["method"]["permutations"] == 999
    assert answer["method"]["seed"] == 20160423
    assert answer["method"]["bandwidth"] >= 500
    assert answer["method"]["bandwidth_rule"] == "likelihood"
    first = answer["hotspots"][0]
    assert {"id", "easting", "northing", "lon", "lat", "count", "z", "p", "q", "neighbours"} <= set(
        first
    )
    inside = [
        TOWN[0] - 500 <= hot["easting"] <= TOWN[0] + 2_500
        and TOWN[1] - 500 <= hot["northing"] <= TOWN[1] + 2_500
        for hot in answer["hotspots"]
    ]
    assert len(inside) >= 16
    assert all(inside)
    z = [hot["z"] for hot in answer["hotspots"]]
    assert z == sorted(z, reverse=True)
    assert all(hot["p"] >= 0.002 for hot in answer["hotspots"])
    assert any("hotspots of police events" in said for said in answer["findings"])
    assert any("Positions are snapped: 100%" in said for said in answer["notes"])
    assert any("far from all others" in said for said in answer["notes"])
    assert any("No area was named" in said for said in answer["notes"])


def test_every_cell_has_a_density_where_the_surface_is_coarser(county, monkeypatch):
    monkeypatch.setattr(study, "MOST_DENSITY_CELLS", 100)
    answer = json.loads(ask("--lake", county.root, "--cell", 500, "--json"))
    assert answer["hotspots"]
    assert all(hot["density_per_km2"] is not None for hot in answer["hotspots"])


def test_the_table_is_that_of_the_library(county):
    study = study_hotspots(
        county, Question(services=("police",), cell_m=500.0, within="Testshire", permutations=499)
    )
    counts = study.counts.totals().astype(float)
    alone = getis_ord(counts, study.cells.neighbours(), permutations=499, null="total")
    np.testing.assert_array_equal(study.table.p, alone.p)
    assert counts.sum() == 1_500
    assert len(study.cells) >= 400
    assert study.density[study.table.ranked()].min() > np.nanmedian(study.density)
    assert study.surface.events == pytest.approx(1_500)
    assert study.group.max() == 1  # one town
    assert (study.group > 0).sum() == (study.table.kind == "hot").sum()


def test_areas_with_rates(county):
    answer = json.loads(
        ask(
            "--lake",
            county.root,
            "--service",
            "police",
            "--unit",
            "lsoa11",
            "--within",
            "testshire",
            "--rate",
            "--permutations",
            99,
            "--json",
        )
    )
    assert answer["unit"] == "lsoa11"
    assert answer["cells"] == 16
    assert answer["events_elsewhere"] == 1
    assert answer["measure"] == "police events per 1,000 people"
    assert any("Population from" in note for note in answer["notes"])
    assert "highest is Testshire" in " ".join(answer["findings"]) or answer["hotspots"]


def test_severity_and_trend(county):
    answer = json.loads(
        ask(
            "--lake",
            county.root,
            "--service",
            "police",
            "--within",
            "Testshire",
            "--hex",
            750,
            "--severity",
            "--trend",
            "--json",
        )
    )
    assert answer["unit"] == "hex-750"
    assert answer["severity"]["unweighted"] == {"anti-social-behaviour": 750}
    assert answer["severity"]["low"] < answer["severity"]["central"] < answer["severity"]["high"]
    assert answer["severity"]["shares"] == {"burglary": 1.0}
    assert sum(answer["trend"]["classes"].values()) == answer["cells"]
    assert answer["trend"]["months"] == 12
    assert {"trend", "harm", "harm_low", "harm_high"} <= set(answer["hotspots"][0])
    assert any("no score" in note for note in answer["notes"])
    assert any("season" in note for note in answer["notes"])


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg"])
def test_files_hold_every_cell(county, tmp_path, ending):
    path = tmp_path / "deep" / f"hot.{ending}"
    ask("--lake", county.root, "--service", "police", "--cell", 1000, "--within", "Testshire",
        "--out", path)  # fmt: skip
    cells = len(study_hotspots(county, Question(cell_m=1000.0, within="Testshire")).cells)
    if ending == "csv":
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert len(rows) == cells
        assert float(rows[0]["easting"]) % 1000 == 500
        assert {row["class"] for row in rows} == {"hot", "none"}
    elif ending == "geojson":
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        assert len(features) == cells
        shape = shapely.from_geojson(json.dumps(features[0]["geometry"]))
        assert shape.contains(
            shapely.Point(features[0]["properties"]["lon"], features[0]["properties"]["lat"])
        )
    else:
        from pyogrio.raw import read

        meta, _, outlines, fields = read(path)
        assert len(outlines) == cells
        assert meta["crs"] == "EPSG:27700"
        at = list(meta["fields"]).index("count")
        assert fields[at].sum() == 1_500


def test_since_and_until_include_their_months(county):
    def events(*words):
        return json.loads(ask("--lake", county.root, "--cell", 1000, "--json", *words))["events"]

    assert events("--service", "fire", "--since", "2025-05", "--until", "2025-05") == 40
    assert events("--service", "police", "--until", "2025-02") == 250
    assert events("--service", "police", "--since", "2025-12-15", "--until", "2025-12-15") == 125
    assert events("--service", "police", "--category", "burglary") == 752


def test_a_table_for_people(county):
    out = ask("--lake", county.root, "--service", "police,fire", "--top", 3)
    assert "Hotspots, 3 of" in out
    assert "neighbours" in out
    assert "hotspots of police, fire events" in out.replace("\n", " ")
    assert "500m:E20" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--service", "ambulance"], "the lake has no ambulance events: it has fire, police"),
        (["--cell", "500", "--unit", "lsoa11"], "one unit of place"),
        (["--rate"], "a rate needs a population"),
        (["--unit", "lsoa11", "--rate", "--severity"], "not both"),
        (["--permutations", "many"], "is not a number from 0"),
        (["--permutations", "-1"], "is not a number from 0"),
        (["--bandwidth", "-3"], "neither a rule nor"),
        (["--since", "spring"], "neither a month nor a day"),
        (["--since", "2025-13"], "neither a month nor a day"),
        (["--until", "9999-12-31"], "neither a month nor a day"),
        (["--since", "2031-01"], "no event of the lake fits"),
        (["--within", "Testshir"], "The lake has Testshire"),
        (["--cell", "0"], "is not a size"),
        (["--cell", "inf"], "is not a size"),
        (["--cell", "1e-308"], "is not a size"),
        (["--hex", "1e308", "--within", "Testshire"], "is not a size"),
        (["--permutations", "²"], "is not a number from 0"),
        (["--false-discovery", "5"], "not between 0 and 1"),
        (["--severity", "--category", "primary-fire", "--service", "fire"], "has a harm weight"),
        (["--harm", "none.toml"], "cannot be read"),
        (["--out", "map.shp"], "ends in .shp"),
        (["--trend", "--since", "2025-01", "--until", "2025-02"], "too few for a trend"),
    ],
)
def test_refusals_are_sentences(county, words, said):
    assert said in refused("--lake", county.root, *words)


def test_a_lake_without_events_says_so(tmp_path):
    Lake.create(tmp_path / "lake")
    for words in ([], ["--service", "fire"]):
        assert "holds no events at all" in refused("--lake", tmp_path / "lake", *words)


def test_a_folder_that_is_no_lake(tmp_path):
    assert "is not a lake" in refused("--lake", tmp_path)


def test_help_has_examples():
    out = run.invoke(app, ["hotspots", "--help"]).output
    assert "triservice hotspots --lake LAKE --service police --cell 500" in " ".join(out.split())


@pytest.mark.real_data
def test_cornwall_2018(open_data, tmp_path):
    """Real police data: the towns everybody knows come out, and no cell of moor or sea."""
    imported = run.invoke(
        app,
        ["import", "police-uk", *_files(open_data), "--lake", str(tmp_path / "lake")],
        catch_exceptions=False,
    )
    assert imported.exit_code == 0, imported.output
    answer = json.loads(ask("--lake", tmp_path / "lake", "--service", "police", "--json"))
    names = [(hot["easting"] // 5000, hot["northing"] // 5000) for hot in answer["hotspots"]]
    assert (247_750 // 5000, 54_750 // 5000) in names  # Plymouth
    assert all(hot["count"] + hot["around"] > 50 for hot in answer["hotspots"])


def _files(open_data):
    return [str(p) for p in sorted(open_data.glob("police_street/**/2018-1*devon*.csv*"))]
