"""Splitting bytes into records, against Python's csv module; damage stays local."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triservice.analysis.lake.records import (
    BROKEN_QUOTES,
    FIELD_COUNT,
    HIGH,
    NUL,
    buffer,
    byte_kinds,
    count_line_ends,
    split_records,
)


def split(data: bytes, columns: int, delimiter: str = ",", pieces: int = 1 << 30):
    """Return [(values, flags, line)] of `data`, given to the splitter in pieces."""
    kinds, out, carry, line, at = byte_kinds(delimiter), [], b"", 1, 0
    while True:
        chunk, at = data[at : at + pieces], at + pieces
        view, length = buffer(carry, chunk)
        last = at >= len(data)
        rows = count_line_ends(view, length)
        arrays = [np.zeros((rows, columns), np.int32) for _ in range(2)]
        arrays += [np.zeros(rows, kind) for kind in (np.int32, np.int32, np.int64, np.int32)]
        arrays.append(np.zeros(rows, np.uint8))
        count, used, line = split_records(view, length, kinds, last, line, *arrays)
        starts, ends, _, _, lines, _, flags = arrays
        for row in range(count):
            values = []
            for start, end in zip(starts[row], ends[row], strict=True):
                value = bytes(view[start:end])
                quoted = start and view[start - 1] == ord('"')
                values.append(value.replace(b'""', b'"') if quoted else value)
            out.append((values, int(flags[row]), int(lines[row])))
        carry = bytes(view[used:length])
        if last:
            assert not carry
            return out


values = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
) | st.sampled_from(["", '"', '""', ",", "\n", "\r\n", '"a"', "é", " b "])


@settings(max_examples=300, deadline=None)
@given(
    table=st.lists(st.lists(values, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    pieces=st.integers(1, 40),
)
def test_a_table_round_trips_however_it_is_cut_into_pieces(table, delimiter, line_end, pieces):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(
        table
    )
    found = split(out.getvalue().encode(), 3, delimiter, pieces)
    assert [held for held, _, _ in found] == [[v.encode() for v in row] for row in table]
    assert all(flags & (FIELD_COUNT | BROKEN_QUOTES | NUL) == 0 for _, flags, _ in found)
    high = [any(ord(c) > 127 for v in row for c in v) for row in table]
    assert [bool(flags & HIGH) for _, flags, _ in found] == high


@settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(
        st.lists(st.text("ab ,;", max_size=4).map(lambda t: t.replace(",", "")), min_size=1,
                 max_size=5), min_size=1, max_size=6),
)  # fmt: skip
def test_records_without_quotes_are_those_of_the_csv_module(lines):
    data = "\n".join(",".join(line) for line in lines).encode()
    wanted = [row for row in csv.reader(io.StringIO(data.decode())) if row]
    found = split(data, 3)
    assert len(found) == len(wanted)
    for (held, flags, _), row in zip(found, wanted, strict=True):
        fits = len(row) >= 3 and not any(row[3:])
        assert bool(flags & FIELD_COUNT) == (not fits)
        if fits:
            assert [v.decode() for v in held] == row[:3]


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=120), pieces=st.integers(1, 50))
@example(data=b"\r\0", pieces=1)  # a blank line whose end comes at the end of a piece
@example(data=b"\r\n\r\na", pieces=1)
def test_any_bytes_split_alike_whole_and_in_pieces_when_no_quote_is_open(data, pieces):
    data = data.replace(b'"', b"'")
    assert split(data, 2) == split(data, 2, pieces=pieces)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=120) | st.text('a",\n\r', max_size=40).map(str.encode))
def test_any_bytes_at_all_end_and_every_line_is_in_order(data):
    lines = [line for _, _, line in split(data, 2)]
    assert lines == sorted(lines)
    assert len(lines) <= 1 + data.count(b"\n") + data.count(b"\r")


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ('a,"b\nc\nd', [("broken", 1), ("short", 2), ("short", 3)]),
        ('a,"b"x,c\nd,e\n', [("broken", 1), ("good", 2)]),
        ('a,b"c\nd,e\n', [("good", 1), ("good", 2)]),  # a quote inside is a quote
        ("a\n\n\nb,c", [("short", 1), ("good", 4)]),
        ('"a\n\n",b\nc,d', [("good", 1), ("good", 4)]),
        ("a,b,,,\nc,d,e", [("good", 1), ("short", 2)]),
    ],
)
def test_damage_is_local_and_lines_are_counted(text, records):
    kinds = {BROKEN_QUOTES: "broken", FIELD_COUNT: "short", 0: "good"}
    found = [
        (kinds[flags & (BROKEN_QUOTES | FIELD_COUNT)], line)
        for _, flags, line in split(text.encode(), 2)
    ]
    assert found == records
