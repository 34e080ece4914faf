"""What real data would turn into false near repeats is refused, made one, or told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.near_repeat.incidents import local_times, read_incidents
from triservice.kernel.errors import InputError

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LakeOf = Callable[..., Lake]


def event(hours: float = 0, x: float = 1000, y: float = 1000, **more: Any) -> dict[str, Any]:
    moment = NOON + timedelta(hours=hours)
    return {"time_from": moment, "time_to": moment, "easting": x, "northing": y, **more}


def test_rows_of_one_incident_are_one(lake_of: LakeOf) -> None:
    hours = [0, 1.5, 3.5, 6.0]  # a chain of three, each within two hours of the one before
    lake = lake_of([event(h) for h in hours] + [event(1, x=1001)])
    incidents = read_incidents(lake, Selection())
    assert len(incidents) == 3
    assert (incidents.read, incidents.merged) == (5, 2)
    assert incidents.start[0] == np.datetime64("2026-03-10T12:00:00")
    assert "2 rows at the same place within 2 hours" in incidents.notes[-1]
    every = read_incidents(lake, Selection(), same_incident_hours=0)
    assert len(every) == 5
    assert not every.notes


def test_moved_points_and_spans_are_not_made_one(lake_of: LakeOf) -> None:
    lake = lake_of(
        [event(h, location_precision="snapped") for h in (0, 1)]
        + [event(0, x=2000, time_to=NOON + timedelta(hours=h)) for h in (5, 6)]
        + [event(0, x=3000, time_precision="day", time_to=NOON + timedelta(days=1)) for _ in "ab"]
    )
    incidents = read_incidents(lake, Selection())
    assert len(incidents) == 6
    assert "common points before publication: 2, on 1 points" in incidents.notes[0]


def test_spans_explained_by_the_precision_are_exact(lake_of: LakeOf) -> None:
    lake = lake_of([event(time_to=NOON + timedelta(hours=1), time_precision="hour"), event(9)])
    incidents = read_incidents(lake, Selection())
    assert (incidents.start == incidents.end).all()


def test_months_are_refused_with_the_reason(lake_of: LakeOf) -> None:
    lake = lake_of([event(), event(5, time_precision="month")], source="police-uk")
    with pytest.raises(InputError, match=r"1 of 2 events \(source police-uk\).*only to the month"):
        read_incidents(lake, Selection())


def test_events_without_a_place_are_left_out_and_told(lake_of: LakeOf) -> None:
    lake = lake_of([event(), event(x=None), event(location_precision="area")])
    incidents = read_incidents(lake, Selection())
    assert len(incidents) == 1
    assert "2 of 3 events have no place" in incidents.notes[0]
    nowhere = lake_of([event(x=None)])
    with pytest.raises(InputError, match="none of the 1 events has coordinates"):
        read_incidents(nowhere, Selection())


def test_an_empty_selection_says_what_there_is(lake_of: LakeOf) -> None:
    lake = lake_of([event()])
    with pytest.raises(InputError, match="no events of service fire and category flood; it holds"):
        read_incidents(lake, Selection(services=("fire",), categories=("flood",)))
    with pytest.raises(InputError, match="of that time"):
        read_incidents(lake, Selection(since=NOON + timedelta(days=99)))


def test_negative_hours_are_refused(lake_of: LakeOf) -> None:
    with pytest.raises(InputError, match="0 or more"):
        read_incidents(lake_of([event()]), Selection(), same_incident_hours=-1)


def test_days_are_local_and_whole_when_any_event_is_known_to_the_day(lake_of: LakeOf) -> None:
    summer = datetime(2026, 6, 10, 23, tzinfo=UTC)  # local midnight: 11 June
    lake = lake_of(
        [
            event(0),
            {
                **event(),
                "time_from": summer,
                "time_to": summer + timedelta(days=1),
                "time_precision": "day",
            },
        ]
    )
    incidents = read_incidents(lake, Selection())
    start, end, notes = incidents.for_pairs(7)
    assert [str(t) for t in start] == ["2026-03-10T00:00:00", "2026-06-11T00:00:00"]
    assert (start == end).all()
    assert "1 of 2 events are known only to the day" in notes[0]
    with pytest.raises(InputError, match="less than a day"):
        incidents.for_pairs(0.5)


def test_exact_times_stay_as_they_are(lake_of: LakeOf) -> None:
    start, _, notes = read_incidents(lake_of([event(0)]), Selection()).for_pairs(0.1)
    assert (str(start[0]), notes) == ("2026-03-10T12:00:00", [])


def test_local_times_follow_the_clock() -> None:
    utc = np.array(["2026-03-29T00:30:00", "2026-03-29T01:30:00"], "datetime64[s]")
    local = [str(t)[11:16] for t in local_times(utc, "Europe/London")]
    assert local == ["00:30", "02:30"]
