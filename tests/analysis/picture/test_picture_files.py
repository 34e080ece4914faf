"""The files beside the page: they open, they agree with the page, they hide what it hides."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from invented_picture import HOSTILE, assert_every_number_has_a_source, invented_picture
from triservice.analysis.picture.files import file_name, write_files
from triservice.analysis.picture.model import Picture
from triservice.analysis.place.map_files import to_lonlat
from triservice.kernel.errors import InputError


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Picture, Path]:
    picture, out = invented_picture(), tmp_path_factory.mktemp("picture")
    write_files(picture, out)
    return picture, out


def test_all_files_are_there(written: tuple[Picture, Path]) -> None:
    _, out = written
    found = {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()}
    for name in ("overlap", "police", "fires", "health"):
        assert {f"layers/{name}.geojson", f"layers/{name}.csv", f"images/{name}.png"} <= found
    assert {"index.html", "picture.json", "layers/picture.gpkg"} <= found
    assert {"layers/police-cells.geojson", "images/small-multiples.png"} <= found
    assert not [name for name in found if "/." in name or name.startswith(".")]


def test_geojson_is_longitude_and_latitude_of_the_same_areas(
    written: tuple[Picture, Path],
) -> None:
    picture, out = written
    layer = json.loads((out / "layers/police.geojson").read_text(encoding="utf-8"))
    assert [f["properties"]["code"] for f in layer["features"]] == [a.code for a in picture.areas]
    shape = shapely.from_geojson(json.dumps(layer["features"][0]["geometry"]))
    wanted = to_lonlat(
        np.array([[picture.areas[0].easting, picture.areas[0].northing]]), "EPSG:27700"
    )
    assert shape.distance(shapely.Point(wanted[0])) < 1e-9
    assert -8 < shape.centroid.x < 2
    assert 49 < shape.centroid.y < 61


def test_csv_says_what_picture_json_says(written: tuple[Picture, Path]) -> None:
    _picture, out = written
    with (out / "layers/police.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    values = json.loads((out / "picture.json").read_text(encoding="utf-8"))["layers"][0]["values"]
    assert [float(r["value"]) for r in rows] == [v["value"] for v in values]
    assert {r["sources"] for r in rows} == {"S1"}
    assert rows[3]["name"] == HOSTILE


def test_a_text_that_a_spreadsheet_would_run_is_defused(tmp_path: Path) -> None:
    picture = invented_picture()
    areas = (replace(picture.areas[0], name='=HYPERLINK("http://x")'), *picture.areas[1:])
    write_files(replace(picture, areas=areas), tmp_path)
    with (tmp_path / "layers/police.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert next(csv.DictReader(stream))["name"].startswith("'=")


def test_the_geopackage_holds_every_layer_in_metres(written: tuple[Picture, Path]) -> None:
    picture, out = written
    path = out / "layers/picture.gpkg"
    names = set(pyogrio.list_layers(path)[:, 0])
    assert names == {"overlap", "police", "police-cells", "fires", "health"}
    meta, _, shapes, fields = pyogrio.raw.read(path, layer="fires")
    assert "27700" in meta["crs"]
    held = dict(zip(meta["fields"], fields, strict=True))
    np.testing.assert_allclose(
        held["value"], [np.nan if v.value is None else v.value for v in picture.layers[1].values]
    )
    assert picture.shapes is not None
    areas = shapely.area(shapely.from_wkb(shapes))
    np.testing.assert_allclose(areas, shapely.area(picture.shapes.outlines))


def test_writing_again_gives_the_same_figures_and_leaves_nothing_behind(
    written: tuple[Picture, Path], tmp_path: Path
) -> None:
    _, out = written
    write_files(invented_picture(), tmp_path)
    write_files(invented_picture(), tmp_path)
    for name in ("picture.json", "index.html", "layers/police.geojson", "layers/fires.csv"):
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes(), name
    assert len(pyogrio.list_layers(tmp_path / "layers/picture.gpkg")) == 5


def test_picture_json_is_strict_and_every_number_names_a_source_that_is_there(
    written: tuple[Picture, Path],
) -> None:
    _, out = written
    text = (out / "picture.json").read_text(encoding="utf-8")

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    picture = json.loads(text, parse_constant=refuse)
    assert_every_number_has_a_source(picture)


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="is a file"):
        write_files(invented_picture(), tmp_path / "out")


@pytest.mark.parametrize(
    ("key", "name"), [("fires", "fires"), ("../../etc", "etc"), ("ÆØ", "layer")]
)
def test_a_layer_key_never_becomes_a_path(key: str, name: str) -> None:
    assert file_name(key) == name
