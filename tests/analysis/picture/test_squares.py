"""A lake with events and no outlines: the picture is on squares, and says what that leaves out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from invented_picture import assert_every_number_has_a_source
from triservice.analysis.lake.areas import add_areas
from triservice.analysis.lake.importing import import_files
from triservice.analysis.lake.store import Lake
from triservice.analysis.picture.files import write_files
from triservice.analysis.picture.gather import gather
from triservice.analysis.picture.model import Picture, plain
from triservice.analysis.picture.options import Options
from triservice.analysis.synthetic import CSV_MAPPING, SyntheticCounty, synthetic_county, write_csv
from triservice.kernel.errors import InputError

OPTIONS = Options(made="2026-11-22", permutations=99)


@pytest.fixture(scope="module")
def county() -> SyntheticCounty:
    return synthetic_county(1, events=25_000)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, county: SyntheticCounty) -> Lake:
    root = tmp_path_factory.mktemp("squares")
    (root / "invented.toml").write_text(CSV_MAPPING)
    write_csv(county, root / "invented.csv")
    import_files(root / "lake", root / "invented.toml", [root / "invented.csv"])
    return Lake.open(root / "lake")


@pytest.fixture(scope="module")
def picture(lake: Lake) -> Picture:
    return gather(lake, OPTIONS)


def test_squares_count_every_event_of_a_service(picture: Picture, county: SyntheticCounty) -> None:
    width = float(picture.unit.removeprefix("square-"))
    assert picture.unit_title.startswith("squares of ")
    for layer in picture.layers:
        own = county.of(layer.key)
        corner = np.floor(np.column_stack([county.easting, county.northing])[own] / width) * width
        places, events = np.unique(corner + width / 2, axis=0, return_counts=True)
        expected = {(float(e), float(n)): int(c) for (e, n), c in zip(places, events, strict=True)}
        for area, value in zip(picture.areas, layer.values, strict=True):
            true = expected.pop((area.easting, area.northing), 0)
            assert value.count == true if not value.hidden else true > 0
        assert not expected  # no square with an event is missing


def test_every_square_holds_an_event_of_some_service(picture: Picture) -> None:
    seen = np.array([[v.hidden or bool(v.count) for v in y.values] for y in picture.layers])
    assert seen.any(axis=0).all()


def test_squares_have_counts_and_say_that_they_are_not_rates(picture: Picture) -> None:
    assert all(
        layer.per == 0 and layer.measure.endswith("in the period") for layer in picture.layers
    )
    assert "counts, not rates" in picture.answer
    assert "no outlines" in picture.caveats[0]
    assert not any(source.kind == "boundaries" for source in picture.sources)
    assert_every_number_has_a_source(plain(picture))


def test_squares_are_called_by_grid_reference(picture: Picture) -> None:
    assert all(len(area.name.split()) == 3 for area in picture.areas)
    assert len({area.name for area in picture.areas}) == len(picture.areas)


def test_a_period_changes_counts_and_not_the_squares(lake: Lake, picture: Picture) -> None:
    part = gather(lake, replace(OPTIONS, since="2025-03", until="2025-04"))
    assert [a.code for a in part.areas] == [a.code for a in picture.areas]
    for layer, whole in zip(part.layers, picture.layers, strict=True):
        assert 0 < sum(v.count or 0 for v in layer.values) < sum(v.count or 0 for v in whole.values)


def test_zones_are_drawn_where_events_repeat_and_small_ones_are_not(
    lake: Lake, tmp_path: Path
) -> None:
    picture = gather(lake, replace(OPTIONS, suppress_below=3))
    tested = {test.service: test for test in picture.near_repeat.tested}
    zones = tested["burglary"].zones
    assert zones is not None
    assert zones.drawn == len(zones.shapes)
    assert zones.few > 0
    assert all(row.events >= picture.suppress_below for row in zones.patrols)
    for name, test in tested.items():
        if test.zones is None:
            assert any("No zones are drawn" in f.text for f in test.findings), name
    names = {path.relative_to(tmp_path).as_posix() for path in write_files(picture, tmp_path)}
    page = (tmp_path / "index.html").read_text()
    assert "Where the last events lie, as of" in page
    assert " 1 places" not in page
    assert "images/zones-burglary.png" in names
    assert {f"images/{layer.key}-cells.png" for layer in picture.layers if layer.cells} <= names
    written = json.loads((tmp_path / "picture.json").read_text())
    assert "shapes" not in json.dumps(written)  # zones lie in no file: a disc gives its centre away


def test_statistics_without_outlines_are_left_out_and_named(lake: Lake, tmp_path: Path) -> None:
    table = tmp_path / "health.csv"
    table.write_text("code,rank\nE01000001,1\nE01000002,2\n")
    other = Lake.create(tmp_path / "lake")
    (tmp_path / "invented.toml").write_text(CSV_MAPPING)
    write_csv(synthetic_county(1, events=1_500), tmp_path / "invented.csv")
    import_files(other.root, tmp_path / "invented.toml", [tmp_path / "invented.csv"])
    add_areas(other, table, "health", "code", "lsoa11", "rank", "low")
    found = gather(other, OPTIONS)
    assert "health" not in [layer.key for layer in found.layers]
    assert any("health take" in line for line in found.caveats)


def test_a_named_place_still_needs_outlines(lake: Lake) -> None:
    with pytest.raises(InputError, match="outlines"):
        gather(lake, replace(OPTIONS, within="Cornwall"))
