"""Numbers as text → float64, correctly rounded, straight from the bytes of a file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.compiled import compiled
from triservice.analysis.lake.records import Bytes, Offsets, is_missing, trim

OK, MISSING, BAD, LONG = 0, 1, 2, 3
_POWERS = np.array([10.0**k for k in range(23)])  # every one exact in float64


@compiled
def parse_number(data: Bytes, start: int, end: int, decimal: int) -> tuple[float, int]:
    """Return (value, OK / BAD / LONG). LONG: a number whose digits need the careful way.

    A mantissa below 2**53 times or over an exact power of ten is correctly rounded (Clinger,
    "How to read floating point numbers accurately", 1990).
    """
    position, negative = start, False
    if position < end and (data[position] == 43 or data[position] == 45):
        negative = data[position] == 45
        position += 1
    mantissa, digits, scale = np.uint64(0), 0, 0
    long = False
    seen_point = False
    while position < end:
        byte = data[position]
        if 48 <= byte <= 57:
            if mantissa < np.uint64(900_719_925_474_099):
                mantissa = mantissa * np.uint64(10) + np.uint64(byte - 48)
            else:
                long = True
            digits += 1
            if seen_point:
                scale -= 1
        elif byte == decimal and not seen_point:
            seen_point = True
        else:
            break
        position += 1
    if digits == 0:
        return np.nan, BAD
    if position < end and (data[position] == 69 or data[position] == 101):
        position += 1
        exponent_negative = False
        if position < end and (data[position] == 43 or data[position] == 45):
            exponent_negative = data[position] == 45
            position += 1
        exponent, exponent_digits = 0, 0
        while position < end and 48 <= data[position] <= 57:
            if exponent < 10_000:
                exponent = exponent * 10 + int(data[position]) - 48
            exponent_digits += 1
            position += 1
        if exponent_digits == 0:
            return np.nan, BAD
        scale += -exponent if exponent_negative else exponent
    if position != end:
        return np.nan, BAD
    if long or scale < -22 or scale > 22:
        return np.nan, LONG
    value = float(mantissa)
    value = value / _POWERS[-scale] if scale < 0 else value * _POWERS[scale]
    return (-value if negative else value), OK


@compiled
def parse_numbers(
    data: Bytes,
    starts: Offsets,
    ends: Offsets,
    decimal: int,
    words: Bytes,
    bounds: Offsets,
    values: NDArray[np.float64],
    status: NDArray[np.uint8],
) -> int:
    """Parse one column into `values` and `status` (n,); return how many are LONG."""
    long = 0
    for row in range(len(values)):
        start, end = trim(data, starts[row], ends[row])
        if start == end:
            values[row], status[row] = np.nan, MISSING
            continue
        values[row], status[row] = parse_number(data, start, end, decimal)
        if status[row] == LONG:
            long += 1
        elif status[row] == BAD and is_missing(data, start, end, words, bounds):
            status[row] = MISSING
    return long


def read_numbers(
    data: Bytes, starts: Offsets, ends: Offsets, decimal: str, words: Bytes, bounds: Offsets
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return values (n,) and status (n,) of one column: OK, MISSING or BAD.

    Infinite and absurdly large numbers are BAD.
    """
    values = np.empty(len(starts))
    status = np.empty(len(starts), np.uint8)
    if parse_numbers(data, starts, ends, ord(decimal), words, bounds, values, status):
        for row in np.flatnonzero(status == LONG):
            text = bytes(data[starts[row] : ends[row]]).decode("ascii").strip()
            values[row] = float(text.replace(decimal, "."))
            status[row] = OK
    status[(status == OK) & ~np.isfinite(values)] = BAD
    return values, status
