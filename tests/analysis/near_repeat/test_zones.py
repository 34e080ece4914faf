"""Zones and patrol areas: ages, overlaps, nothing from the future, files that maps can read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from triservice.analysis.near_repeat.export import geojson, write_zones
from triservice.analysis.near_repeat.incidents import Incidents
from triservice.analysis.near_repeat.patrols import crowding, patrol_areas
from triservice.analysis.near_repeat.presets import load_rule
from triservice.analysis.near_repeat.zones import Zones, risk_zones
from triservice.kernel.errors import InputError

NOW = np.datetime64("2026-03-10T06:00:00", "s")
HOUR = np.timedelta64(3600, "s")
WEST, SOUTH = 530_000.0, 180_000.0


def incidents(
    places: list[tuple[float, float]], days_ago: list[float], hours_long: float = 0
) -> Incidents:
    """Events in metres from a corner in London, so many days before NOW."""
    place = np.array(places, float).reshape(-1, 2) + np.array([WEST, SOUTH])
    end = NOW - np.round(np.array(days_ago) * 86_400).astype("timedelta64[s]")
    return Incidents(
        start=end - np.timedelta64(round(hours_long * 3600), "s"),
        end=end,
        day_only=np.zeros(len(end), bool),
        easting=place[:, 0],
        northing=place[:, 1],
        crs="EPSG:27700",
        time_zone="Europe/London",
        read=len(end),
        merged=0,
        notes=(),
    )


def zones_of(events: Incidents, preset: str = "standard", as_of: np.datetime64 = NOW) -> Zones:
    rule = load_rule(preset)
    return risk_zones(events.easting, events.northing, events.start, as_of, rule, events.end)


def level(zones: Zones, x: float, y: float) -> str | None:
    index = int(zones.level_at([WEST + x], [SOUTH + y])[0])
    return zones.rule.levels[index].name if index >= 0 else None


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "red"), (7, "red"), (7 + 1e-4, "amber"), (14, "amber"), (14 + 1e-4, None)],
)
def test_age_decides_the_level(days: float, expected: str | None) -> None:
    assert level(zones_of(incidents([(0, 0)], [days])), 0, 0) == expected


@pytest.mark.parametrize(
    ("ages", "expected"),
    [((1, 2), "hyper"), ((1, 10), "hyper"), ((9, 10), "red"), ((9, 20), "amber")],
)
def test_overlaps_raise_the_level_only_where_they_cross(
    ages: tuple[float, float], expected: str
) -> None:
    zones = zones_of(incidents([(0, 0), (500, 0)], list(ages)))
    assert level(zones, 250, 0) == expected
    alone = {1: "red", 2: "red", 9: "amber", 10: "amber", 20: None}
    assert level(zones, -200, 0) == alone[int(ages[0])]
    assert level(zones, 700, 0) == alone[int(ages[1])]


def test_the_essex_account_raises_only_where_weeks_cross() -> None:
    same_week = zones_of(incidents([(0, 0), (500, 0)], [1, 2]), "essex")
    two_weeks = zones_of(incidents([(0, 0), (500, 0)], [1, 10]), "essex")
    assert level(same_week, 250, 0) == "red"
    assert level(two_weeks, 250, 0) == "orange"


def test_trafford_sees_three_weeks() -> None:
    zones = zones_of(incidents([(0, 0), (5000, 0)], [20, 22]), "trafford")
    assert level(zones, 0, 0) == "yellow"
    assert level(zones, 5000, 0) is None


def test_the_future_is_not_known() -> None:
    """An event that came later, or whose span had not ended, leaves the zones as they were."""
    past = zones_of(incidents([(0, 0)], [3]))
    later = zones_of(incidents([(0, 0), (300, 0), (400, 0)], [3, -1e-3, -5], hours_long=0))
    assert later.area_km2() == past.area_km2()
    np.testing.assert_array_equal(later.events, [0])
    spanning = incidents([(0, 0)], [-0.1], hours_long=24)  # began before, ended after
    assert len(zones_of(spanning).runs) == 0


def test_age_is_taken_from_the_middle_of_a_span() -> None:
    assert level(zones_of(incidents([(0, 0)], [6], hours_long=47)), 0, 0) == "red"
    assert level(zones_of(incidents([(0, 0)], [6], hours_long=49)), 0, 0) == "amber"


def test_areas_add_up_and_outlines_do_not_overlap() -> None:
    rng = np.random.default_rng(5)
    zones = zones_of(incidents(rng.uniform(0, 4000, (40, 2)).tolist(), rng.uniform(0, 14, 40)))
    outlines = zones.outlines()
    assert [name for name, _ in outlines] == ["amber", "red", "hyper"]
    each = [p for _, polygons in outlines for p in polygons]
    assert shapely.is_valid(each).all()
    assert shapely.area(each).sum() == pytest.approx(shapely.union_all(each).area)
    for name, polygons in outlines:
        assert shapely.area(polygons).sum() / 1e6 == pytest.approx(zones.area_km2()[name])
    discs = shapely.buffer(shapely.points(zones.easting, zones.northing), 400)
    assert shapely.union_all(discs).area == pytest.approx(shapely.area(each).sum(), rel=0.01)


def test_bad_input_is_refused() -> None:
    rule = load_rule()
    with pytest.raises(InputError, match="same length"):
        risk_zones([1.0], [1.0, 2.0], np.array([NOW]), NOW, rule)
    with pytest.raises(InputError, match="no coordinates"):
        risk_zones([np.nan], [1.0], np.array([NOW]), NOW, rule)
    with pytest.raises(InputError, match="no time"):
        risk_zones([1.0], [1.0], np.array(["NaT"], "datetime64[s]"), NOW, rule)


# --- patrol areas ---------------------------------------------------------------------------------


def test_patrol_areas_rank_by_level_then_score() -> None:
    events = incidents([(0, 0), (3000, 0), (3000, 300), (6000, 0), (6000, 0), (6000, 0)],
                       [1, 9, 9.5, 1, 2, 3])  # fmt: skip
    areas = patrol_areas(zones_of(events), events)
    assert [(a.rank, a.level, a.score) for a in areas] == [
        (1, "hyper", 3.0),
        (2, "red", 1.0),
        (3, "red", 1.0),
    ]
    assert areas[0].events == (3, 4, 5)
    assert {areas[1].events, areas[2].events} == {(0,), (1, 2)}
    assert areas[0].newest == events.end[3]
    assert crowding(areas) == pytest.approx(0.6)
    assert crowding([]) == 0.0


def test_large_areas_are_cut_to_their_higher_parts() -> None:
    chain = [(x * 600.0, 0.0) for x in range(12)]  # each disc meets the next
    events = incidents(chain, [1] * 12)
    whole = patrol_areas(zones_of(events), events, largest_km2=99)
    assert len(whole) == 1
    parts = patrol_areas(zones_of(events), events, largest_km2=2)
    assert len(parts) == 11
    assert {a.level for a in parts} == {"hyper"}
    assert all(len(a.events) >= 2 for a in parts)


def test_one_level_is_not_cut() -> None:
    rule = load_rule("trafford", days=[7])
    events = incidents([(x * 790.0, 0.0) for x in range(9)], [1] * 9)
    zones = risk_zones(events.easting, events.northing, events.start, NOW, rule, events.end)
    assert sum(a.area_km2 for a in patrol_areas(zones, events, largest_km2=1)) > 0


def test_hours_come_from_the_area_and_its_past_and_not_its_future() -> None:
    evening, morning = 10 / 24 + 1, 21 / 24 + 1  # days before 06:00: at 20:00 and at 09:00
    places = [(0.0, 0.0)] * 60 + [(9000.0, 0.0)] * 60
    ages = [evening + i for i in range(60)] + [morning + i for i in range(60)]
    events = incidents(places + [(0.0, 0.0)] * 500, ages + [-0.1] * 500)
    first, second = sorted(patrol_areas(zones_of(events), events), key=lambda a: a.centre[0])
    assert (first.history, second.history) == (60, 60)
    assert first.peak_from <= 20 < first.peak_from + 4
    assert second.peak_from <= 9 < second.peak_from + 4
    assert sum(first.hours) == pytest.approx(1)
    assert first.hours[20] == pytest.approx((60 + 10) / 80)
    assert first.hours[9] == pytest.approx(10 / 80)  # drawn towards the hours of all zones


def test_no_events_no_areas() -> None:
    events = incidents([(0, 0)], [99])
    zones = zones_of(events)
    assert patrol_areas(zones, events) == []
    assert zones.area_km2() == {"amber": 0, "red": 0, "hyper": 0}
    assert json.loads(geojson([], "EPSG:27700"))["features"] == []


# --- files ----------------------------------------------------------------------------------------


def test_geojson_is_what_rfc_7946_asks(tmp_path: Path) -> None:
    ring = [(600 * np.cos(a), 600 * np.sin(a)) for a in np.linspace(0, 6.28, 12)]
    events = incidents([*ring, (5000, 0)], [1] * 12 + [10])
    zones = zones_of(events)
    patrols = patrol_areas(zones, events)
    path = tmp_path / "deep" / "zones.geojson"
    count = write_zones(path, zones, patrols, "EPSG:27700")
    read = json.loads(path.read_text())
    assert len(read["features"]) == count
    assert "crs" not in read
    layers = {f["properties"]["layer"] for f in read["features"]}
    assert layers == {"zone", "patrol area"}
    holes = 0
    for feature in read["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        assert shape.exterior.is_ccw
        holes += len(shape.interiors)
        assert all(not hole.is_ccw for hole in shape.interiors)
        west, south, east, north = shape.bounds
        assert -0.2 < west < east < 0
        assert 51.4 < south < north < 51.6
    assert holes  # the ring has a middle


def test_geopackage_keeps_metres(tmp_path: Path) -> None:
    from pyogrio.raw import read

    events = incidents([(0, 0), (300, 0)], [1, 10])
    zones = zones_of(events)
    path = tmp_path / "zones.gpkg"
    write_zones(path, zones, patrol_areas(zones, events), "EPSG:27700")
    meta, _, geometry, columns = read(path, layer="zone")
    assert "27700" in str(meta["crs"])
    area = shapely.area(shapely.from_wkb(geometry)).sum()
    assert area == pytest.approx(zones.runs.area_m2())
    assert set(columns[list(meta["fields"]).index("level")]) == {"amber", "red", "hyper"}


def test_unknown_endings_are_refused(tmp_path: Path) -> None:
    zones = zones_of(incidents([(0, 0)], [1]))
    with pytest.raises(InputError, match=r"End the name in \.geojson"):
        write_zones(tmp_path / "zones.shp", zones, [], "EPSG:27700")
