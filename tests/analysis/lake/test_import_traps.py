"""The traps of real data, in small invented files: expectations written by hand."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from invented_imports import mapping_file, row, write_rows

from triservice.analysis.lake.importing import import_files
from triservice.analysis.lake.quarantine import read_quarantine
from triservice.analysis.lake.store import Lake
from triservice.kernel.errors import InputError

STREET_HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context\n"
)
FORCE = "Somewhere Police,Somewhere Police"


def street(crime_id, month="2025-06", where="-5.0500,50.2600", code="E01018936", kind="Drugs"):
    return f"{crime_id},{month},{FORCE},{where},On or near A Road,{code},X 001A,{kind},Unknown,\n"


def street_import(tmp_path, rows, name="2025-06-somewhere-street.csv"):
    path = tmp_path / name
    path.write_text(STREET_HEADER + "".join(rows), encoding="utf-8")
    summary = import_files(tmp_path / "lake", "police-uk", [path])
    return summary, Lake.open(tmp_path / "lake")


ASB = "Anti-social behaviour"


def test_identical_rows_without_an_identifier_are_all_events(tmp_path):
    rows = [street("", kind=ASB)] * 3 + [street("a" * 64), street("", where=",", kind=ASB)]
    summary, lake = street_import(tmp_path, rows)
    assert (summary.rows_read, summary.accepted, summary.duplicates) == (5, 5, 0)
    events = lake.events().to_pylist()
    assert [e["category"] for e in events].count("anti-social-behaviour") == 4
    assert len({e["event_id"] for e in events}) == 5
    assert summary.without_coordinates == 1


def test_a_republished_file_adds_only_the_rows_that_are_new(tmp_path):
    first = [street("", kind=ASB)] * 2 + [street("a" * 64)]
    street_import(tmp_path, first)
    again = [street("", kind=ASB)] * 3 + [street("a" * 64), street("b" * 64)]
    summary, lake = street_import(tmp_path, again, "2025-06-somewhere-corrected-street.csv")
    assert (summary.rows_read, summary.accepted, summary.duplicates) == (5, 2, 3)
    assert lake.events().num_rows == 5
    reasons = [r["reason"] for r in read_quarantine(lake, ("duplicate",)).to_pylist()]
    assert sorted(reasons) == ["repeated-id", "repeated-row", "repeated-row"]


def test_a_repeated_crime_id_is_counted_and_kept_aside_with_its_row(tmp_path):
    rows = [street("a" * 64), street("b" * 64), street("a" * 64, kind="Burglary")]
    summary, lake = street_import(tmp_path, rows)
    assert (summary.accepted, summary.duplicates) == (2, 1)
    (aside,) = read_quarantine(lake, ("duplicate",)).to_pylist()
    assert (aside["row"], aside["line"], aside["reason"]) == (3, 4, "repeated-id")
    assert aside["text"] == rows[2].rstrip("\n")
    kept = {e["source_id"]: e["category"] for e in lake.events().to_pylist()}
    assert kept["a" * 64] == "drugs"  # the first row is the event


@pytest.mark.parametrize(
    ("month", "codes", "vintage"),
    [
        ("2018-10", ["E01018936"], "lsoa11"),
        ("2025-06", ["E01018936"], "lsoa21"),  # too few codes to tell: the month decides
        ("2018-10", ["E01018936", "E01035000"], "lsoa21"),  # a code of 2021 in the file
        ("2025-06", [f"E010{n:05d}" for n in range(18_000, 18_150)], "lsoa11"),  # none in many
    ],
)
def test_the_vintage_of_codes_is_that_of_the_file(tmp_path, month, codes, vintage):
    rows = [street(f"{n:064d}", month=month, code=code) for n, code in enumerate(codes)]
    _, lake = street_import(tmp_path, rows)
    table = lake.events(columns=["area_code", "area_vintage"])
    assert sorted(table["area_code"].to_pylist()) == sorted(codes)
    assert set(table["area_vintage"].to_pylist()) == {vintage}


def test_a_row_without_a_code_has_no_vintage(tmp_path):
    _, lake = street_import(tmp_path, [street("a" * 64, code="", where=",")])
    (event,) = lake.events().to_pylist()
    assert (event["area_code"], event["area_vintage"]) == (None, None)
    assert event["location_precision"] == "none"


LFB_HEADER = (
    "IncidentNumber,DateOfCall,TimeOfCall,StopCodeDescription,SpecialServiceType,Easting_m,"
    "Northing_m,Easting_rounded,Northing_rounded,FirstPumpArriving_AttendanceTime\n"
)


def test_the_brigades_exact_and_rounded_points(tmp_path):
    rows = [
        "1-1,01 Jul 2017,00:30:00,Primary Fire,,530001,180002,530050,180050,300\n",
        "2-1,01 Jul 2017,12:00:00,Special Service,RTC,,,530150,180250,\n",
        "3-1,01 Jan 2017,12:00:00,AFA,,NULL,NULL,0,0,NULL\n",
    ]
    path = tmp_path / "lfb.csv"
    path.write_text(LFB_HEADER + "".join(rows), encoding="utf-8")
    summary = import_files(tmp_path / "lake", "lfb", [path])
    assert (summary.accepted, summary.without_coordinates) == (3, 1)
    lake = Lake.open(tmp_path / "lake")
    one, two, three = sorted(lake.events().to_pylist(), key=lambda e: e["source_id"])
    assert (one["location_precision"], one["easting"]) == ("exact", 530_001.0)
    assert (two["location_precision"], two["northing"]) == ("grid", 180_250.0)
    assert (three["location_precision"], three["easting"]) == ("none", None)
    assert one["called_at"] == datetime(2017, 6, 30, 23, 30, tzinfo=UTC)  # summer time
    assert one["month"] == "2017-07"  # the month on the clock of the place
    assert one["arrived_at"] == datetime(2017, 6, 30, 23, 35, tzinfo=UTC)
    assert (two["arrived_at"], two["category"]) == (None, "road-traffic-collision")


CAD_HEADER = "lat,lng,desc,zip,title,timeStamp,twp,addr,e\n"


def test_a_wild_coordinate_is_kept_and_counted_as_outside(tmp_path):
    rows = [
        "40.2978,-75.5812,d,19525,EMS: FALL VICTIM,2016-01-15 23:30:00,T,A,1\n",
        "30.3330,-95.5955,d,77316,Fire: FIRE ALARM,2016-07-15 23:30:00,T,A,1\n",  # Texas
        "40.1,-75.3,d,19401,Traffic: VEHICLE ACCIDENT -,2016-01-31 23:30:00,T,A,1\n",
        "40.1,-75.3,d,19401,Sewage: FLOOD,2016-01-31 23:30:00,T,A,1\n",
    ]
    path = tmp_path / "911.csv"
    path.write_text(CAD_HEADER + "".join(rows), encoding="utf-8")
    summary = import_files(tmp_path / "lake", "cad", [path])
    assert summary.quarantined == {"unknown-service": 1}
    assert (summary.accepted, summary.outside, summary.without_coordinates) == (3, 1, 0)
    events = {e["service"]: e for e in Lake.open(tmp_path / "lake").events().to_pylist()}
    assert events["ambulance"]["time_from"] == datetime(2016, 1, 16, 4, 30, tzinfo=UTC)
    assert events["fire"]["time_from"] == datetime(2016, 7, 16, 3, 30, tzinfo=UTC)
    assert events["police"]["month"] == "2016-01"
    assert events["police"]["source_category"] == "VEHICLE ACCIDENT"
    # UTM zone 18N, worked out with PROJ 9.
    assert events["ambulance"]["easting"] == pytest.approx(450_604.99, abs=0.01)
    assert events["ambulance"]["northing"] == pytest.approx(4_460_972.99, abs=0.01)


def test_a_sentence_for_an_easting_and_a_lost_digit(tmp_path):
    rows = [
        row(1),
        row(2, east="Please contact the service for this"),
        row(3, east="21248", north="51999"),  # a digit is lost
        row(4, east="", north="51999"),
        row(5, east="0", north="0"),
        row(6, east="9180000", north="51999"),
    ]
    path = write_rows(tmp_path / "stations.csv", rows)
    summary = import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    assert summary.quarantined == {"bad-number": 1, "half-a-location": 1}
    assert summary.kept_aside == {"impossible-location": 1}
    assert (summary.rows_read, summary.accepted) == (6, 4)
    assert summary.outside == 2
    assert summary.without_coordinates == 2
    lake = Lake.open(tmp_path / "lake")
    sentence, half = read_quarantine(lake).to_pylist()
    assert (sentence["row"], sentence["line"], sentence["field"]) == (2, 3, "east")
    assert sentence["value"] == "Please contact the service for this"
    assert sentence["text"] == ",".join(rows[1].values())
    assert sentence["file"] == str(path)
    assert half["row"] == 4


def test_spans_are_aoristic_and_may_not_run_backwards(tmp_path):
    rows = [
        row(1, when="2024-06-01 20:00:00", until="2024-06-03 08:00:00"),
        row(2, when="2024-06-03 08:00:00", until="2024-06-01 20:00:00"),
        row(3, when="2024-06-01", until=""),
        row(4, when="2024-02", until=""),
    ]
    path = write_rows(tmp_path / "a.csv", rows)
    summary = import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    assert summary.quarantined == {"times-reversed": 1}
    events = {e["source_id"]: e for e in Lake.open(tmp_path / "lake").events().to_pylist()}
    span, day, month = (events[f"D{n:06d}"] for n in (1, 3, 4))
    assert span["time_from"] == datetime(2024, 6, 1, 19, tzinfo=UTC)
    assert span["time_to"] == datetime(2024, 6, 3, 7, tzinfo=UTC)
    assert day["time_to"] == datetime(2024, 6, 1, 23, tzinfo=UTC)
    assert (day["time_precision"], month["time_precision"]) == ("day", "month")
    assert month["time_to"] == datetime(2024, 3, 1, tzinfo=UTC)


def test_a_category_that_the_table_does_not_name_is_said(tmp_path):
    path = write_rows(tmp_path / "a.csv", [row(1, type="Cat in tree"), row(2, type="House")])
    summary = import_files(tmp_path / "lake", mapping_file(tmp_path), [path])
    assert summary.unmapped_categories == {"Cat in tree": 1}
    events = Lake.open(tmp_path / "lake").events().to_pylist()
    assert {e["category"] for e in events} == {"unmapped", "building-fire"}


def test_a_mapping_with_another_system_does_not_mix_with_the_lake(tmp_path):
    street_import(tmp_path, [street("a" * 64)])
    path = tmp_path / "911.csv.gz"
    path.write_bytes(gzip.compress(CAD_HEADER.encode()))
    with pytest.raises(InputError, match=r"EPSG:27700.*EPSG:26918.*one lake for each"):
        import_files(tmp_path / "lake", "cad", [path])
