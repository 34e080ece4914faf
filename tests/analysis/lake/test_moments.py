"""Times from bytes, against strptime and zoneinfo."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.lake.clocks import end_of, local_to_utc, months_of, utc_to_local
from triservice.analysis.lake.moments import BAD, MISSING, OK, read_times
from triservice.analysis.lake.schema import TIME_PRECISIONS
from triservice.analysis.lake.time_formats import compile_formats
from triservice.kernel.errors import InputError

EPOCH = datetime(1970, 1, 1)
FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%d/%m/%Y %H:%M",
    "%m/%d/%y %I:%M %p",
    "%d %b %Y %H:%M:%S",
    "%A, %d %B %Y %H",
    "%d-%b-%y",
    "%Y-%m",
    "%Y%m%d%H%M%S",
    "%d.%m.%Y %H.%M",
    "100%% %Y/%m/%d",
)
moments = st.datetimes(datetime(1969, 1, 1), datetime(2068, 12, 31, 23, 59, 59))


def read(texts: list[str], *formats: str, clock: bool = False):
    encoded = [text.encode() for text in texts]
    data = np.frombuffer(b"".join(encoded) + b"\n", np.uint8)
    edges = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    words, bounds = np.frombuffer(b"NULL", np.uint8), np.array([0, 4], np.int32)
    compiled = compile_formats(formats, clock)
    return read_times(data, edges[:-1], edges[1:], compiled, words, bounds)


def as_datetime(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=int(micros))


@settings(max_examples=300, deadline=None)
@given(moment=moments, form=st.sampled_from(FORMATS))
def test_what_strftime_writes_is_read_as_strptime_reads_it(moment, form):
    text = moment.strftime(form)
    times = read([text, f"  {text} "], form)
    assert times.status.tolist() == [OK, OK]
    wanted = datetime.strptime(text, form)
    assert [as_datetime(m) for m in times.micros] == [wanted, wanted]


@settings(max_examples=400, deadline=None)
@given(
    text=st.from_regex(r"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}\Z")
    | st.from_regex(r"\A(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]\Z")
    | st.text("0123456789-: T", max_size=20)
)
def test_what_is_no_time_is_bad_where_strptime_refuses(text):
    form = "%Y-%m-%d %H:%M:%S"
    text = text.translate({ord(c): "0" for c in text if c.isdigit() and not c.isascii()})
    (status,) = read([text], form).status
    try:
        wanted = datetime.strptime(re.sub(r"^[ \t]+|[ \t]+$", "", text), form)
    except ValueError:
        wanted = None
    if not text.strip(" "):
        assert status == MISSING
    elif wanted is None or not 1900 <= wanted.year <= 2100:
        assert status == BAD
    elif "  " not in text:  # strptime takes any blanks for one
        assert status == OK
        assert as_datetime(read([text], form).micros[0]) == wanted


@pytest.mark.parametrize(
    ("text", "form", "precision", "wanted"),
    [
        ("2024-02-29", "iso", "day", datetime(2024, 2, 29)),
        ("2024-02-29T23:59", "iso", "minute", datetime(2024, 2, 29, 23, 59)),
        ("2024-02-29 23:59:58.25", "iso", "second", datetime(2024, 2, 29, 23, 59, 58, 250_000)),
        ("2024-02", "%Y-%m", "month", datetime(2024, 2, 1)),
        ("29/02/2024 07", "%d/%m/%Y %H", "hour", datetime(2024, 2, 29, 7)),
        ("12:30 AM 1 Jan 2024", "%I:%M %p %d %b %Y", "minute", datetime(2024, 1, 1, 0, 30)),
        ("12:30 pm 1 september 2024", "%I:%M %p %d %B %Y", "minute", datetime(2024, 9, 1, 12, 30)),
        ("45351.5", "excel", "second", datetime(2024, 2, 29, 12)),
        ("45351", "excel", "day", datetime(2024, 2, 29)),
        ("1709164800", "unix", "second", datetime(2024, 2, 29)),
        ("1709164800123", "unix-ms", "second", datetime(2024, 2, 29, 0, 0, 0, 123_000)),
        ("2024-02-29 10:00:00.123456789", "iso", "second",
         datetime(2024, 2, 29, 10, 0, 0, 123_456)),
    ],
)  # fmt: skip
def test_formats_state_their_precision(text, form, precision, wanted):
    times = read([text], form)
    assert times.status[0] == OK
    assert TIME_PRECISIONS[times.precision[0]] == precision
    assert as_datetime(times.micros[0]) == wanted


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2023-02-29", "iso"),
        ("2024-13-01", "iso"),
        ("2024-01-01 24:00:00", "iso"),
        ("2024-01-01 10:00:60", "iso"),
        ("1024-01-01", "iso"),
        ("2024-01-01x", "iso"),
        ("24-01-01", "iso"),
        ("1 Junk 2024", "%d %b %Y"),
        ("1 Marv 2024", "%d %B %Y"),
        ("13:00 PM 1 Jan 2024", "%I:%M %p %d %b %Y"),
        ("0", "excel"),
        ("99999999", "excel"),
        ("-1", "unix"),
        ("NULLS", "iso"),
    ],
)
def test_no_such_time(text, form):
    assert read([text], form).status[0] == BAD


def test_words_for_nothing_and_the_first_format_that_fits():
    forms = ("%d/%m/%Y", "iso")
    times = read(["NULL", "", "03/04/2024", "2024-04-03", "04/03/2024"], *forms)
    assert times.status.tolist() == [MISSING, MISSING, OK, OK, OK]
    assert [as_datetime(m).month for m in times.micros[2:]] == [4, 4, 3]


def test_offsets_stated_in_the_value_win_over_the_zone():
    texts = ["2024-07-01T12:00:00Z", "2024-07-01T12:00:00+02:00", "2024-07-01T12:00:00-0530"]
    times = read([*texts, "2024-07-01T12:00:00"], "iso")
    utc = times.in_utc("Europe/London")
    assert [as_datetime(m).isoformat()[11:16] for m in utc] == ["12:00", "10:00", "17:30", "11:00"]
    assert times.has_offsets()


def test_times_of_day():
    times = read(["07:08:09", "23:59", "24:00"], "%H:%M:%S", "%H:%M", clock=True)
    assert times.status.tolist() == [OK, OK, BAD]
    assert as_datetime(times.micros[0]).time().isoformat() == "07:08:09"


@pytest.mark.parametrize(
    ("form", "clock", "said"),
    [
        ("%Q", False, "holds %Q, which is not known"),
        ("%H:%M", False, "names no year and month"),
        ("%Y-%m-%d", True, "is not a time of day"),
        ("%", False, "which is not known"),
    ],
)
def test_a_format_that_cannot_be_used_is_named(form, clock, said):
    with pytest.raises(InputError, match=re.escape(said)):
        compile_formats((form,), clock)


ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata")


@settings(max_examples=300, deadline=None)
@given(
    near=st.lists(st.datetimes(datetime(1960, 1, 1), datetime(2060, 1, 1)), min_size=1, max_size=9),
    zone=st.sampled_from(ZONES),
)
def test_local_clocks_are_read_as_python_reads_them(near, zone):
    micros = np.array([(m - EPOCH) // timedelta(microseconds=1) for m in near], np.int64)
    utc = local_to_utc(micros, zone)
    wanted = [m.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) for m in near]
    assert [as_datetime(m) for m in utc] == wanted
    back = [
        m.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for m in wanted
    ]  # not where it began when the clock skips that hour
    assert [as_datetime(m) for m in utc_to_local(utc, zone)] == back


@pytest.mark.parametrize("year", [1972, 1996, 2024, 2037])
def test_every_quarter_of_an_hour_around_the_change_of_the_clock(year):
    zone = ZoneInfo("Europe/London")
    start = datetime(year, 3, 1)
    local = [start + timedelta(minutes=15 * k) for k in range(4 * 24 * 280)]
    micros = np.array([(m - EPOCH) // timedelta(microseconds=1) for m in local], np.int64)
    wanted = [int(m.replace(tzinfo=zone).timestamp()) for m in local]
    assert (local_to_utc(micros, "Europe/London") // 1_000_000).tolist() == wanted


def test_months_and_ends():
    local = np.array(
        [(datetime(*m) - EPOCH) // timedelta(microseconds=1) for m in
         [(2023, 12, 31, 23, 59), (1969, 12, 31), (2024, 2, 1), (2024, 12, 1), (2024, 3, 4, 5)]]
    )  # fmt: skip
    assert months_of(local).tolist() == [53 * 12 + 11, -1, 54 * 12 + 1, 54 * 12 + 11, 54 * 12 + 2]
    precision = np.array([1, 3, 4, 4, 2], np.uint8)
    assert [as_datetime(m) for m in end_of(local, precision)] == [
        datetime(2024, 1, 1),
        datetime(1970, 1, 1),
        datetime(2024, 3, 1),
        datetime(2025, 1, 1),
        datetime(2024, 3, 4, 6),
    ]
