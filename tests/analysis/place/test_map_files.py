"""Units of place as files: they open, in the right place, with every value and every gap."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from triservice.analysis.place.cells import Cells, polygon_cells
from triservice.analysis.place.map_files import (
    Table,
    to_lonlat,
    write_cells,
    write_geopackage,
)
from triservice.kernel.errors import InputError

GRID = "EPSG:27700"
RING = shapely.Polygon(
    shapely.box(200_000, 50_000, 201_000, 51_000).exterior.coords[::-1],  # clockwise
    [shapely.box(200_400, 50_400, 200_600, 50_600).exterior.coords],
)
SPLIT = shapely.MultiPolygon(
    [shapely.box(202_000, 50_000, 202_500, 51_000), shapely.box(203_000, 50_000, 203_500, 51_000)]
)
COLUMNS: dict[str, Any] = {
    "code": np.array(["a", "b"]),
    "name": ["=HYPERLINK()", None],
    "events": [3, None],
    "rate": np.array([1.5, np.nan]),
    "worst": [True, False],
    "empty": [None, None],
}


@pytest.fixture
def cells() -> Cells:
    return polygon_cells("parishes", ["a", "b"], ["A", "B"], np.array([RING, SPLIT]))


@pytest.mark.parametrize("ending", ["geojson", "json"])
def test_geojson_is_what_rfc_7946_asks(cells: Cells, tmp_path: Path, ending: str) -> None:
    path = tmp_path / "deep" / f"map.{ending}"
    write_cells(path, COLUMNS, cells, GRID)
    read = json.loads(path.read_text(encoding="utf-8"))
    assert set(read) == {"type", "features"}
    first, second = (shapely.geometry.shape(f["geometry"]) for f in read["features"])
    assert first.exterior.is_ccw
    assert not first.interiors[0].is_ccw
    assert second.geom_type == "MultiPolygon"
    wanted = to_lonlat(np.array([[200_000.0, 50_000.0]]), GRID)[0]
    drawn = shapely.get_coordinates(first)
    assert np.abs(drawn - wanted).sum(axis=1).min() < 2e-7
    assert np.array_equal(drawn, np.round(drawn, 7))
    assert read["features"][0]["properties"] == {
        "code": "a", "name": "=HYPERLINK()", "events": 3, "rate": 1.5, "worst": True, "empty": None
    }  # fmt: skip
    assert read["features"][1]["properties"]["rate"] is None


def test_a_sheet_has_gaps_and_no_formula(cells: Cells, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    write_cells(path, COLUMNS, cells, GRID)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert list(rows[0].values()) == ["a", "'=HYPERLINK()", "3", "1.5", "yes", ""]
    assert list(rows[1].values()) == ["b", "", "", "", "no", ""]


def test_a_geopackage_keeps_metres_types_and_nulls(cells: Cells, tmp_path: Path) -> None:
    path = tmp_path / "map.gpkg"
    write_cells(path, COLUMNS, cells, GRID)
    meta, _, shapes, fields = pyogrio.raw.read(path, layer="map")
    held = dict(zip(meta["fields"], fields, strict=True))
    assert "27700" in meta["crs"]
    assert list(meta["fields"]) == list(COLUMNS)
    assert shapely.area(shapely.from_wkb(shapes)).tolist() == [1e6 - 4e4, 1e6]
    assert held["code"].tolist() == ["a", "b"]
    assert held["name"].tolist() == ["=HYPERLINK()", None]
    np.testing.assert_array_equal(held["events"].astype(float), [3, np.nan])
    np.testing.assert_array_equal(held["rate"], [1.5, np.nan])
    assert held["worst"].tolist() == [True, False]
    assert np.isnan(held["empty"]).all()


def test_a_geopackage_is_replaced_whole(cells: Cells, tmp_path: Path) -> None:
    path = tmp_path / "all.gpkg"
    tables = [Table(name, COLUMNS, cells.outlines()) for name in ("one", "two")]
    write_geopackage(path, tables, GRID)
    assert set(pyogrio.list_layers(path)[:, 0]) == {"one", "two"}
    write_geopackage(path, tables[1:], GRID)
    assert set(pyogrio.list_layers(path)[:, 0]) == {"two"}
    assert list(tmp_path.iterdir()) == [path]
    write_geopackage(path, [], GRID)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_a_sentence(cells: Cells, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.shp"):
        write_cells(tmp_path / "map.shp", COLUMNS, cells, GRID)
    (tmp_path / "here").write_text("")
    for ending in ("csv", "geojson", "gpkg"):
        with pytest.raises(InputError, match="cannot be written"):
            write_cells(tmp_path / "here" / f"map.{ending}", COLUMNS, cells, GRID)


def test_other_systems_and_the_open_sea_have_longitudes() -> None:
    utm = to_lonlat(np.array([[500_000.0, 4_430_000.0]]), "EPSG:26918")
    assert utm[0] == pytest.approx([-75.0, 40.02], abs=0.01)
    land = np.array([[200_000.0, 50_000.0]])
    both = to_lonlat(np.array([[-200_000.0, -100_000.0], land[0]]), GRID)
    assert np.isfinite(both).all()
    assert both[1].tolist() == to_lonlat(land, GRID)[0].tolist()  # exact beside a point at sea
