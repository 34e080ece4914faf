"""The heavy pass counts what plain Python counts, and the same on DuckDB and Spark."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Any

import pytest

from triservice.analysis.counts import tally
from triservice.analysis.lake.store import Selection
from triservice.kernel.errors import InputError

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
        ({"by": ["column"], "cell_m": 0}, "no area"),
        ({"by": ["service"], "engine": "abacus"}, "not an engine"),
    ],
)
def test_bad_arguments_get_a_sentence(lake_of: Any, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        tally(lake_of(invented_events(5)), **arguments)


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
