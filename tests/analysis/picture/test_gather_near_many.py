"""Of very many events, so many are tested for near repeats as can be, and the report says so."""

from __future__ import annotations

import numpy as np
import pytest

from triservice.analysis.near_repeat.incidents import Incidents
from triservice.analysis.picture import gather_near


def _incidents(count: int) -> Incidents:
    times = np.datetime64("2025-01-01", "s") + np.arange(count) * np.timedelta64(3600, "s")
    place = np.arange(count, dtype=np.float64)
    no = np.zeros(count, dtype=bool)
    return Incidents(times, times, no, place, place, "EPSG:27700", "UTC", count, 0, ())


def test_few_are_all_tested_and_many_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather_near, "MOST", 100)
    few = _incidents(100)
    assert gather_near._draw(few) == (few, None)
    drawn, said = gather_near._draw(_incidents(1000))
    assert len(drawn) == 100
    assert len(set(drawn.easting)) == 100
    assert (np.diff(drawn.start) > np.timedelta64(0, "s")).all()  # still in order of time
    assert drawn.easting.max() > 900  # from the whole period, not its beginning
    assert said is not None
    assert "100 of 1,000 events, drawn at random" in said
    again, _ = gather_near._draw(_incidents(1000))
    assert (again.easting == drawn.easting).all()
