"""The directory of services of the 2016 national overview."""

from __future__ import annotations

from pathlib import Path

import pytest

from triservice.agencies.directory import directory, read_directory
from triservice.kernel.errors import InputError

BOOK = directory()


def test_it_has_every_entry_of_the_source_with_leaders_of_each_service() -> None:
    assert len(BOOK.entries) == 36
    assert BOOK.as_of == 2016
    for entry in BOOK.entries:
        assert {holder.service for holder in entry.holders} == {"police", "fire", "ambulance"}
        assert all(holder.name and holder.of for holder in entry.holders), entry.area


@pytest.mark.parametrize(
    ("area", "fire", "ambulance"),
    [  # read from the source by eye
        ("Avon and Somerset", {"Avon", "Devon and Somerset"}, "South Western Ambulance Service"),
        (
            "Devon and Cornwall",
            {"Devon and Somerset", "Cornwall"},
            "South Western Ambulance Service",
        ),
        ("Sussex", {"East Sussex", "West Sussex"}, "South East Coast Ambulance Service"),
        (
            "Thames Valley",
            {"Royal Berkshire", "Buckinghamshire and Milton Keynes", "Oxfordshire"},
            "South Central Ambulance Service",
        ),
        ("Wales (South)", {"Mid and West Wales", "South Wales"}, "Welsh Ambulance Service"),
    ],
)
def test_services_of_an_area(area: str, fire: set[str], ambulance: str) -> None:
    entry = next(entry for entry in BOOK.entries if entry.area == area)
    assert set(entry.fire) == fire
    assert entry.ambulance == ambulance


def test_a_fire_authority_can_lie_in_two_police_areas() -> None:
    areas = BOOK.areas_of_fire()
    assert areas["Devon and Somerset"] == ("Avon and Somerset", "Devon and Cornwall")
    shared = {entry.area for entry in BOOK.entries} - {e.area for e in BOOK.coterminous()}
    assert {"Avon and Somerset", "Devon and Cornwall", "London", "Sussex"} <= shared
    assert "Essex" not in shared


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("cornwall", ["Devon and Cornwall"]),
        ("CHIEF walker cornwall", ["Devon and Cornwall"]),
        ("gwent", ["Wales (South)"]),
        ("o'reilly", ["Greater Manchester"]),
        ("no such place", []),
    ],
)
def test_search(text: str, areas: list[str]) -> None:
    assert [entry.area for entry in BOOK.search(text)] == areas


def test_searching_for_nothing_finds_all() -> None:
    assert len(BOOK.search("  ")) == 36


def test_what_looks_wrong_in_the_source_is_said() -> None:
    by_area = {entry.area: entry for entry in BOOK.entries}
    leaders = {
        area: {h.name for h in by_area[area].holders if h.service == "police"}
        for area in ("Surrey", "Sussex")
    }
    assert leaders["Surrey"] == leaders["Sussex"]
    assert "Surrey" in by_area["Sussex"].doubt
    listed = {force for entry in BOOK.entries for force in entry.police}
    assert not any(absent in force for absent in BOOK.absent for force in listed)


def test_an_incomplete_directory_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "directory.toml"
    file.write_text('source = "x"\nas_of = 2016\nabsent = []\n[[entry]]\narea = "A"\n')
    with pytest.raises(InputError, match="row 1: has no ambulance"):
        read_directory(file)
