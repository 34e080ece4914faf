"""The picture against brute force: counts, rates, small numbers, sources, refusals."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner

from invented_picture import assert_every_number_has_a_source
from triservice.analysis.example.demo import INVENTED, invented_lake, invented_options
from triservice.analysis.hotspots.rates import count_interval
from triservice.analysis.lake.areas import add_areas
from triservice.analysis.lake.boundaries import read_boundaries
from triservice.analysis.lake.store import Lake
from triservice.analysis.picture.files import write_files
from triservice.analysis.picture.gather import gather
from triservice.analysis.picture.model import EMPTY, Picture, plain
from triservice.analysis.picture.options import Options, read_places, sized
from triservice.analysis.synthetic import SyntheticCounty, synthetic_county
from triservice.cli import app
from triservice.kernel.errors import InputError

EVENTS = 3_000
OPTIONS = replace(invented_options(), made="2026-11-22", permutations=99)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """An invented county: few enough events that some areas have small counts."""
    return invented_lake(tmp_path_factory.mktemp("invented"), events=EVENTS)


@pytest.fixture(scope="module")
def county() -> SyntheticCounty:
    return synthetic_county(1, events=EVENTS)


@pytest.fixture(scope="module")
def picture(lake: Lake) -> Picture:
    return gather(lake, OPTIONS)


@pytest.fixture(scope="module")
def inside(lake: Lake, county: SyntheticCounty) -> np.ndarray:
    """Events by service (row) and area (column), counted one by one."""
    outlines = read_boundaries(lake, "districts", INVENTED).outlines()
    tree = shapely.STRtree(outlines)
    event, area = tree.query(shapely.points(county.easting, county.northing), "within")
    table = np.zeros((3, len(outlines)), dtype=int)
    np.add.at(table, (county.service_code[event], area), 1)
    return table


def test_it_takes_every_service_that_has_events_and_says_that_they_are_invented(
    picture: Picture,
) -> None:
    assert [layer.key for layer in picture.layers] == ["police", "fire", "ambulance"]
    assert picture.invented
    assert picture.unit == "districts"
    assert picture.title == "Examplia: where crime, fires and ambulance demand meet"
    assert picture.period == "January 2025 to December 2025"


def test_counts_rates_and_intervals_are_those_of_the_events(
    picture: Picture, inside: np.ndarray
) -> None:
    for layer, counts in zip(picture.layers, inside, strict=True):
        low, high = count_interval(counts.astype(float))
        for at, value in enumerate(layer.values):
            if value.hidden:
                continue
            people = picture.areas[at].population
            assert people is not None
            assert value.count == counts[at]
            assert value.value == pytest.approx(counts[at] / people * layer.per)
            assert value.low == pytest.approx(low[at] / people * layer.per)
            assert value.high == pytest.approx(high[at] / people * layer.per)


def test_small_counts_are_hidden_and_nothing_else_but_a_cover(
    picture: Picture, inside: np.ndarray
) -> None:
    for layer, counts in zip(picture.layers, inside, strict=True):
        hidden = np.array([v.hidden for v in layer.values])
        small = (counts > 0) & (counts < 5)
        assert small.any(), "the test needs small counts"
        assert hidden[small].all()
        assert (hidden & ~small).sum() <= 1
        for value in np.array(layer.values, dtype=object)[hidden]:
            assert (value.value, value.low, value.high, value.count, value.rank) == (None,) * 5


def test_no_share_of_a_total_gives_a_hidden_count_away(picture: Picture) -> None:
    assert picture.officer is not None
    ranked = {row.code: row for row in picture.officer.ranking}
    for at, area in enumerate(picture.areas):
        row = ranked[area.code]
        hidden = {layer.key for layer in picture.layers if layer.values[at].hidden}
        assert {key for key, share in row.scores.items() if share is None} == hidden
        assert (row.joint is None) == bool(hidden)


def test_months_and_categories_add_up_to_the_events(
    picture: Picture, county: SyntheticCounty, inside: np.ndarray
) -> None:
    trend = picture.layers[0].trend
    assert trend is not None
    known = [m.events for m in trend.months if m.events is not None]
    if not any(m.hidden for m in trend.months):
        assert sum(known) == inside[0].sum()
    assert all(m.inside for m in trend.months)
    totals = {c.category: c.total for c in trend.categories}
    assert totals["Burglary"] == len(county.of("burglary"))


def test_squares_hold_the_events_that_lie_in_them(
    picture: Picture, county: SyntheticCounty
) -> None:
    cells = picture.layers[0].cells
    assert cells is not None
    police = county.of("police")
    corner = np.floor(np.column_stack([county.easting, county.northing])[police] / 1000) * 1000
    counted: dict[tuple[int, int], int] = {}
    for east, north in corner.astype(int).tolist():
        counted[east, north] = counted.get((east, north), 0) + 1
    assert {(c[0], c[1]) for c in cells.cells if c[2] != 0} == set(counted)
    for east, north, count, k, hot in cells.cells:
        if count is None:
            assert k == 0
        elif count == 0:
            assert (k, hot) == (EMPTY, True)
        else:
            assert count == counted[east, north] >= 5
            top = cells.breaks[k] + (k == len(cells.breaks) - 1)
            assert cells.breaks[k - 1] <= count < top


def test_near_repeats_are_found_where_they_were_put(picture: Picture) -> None:
    tested = {test.service: test for test in picture.near_repeat.tested}
    assert not picture.near_repeat.why_not
    nearest = tested["burglary"].bands[0]
    assert nearest.ratio is not None
    assert nearest.ratio > 1.2
    assert nearest.p is not None
    assert nearest.p < 0.05


def test_every_number_has_a_source_and_every_file_its_fingerprint(picture: Picture) -> None:
    assert_every_number_has_a_source(json.loads(json.dumps(plain(picture))))
    for source in picture.sources:
        assert source.files, source
        for file in source.files:
            assert re.fullmatch("[0-9a-f]{64}", file.sha256), (source.what, file)


def test_the_same_lake_gives_the_same_picture(lake: Lake, picture: Picture) -> None:
    assert plain(gather(lake, OPTIONS)) == plain(picture)


def test_small_numbers_are_in_none_of_the_files(
    lake: Lake, picture: Picture, inside: np.ndarray, tmp_path: Path
) -> None:
    """Look for what is hidden in every file that a reader could open."""
    write_files(picture, tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    data = json.loads((tmp_path / "picture.json").read_text(encoding="utf-8"))
    for row, layer in enumerate(picture.layers):
        hidden = {picture.areas[i].code: i for i, v in enumerate(layer.values) if v.hidden}
        assert hidden
        assert {v["value"] for v in data["layers"][row]["values"] if v["hidden"]} == {None}
        for rows in (
            _csv_rows(tmp_path / f"layers/{layer.key}.csv"),
            _geojson_rows(tmp_path / f"layers/{layer.key}.geojson"),
            _gpkg_rows(tmp_path / "layers/picture.gpkg", layer.key),
        ):
            found = {r["code"]: r for r in rows if r["code"] in hidden}
            assert set(found) == set(hidden)
            for one in found.values():
                for column in ("value", "low", "high", "count", "rank"):
                    assert _is_empty(one.get(column)), (layer.key, column, one)
        for code, at in hidden.items():
            people = picture.areas[at].population
            assert people is not None
            rate = inside[row, at] / people * layer.per
            shown = re.search(rf"<th scope=\"row\">[^<]*<small>{code}</small>.*?</tr>", page, re.S)
            assert shown
            cell = re.findall(r"<td.*?</td>", shown[0], re.S)[1 + row]
            assert "not shown" in cell
            assert f"{rate:.{layer.digits}f}" not in cell
            assert 'data-sort=""' in cell


def _csv_rows(path: Path) -> list[dict[str, object]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))  # type: ignore[arg-type]


def _geojson_rows(path: Path) -> list[dict[str, object]]:
    return [f["properties"] for f in json.loads(path.read_text(encoding="utf-8"))["features"]]


def _gpkg_rows(path: Path, layer: str) -> list[dict[str, object]]:
    meta, _, _, fields = pyogrio.raw.read(path, layer=layer)
    return [dict(zip(meta["fields"], row, strict=True)) for row in zip(*fields, strict=True)]


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value != value


def test_suppression_can_be_turned_off_and_moved(lake: Lake, inside: np.ndarray) -> None:
    open_ = gather(lake, replace(OPTIONS, suppress_below=0, layers=("police", "fire")))
    assert [v.count for v in open_.layers[0].values] == inside[0].tolist()
    strict = gather(lake, replace(OPTIONS, suppress_below=20, layers=("police", "fire")))
    shown = [v.count for v in strict.layers[1].values if not v.hidden]
    assert all(n == 0 or (n is not None and n >= 20) for n in shown)
    for layer in strict.layers:
        assert layer.trend is not None
        assert all(m.events is None or m.events >= 20 for m in layer.trend.months)


def test_a_period_keeps_its_months_and_the_trend_keeps_all(
    lake: Lake, county: SyntheticCounty
) -> None:
    found = gather(lake, replace(OPTIONS, since="2025-03", until="2025-04", suppress_below=0))
    month = county.time_from.astype("datetime64[M]").astype(str)
    wanted = np.isin(month, ["2025-03", "2025-04"]) & (county.service_code == 0)
    assert sum(v.count or 0 for v in found.layers[0].values) == wanted.sum()
    trend = found.layers[0].trend
    assert trend is not None
    assert [m.month for m in trend.months if m.inside] == ["2025-03", "2025-04"]
    assert len(trend.months) == 12
    police = found.figure("rate-police")
    assert police.value == pytest.approx(wanted.sum() / police.denominator * 1000 / (2 / 12))  # type: ignore[operator]


def test_one_layer_alone_makes_a_picture_without_overlap(lake: Lake, tmp_path: Path) -> None:
    found = gather(lake, replace(OPTIONS, layers=("fire",)))
    assert found.overlap is None
    write_files(found, tmp_path)
    assert "before anything can overlap" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_places_name_the_areas_and_take_the_bases(lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text("name,easting,northing\nMiddleton,430000,330000\nNorthgate,430000,350000\n")
    found = gather(lake, replace(OPTIONS, places=read_places(file), bases=1))
    assert {a.near for a in found.areas} == {"near Middleton", "near Northgate"}
    assert found.officer is not None
    assert found.officer.bases[0].label in {"Middleton", "Northgate"}


@pytest.mark.parametrize(
    ("square_km", "cell_m", "reach_m"),
    [(3_550, 1_000, 10_000), (22, 250, 1_000), (300, 250, 2_000), (20_000, 2_000, 10_000)],
)
def test_squares_and_reach_suit_the_size_of_the_place(
    square_km: float, cell_m: float, reach_m: float
) -> None:
    found = sized(Options(), square_km * 1e6)
    assert (found.cell_m, found.reach_m) == (cell_m, reach_m)
    assert sized(Options(cell_m=77.0), square_km * 1e6).cell_m == 77.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,x\nA,1\n", "holds no places"),
        ("name,easting,northing\nA,1,2\nB,west,2\n", "row 2"),
        ("name,easting,northing\nA,nan,2\n", "row 1"),
    ],
)
def test_places_that_cannot_be_read_are_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "places.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=says):
        read_places(file)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"within": "Exampla"}, "Examplia"),
        ({"unit": "lsoa11"}, "lsoa11"),
        ({"layers": ("police", "floods")}, "floods"),
        ({"since": "2025-09", "until": "2025-02"}, "ends"),
        ({"since": "2031-01"}, "no events"),
        ({"since": "spring"}, "spring"),
    ],
)
def test_what_cannot_be_done_is_said(lake: Lake, change: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        gather(lake, replace(OPTIONS, **change))  # type: ignore[arg-type]


def test_a_lake_without_events_or_statistics_is_refused(tmp_path: Path, lake: Lake) -> None:
    with pytest.raises(InputError, match="outlines"):
        gather(Lake.create(tmp_path / "empty"), Options(within="Cornwall"))


def test_a_statistic_is_shown_as_published_and_its_average_judged_by_its_events(
    lake: Lake, tmp_path: Path
) -> None:
    outlines = read_boundaries(lake, "districts", INVENTED)
    fires = np.full(len(outlines), 3.0)  # nine fires in three years: not small
    fires[:2] = (1.0, 2.0)  # three and six
    fires[2:] += np.arange(len(outlines) - 2) % 7
    file = tmp_path / "fires.csv"
    rows = [f"{c},{v}" for c, v in zip(outlines.ids, fires, strict=True)]
    column = "Number of fires (three-year average)"
    file.write_text("\n".join([f"code,{column}", *rows]))
    own = Lake.open(_copy(lake, tmp_path / "copy"))
    add_areas(own, file, "house-fires", "code", "districts", column)
    found = gather(own, replace(OPTIONS, layers=("police", "house-fires")))
    layer = found.layers[1]
    assert layer.measure.startswith("house fires per")
    assert layer.measure.endswith("a year")
    assert layer.values[0].hidden  # three fires in three years
    assert sum(v.hidden for v in layer.values) == 2  # and the next smallest, for cover
    at = 10
    people = found.areas[at].population
    assert people is not None
    assert layer.values[at].value == pytest.approx(fires[at] / people * layer.per)
    low, high = (float(v[0]) for v in count_interval(np.array([3 * fires[at]])))
    assert layer.values[at].low == pytest.approx(low / 3 / people * layer.per)
    assert layer.values[at].high == pytest.approx(high / 3 / people * layer.per)


def _copy(lake: Lake, to: Path) -> Path:
    import shutil

    shutil.copytree(lake.root, to)
    return to


def test_hot_cells_and_areas_are_those_that_the_hotspots_command_finds(
    lake: Lake, picture: Picture
) -> None:
    for layer in picture.layers:
        ask = ("hotspots", "--lake", lake.root, "--service", layer.key, "--within", INVENTED)
        assert layer.cells is not None
        asked = _answer(*ask, "--cell", layer.cells.size_m)
        half = layer.cells.size_m / 2
        wanted = {(h["easting"] - half, h["northing"] - half) for h in asked["hotspots"]}
        assert {(c[0], c[1]) for c in layer.cells.cells if c[4]} == wanted
        assert (layer.cells.hot, layer.cells.tested) == (len(wanted), asked["cells"])
        areas = _answer(*ask, "--unit", picture.unit, "--rate")
        hot = {a.code for a, v in zip(picture.areas, layer.values, strict=True) if v.cluster}
        assert hot == {h["id"] for h in areas["hotspots"]}
    assert picture.layers[0].cells is not None
    assert picture.layers[0].cells.hot > 5


def test_a_layer_alone_has_the_hot_areas_that_it_has_beside_others(
    lake: Lake, picture: Picture
) -> None:
    alone = gather(lake, replace(OPTIONS, layers=("police",)))
    assert [v.cluster for v in alone.layers[0].values] == [
        v.cluster for v in picture.layers[0].values
    ]


def _answer(*words: object) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*(str(word) for word in words), "--json"])
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
