"""`describe_file` proposes mappings that load, import, and mean what the file means."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from invented_exports import dispatch_feed, imported, moments, proposed, write_csv

from triservice.analysis.lake.describe import describe_file
from triservice.analysis.lake.importing import import_files
from triservice.analysis.lake.mapping import load_mapping
from triservice.analysis.lake.place_guesses import bounds_around
from triservice.analysis.lake.time_guesses import role_of
from triservice.analysis.lake.word_guesses import service_of
from triservice.kernel.errors import InputError

# -- dispatch feeds --------------------------------------------------------------------------


def test_a_dispatch_feed_gives_service_category_system_clock_and_bounds(tmp_path: Path) -> None:
    file = dispatch_feed(tmp_path / "feed.csv")
    mapping = proposed(file)
    assert mapping["lake"] == {"crs": "EPSG:26918", "time_zone": "America/New_York"}
    assert mapping["service"] == {
        "column": "title",
        "before": ":",
        "table": {"EMS": "ambulance", "Fire": "fire", "Traffic": "police"},
    }
    assert mapping["category"]["table"]["VEHICLE ACCIDENT"] == "road-traffic-collision"
    summary, events = imported(file)
    assert (summary["accepted"], summary["outside"]) == (400, 2)
    assert summary["unmapped_categories"] == {"ODD THING": 66}
    assert '"ODD THING" = ""' in describe_file(file)  # said, to be filled in
    assert set(events["service"]) == {"ambulance", "fire", "police"}
    first = events.iloc[0]["time_from"].tz_convert("America/New_York").tz_localize(None)
    assert first == moments(400)[0]


def test_stages_are_known_by_the_names_of_their_columns(tmp_path: Path) -> None:
    header = ["CallID", "CallReceived", "FirstDispatched", "EnRouteTime", "OnSceneTime",
              "ClearTime", "ChiefComplaint", "Latitude", "Longitude"]  # fmt: skip
    rows = []
    for i, when in enumerate(moments(300)):
        stages = [when + timedelta(minutes=m) for m in (0, 2, 3, 11, 50)]
        said = [stage.strftime("%m/%d/%Y %I:%M:%S %p") for stage in stages]
        rows.append([i + 1000, *said, "Stroke" if i % 2 else "Fall", 41.8 + i / 1e4, -87.7])
    file = write_csv(tmp_path / "calls.csv", header, rows)
    time = proposed(file)["time"]
    assert time["zone"] == "America/Chicago"
    assert {key: value["column"] for key, value in time.items() if key != "zone"} == {
        "from": "CallReceived",
        "called": "CallReceived",
        "mobilised": "FirstDispatched",
        "en_route": "EnRouteTime",
        "arrived": "OnSceneTime",
        "closed": "ClearTime",
    }
    assert proposed(file)["columns"]["id"] == "CallID"
    summary, events = imported(file)
    assert summary["accepted"] == 300
    assert ((events["arrived_at"] - events["called_at"]) == timedelta(minutes=11)).all()


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Date of call", "called"), ("time_call_received", "called"),
        ("DateTimeReported", "called"),
        ("Mobilised", "mobilised"), ("Dispatch Time", "mobilised"), ("enroute_dttm", "en_route"),
        ("TimeAtScene", "arrived"), ("first_pump_arriving", "arrived"), ("Closed", "closed"),
        ("Committed From Date", "occurred"), ("Latest date", "to"), ("Incident End", "closed"),
        ("Date of birth", ""), ("last_updated", ""), ("opening_hours", ""), ("Month", "occurred"),
    ],
)  # fmt: skip
def test_what_a_column_is_the_time_of(name: str, role: str) -> None:
    assert role_of(name) == role


# -- times -----------------------------------------------------------------------------------


def dated(path: Path, texts: list[str], place: tuple[float, float] = (50.3, -5.0)) -> Path:
    rows = [[i, text, "AFA", *place] for i, text in enumerate(texts)]
    return write_csv(path, ["id", "Date", "Stop code", "lat", "lon"], rows)


@pytest.mark.parametrize(
    ("written", "precision"),
    [
        ("%d/%m/%Y %H:%M", "minute"), ("%m/%d/%Y %H:%M:%S", "second"),
        ("%Y-%m-%dT%H:%M:%S", "second"),
        ("%d-%b-%y", "day"), ("%d %b %Y", "day"), ("%d.%m.%Y", "day"), ("%Y-%m", "month"),
        ("%b %Y", "month"), ("%d/%m/%y", "day"), ("%Y%m%d", "day"), ("%d/%m/%Y %I:%M %p", "minute"),
        ("%Y-%m-%d 00:00:00", "day"),
    ],
)  # fmt: skip
def test_ways_to_write_a_date(tmp_path: Path, written: str, precision: str) -> None:
    times = moments(120)
    summary, events = imported(dated(tmp_path / "fire.csv", [f"{t:{written}}" for t in times]))
    assert summary["accepted"] == 120
    assert set(events["time_precision"]) == {precision}
    local = events["time_from"].dt.tz_convert("Europe/London").dt.strftime(written).tolist()
    assert local == [f"{t:{written}}" for t in times]


def test_serial_days_of_a_spreadsheet_and_seconds_of_a_computer(tmp_path: Path) -> None:
    days = [45_292 + i / 7 for i in range(100)]  # from 2024-01-01
    file = dated(tmp_path / "fire.csv", [f"{day:.5f}" for day in days])
    assert proposed(file)["time"]["from"]["format"] == "excel"
    assert imported(file)[1].iloc[0]["time_from"].date() == date(2024, 1, 1)
    file = dated(tmp_path / "fire2.csv", [str(1_704_067_200 + 3600 * i) for i in range(100)])
    assert proposed(file)["time"]["from"]["format"] == "unix"


def test_an_ambiguous_date_is_said_and_decided_by_the_place(tmp_path: Path) -> None:
    texts = [f"{1 + i % 12:02}/{1 + i % 11:02}/2024" for i in range(60)]
    british = dated(tmp_path / "fire.csv", texts)
    assert proposed(british)["time"]["from"]["format"] == "%d/%m/%Y"
    assert "day first or month first" in describe_file(british)
    american = dated(tmp_path / "fire-us.csv", texts, (40.2, -75.3))
    assert proposed(american)["time"]["from"]["format"] == "%m/%d/%Y"
    plain = dated(tmp_path / "fire-plain.csv", [*texts, "25/02/2024"])
    assert "day first or" not in describe_file(plain)


def test_a_span_in_four_columns_is_a_span(tmp_path: Path) -> None:
    header = [
        "Crime Number", "Reported", "Committed From Date", "Committed From Time",
        "Committed To Date", "Committed To Time", "Offence", "Outcome", "UPRN", "X", "Y",
    ]  # fmt: skip
    rows = []
    for i, when in enumerate(moments(200)):
        until = when + timedelta(hours=i % 30)
        spoken = [f"{when:%d/%m/%Y}", f"{when:%H:%M}", f"{until:%d/%m/%Y}", f"{until:%H:%M}"]
        what = ["Burglary" if i % 2 else "Robbery", "Charged" if i % 3 else ""]
        where = [100_000_000 + i, 560_000 + i, 180_000 + i]
        rows.append([f"CR/{i}", f"{until:%d/%m/%Y %H:%M}", *spoken, *what, *where])
    file = write_csv(tmp_path / "burglary.tsv", header, rows, delimiter="\t")
    mapping = proposed(file)
    assert mapping["time"]["from"]["date"] == "Committed From Date"
    assert mapping["time"]["to"]["time"] == "Committed To Time"
    assert mapping["columns"] == {"id": "Crime Number", "uprn": "UPRN", "outcome": "Outcome"}
    assert mapping["service"] == "police"
    summary, events = imported(file)
    assert summary["accepted"] == 200
    spans = (events["time_to"] - events["time_from"]).dt.total_seconds() / 3600
    assert np.allclose(spans, [i % 30 + 1 / 60 for i in range(200)])


# -- who, what, where ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("EMS", "ambulance"), ("Fire and Rescue", "fire"), ("Traffic", "police"), ("XYZ", ""),
        ("London Ambulance Service", "ambulance"), ("Devon & Cornwall Police", "police"),
        ("Police and Fire", ""), ("Firearms", ""),
    ],
)  # fmt: skip
def test_which_service_a_text_names(text: str, service: str) -> None:
    assert service_of(text) == service


def test_a_column_that_names_the_service(tmp_path: Path) -> None:
    agencies = ["Police", "Fire and Rescue", "Ambulance Trust"]
    rows = [[i, agencies[i % 3], t, "RTC", 440_000 + i, 110_000] for i, t in enumerate(moments(90))]
    file = write_csv(tmp_path / "joint.csv", ["ref", "agency", "timestamp", "what", "e", "n"], rows)
    summary, events = imported(file)
    assert summary["accepted"] == 90
    assert events["service"].tolist()[:3] == ["police", "fire", "ambulance"]


def test_a_service_that_nothing_tells_has_to_be_filled_in(tmp_path: Path) -> None:
    rows = [
        [i, t, "alpha" if i % 2 else "beta", 440_000 + i, 110_000 + i]
        for i, t in enumerate(moments(90))
    ]
    file = write_csv(tmp_path / "export.csv", ["ref", "timestamp", "kind", "x", "y"], rows)
    text = describe_file(file)
    assert "FILL IN BEFORE IMPORTING: service" in text
    mapping = tmp_path / "m.toml"
    mapping.write_text(text)
    with pytest.raises(InputError, match="is not a service"):
        load_mapping(mapping)
    mapping.write_text(text.replace('service = "?"', 'service = "council"'))
    assert import_files(tmp_path / "lake", mapping, [file]).accepted == 90


@pytest.mark.parametrize(
    ("header", "code", "vintage", "newer"),
    [
        ("LSOA code", "E01000001", "lsoa11", "lsoa21"),
        ("LSOA21CD", "E01000001", "lsoa21", None),
        ("LSOA11CD", "E01000001", "lsoa11", None),
        ("MSOA", "E02000001", "msoa11", None),
        ("Data zone", "S01006506", "dz11", None),
    ],
)
def test_area_codes_are_known_by_their_pattern(
    tmp_path: Path, header: str, code: str, vintage: str, newer: str | None
) -> None:
    rows = [[code, f"2024-{1 + i % 12:02}", "Burglary" if i % 2 else "Drugs"] for i in range(60)]
    file = write_csv(tmp_path / "police.csv", [header, "Month", "Crime type"], rows)
    area = proposed(file)["area"]
    assert (area["column"], area["vintage"], area.get("newer")) == (header, vintage, newer)
    summary, events = imported(file)
    # The same row twice is told apart by its number: there is no identifier.
    assert summary["accepted"] == 60
    assert set(events["location_precision"]) == {"area"}


def test_exact_coordinates_come_before_rounded_ones(tmp_path: Path) -> None:
    exact: list[tuple[Any, Any]] = [("", ""), (530_012, 180_031)]
    rows = [
        [i, t, "AFA", 530_050 + 100 * (i % 90), 180_050, *exact[i % 2]]
        for i, t in enumerate(moments(100))
    ]
    header = [
        "id",
        "time",
        "stop code",
        "easting_rounded",
        "northing_rounded",
        "easting_m",
        "northing_m",
    ]
    file = write_csv(tmp_path / "fire.csv", header, rows)
    assert [(place["x"], place["precision"]) for place in proposed(file)["location"]] == [
        ("easting_m", "exact"),
        ("easting_rounded", "grid"),
    ]
    assert imported(file)[1]["location_precision"].value_counts().to_dict() == {
        "exact": 50,
        "grid": 50,
    }


def test_longitude_and_latitude_exchanged_are_noticed(tmp_path: Path) -> None:
    rows = [[i, t, "AFA", -5.05 + i / 1e4, 50.26] for i, t in enumerate(moments(100))]
    file = write_csv(
        tmp_path / "fire.csv", ["id", "time", "stop code", "latitude", "longitude"], rows
    )
    assert proposed(file)["location"][0]["x"] == "latitude"
    assert "look exchanged" in describe_file(file)
    assert imported(file)[1]["easting"].between(182_000, 184_000).all()


def test_coordinates_of_an_unknown_system_are_left_to_be_filled_in(tmp_path: Path) -> None:
    rows = [[i, t, "AFA", 2_600_000 + i, 12_200_000] for i, t in enumerate(moments(100))]
    file = write_csv(tmp_path / "fire.csv", ["id", "time", "stop code", "x", "y"], rows)
    text = describe_file(file)
    assert "FILL IN a [location]" in text
    assert imported(file)[0]["without_coordinates"] == 100


def test_an_identifier_that_repeats_is_not_one(tmp_path: Path) -> None:
    times = moments(6000)
    rows = [
        [i if i < 2100 else 7, t, "AFA" if i % 2 else "RTC", "x" * 400] for i, t in enumerate(times)
    ]
    file = write_csv(tmp_path / "fire.csv", ["reference", "time", "stop code", "note"], rows)
    assert "id" not in proposed(file)["columns"]
    assert imported(file)[0]["accepted"] == 6000


def test_bounds_hold_the_bulk_whatever_the_wild_points() -> None:
    chance = np.random.default_rng(3)
    east, north = chance.uniform(460e3, 490e3, 5000), chance.uniform(4430e3, 4460e3, 5000)
    plain = bounds_around(east, north)
    wild = bounds_around(np.append(east, [-2e6, 9e6, np.nan]), np.append(north, [1e6, 9e6, np.nan]))
    assert plain == wild
    assert plain is not None
    west, south, most_east, most_north = plain
    assert west <= east.min()
    assert most_east >= east.max()
    assert max(most_east - west, most_north - south) < 34_000
