from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triservice.analysis.overlap.period import read_period
from triservice.kernel.errors import InputError


def test_months_and_days_count_whole_in_local_time():
    start, end = read_period("2018-10", "2019-02", "Europe/London")
    assert start.astimezone(UTC) == datetime(2018, 9, 30, 23, tzinfo=UTC)  # summer time
    assert end.astimezone(UTC) == datetime(2019, 3, 1, tzinfo=UTC)
    start, end = read_period("2019-01-31", "2019-01-31", "Europe/London")
    assert (end - start).days == 1
    assert read_period(None, None, "Europe/London") == (None, None)


@pytest.mark.parametrize("text", ["2018-13", "October", "2018-02-30", "20181001x"])
def test_other_text_is_refused(text):
    with pytest.raises(InputError, match="neither a month nor a day"):
        read_period(text, None, "Europe/London")


def test_a_period_cannot_end_before_it_starts():
    with pytest.raises(InputError, match="before it starts"):
        read_period("2019-02", "2019-01", "Europe/London")
