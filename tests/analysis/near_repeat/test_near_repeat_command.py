"""The commands of Operation Insight: their JSON, files, sentences and refusals."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from triservice import cli
from triservice.analysis.lake.store import Lake
from triservice.analysis.synthetic import SyntheticCounty

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; return exit code, standard output and standard error."""

    def call(*words: Any) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["triservice", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


# --- near-repeat ----------------------------------------------------------------------------------


def test_near_repeat_counts_what_brute_force_counts(
    run: Run, invented: SyntheticCounty, invented_lake: Lake, tmp_path: Path
) -> None:
    table = tmp_path / "bands.csv"
    code, out, err = run(
        "near-repeat", "--lake", invented_lake.root, "--category", "secondary-fire",
        "--distance", "100,200,400", "--days", "7,14", "--permutations", "999",
        "--out", table, "--json",
    )  # fmt: skip
    assert (code, err) == (0, "")
    answer = json.loads(out)
    own = invented.of("secondary-fire")
    assert answer["events"] == len(own)
    x, y, t = invented.easting[own], invented.northing[own], invented.happened[own]
    first, second = np.triu_indices(len(own), 1)
    apart = np.hypot(x[first] - x[second], y[first] - y[second])
    later = np.abs(t[first] - t[second]) / np.timedelta64(1, "D")
    assert len(answer["bands"]) == 6
    for band in answer["cumulative"]:
        expected = ((apart <= band["distance_to"]) & (later <= band["days_to"])).sum()
        assert band["observed"] == expected
    near_soon = answer["bands"][2]
    assert (near_soon["distance_to"], near_soon["days_to"]) == (200, 7)
    assert near_soon["p_permutation"] < 0.01
    assert near_soon["ratio"] > 1.3
    assert any("100 to 200 m and 0 to 7 days" in sentence for sentence in answer["findings"])
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == 12
    assert float(rows[0]["observed"]) == answer["bands"][0]["observed"]


def test_near_repeat_as_a_table_with_spans(run: Run, invented_lake: Lake) -> None:
    code, out, err = run(
        "near-repeat", "--lake", invented_lake.root, "--category", "burglary",
        "--since", "2025-01-15", "--until", "2025-04-01T12:00", "--permutations", "19",
    )  # fmt: skip
    assert code == 0
    assert "Near repeats among" in out
    assert "known only to lie in a span" in err


def test_month_precision_is_refused_with_the_reason(run: Run, lake_of: Any) -> None:
    lake = lake_of(
        [{"time_precision": "month", "easting": 1.0, "northing": 2.0}] * 3, source="police-uk"
    )
    for command in ("near-repeat", "zones", "backtest"):
        code, out, err = run(command, "--lake", lake.root, "--service", "police")
        assert (code, out) == (2, "")
        assert "known only to the month" in err
        assert "Traceback" not in err


def test_repeats_at_the_same_place_are_told_apart(run: Run, lake_of: Any) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = []
    for day in range(0, 60, 3):
        for hours in (0, 1, 30):  # a second unit after an hour, a repeat after thirty
            moment = start + timedelta(days=day, hours=hours)
            rows.append(
                {"time_from": moment, "time_to": moment, "easting": 500.0 * day, "northing": 0.0}
            )
    lake = lake_of(rows)
    code, out, _ = run("near-repeat", "--lake", lake.root, "--permutations", "99", "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["rows_read"], answer["merged_into_incidents"], answer["events"]) == (60, 20, 40)
    assert answer["same_place"][0]["observed"] == 20
    assert answer["elsewhere"][0]["observed"] == 0
    assert any("exactly the same place" in sentence for sentence in answer["findings"])
    _, out, _ = run(
        "near-repeat", "--lake", lake.root, "--same-incident-hours", "0", "--json",
        "--permutations", "9",
    )  # fmt: skip
    assert json.loads(out)["events"] == 60


# --- zones ----------------------------------------------------------------------------------------


def test_zones_know_nothing_after_their_date(
    run: Run, invented: SyntheticCounty, invented_lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "zones.geojson"
    code, out, _ = run(
        "zones", "--lake", invented_lake.root, "--service", "fire", "--as-of", "2025-03-03",
        "--out", path, "--json",
    )  # fmt: skip
    assert code == 0
    answer = json.loads(out)
    assert answer["as_of"] == "2025-03-03T00:00:00Z"
    happened = invented.happened[invented.of("fire")]
    age = (np.datetime64("2025-03-03") - happened) / np.timedelta64(1, "D")
    assert answer["events_by_band"] == {
        "red": int(((age >= 0) & (age <= 7)).sum()),
        "amber": int(((age > 7) & (age <= 14)).sum()),
    }
    drawn = json.loads(path.read_text())["features"]
    assert len(drawn) == answer["features"]
    area = sum(f["properties"]["area_km2"] for f in drawn if f["properties"]["layer"] == "zone")
    assert area == pytest.approx(sum(answer["area_km2"].values()), rel=1e-4)
    ranks = [a["rank"] for a in answer["patrol_areas"]]
    assert ranks == list(range(1, min(20, answer["patrol_areas_in_all"]) + 1))
    assert all(len(a["hours"]) == 24 for a in answer["patrol_areas"])
    assert "grid_reference" in answer["patrol_areas"][0]
    assert any("contradicts itself" in note for note in answer["notes"])
    assert any("not people" in note for note in answer["notes"])


def test_a_date_is_its_first_local_moment(run: Run, invented_lake: Lake) -> None:
    _, out, _ = run("zones", "--lake", invented_lake.root, "--as-of", "2025-04-10", "--json")
    assert json.loads(out)["as_of"] == "2025-04-09T23:00:00Z"  # summer time
    _, out, _ = run("zones", "--lake", invented_lake.root, "--as-of", "2025-04-10T06:30Z", "--json")
    assert json.loads(out)["as_of"] == "2025-04-10T06:30:00Z"
    _, out, _ = run("zones", "--lake", invented_lake.root, "--as-of", "2025-04-10")
    assert "as of 2025-04-10 00:00" in out  # people read the clock on their wall


def test_zones_as_a_table_with_another_rule(
    run: Run, invented: SyntheticCounty, invented_lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "zones.gpkg"
    code, out, err = run(
        "zones", "--lake", invented_lake.root, "--category", "burglary", "--preset", "trafford",
        "--radius", "200", "--bands", "5,10,15", "--patrols", "3", "--out", path,
    )  # fmt: skip
    assert code == 0
    assert "Where to pass through" in out
    assert "15 days before" in out
    assert "Written" in err
    assert path.exists()


def test_zones_without_recent_events_say_so(run: Run, invented_lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "none.geojson"
    code, out, _ = run(
        "zones", "--lake", invented_lake.root, "--as-of", "2026-01-01", "--out", path, "--json"
    )
    assert code == 0
    answer = json.loads(out)
    assert "there is no zone" in answer["findings"][0]
    assert "latest event" in answer["notes"][0]
    assert json.loads(path.read_text())["features"] == []


# --- backtest -------------------------------------------------------------------------------------


def test_backtest_compares_on_equal_land(run: Run, invented_lake: Lake, tmp_path: Path) -> None:
    picture = tmp_path / "plots" / "backtest.png"
    code, out, _ = run(
        "backtest", "--lake", invented_lake.root, "--service", "fire", "--weeks", "8",
        "--json", "--out", picture,
    )  # fmt: skip
    assert code == 0
    answer = json.loads(out)
    assert list(answer["methods"]) == ["zones", "kde", "last_month", "chance"]
    zones = answer["methods"]["zones"]
    assert zones["pai"] == pytest.approx(zones["hit_rate"] / zones["area_share"])
    assert answer["methods"]["chance"]["pai"] == pytest.approx(1)
    assert len(answer["periods"]) == 8
    assert len(answer["table"]) == 12
    assert answer["displacement_ring"]["width_m"] == 400
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert any("what chance would hold" in sentence for sentence in answer["findings"])
    assert any("regression to the mean" in note for note in answer["notes"])


def test_backtest_by_day_as_a_table_and_csv(run: Run, invented_lake: Lake, tmp_path: Path) -> None:
    table = tmp_path / "backtest.csv"
    code, out, _ = run(
        "backtest", "--lake", invented_lake.root, "--service", "fire", "--weeks", "5",
        "--period", "1", "--ring", "250", "--out", table,
    )  # fmt: skip
    assert code == 0
    assert "Back-test over 5 periods" in out
    assert "ring of 250 m" in out
    assert "…" not in out  # nothing is cut off, on a narrow screen either
    assert [row["method"] for row in csv.DictReader(table.read_text().splitlines())][:2] == [
        "zones",
        "kde",
    ]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["near-repeat", "--distance", "near"], "not a list of numbers"),
        (["near-repeat", "--days", "14,7"], "above the one before"),
        (["near-repeat", "--service", "coastguard"], "no events of service coastguard"),
        (["near-repeat", "--since", "yesterday"], "not a date or time"),
        (["near-repeat", "--out", "bands.xlsx"], r"End the name in .csv"),
        (["near-repeat", "--distance", "1e308"], "is too large"),
        (["near-repeat", "--permutations", "9" * 20], "from 0 to 1,000,000"),
        (["near-repeat", "--seed", "9" * 20], "--seed"),
        (["zones", "--as-of", "31/12/2025"], "not a date or time"),
        (["zones", "--as-of", "9999-12-31T23:59:59-14:00"], "not a date or time"),
        (["zones", "--preset", "kent"], "no rule of zones"),
        (["zones", "--bands", "7,14,21"], "has 2 levels"),
        (["zones", "--out", "zones.pdf"], r".geojson or .json or .gpkg"),
        (["backtest", "--weeks", "500"], "Ask for at most 13"),
        (["backtest", "--out", "plot.gif"], r".png or .svg"),
        (["backtest", "--weeks", "9" * 20], "longer than any record"),
        (["backtest", "--period", "9" * 20], "longer than any record"),
        (["backtest", "--ring", "-1"], "is no ring"),
        (["backtest", "--seed", "-1"], "--seed"),
    ],
)
def test_refusals_are_sentences(
    run: Run, invented_lake: Lake, words: list[str], sentence: str
) -> None:
    code, out, err = run(*words, "--lake", invented_lake.root)
    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


def test_help_has_examples(run: Run) -> None:
    for command in ("near-repeat", "zones", "backtest"):
        code, out, _ = run(command, "-h")
        assert code == 0
        assert f"triservice {command} --lake county" in out
