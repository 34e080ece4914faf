"""Bytes of a delimited file → records and fields, as offsets into the bytes; nothing is copied.

The grammar is RFC 4180 as Python's csv module reads it (line ends LF, CRLF or CR; blank lines are
not records), with two differences that keep damage local: a record whose quoting is broken ends
at the end of its first line, and trailing empty fields beyond the header are forgiven.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.compiled import compiled

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int32]
Flags = NDArray[np.uint8]

QUOTE, LF, CR = 34, 10, 13

# What a record's flag byte says; several may hold.
FIELD_COUNT = 1  # more or fewer values than the header names
BROKEN_QUOTES = 2  # a quote that never closes, or text after a closing quote
NUL = 4  # an embedded zero byte
HIGH = 8  # a byte above 127: has to be checked as UTF-8
DOUBLED = 16  # a quoted value holds doubled quotes, to be undone when the value is copied

ENDS_VALUE = 128  # the kind of bytes that end an unquoted value

# A quoted value longer than this is taken for a quote that was never closed.
LONGEST_RECORD = 1 << 18


def byte_kinds(delimiter: str) -> Flags:
    """Return the kind of each byte (256,): ENDS_VALUE, NUL, HIGH, or 0 for an ordinary one."""
    kinds = np.zeros(256, np.uint8)
    kinds[128:] = HIGH
    kinds[0] = NUL
    kinds[[LF, CR, ord(delimiter)]] = ENDS_VALUE
    return kinds


def buffer(*pieces: bytes) -> tuple[Bytes, int]:
    """Return (pieces one after another with a line feed behind them, length without it)."""
    data = np.frombuffer(b"".join((*pieces, b"\n")), np.uint8)
    return data, len(data) - 1


@compiled
def count_line_ends(data: Bytes, length: int) -> int:
    """Return an upper bound on the records in `data[:length]`; `data[length]` has to be there."""
    count = 2  # the last may lack an end, and a CR at the very end is not counted
    for position in range(length):  # no branches: many bytes at a time
        byte = data[position]
        count += (byte == LF) | ((byte == CR) & (data[position + 1] != LF))
    return count


@compiled
def _first_line_end(data: Bytes, start: int, length: int) -> int:
    position = start
    while position < length and data[position] != LF and data[position] != CR:
        position += 1
    return position


@compiled
def _scan_quoted(data: Bytes, start: int, length: int, flags: int) -> tuple[int, int, int]:
    """Return (position of the closing quote or -1, line ends passed, flags) from `start`."""
    position, lines = start, 0
    while position < length:
        byte = data[position]
        if byte == QUOTE:
            if position + 1 < length and data[position + 1] == QUOTE:
                flags |= DOUBLED
                position += 2
                continue
            return position, lines, flags
        if byte == LF:
            lines += 1
        elif byte == 0:
            flags |= NUL
        elif byte > 127:
            flags |= HIGH
        position += 1
    return -1, lines, flags


@compiled
def split_records(
    data: Bytes,
    length: int,
    kinds: Flags,
    final: bool,
    line: int,
    starts: Offsets,
    ends: Offsets,
    row_starts: Offsets,
    row_ends: Offsets,
    lines: NDArray[np.int64],
    found: Offsets,
    flags_out: Flags,
) -> tuple[int, int, int]:
    """Find records in `data[:length]`; return (records, bytes consumed, next line number).

    `data[length]` has to be a line feed, as `buffer` makes it, and `kinds` as `byte_kinds` does.
    `starts`, `ends` (rows, columns) receive the bounds of each value, quotes left out; the other
    arrays (rows,) the bounds of the record, its first line number, its number of values and its
    flags. Stops when the arrays are full or, unless `final`, before a record that is not
    complete: what was not consumed belongs in front of the next bytes.
    """
    rows, columns = starts.shape
    row = position = 0
    while position < length and row < rows:
        byte = data[position]
        if byte == LF or byte == CR:  # noqa: SIM109 - blank line, or the LF of a CRLF
            if byte == CR and position + 1 == length and not final:
                break  # perhaps half of a CRLF: wait for the other half
            position += 1
            if byte == LF or (position < length and data[position] != LF):
                line += 1
            continue
        start, field, flags, passed = position, 0, 0, 0
        extra = complete = broken = False
        cursor = position
        while True:
            if cursor < length and data[cursor] == QUOTE:
                begin = cursor + 1
                closing, lines_passed, flags = _scan_quoted(data, begin, length, flags)
                passed += lines_passed
                if closing < 0:
                    broken = final or length - start > LONGEST_RECORD
                    break
                if closing + 1 == length and not final:
                    break  # a doubled quote may follow in the next bytes
                if closing - start > LONGEST_RECORD:
                    broken = True
                    break
                end = closing
                cursor = closing + 1
                if cursor < length:
                    after = data[cursor]
                    if kinds[after] != ENDS_VALUE:
                        broken = True
                        break
            else:
                begin = cursor
                while True:
                    kind = kinds[data[cursor]]
                    while kind == 0:  # the line feed at data[length] ends it
                        cursor += 1
                        kind = kinds[data[cursor]]
                    if kind == ENDS_VALUE:
                        break
                    flags |= kind
                    cursor += 1
                end = cursor
            if field < columns:
                starts[row, field] = begin
                ends[row, field] = end
            elif end > begin:
                extra = True
            field += 1
            if cursor >= length:
                complete = final
                break
            if data[cursor] == LF or data[cursor] == CR:
                # A CR at the very end may be half of a CRLF: wait for the other half.
                complete = final or data[cursor] == LF or cursor + 1 < length
                break
            cursor += 1
        if broken:
            cursor = _first_line_end(data, start, length)
            if cursor >= length and not final and length - start <= LONGEST_RECORD:
                break
            flags |= BROKEN_QUOTES
            passed = 0
        elif not complete:
            break
        if not broken and (field < columns or extra):
            flags |= FIELD_COUNT
        for missing in range(0 if broken else field, columns):
            starts[row, missing] = start
            ends[row, missing] = start
        if broken:
            for index in range(start, cursor):
                if data[index] > 127:
                    flags |= HIGH
                elif data[index] == 0:
                    flags |= NUL
        row_starts[row], row_ends[row] = start, cursor
        lines[row], found[row], flags_out[row] = line, field, flags
        line += passed
        row += 1
        position = cursor
        if position < length:  # step over the line end
            if data[position] == CR and position + 1 < length and data[position + 1] == LF:
                position += 1
            position += 1
            line += 1
    return row, position, line


@compiled
def trim(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of a value without the blanks around it."""
    while start < end and (data[start] == 32 or data[start] == 9):
        start += 1
    while end > start and (data[end - 1] == 32 or data[end - 1] == 9):
        end -= 1
    return start, end


@compiled
def is_missing(data: Bytes, start: int, end: int, words: Bytes, bounds: Offsets) -> bool:
    """Say whether a trimmed value is empty or one of the words that stand for nothing."""
    size = end - start
    if size == 0:
        return True
    for word in range(len(bounds) - 1):
        if bounds[word + 1] - bounds[word] == size:
            offset = bounds[word]
            same = True
            for index in range(size):
                if data[start + index] != words[offset + index]:
                    same = False
                    break
            if same:
                return True
    return False


@compiled
def value_lengths(
    data: Bytes,
    rows: NDArray[np.int64],
    starts: Offsets,
    ends: Offsets,
    words: Bytes,
    bounds: Offsets,
    offsets: Offsets,
    present: NDArray[np.bool_],
) -> int:
    """Fill `offsets` (n+1,) and `present` (n,) for the trimmed values of `rows`; return bytes."""
    total = 0
    offsets[0] = 0
    for index in range(len(rows)):
        row = rows[index]
        start, end = trim(data, starts[row], ends[row])
        present[index] = not is_missing(data, start, end, words, bounds)
        if present[index]:
            size = end - start
            if starts[row] > 0 and data[starts[row] - 1] == QUOTE:
                position = start
                while position < end - 1:
                    if data[position] == QUOTE:  # inside quotes every quote is doubled
                        size -= 1
                        position += 1
                    position += 1
            total += size
        offsets[index + 1] = total
    return total


@compiled
def copy_values(
    data: Bytes,
    rows: NDArray[np.int64],
    starts: Offsets,
    ends: Offsets,
    present: NDArray[np.bool_],
    offsets: Offsets,
    target: Bytes,
) -> None:
    """Copy the trimmed values of `rows` to `target`, doubled quotes undone."""
    for index in range(len(rows)):
        if not present[index]:
            continue
        row = rows[index]
        start, end = trim(data, starts[row], ends[row])
        to = offsets[index]
        if offsets[index + 1] - to == end - start:
            for position in range(start, end):
                target[to] = data[position]
                to += 1
            continue
        position = start
        while position < end:
            target[to] = data[position]
            to += 1
            position += 2 if data[position] == QUOTE else 1


@compiled
def copy_slices(
    data: Bytes, starts: NDArray[np.int32], ends: NDArray[np.int32], offsets: Offsets, target: Bytes
) -> None:
    """Copy bytes as they are: `offsets` (n+1,) says where each slice goes."""
    for index in range(len(starts)):
        to = offsets[index]
        for position in range(starts[index], ends[index]):
            target[to] = data[position]
            to += 1


@compiled
def missing_values(
    data: Bytes,
    starts: Offsets,
    ends: Offsets,
    words: Bytes,
    bounds: Offsets,
    missing: NDArray[np.bool_],
) -> None:
    """Say of each value of a column whether it stands for nothing."""
    for row in range(len(missing)):
        start, end = trim(data, starts[row], ends[row])
        missing[row] = is_missing(data, start, end, words, bounds)
