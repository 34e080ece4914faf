"""Time formats as an analyst writes them → operations for the parser in moments.py.

A format is written as for `strptime` (%Y %y %m %d %H %I %M %S %f %p %b %B %a %z) or is one of the
words `iso`, `excel` (serial days since 1899-12-30), `unix` and `unix-ms`. The precision of a time
is what its format states: a format without minutes is a matter of hours, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.clocks import (
    DAY_CODE,
    HOUR_CODE,
    MINUTE_CODE,
    MONTH_CODE,
    SECOND_CODE,
)
from triservice.kernel.errors import InputError

# One operation per directive; values above LITERAL are literal bytes.
(YEAR, SHORT_YEAR, MONTH, DAY, HOUR, HOUR12, MINUTE, SECOND, FRACTION, HALF, NAME,
 WEEKDAY, OFFSET, EXCEL, UNIX, UNIX_MS, SPACE_OR_T) = range(17)  # fmt: skip
LITERAL = 256
_DIRECTIVES = {
    "Y": YEAR, "y": SHORT_YEAR, "m": MONTH, "d": DAY, "H": HOUR, "I": HOUR12, "M": MINUTE,
    "S": SECOND, "f": FRACTION, "p": HALF, "b": NAME, "B": NAME, "a": WEEKDAY,
    "A": WEEKDAY, "z": OFFSET,
}  # fmt: skip
_WORDS = {"excel": EXCEL, "unix": UNIX, "unix-ms": UNIX_MS}
_ISO = ("%Y-%m-%d", "%Y-%m-%d\0%H:%M:%S", "%Y-%m-%d\0%H:%M:%S%z", "%Y-%m-%d\0%H:%M",
        "%Y-%m-%d\0%H:%M%z", "%Y-%m-%d\0%H:%M:%S.%f", "%Y-%m-%d\0%H:%M:%S.%f%z")  # fmt: skip


@dataclass(frozen=True)
class Formats:
    """Time formats compiled for the parser; those of a time of day have no date."""

    texts: tuple[str, ...]
    operations: NDArray[np.int64]
    bounds: NDArray[np.int64]
    precisions: NDArray[np.int64]


def compile_formats(texts: tuple[str, ...], time_of_day: bool = False) -> Formats:
    """Compile `texts`. Raises InputError naming the directive that is not understood."""
    operations: list[int] = []
    bounds, precisions = [0], []
    for text in texts:
        for written in _ISO if text == "iso" else (text,):
            ops = _operations(written)
            _check_complete(ops, text, time_of_day)
            operations += ops
            bounds.append(len(operations))
            precisions.append(_precision(ops))
    return Formats(
        texts,
        np.array(operations, np.int64),
        np.array(bounds, np.int64),
        np.array(precisions, np.int64),
    )


def _operations(text: str) -> list[int]:
    if text in _WORDS:
        return [_WORDS[text]]
    ops: list[int] = []
    characters = iter(text)
    for character in characters:
        if character == "\0":
            ops.append(SPACE_OR_T)
        elif character != "%":
            ops += [LITERAL + byte for byte in character.encode()]
        else:
            directive = next(characters, "")
            if directive == "%":
                ops.append(LITERAL + ord("%"))
            elif directive in _DIRECTIVES:
                ops.append(_DIRECTIVES[directive])
            else:
                raise InputError(
                    f"the time format {text!r} holds %{directive}, which is not known",
                    do="Use %Y %y %m %d %H %I %M %S %f %p %b %z, or the words iso, excel, unix.",
                )
    return ops


def _check_complete(ops: list[int], text: str, time_of_day: bool) -> None:
    if ops and ops[0] in _WORDS.values():
        return
    held = set(ops)
    date = bool({YEAR, SHORT_YEAR} & held and {MONTH, NAME} & held)
    clock = bool({HOUR, HOUR12} & held)
    if time_of_day and (date or not clock):
        raise InputError(f"{text!r} is not a time of day", do="Write for example %H:%M:%S.")
    if not time_of_day and not date:
        raise InputError(
            f"the time format {text!r} names no year and month",
            do="Write for example %d/%m/%Y %H:%M, or give the date and the time column apart.",
        )


def _precision(ops: list[int]) -> int:
    """Return the precision that a format states; excel finds its own."""
    if ops[0] in (UNIX, UNIX_MS, EXCEL):
        return SECOND_CODE
    for operation, code in (
        (SECOND, SECOND_CODE),
        (MINUTE, MINUTE_CODE),
        (HOUR, HOUR_CODE),
        (HOUR12, HOUR_CODE),
        (DAY, DAY_CODE),
    ):
        if operation in ops:
            return code
    return MONTH_CODE
