"""A row is read whole, into its classes, or refused with a sentence for each column."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from triservice.kernel.access_words import DataClass, Marking
from triservice.subjects.layout import COLUMNS, Unreadable, read
from triservice.subjects.words import Involved, Known

ROW: dict[str, Any] = {
    "source_key": "C-1",
    "kind": "crime report",
    "happened_at": "2026-07-01T14:00",
    "role": "Victim",
    "given_name": "Invented",
    "family_name": "Person",
    "date_of_birth": "12/03/1948",
    "phone": "+44 7700 900123",
    "uprn": "0100012345",
    "postcode": "zz131ab",
    "marking": "official-sensitive",
    "deceased": "",
    "aliases": "Vented Person; I. Person",
    "identifier.custody number": " CN 1 ",
    "police.crime_type": "burglary",
    "police.summary": "An invented burglary",
    "safeguarding.concern": "self-neglect",
    "language": "Cornish",
    "nhs_number": None,
}


def test_each_class_is_a_part_of_its_own() -> None:
    told = read(ROW, DataClass.POLICE)
    assert set(told.parts) == {
        DataClass.IDENTITY,
        DataClass.CONTACT,
        DataClass.LOCATION,
        DataClass.POLICE,
        DataClass.SAFEGUARDING,
    }
    assert told.parts[DataClass.POLICE] == {
        "details": {"crime_type": "burglary"},
        "summary": "An invented burglary",
    }
    identity = told.parts[DataClass.IDENTITY]
    assert identity["identifiers"] == {"custody number": "CN 1"}
    assert identity["aliases"] == ["Vented Person", "I. Person"]
    assert told.needs == {"language": "Cornish"}
    assert told.record["role"] is Involved.VICTIM
    assert told.record["marking"] is Marking.OFFICIAL_SENSITIVE


def test_a_time_without_a_zone_is_on_british_clocks() -> None:
    told = read(ROW, DataClass.POLICE)
    assert told.record["happened_at"].astimezone(UTC) == datetime(2026, 7, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize("blank", ["", "unknown", "N/K", None])
def test_a_blank_is_not_told_and_never_no(blank: str | None) -> None:
    told = read(ROW | {"deceased": blank}, DataClass.POLICE)
    assert "deceased" not in told.parts[DataClass.IDENTITY]


def test_no_is_no() -> None:
    told = read(ROW | {"deceased": "No"}, DataClass.POLICE)
    assert told.parts[DataClass.IDENTITY]["deceased"] is Known.NO


def test_the_service_part_is_there_even_when_it_says_nothing() -> None:
    assert read({"source_key": "1"}, DataClass.HEALTH).parts == {DataClass.HEALTH: {}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source_key": ""}, "source_key: is missing"),
        ({"date_of_birth": "31/02/1948"}, "date_of_birth: “31/02/1948” is not a day"),
        ({"died_on": "1940-01-01"}, "before date_of_birth"),
        ({"deceased": "no", "died_on": "2020-01-01"}, "says no, but"),
        ({"role": "villain"}, "is not one of: victim"),
        ({"crime_type": "burglary"}, "put a data class in front"),
        ({"astrology.sign": "leo"}, "“astrology” is not a data class"),
        ({"easting": "150000"}, "easting, northing: one is missing"),
        ({"marker": "dog"}, "without a source and a review date"),
        ({"relation": "parent"}, "relation, relation_to: one is missing"),
        ({"given_name": "x" * 101}, "longer than 100"),
        ({"version": "0"}, "is not a version"),
        ({"version": "²"}, "is not a version"),
        ({"version": 10**30}, "is not a version"),
        ({"version": "9" * 200}, "is not a version"),
        ({"birth_year": "19²0"}, "is not a year of birth"),
        ({"marking": "SECRET"}, "is not OFFICIAL"),
        ({"birth_year": "48"}, "is not a year of birth"),
        ({"easting": "-5", "northing": "1"}, "national grid"),
    ],
)
def test_refused_with_a_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(ROW | change, DataClass.POLICE)
    assert any(said in sentence for sentence in refused.value.wrong)


def test_every_wrong_column_has_its_sentence() -> None:
    with pytest.raises(Unreadable) as refused:
        read(ROW | {"phone": "x", "uprn": "y", "postcode": "z"}, DataClass.POLICE)
    assert len(refused.value.wrong) == 3


def test_the_reference_page_names_every_column() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / "record-layout.md"
    text = page.read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"`{name}`" not in text] == []
