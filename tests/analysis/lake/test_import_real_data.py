"""The known traps of real open data, each against a count made with Python's csv module."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from triservice.analysis.lake.breaks import find_breaks
from triservice.analysis.lake.importing import import_files
from triservice.analysis.lake.quarantine import read_quarantine
from triservice.analysis.lake.store import Lake
from triservice.kernel.grid import lonlat_to_grid

pytestmark = pytest.mark.real_data
FORCES = ("devon-and-cornwall", "north-yorkshire")


def read_csv(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def street_files(open_data):
    found = sorted((open_data / "police_street").rglob("*-street.csv.gz"))
    return [path for path in found if any(force in path.name for force in FORCES)]


@pytest.fixture(scope="module")
def street_rows(street_files):
    return {path.name: read_csv(path) for path in street_files}


@pytest.fixture(scope="module")
def streets(street_files, tmp_path_factory):
    lake = tmp_path_factory.mktemp("streets") / "lake"
    return import_files(lake, "police-uk", street_files), Lake.open(lake)


def test_every_street_row_is_accounted_for(streets, street_rows):
    summary, lake = streets
    rows = [row for held in street_rows.values() for row in held]
    named = [row["Crime ID"] for row in rows if row["Crime ID"]]
    assert summary.files == len(street_rows) == 26
    assert summary.rows_read == len(rows) > 220_000
    assert summary.duplicates == len(named) - len(set(named)) > 500
    assert summary.quarantined == {}
    assert summary.rows_read == summary.accepted + summary.duplicates
    assert summary.without_coordinates + _without_duplicates(rows) == sum(
        not row["Longitude"] for row in rows
    )
    assert lake.events(columns=["event_id"]).num_rows == summary.accepted
    assert len(set(lake.events(columns=["event_id"])["event_id"].to_pylist())) == summary.accepted


def _without_duplicates(rows):
    """Rows without coordinates whose identifier was there before."""
    seen: set[str] = set()
    count = 0
    for row in rows:
        if row["Crime ID"] in seen:
            count += not row["Longitude"]
        elif row["Crime ID"]:
            seen.add(row["Crime ID"])
    return count


def test_every_event_says_what_its_row_says(streets, street_rows):
    _, lake = streets
    wanted: Counter[tuple] = Counter()
    seen: set[str] = set()
    for rows in street_rows.values():
        for row in rows:
            if row["Crime ID"] in seen:
                continue
            if row["Crime ID"]:
                seen.add(row["Crime ID"])
            names = ("Crime ID", "Month", "Crime type", "LSOA code", "Last outcome category")
            wanted[tuple(row[name] or None for name in names)] += 1
    names = ["source_id", "month", "source_category", "area_code", "outcome"]
    table = lake.events(columns=names)
    assert Counter(zip(*(table[name].to_pylist() for name in names), strict=True)) == wanted


def test_street_coordinates_are_those_of_the_file(streets, street_rows):
    _, lake = streets
    name = "2025-06-devon-and-cornwall-street.csv.gz"
    rows = [row for row in street_rows[name] if row["Longitude"]]
    degrees = np.array([[float(row["Longitude"]), float(row["Latitude"])] for row in rows])
    wanted = np.column_stack(lonlat_to_grid(degrees[:, 0], degrees[:, 1]))
    record = next(r for r in lake.imports() if Path(r.file).name == name)
    table = lake.events(columns=["import_id", "source_row", "easting", "northing"]).to_pandas()
    own = table[table.import_id == record.import_id].set_index("source_row")
    numbers = [i for i, row in enumerate(street_rows[name], 1) if row["Longitude"]]
    kept = [k for k, number in enumerate(numbers) if number in own.index]
    found = own.loc[[numbers[k] for k in kept], ["easting", "northing"]].to_numpy()
    assert len(kept) > len(rows) * 0.99
    assert (found == wanted[kept]).all()


def test_anti_social_behaviour_has_no_crime_id_and_all_of_it_is_kept(streets, street_rows):
    _, lake = streets
    wanted = Counter(
        row["Month"]
        for rows in street_rows.values()
        for row in rows
        if row["Crime type"] == "Anti-social behaviour"
    )
    table = lake.events(columns=["category", "source_id", "month"]).to_pandas()
    asb = table[table.category == "anti-social-behaviour"]
    assert asb.source_id.isna().all()
    assert asb.month.value_counts().to_dict() == dict(wanted)


@pytest.mark.parametrize(("month", "repeated"), [("2025-06", 70), ("2025-07", 93), ("2025-08", 72)])
def test_repeated_crime_ids_of_north_yorkshire_are_kept_aside(
    streets, street_rows, month, repeated
):
    _, lake = streets
    name = f"{month}-north-yorkshire-street.csv.gz"
    ids = Counter(row["Crime ID"] for row in street_rows[name] if row["Crime ID"])
    assert sum(count - 1 for count in ids.values()) == repeated
    record = next(r for r in lake.imports() if Path(r.file).name == name)
    assert record.duplicates == repeated
    aside = [
        row
        for row in read_quarantine(lake, ("duplicate",)).to_pylist()
        if Path(row["file"]).name == name
    ]
    assert len(aside) == repeated
    for row in aside:
        held = street_rows[name][row["row"] - 1]
        assert row["reason"] == "repeated-id"
        assert ids[held["Crime ID"]] > 1
        assert next(csv.reader([row["text"]])) == list(held.values())


def test_codes_are_of_2011_before_and_of_2021_after(streets):
    _, lake = streets
    table = lake.events(columns=["month", "area_code", "area_vintage"]).to_pandas()
    coded = table[table.area_code.notna()]
    assert (coded[coded.month < "2020"].area_vintage == "lsoa11").all()
    assert (coded[coded.month > "2020"].area_vintage == "lsoa21").all()
    assert table[table.area_code.isna()].area_vintage.isna().all()
    assert set(coded.month) >= {"2018-10", "2025-08"}


def test_snapped_points_are_called_snapped(streets):
    _, lake = streets
    table = lake.events(columns=["easting", "area_code", "location_precision"]).to_pandas()
    placed = table.easting.notna()
    assert (table[placed].location_precision == "snapped").all()
    rest = table[~placed]
    assert (rest[rest.area_code.notna()].location_precision == "area").all()
    assert (rest[rest.area_code.isna()].location_precision == "none").all()


def test_forces_without_codes_or_identifiers(open_data, tmp_path):
    files = [
        open_data / "police_street/2025-06/2025-06-northern-ireland-street.csv.gz",
        open_data / "police_street/2018-10/2018-10-btp-street.csv.gz",
    ]
    summary = import_files(tmp_path / "lake", "police-uk", files)
    for result, path in zip(summary.per_file, files, strict=True):
        rows = read_csv(path)
        ids = [row["Crime ID"] for row in rows if row["Crime ID"]]
        assert result.record.rows_read == len(rows)
        assert result.record.duplicates == len(ids) - len(set(ids))
        assert result.record.accepted == len(rows) - result.record.duplicates
    table = Lake.open(tmp_path / "lake").events(columns=["area_code", "area_vintage", "month"])
    ireland = table.to_pandas().query("month == '2025-06'")
    assert ireland.area_code.isna().all()
    assert ireland.area_vintage.isna().all()


def test_london_fire_brigade_rounds_where_people_live(open_data, tmp_path):
    path = open_data / "lfb/lfb_incidents_2017-01_2017-03.csv.gz"
    rows = {row["incident_number"]: row for row in read_csv(path)}
    summary = import_files(tmp_path / "lake", "lfb", [path])
    assert (summary.rows_read, summary.accepted) == (len(rows), len(rows))
    assert summary.unmapped_categories == {}
    events = Lake.open(tmp_path / "lake").events().to_pylist()
    assert len(events) == len(rows)
    not_geocoded = 0
    for event in events:
        row = rows[event["source_id"]]
        exact = bool(row["easting_m"])
        column = "m" if exact else "rounded"
        assert event["location_precision"] == ("exact" if exact else "grid")
        assert event["easting"] == float(row[f"easting_{column}"])
        assert event["northing"] == float(row[f"northing_{column}"])
        called = f"{event['called_at']:%Y-%m-%d %H:%M:%S}"
        if row["date_of_call"] < "2017-03-26":  # before the clocks go forward
            assert called == f"{row['date_of_call']} {row['time_of_call']}"
        if event["arrived_at"]:
            waited = (event["arrived_at"] - event["called_at"]).total_seconds()
            assert waited == float(row["first_pump_arriving_attendance_time"])
        else:
            assert not row["first_pump_arriving_attendance_time"]
        not_geocoded += row["borough_name"] == "NOT GEO-CODED"
    assert not_geocoded == 126  # of the quarter that is here; all are placed all the same
    assert sum(e["location_precision"] == "grid" for e in events) == 11_567


def test_wild_coordinates_of_montgomery_are_counted_as_outside(open_data, tmp_path):
    path = next((open_data / "montgomery_911").glob("911_*.csv.gz"))
    rows = read_csv(path)
    summary = import_files(tmp_path / "lake", "cad", [path])
    far = [r for r in rows if not (39.5 < float(r["lat"]) < 41 and -76 < float(r["lng"]) < -74.5)]
    assert summary.rows_read == len(rows)
    assert summary.outside == 15
    assert len(far) <= 15
    assert summary.accepted + summary.duplicates == len(rows)
    titles = {"EMS": "ambulance", "Fire": "fire", "Traffic": "police"}
    wanted = Counter(titles[row["title"].split(":")[0]] for row in rows)
    assert {s: sum(m.values()) for s, m in summary.month_counts.items()} == dict(wanted)


def test_fire_stations_with_a_sentence_for_an_easting(open_data, tmp_path):
    """Through a mapping of the kind that an analyst writes; the survey's year is its time."""
    with (open_data / "stations/home_office_fire_stations_2017.csv").open(
        encoding="utf-8-sig", newline=""
    ) as stream:
        rows = list(csv.DictReader(stream))
    names = list(rows[0])
    with (tmp_path / "stations.csv").open("w", newline="", encoding="utf-8") as stream:
        write = csv.writer(stream).writerow
        write([*names, "SURVEYED"])
        for row in rows:
            write([*row.values(), "2017-01-01"])
    (tmp_path / "stations.toml").write_text(
        'name = "stations"\nservice = "fire"\n'
        '[columns]\nid = ["FRS_FULLNAME", "STATION_NAME"]\n'
        '[time]\nfrom = { column = "SURVEYED", format = "%Y-%m-%d" }\n'
        '[location]\nx = "STATION_EASTING"\ny = "STATION_NORTHING"\n'
        "[bounds]\nwest = 80000\nsouth = 5000\neast = 660000\nnorth = 660000\n"
    )
    summary = import_files(tmp_path / "lake", tmp_path / "stations.toml", [tmp_path])
    wrong = {
        number: row["STATION_EASTING"]
        for number, row in enumerate(rows, 1)
        if row["STATION_EASTING"].strip() and not _is_number(row["STATION_EASTING"])
    }
    lake = Lake.open(tmp_path / "lake")
    aside = {row["row"]: row for row in read_quarantine(lake).to_pylist()}
    assert summary.rows_read == len(rows) == 1399
    assert summary.accepted + len(aside) + summary.duplicates == 1399
    assert len(wrong) == 25
    for number, sentence in wrong.items():
        row = aside[number]
        assert (row["reason"], row["field"]) == ("bad-number", "STATION_EASTING")
        assert row["value"] == sentence.strip()
        assert rows[number - 1]["STATION_NAME"] in row["text"]
        assert Path(row["file"]).name == "stations.csv"
    fowey = next(n for n, row in enumerate(rows, 1) if "Fowey" in row["STATION_NAME"])
    events = {e["source_row"]: e for e in lake.events().to_pylist()}
    assert events[fowey]["easting"] == 21_248  # a digit is lost: kept as stated, and counted
    assert summary.outside == sum(
        not (80_000 <= e["easting"] <= 660_000 and 5_000 <= e["northing"] <= 660_000)
        for e in events.values()
        if e["easting"] is not None
    )
    assert summary.outside >= 1


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_the_recording_change_of_december_2023_is_found(open_data):
    months: Counter[str] = Counter()
    for row in read_csv(next((open_data / "police_lsoa_counts").glob("dc_crime_counts*.csv.gz"))):
        months[row["Month"]] += int(row["Crime Count"])
    found = find_breaks(sorted(months), [months[m] for m in sorted(months)])
    assert "2023-12" in [b.month for b in found]
    change = next(b for b in found if b.month == "2023-12")
    assert 1.4 < change.ratio < 2
    assert "change of recording" in change.sentence()
