"""A person and a search are read by indexes, however many people there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from partnership import Partnership
from query_plans import plans_of
from triservice.kernel.access_words import Reader, Role
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Person
from triservice.subjects.queries.people import person_view
from triservice.subjects.queries.search import search_people

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="plans as SQLite tells them"),
]
GROUP = "INDEX 2; SEARCH subjects_person USING COVERING INDEX subjects_person_root_id"
READS: dict[str, tuple[Callable[[Reader, Any], Any], str]] = {
    "a person of an incident": (person_view, "records_of_one_incident"),
    "a name and a postcode": (lambda reader, _: search_people(reader, "jory ZZ1 1AA"), GROUP),
    "a name and a street": (
        lambda reader, _: search_people(reader, "jory bosquite invented"),
        GROUP,
    ),
    "a slip and a birthday": (
        lambda reader, _: search_people(reader, "jory bosquitte 12/03/1948"),
        "keys_by_birthday",
    ),
}


@pytest.mark.parametrize("name", READS)
def test_nothing_looks_through_all_people(
    name: str, invented: Partnership, row: Callable[..., dict[str, Any]]
) -> None:
    there = {
        "family_name": "Bosquite",
        "given_name": "Jory",
        "address": "14 Invented Lane, Nowhere",
        "postcode": "ZZ1 1AA",
        "reference": "INC 7",
    }
    rows = [row(f"R{number}", **there) for number in range(3)]
    receive_records(invented.reader("fire", Role.DATA_OWNER), invented.agencies["fire"], "s", rows)
    key, reader = Person.objects.earliest("pk").key, invented.reader("fire")
    read, index = READS[name]
    read(reader, key)  # what the agreements open is found first, and kept
    plans = plans_of(lambda: read(reader, key), "subjects")
    assert not [plan for plan in plans if re.search(r"SCAN subjects_(?!searchtext)", plan)]
    assert [plan for plan in plans if index in plan]
