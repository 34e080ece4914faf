"""The lists that officers open all day are read by an index, however many cases there ever were."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from partnership import NOON
from query_plans import plans_of
from triservice.access import grants, where
from triservice.agencies.actions import add_area
from triservice.casework.cases.queries.lists import Filter, case_list, my_day
from triservice.casework.cases.queries.view import case_view
from triservice.casework.dashboards.queries import dashboard
from triservice.casework.dashboards.rules import By
from triservice.casework.outcomes.queries.year import outcomes
from triservice.casework.triage.queries import Filter as QueueFilter
from triservice.casework.triage.queries import queue
from triservice.casework.visits.actions import plan
from triservice.kernel.access_words import Reader
from triservice.kernel.keys import new_key

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="plans as SQLite tells them"),
]


LISTS: dict[str, tuple[Callable[[Reader], Any], set[str]]] = {
    "queue": (queue, {"referrals_that_wait"}),
    "my day": (
        my_day,
        {"visits_before_an_officer", "actions_of_an_officer", "cases_of_an_officer",
         "equipment_that_expires", "equipment_to_check"},
    ),
    "cases": (lambda reader: case_list(reader, Filter()), {"cases_by_what_is_due"}),
    "late": (lambda reader: case_list(reader, Filter(late=True)), {"cases_by_what_is_due"}),
    "of a team": (lambda reader: case_list(reader, Filter(team="7")), {"open_cases_by_team"}),
    "of an area": (
        lambda reader: case_list(reader, Filter(area="E1")), {"open_cases_by_area"},
    ),
    "of an officer": (
        lambda reader: case_list(reader, Filter(officer=7)), {"open_cases_by_officer"},
    ),
    "closed of an officer": (
        lambda reader: case_list(reader, Filter(officer=7, closed=True)),
        {"closed_cases_by_officer"},
    ),
    "closed of a team": (
        lambda reader: case_list(reader, Filter(team="7", closed=True)), {"closed_cases_by_team"},
    ),
    "closed of an area": (
        lambda reader: case_list(reader, Filter(area="E1", closed=True)),
        {"closed_cases_by_area"},
    ),
    "queue of an area": (
        lambda reader: queue(reader, QueueFilter(area="E1")), {"referrals_that_wait"},
    ),
    "nobody": (lambda reader: case_list(reader, Filter(nobody=True)), {"open_cases_by_officer"}),
    "closed": (lambda reader: case_list(reader, Filter(closed=True)), {"cases_by_when_closed"}),
    "closed of a scheme": (
        lambda reader: case_list(reader, Filter(closed=True, scheme="small-visit")),
        {"closed_cases_of_a_scheme"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_no_list_looks_through_all_or_sorts_what_it_does_not_show(
    name: str, case: int, officer: Reader
) -> None:
    read, indexes = LISTS[name]
    add_area(None, kind="ward", code="E1", name="Invented ward")
    read(officer)  # what the agreements open is found first, and kept
    plans = plans_of(lambda: read(officer), "casework")
    assert not [plan for plan in plans if "SCAN casework_" in plan]
    assert not [index for index in indexes if not any(index in plan for plan in plans)]
    first = [plan for plan in plans if any(index in plan for index in indexes)]
    assert not [plan for plan in first if "TEMP B-TREE" in plan]


@pytest.mark.parametrize("name", ["my day", "case"])
def test_what_is_known_before_the_door_is_found_by_who_and_where(
    name: str, case: int, officer: Reader
) -> None:
    plan(officer, case, NOON, key=new_key(), officer=officer.officer)
    read = LISTS[name][0] if name in LISTS else lambda reader: case_view(reader, case)
    read(officer)
    plans = plans_of(lambda: read(officer), "subjects")
    (markers,) = (plan for plan in plans if "subjects_warningmarker" in plan)
    assert {"(person_id=?)", "(premises_id=?)"} <= set(re.findall(r"\(\w+=\?\)", markers))
    assert not [plan for plan in plans if "SCAN subjects_" in plan]


COUNTS: dict[str, tuple[Callable[[Reader], Any], set[str]]] = {
    "numbers": (
        lambda reader: dashboard(reader, By.SCHEME, 12),
        {"open_cases_by_risk", "cases_by_when_opened", "visits_by_when_made",
         "onward_by_when_sent"},
    ),
    "outcomes": (
        lambda reader: outcomes(reader, By.SCHEME, reader.at.year - 1),
        {"referrals_by_when_received"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTS)
def test_what_counts_a_year_looks_at_nothing_that_is_older(
    name: str, case: int, officer: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, "_index_first", lambda *_: None)  # as where much is open
    monkeypatch.setattr(grants, "_MEMOS", type(grants._MEMOS)(9))
    read, indexes = COUNTS[name]
    read(officer)
    plans = plans_of(lambda: read(officer), "casework")
    assert not [plan for plan in plans if re.search(r"SCAN casework_\w+\b(?! USING)", plan)]
    assert not [index for index in indexes if not any(index in plan for plan in plans)]
