"""The heavy pass counts what plain Python counts, and the same on DuckDB and Spark."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from triservice.analysis.counts import count_by_area, count_by_cell, tally
from triservice.analysis.lake.boundaries import add_boundaries, read_boundaries
from triservice.analysis.lake.store import Selection
from triservice.kernel.errors import InputError
from triservice.kernel.grid import grid_to_lonlat

BY = ("service", "category", "month", "column", "row", "area_code", "area_vintage")


def invented_events(n: int = 500) -> list[dict[str, Any]]:
    chance = random.Random(5)
    events: list[dict[str, Any]] = []
    for _ in range(n):
        placed = chance.random() < 0.9
        events.append(
            {
                "service": chance.choice(["police", "fire", "ambulance"]),
                "category": chance.choice(["burglary", "robbery", "dwelling-fire"]),
                "time_from": datetime(2025, 1, 1, tzinfo=UTC)
                + timedelta(hours=chance.random() * 2000),
                "easting": chance.choice([chance.uniform(180_000, 184_000), 181_000.0])
                if placed
                else None,
                "northing": chance.choice([chance.uniform(40_000, 44_000), 41_500.0])
                if placed
                else None,
                "area_code": chance.choice(["E01000001", "E01000002", None]),
                "area_vintage": "lsoa11",
            }
        )
    return events


def by_hand(events: list[dict[str, Any]], cell_m: float) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            e["service"],
            e["category"],
            f"{e['time_from']:%Y-%m}",
            None if e["easting"] is None else floor(e["easting"] / cell_m),
            None if e["northing"] is None else floor(e["northing"] / cell_m),
            e["area_code"],
            e["area_vintage"],
        )
        for e in events
    )


def as_counter(table: Any) -> Counter[tuple[Any, ...]]:
    return Counter({tuple(row[c] for c in BY): row["events"] for row in table.to_pylist()})


def test_tally_counts_what_plain_python_counts(lake_of: Any) -> None:
    events = invented_events()
    assert as_counter(tally(lake_of(events), BY, cell_m=500)) == by_hand(events, 500)


def test_tally_honours_every_side_of_a_selection(lake_of: Any) -> None:
    events = invented_events()
    since, until = datetime(2025, 1, 20, tzinfo=UTC), datetime(2025, 2, 20, tzinfo=UTC)
    bounds = (180_500.0, 40_500.0, 183_000.0, 43_000.0)
    selection = Selection(("fire", "police"), ("invented",), ("burglary",), since, until, bounds)
    kept = [
        e
        for e in events
        if e["service"] in ("fire", "police")
        and e["category"] == "burglary"
        and since <= e["time_from"] < until
        and e["easting"] is not None
        and bounds[0] <= e["easting"] < bounds[2]
        and bounds[1] <= e["northing"] < bounds[3]
    ]
    lake = lake_of(events)
    assert 0 < len(kept) < len(events)
    assert as_counter(tally(lake, BY, selection, cell_m=250)) == by_hand(kept, 250)
    assert lake.events(selection).num_rows == len(kept)  # the SQL reader agrees with Ibis


def test_an_empty_lake_counts_nothing(lake_of: Any) -> None:
    lake = lake_of(invented_events(10))
    empty = tally(lake, BY, Selection(services=("council",)), cell_m=500)
    assert empty.num_rows == 0
    assert empty.schema.names == [*BY, "events"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"by": ["colour"]}, "no column colour"),
        ({"by": ["column"], "cell_m": 0}, "is not a size"),
        ({"by": ["service"], "engine": "abacus"}, "not an engine"),
    ],
)
def test_bad_arguments_get_a_sentence(lake_of: Any, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        tally(lake_of(invented_events(5)), **arguments)


@pytest.mark.parametrize("shape", ["square", "hex"])
def test_every_event_is_in_a_cell_elsewhere_or_unplaced(lake_of: Any, shape: Any) -> None:
    events = invented_events()
    region = np.array([shapely.box(180_500, 40_500, 183_000, 43_000)], dtype=object)
    counts = count_by_cell(lake_of(events), 500, shape=shape, region=region)
    assert counts.events == len(events)
    assert counts.unplaced == sum(e["easting"] is None for e in events)
    assert counts.totals().sum() == counts.placed["coordinates"]
    inside = sum(
        e["easting"] is not None and region[0].covers(shapely.Point(e["easting"], e["northing"]))
        for e in events
    )
    assert inside <= counts.placed["coordinates"] < len(events) - counts.unplaced
    months, series = counts.series("fire")
    assert months == ["2025-01", "2025-02", "2025-03"]
    assert np.array_equal(series.sum(axis=1), counts.totals("fire"))


def test_cells_hold_the_events_that_lie_in_them(lake_of: Any) -> None:
    events = invented_events()
    counts = count_by_cell(lake_of(events), 500)
    expected = Counter(
        f"500m:E{floor(e['easting'] / 500) * 500}:N{floor(e['northing'] / 500) * 500}"
        for e in events
        if e["easting"] is not None and e["service"] == "police"
    )
    found = dict(zip(counts.cells.ids.tolist(), counts.totals("police").tolist(), strict=True))
    assert {cell: n for cell, n in found.items() if n} == expected
    assert "convex hull" in counts.notes[0]


def test_one_stray_point_does_not_blow_up_the_grid(lake_of: Any) -> None:
    events = [*invented_events(), invented_events(1)[0] | {"easting": 650_000.0, "northing": 9e5}]
    counts = count_by_cell(lake_of(events), 500)
    assert len(counts.cells) < 150
    assert counts.elsewhere == 1
    assert "far from all others" in counts.notes[1]


def write_squares(folder: Path, unit: str, areas: dict[str, tuple[str, int, int]]) -> Path:
    """Write square areas of 1 km: code -> (name, easting, northing of the south-west corner)."""
    features = []
    for code, (name, east, north) in areas.items():
        corners = [(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0)]
        lon, lat = grid_to_lonlat([east + e for e, _ in corners], [north + n for _, n in corners])
        ring = [list(point) for point in zip(lon.tolist(), lat.tolist(), strict=True)]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        properties = {"code": code, "name": name}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    path = folder / f"{unit}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_a_stated_code_decides_then_the_coordinates(lake_of: Any, tmp_path: Path) -> None:
    old, new = {"area_vintage": "lsoa11"}, {"area_vintage": "lsoa21"}
    inside = {"easting": 201_500.0, "northing": 50_500.0}  # in Testshire 001B
    lake = lake_of(
        [
            old | {"area_code": "E01000001", "easting": 1.0, "northing": 1.0},  # code wins
            old | {"area_code": "E01000002", "service": "fire"},
            old | {"area_code": "E01000003"},  # Otherham: known, not wanted
            old | {"area_code": "E01999999"} | inside,  # unknown code: the point decides
            new | {"area_code": "E01000001"} | inside,  # no way from lsoa21: the point decides
            inside,
            {"easting": 500_000.0, "northing": 500_000.0},
            {"area_code": "E01999999", "area_vintage": "lsoa11"},  # nothing to go by
            {},
        ]
    )
    lsoa = {
        "E01000001": ("Testshire 001A", 200_000, 50_000),
        "E01000002": ("Testshire 001B", 201_000, 50_000),
        "E01000003": ("Otherham 001A", 202_000, 50_000),
    }
    msoa = {
        "E02000001": ("Testshire 001", 200_000, 50_000),
        "E02000002": ("Otherham 001", 202_000, 50_000),
    }
    add_boundaries(lake, [write_squares(tmp_path, "lsoa11", lsoa)], "lsoa11")
    add_boundaries(lake, [write_squares(tmp_path, "msoa11", msoa)], "msoa11")

    counts = count_by_area(lake, read_boundaries(lake, "lsoa11", "Testshire"))
    assert counts.cells.ids.tolist() == ["E01000001", "E01000002"]
    assert counts.totals().tolist() == [1, 4]
    assert counts.totals("fire").tolist() == [0, 1]
    assert counts.placed == {"stated code": 2, "coordinates": 3}
    assert (counts.elsewhere, counts.unplaced, counts.events) == (2, 2, 9)
    assert any("lsoa21" in note for note in counts.notes)

    by_name = count_by_area(lake, read_boundaries(lake, "msoa11", "Testshire"))
    assert by_name.placed["stated code, lsoa11 → msoa11"] == 2
    assert by_name.events == 9


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")  # PySpark's own
def test_spark_gives_identical_numbers(lake_of: Any) -> None:
    pytest.importorskip("pyspark", reason="the spark extra is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not on this machine")
    lake = lake_of(invented_events())
    selection = Selection(since=datetime(2025, 1, 10, tzinfo=UTC))
    on_duckdb = tally(lake, BY, selection, cell_m=500)
    assert tally(lake, BY, selection, cell_m=500, engine="spark") == on_duckdb
    assert on_duckdb.num_rows > 100
