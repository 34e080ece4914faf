"""The example county gives the published answer, from what comes with the package alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from triservice.analysis.counts import count_by_area
from triservice.analysis.example.demo import (
    COUNTY,
    SINCE,
    UNTIL,
    example_lake,
    folder,
    spread_events,
)
from triservice.analysis.lake.boundaries import read_boundaries
from triservice.analysis.lake.store import Lake
from triservice.analysis.picture.gather import gather
from triservice.analysis.picture.model import Picture
from triservice.analysis.picture.options import Options, read_places

# The answer that analysts of the county can check against: MSOAs, Oct 2018 – Feb 2019.
SPEARMAN = {("police", "health"): 0.73, ("police", "dwelling-fires"): 0.41,
            ("dwelling-fires", "health"): 0.30}  # fmt: skip
BOTH = {("police", "health"): 9, ("police", "dwelling-fires"): 7, ("dwelling-fires", "health"): 7}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return example_lake(tmp_path_factory.mktemp("example") / "lake")


@pytest.fixture(scope="module")
def picture(lake: Lake) -> Picture:
    places = read_places(folder() / "cornwall" / "places.csv")
    return gather(lake, Options(within=COUNTY, since=SINCE, until=UNTIL, places=places))


def test_the_example_is_small_and_says_whose_it_is() -> None:
    county = folder() / "cornwall"
    assert sum(path.stat().st_size for path in county.iterdir()) < 600_000
    said = (county / "ATTRIBUTION.md").read_text(encoding="utf-8")
    for path in county.iterdir():
        assert path.name == "ATTRIBUTION.md" or path.name in said
    assert "Source: Office for National Statistics licensed under the Open" in said


def test_every_count_becomes_that_many_rows(tmp_path: Path) -> None:
    counts = folder() / "cornwall" / "events.parquet"
    files = spread_events(counts, tmp_path)
    rows = 0
    for file in files:
        with file.open(newline="") as stream:
            rows += sum(1 for _ in csv.DictReader(stream))
    assert rows == sum(pq.read_table(counts)["events"].to_pylist()) == 44_271


def test_the_lake_holds_the_events_and_making_it_again_changes_nothing(
    lake: Lake, picture: Picture
) -> None:
    before = sorted(p.name for p in (lake.root / "imports").iterdir())
    again = example_lake(lake.root)
    assert sorted(p.name for p in (again.root / "imports").iterdir()) == before
    assert sum(r.accepted for r in again.imports()) == 44_271


def test_the_answer_is_the_published_one(picture: Picture) -> None:
    overlap = picture.overlap
    assert overlap is not None
    assert picture.unit == "msoa11"
    assert len(picture.areas) == 73
    assert overlap.worst_areas == 15
    assert overlap.observed == 5
    assert overlap.expected == pytest.approx(0.63, abs=0.01)
    for pair in overlap.pairs:
        assert pair.r == pytest.approx(SPEARMAN[pair.a, pair.b], abs=0.005)
        assert pair.both == BOTH[pair.a, pair.b]
    assert "overlap strongly; dwelling fires only partly" in picture.answer
    assert picture.figure("rate-police").count == 14_893


def test_it_asks_the_same_on_smaller_areas_and_says_what_cannot_be_had(picture: Picture) -> None:
    assert picture.overlap is not None
    units = {answer.unit: answer for answer in picture.overlap.units}
    assert {"msoa11", "lsoa11", "square-1000"} == set(units)
    assert units["lsoa11"].r["police~health"] is not None
    assert units["lsoa11"].r["police~dwelling-fires"] is None
    assert "Dwelling-fires" in str(units["lsoa11"].note)


def test_months_alone_allow_no_near_repeats_and_it_says_why(picture: Picture) -> None:
    assert not picture.near_repeat.tested
    assert "known only to the month" in picture.near_repeat.why_not[0].text


def test_all_months_are_placed_whatever_the_year_of_their_codes(picture: Picture) -> None:
    """Codes of 2021 lead to the areas of 2011 for all but a handful."""
    trend = picture.layers[0].trend
    assert trend is not None
    held = [m.events or 0 for m in trend.months]
    assert sum(held) >= 0.995 * 44_271


def test_what_had_to_move_between_years_is_told(lake: Lake) -> None:
    """Against the change lookup, code by code: what a plain join on codes would lose."""
    with (folder() / "cornwall" / "lsoa11_lsoa21.csv").open(newline="") as stream:
        same = {r["LSOA21CD"] for r in csv.DictReader(stream) if r["LSOA11CD"] == r["LSOA21CD"]}
    table = pq.read_table(folder() / "cornwall" / "events.parquet")
    rows = zip(
        *(table[c].to_pylist() for c in ("area_vintage", "area_code", "events")), strict=True
    )
    moved = sum(n for vintage, code, n in rows if vintage == "lsoa21" and code not in same)
    counts = count_by_area(lake, read_boundaries(lake, "msoa11", COUNTY))
    assert counts.moved == moved
    assert counts.moved_share == pytest.approx(0.06, abs=0.01)


@pytest.mark.real_data
def test_the_raw_files_give_the_same_answer(open_data: Path, tmp_path: Path) -> None:
    """The whole path from the files as they were published."""
    from triservice.analysis.lake.areas import add_areas
    from triservice.analysis.lake.boundaries import add_boundaries
    from triservice.analysis.lake.importing import import_files
    from triservice.analysis.picture.files import write_files

    lake = Lake.create(tmp_path / "lake")
    add_boundaries(lake, [open_data / "lsoa/boundaries_2011/E06000052.geojson.gz"], "lsoa11")
    add_boundaries(lake, [open_data / "lsoa/msoa_boundaries_2011/E06000052.geojson.gz"], "msoa11")
    for name, file, unit, code, value, worse in (
        ("health", "iod/imd2019_england_lsoa11.csv.gz", "lsoa11", "lsoa11_code",
         "Health_rank", "low"),
        ("fires", "fire_msoa/dwelling_fires_msoa_3yr_avg.csv", "msoa11", "MSOA11CD",
         "Number of fires (three-year average)", "high"),
        ("population", "population/population20_lsoa11.csv.gz", "lsoa11", "lsoa11_code",
         "total_population", "high"),
    ):  # fmt: skip
        add_areas(lake, open_data / file, name, code, unit, value, worse)  # type: ignore[arg-type]
    months = ("2018-10", "2018-11", "2018-12", "2019-01", "2019-02")
    files = [open_data / f"police_street/{m}/{m}-devon-and-cornwall-street.csv.gz" for m in months]
    import_files(lake, "police-uk", files)
    found = gather(lake, Options(within="Cornwall"))
    assert found.overlap is not None
    r = {(p.a, p.b): round(p.r, 2) for p in found.overlap.pairs}
    assert r == {("police", "fires"): 0.41, ("police", "health"): 0.73, ("fires", "health"): 0.3}
    assert found.overlap.observed == 5
    assert found.figure("rate-police").count == 14_893
    written = write_files(found, tmp_path / "out")
    assert json.loads((tmp_path / "out/picture.json").read_text(encoding="utf-8"))["areas"]
    assert (tmp_path / "out/index.html").stat().st_size < 3_000_000
    assert len(written) > 10
