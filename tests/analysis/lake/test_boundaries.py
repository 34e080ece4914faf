"""Outlines go into the lake once, in metres, and come back as units of place."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import shapely
from invented_places import LSOA11, LSOA21, MSOA11, geojson, square, write_outlines

from triservice.analysis.lake.boundaries import (
    add_boundaries,
    list_boundaries,
    place_of,
    read_boundaries,
)
from triservice.analysis.lake.store import Lake, Settings
from triservice.kernel.errors import InputError


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake")


def test_degrees_become_metres_of_the_grid_to_the_millimetre(lake, tmp_path):
    summary = add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    assert (summary.rows_read, summary.added, summary.areas) == (20, 20, 20)
    cells = read_boundaries(lake, "lsoa11")
    assert cells.ids.tolist() == [code for code, _, _ in LSOA11]
    assert cells.names.tolist() == [name for _, name, _ in LSOA11]
    for outline, (_, _, truth) in zip(cells.outlines(), LSOA11, strict=True):
        assert shapely.hausdorff_distance(outline, truth) < 0.003
    assert np.allclose(cells.area_m2, 1e6, rtol=1e-5)


def test_adding_again_changes_nothing_and_more_files_merge_by_code(lake, tmp_path):
    norland = write_outlines(tmp_path, "lsoa11", LSOA11[:16])
    first = add_boundaries(lake, [norland], "lsoa11")
    before = sorted(p.name for p in (lake.root / "boundaries").rglob("*"))
    again = add_boundaries(lake, [norland], "LSOA11")
    assert (first.added, again.added, again.already_there, again.areas) == (16, 0, 16, 16)
    assert sorted(p.name for p in (lake.root / "boundaries").rglob("*")) == before
    (tmp_path / "more").mkdir()
    both = add_boundaries(
        lake, [write_outlines(tmp_path / "more", "lsoa11", LSOA11[12:])], "lsoa11"
    )
    assert (both.added, both.already_there, both.areas) == (4, 4, 20)


def test_a_folder_gives_all_its_files(lake, tmp_path):
    for name, areas in (("a", LSOA11[:3]), ("b", LSOA11[3:9])):
        (tmp_path / "all" / name).mkdir(parents=True)
        write_outlines(tmp_path / "all" / name, "lsoa11", areas)
    assert add_boundaries(lake, [tmp_path / "all"], "lsoa11").areas == 9


def test_another_outline_for_a_code_is_refused_and_nothing_is_kept(lake, tmp_path):
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11", LSOA11[:4])], "lsoa11")
    (tmp_path / "b").mkdir()
    moved = [*LSOA11[4:6], (LSOA11[0][0], LSOA11[0][1], square(9, 9))]
    other = write_outlines(tmp_path / "b", "lsoa11", moved)
    with pytest.raises(InputError, match=r"Norland 001A \(E01000001\) differs .*--replace"):
        add_boundaries(lake, [other], "lsoa11")
    assert len(read_boundaries(lake, "lsoa11")) == 4
    replaced = add_boundaries(lake, [other], "lsoa11", replace=True)
    assert replaced.areas == 3
    assert read_boundaries(lake, "lsoa11").centroids[0].tolist() == pytest.approx(
        [209_500, 69_500], abs=1
    )


def test_within_keeps_one_place_in_any_case_of_letters(lake, tmp_path):
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    assert len(read_boundaries(lake, "lsoa11", "norland")) == 16
    assert len(read_boundaries(lake, "lsoa11", "Southam")) == 4
    assert len(read_boundaries(lake, "lsoa11", "Southam; Norland")) == 20
    part = read_boundaries(lake, "lsoa11", "Southam")
    east, north = part.centroids.T
    assert part.locate(east, north).tolist() == [0, 1, 2, 3]
    assert part.locate([200_500.0], [60_500.0]).tolist() == [-1]
    assert part.neighbours().of(0).tolist() == [1, 2, 3]


def test_an_unknown_place_is_said_with_near_names(lake, tmp_path):
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    with pytest.raises(InputError, match=r"belongs to 'Norlnd'. The lake has Norland and 1 other"):
        read_boundaries(lake, "lsoa11", "Norlnd")


def test_a_unit_that_is_not_there_is_said_with_those_that_are(lake, tmp_path):
    with pytest.raises(InputError, match="no boundaries at all"):
        read_boundaries(lake, "msoa11")
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    with pytest.raises(InputError, match=r"only lsoa11.*boundaries add"):
        read_boundaries(lake, "msoa11")


@pytest.mark.parametrize("unit", ["", "../x", "a b", "1st", "x" * 60])
def test_a_unit_must_be_a_word(lake, unit):
    with pytest.raises(InputError, match="unit of place"):
        read_boundaries(lake, unit)


def test_the_wrong_vintage_is_told_by_its_columns(lake, tmp_path):
    path = write_outlines(tmp_path, "lsoa21", LSOA21)
    with pytest.raises(InputError, match="LSOA21CD, so these are lsoa21 outlines, not lsoa11"):
        add_boundaries(lake, [path], "lsoa11")


def test_geopackage_shapefile_and_zip_are_read(lake, tmp_path):
    from pyogrio.raw import write

    codes = np.array([c for c, _, _ in MSOA11], dtype=object)
    names = np.array([n for _, n, _ in MSOA11], dtype=object)
    shapes = shapely.to_wkb(np.array([o for _, _, o in MSOA11]))
    for suffix in ("gpkg", "shp"):
        write(
            tmp_path / f"m.{suffix}",
            shapes,
            [codes, names],
            ["MSOA11CD", "MSOA11NM"],
            geometry_type="Polygon",
            crs="EPSG:27700",
        )
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as packed:
        for part in tmp_path.glob("m.*"):
            if part.suffix in (".shp", ".shx", ".dbf", ".prj"):
                packed.write(part, part.name)
    for number, name in enumerate(("m.gpkg", "m.shp", "m.zip")):
        summary = add_boundaries(lake, [tmp_path / name], "msoa11")
        assert summary.added == (0 if number else 5)
    assert shapely.equals(read_boundaries(lake, "msoa11").outlines()[0], MSOA11[0][2])


def test_your_own_areas_with_plain_columns(lake, tmp_path):
    text = geojson(MSOA11, "X").replace('"XCD"', '"code"').replace('"XNM"', '"Name"')
    (tmp_path / "beats.json").write_text(text)
    add_boundaries(lake, [tmp_path / "beats.json"], "beats")
    assert read_boundaries(lake, "beats", "Norland").names.tolist()[0] == "Norland 001"


def test_columns_can_be_named(lake, tmp_path):
    text = geojson(MSOA11, "X").replace('"XCD"', '"beat no"').replace('"XNM"', '"called"')
    (tmp_path / "b.geojson").write_text(text)
    with pytest.raises(
        InputError, match="Name it with --code; the columns are FID, beat no, called"
    ):
        add_boundaries(lake, [tmp_path / "b.geojson"], "beats")
    with pytest.raises(InputError, match="no column Beat"):
        add_boundaries(lake, [tmp_path / "b.geojson"], "beats", code="Beat")
    add_boundaries(lake, [tmp_path / "b.geojson"], "beats", code="beat no", name="called")
    assert len(read_boundaries(lake, "beats")) == 5


def test_parts_of_a_code_are_joined_and_overlapping_ones_refused(lake, tmp_path):
    parts = [("W1", "Ward", square(0, 0)), ("W1", "Ward", square(3, 0))]
    (tmp_path / "w.geojson").write_text(geojson(parts, "WD22"))
    summary = add_boundaries(lake, [tmp_path / "w.geojson"], "wd22")
    assert summary.areas == 1
    assert "joined" in summary.notes[0]
    assert read_boundaries(lake, "wd22").area_m2[0] == pytest.approx(2e6, rel=1e-5)
    parts[1] = ("W1", "Ward", square(0.5, 0))
    (tmp_path / "x.geojson").write_text(geojson(parts, "WD22"))
    with pytest.raises(InputError, match="row 2: code W1 has two outlines that overlap"):
        add_boundaries(lake, [tmp_path / "x.geojson"], "wards22", code="WD22CD")


def test_broken_rows_are_counted_and_crossed_outlines_repaired(lake, tmp_path):
    data = json.loads(geojson(LSOA11[:4], "LSOA11", degrees=False))
    data["features"][0]["geometry"] = None
    data["features"][1]["properties"]["LSOA11CD"] = None
    ring = data["features"][2]["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    (tmp_path / "b.geojson").write_text(json.dumps(data))
    summary = add_boundaries(lake, [tmp_path / "b.geojson"], "lsoa11")
    assert summary.skipped == {"no code": 1, "no area": 1}
    assert summary.areas == 2
    assert any("1 outline crossed itself" in note for note in summary.notes)
    assert shapely.is_valid(read_boundaries(lake, "lsoa11").outlines()).all()


def test_outlines_without_a_system_are_read_by_their_numbers(lake, tmp_path):
    from pyogrio.raw import write

    shapes = shapely.to_wkb(np.array([MSOA11[0][2]]))
    with pytest.warns(UserWarning, match="crs"):
        write(
            tmp_path / "m.gpkg",
            shapes,
            [np.array(["E02000001"], dtype=object)],
            ["code"],
            geometry_type="Polygon",
        )
    summary = add_boundaries(lake, [tmp_path / "m.gpkg"], "msoa11")
    assert any("no coordinate system is stated; read as EPSG:27700" in n for n in summary.notes)
    assert any("codes serve as names" in n for n in summary.notes)
    assert read_boundaries(lake, "msoa11").area_m2[0] == pytest.approx(4e6)


def test_another_country_needs_a_lake_of_its_own(lake, tmp_path):
    outline = shapely.box(-75.4, 40.1, -75.3, 40.2)
    feature = json.loads(geojson([("T1", "Town", square(0, 0))], "TOWN"))
    feature["features"][0]["geometry"] = json.loads(shapely.to_geojson(outline))
    (tmp_path / "t.geojson").write_text(json.dumps(feature))
    with pytest.raises(InputError, match=r"1 outline \(the first is T1\) outside EPSG:27700"):
        add_boundaries(lake, [tmp_path / "t.geojson"], "town")
    abroad = Lake.create(tmp_path / "pa", Settings(crs="EPSG:26918", time_zone="America/New_York"))
    add_boundaries(abroad, [tmp_path / "t.geojson"], "town")
    assert read_boundaries(abroad, "town").area_m2[0] == pytest.approx(8_520 * 11_100, rel=0.01)


BROKEN = {
    "empty.geojson": b"",
    "text.geojson": b"hello",
    "cut.geojson.gz": gzip.compress(b"x" * 999)[:20],
    "table.csv": b"code,name\n1,2\n",
    "notzip.zip": b"PK nothing",
    "none.geojson": b'{"type":"FeatureCollection","features":[]}',
    "points.geojson": (
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"a"},'
        b'"geometry":{"type":"Point","coordinates":[-4,50]}}]}'
    ),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_file_gets_a_sentence_that_names_it(lake, tmp_path, name):
    (tmp_path / name).write_bytes(BROKEN[name])
    with pytest.raises(InputError, match=name) as refusal:
        add_boundaries(lake, [tmp_path / name], "lsoa11")
    assert "vsimem" not in str(refusal.value)
    assert list_boundaries(lake) == []


def test_paths_that_are_not_there_get_a_sentence(lake, tmp_path):
    (tmp_path / "empty").mkdir()
    for path, words in (
        (tmp_path / "no.geojson", "no such file"),
        (tmp_path / "empty", "holds no"),
    ):
        with pytest.raises(InputError, match=words):
            add_boundaries(lake, [path], "lsoa11")
    with pytest.raises(InputError, match="no file"):
        add_boundaries(lake, [], "lsoa11")


def test_the_list_tells_units_places_and_files(lake, tmp_path):
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    assert list_boundaries(lake) == [
        {
            "unit": "lsoa11",
            "areas": 20,
            "places": ["Norland", "Southam"],
            "files": ["lsoa11.geojson.gz"],
        }
    ]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Cornwall 013A", "Cornwall"),
        ("Cornwall 013", "Cornwall"),
        ("Bristol, City of 001B", "Bristol, City of"),
        ("Truro Boscawen", "Truro Boscawen"),
        ("Ward 7", "Ward 7"),
    ],
)
def test_the_place_of_a_name(name, place):
    assert place_of(name) == place


def test_a_damaged_part_is_said_and_not_a_traceback(lake, tmp_path):
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    next(lake.root.rglob("*.parquet")).write_bytes(b"PAR1 cut short")
    with pytest.raises(InputError, match=r"is damaged.*Delete it and add its source again"):
        read_boundaries(lake, "lsoa11")


def test_reading_needs_no_geopandas(lake, tmp_path):
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    code = (
        "import sys; from triservice.analysis.lake.store import Lake; "
        "from triservice.analysis.lake.boundaries import read_boundaries; "
        f"read_boundaries(Lake.open({str(lake.root)!r}), 'lsoa11'); "
        "assert 'geopandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_copied_lake_reads_the_same(lake, tmp_path):
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    shutil.copytree(lake.root, tmp_path / "copy")
    copy = read_boundaries(Lake.open(tmp_path / "copy"), "lsoa11")
    assert copy.ids.tolist() == read_boundaries(lake, "lsoa11").ids.tolist()


@pytest.mark.real_data
def test_real_outlines_of_cornwall_and_scilly(lake, open_data):
    add_boundaries(lake, [open_data / "lsoa" / "boundaries_2011"], "lsoa11")
    assert len(read_boundaries(lake, "lsoa11", "Cornwall")) == 326
    scilly = read_boundaries(lake, "lsoa11", "Isles of Scilly")
    assert scilly.ids.tolist() == ["E01019077"]
    assert scilly.centroids[0].tolist() == pytest.approx([90_500, 11_500], abs=3_000)
