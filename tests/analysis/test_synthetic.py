"""The invented county is what it says it is, because other tests believe it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely

from triservice.analysis.synthetic import (
    CSV_MAPPING,
    HOTSPOT,
    KINDS,
    NEAR_REPEAT,
    SERVICES,
    SyntheticCounty,
    synthetic_county,
    write_csv,
)
from triservice.analysis.synthetic_areas import synthetic_areas
from triservice.kernel.errors import InputError

DAY = np.timedelta64(1, "D")


@pytest.fixture(scope="module")
def county() -> SyntheticCounty:
    return synthetic_county(seed=4, days=200, size_km=40, events=20_000)


def test_same_seed_same_county(county: SyntheticCounty) -> None:
    again = synthetic_county(seed=4, days=200, size_km=40, events=20_000)
    other = synthetic_county(seed=5, days=200, size_km=40, events=20_000)
    np.testing.assert_array_equal(county.easting, again.easting)
    np.testing.assert_array_equal(county.time_from, again.time_from)
    assert not np.array_equal(county.easting, other.easting)


def test_events_are_in_order_of_time_and_inside_period(county: SyntheticCounty) -> None:
    start = np.datetime64("2025-01-01", "s")
    assert (np.diff(county.happened) >= np.timedelta64(0)).all()
    assert county.happened.min() >= start
    assert county.happened.max() < start + 200 * DAY
    assert (county.time_from <= county.happened).all()
    assert (county.happened <= county.time_to).all()


def test_children_lie_within_radius_and_days_of_their_parent(county: SyntheticCounty) -> None:
    truth = county.truth
    child = np.flatnonzero(county.parent >= 0)
    parent = county.parent[child]
    apart = np.hypot(
        county.easting[child] - county.easting[parent],
        county.northing[child] - county.northing[parent],
    )
    later = (county.happened[child] - county.happened[parent]) / DAY
    assert apart.max() <= truth.near_repeat_radius_m
    assert later.min() > 0
    assert later.max() < truth.near_repeat_days
    assert (county.kind_code[child] == county.kind_code[parent]).all()
    assert (county.origin[child] == NEAR_REPEAT).all()
    for kind in KINDS:
        members = county.of(kind.category)
        share = (county.parent[members] >= 0).mean()
        expected = truth.near_repeat_share if kind.near_repeats else 0
        assert share == pytest.approx(expected, abs=1 / len(members))


def test_hotspots_hold_what_the_truth_says(county: SyntheticCounty) -> None:
    truth = county.truth
    inside = np.flatnonzero(county.origin == HOTSPOT)
    spot = county.hotspot[inside]
    apart = np.hypot(
        county.easting[inside] - truth.hotspots[spot, 0],
        county.northing[inside] - truth.hotspots[spot, 1],
    )
    assert np.quantile(apart, 0.999) <= truth.hotspot_radius_m  # one may be folded at the edge
    assert truth.hotspot_services[spot, county.service_code[inside]].all()
    assert truth.hotspot_services.all(1).sum() == 8
    share = (county.origin == HOTSPOT).sum() / (county.origin != NEAR_REPEAT).sum()
    assert share == pytest.approx(truth.hotspot_share, abs=0.02)


def test_day_and_week_have_the_stated_rhythm(county: SyntheticCounty) -> None:
    violence = county.happened[county.of("violence-sexual-offences")]
    hour = violence.astype("datetime64[h]").astype(int) % 24
    per_hour = np.bincount(hour, minlength=24)
    assert per_hour[[21, 22, 23]].sum() > 3 * per_hour[[9, 10, 11]].sum()
    weekend = (violence.astype("datetime64[D]").astype(int) + 3) % 7 >= 5
    assert weekend.mean() / (2 / 7) > 1.2


def test_only_burglary_has_spans(county: SyntheticCounty) -> None:
    spans = county.time_to > county.time_from
    assert set(county.category[spans]) == {"burglary"}
    assert spans[county.of("burglary")].mean() == pytest.approx(0.6, abs=0.05)
    assert set(county.service) == set(SERVICES)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"days": 0}, "at least one day"),
        ({"shared_hotspots": 99}, "more hotspots"),
        ({"near_repeat_share": 1.0}, "share of near repeats"),
        ({"near_repeat_days": 1}, "2 days or more"),
    ],
)
def test_impossible_counties_are_refused(wrong: dict[str, float], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        synthetic_county(**wrong)


def test_unknown_category_is_refused(county: SyntheticCounty) -> None:
    with pytest.raises(InputError, match="no events of 'piracy'"):
        county.of("piracy")


def test_csv_holds_every_event_and_repeats_a_week_later(tmp_path: Path) -> None:
    county = synthetic_county(events=50, days=30)
    assert write_csv(county, tmp_path / "invented.csv", rows=120) == 120
    with (tmp_path / "invented.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len({row["reference"] for row in rows}) == 120
    assert rows[3]["category"] == county.category[3]
    assert rows[3]["from"] == str(county.time_from[3]).replace("T", " ") + "Z"
    assert float(rows[3]["easting"]) == pytest.approx(county.easting[3], abs=0.051)
    later = np.datetime64(rows[103]["from"][:-1]) - np.datetime64(rows[3]["from"][:-1])
    assert later == 14 * DAY


def test_areas_tile_the_square_and_neighbours_share_vertices() -> None:
    outlines, codes = synthetic_areas(seed=2, count=90, size_km=10, west=0, south=0)
    assert len(outlines) == len(set(codes)) == 90
    assert shapely.is_valid(outlines).all()
    assert shapely.area(outlines).sum() == pytest.approx(1e8, rel=1e-9)
    assert shapely.union_all(outlines).area == pytest.approx(1e8, rel=1e-9)
    points = shapely.get_coordinates(outlines)
    _, times = np.unique(points, axis=0, return_counts=True)
    assert (times >= 2).mean() > 0.75  # all but those on the outer border


def test_the_importer_reads_the_export_without_loss(tmp_path: Path) -> None:
    """Every row comes back as it was made: time to the second, place, common category."""
    from triservice.analysis.lake.importing import import_files
    from triservice.analysis.lake.store import Lake

    county = synthetic_county(events=300, days=30)
    write_csv(county, tmp_path / "invented.csv")
    (tmp_path / "invented.toml").write_text(CSV_MAPPING)
    import_files(tmp_path / "lake", tmp_path / "invented.toml", [tmp_path / "invented.csv"])
    events = Lake.open(tmp_path / "lake").events()
    assert events.num_rows == 300
    order = np.argsort(events["source_row"].to_numpy())
    assert (np.array(events["category"].to_pylist())[order] == county.category).all()
    start = np.array([t.replace(tzinfo=None) for t in events["time_from"].to_pylist()])[order]
    assert (start.astype("datetime64[s]") == county.time_from).all()
    assert events["easting"].to_numpy()[order] == pytest.approx(county.easting, abs=0.051)
