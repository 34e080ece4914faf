"""Which side of a line a point lies on, exactly.

The sign of a floating-point determinant is wrong when the point is nearly on the line. The filter
below knows when to trust it; where it does not, the determinant is summed without rounding. After
J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic (1997). Exact for coordinates between
1e-70 and 1e70 in size (and zero), which covers every map.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_FILTER = 3.3306690738754716e-16  # (3 + 16ε)ε with ε = 2⁻⁵³: Shewchuk's ccwerrboundA
_SPLIT = 134217729.0  # 2²⁷ + 1


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator]
def side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> Any:
    """Return 1 when p lies left of the line from a to b, −1 when right of it, 0 when on it."""
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    difference = left - right
    bound = _FILTER * (abs(left) + abs(right))
    if difference > bound:
        return 1
    if -difference > bound:
        return -1
    return exact_side(ax, ay, bx, by, px, py)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def exact_side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """Return what `side` does, always by exact arithmetic."""
    parts = np.empty(12)
    count = 0
    # ax·by − ay·bx + bx·py − by·px + px·ay − py·ax, each product as a sum of two numbers
    for first, second in ((ax, by), (-ay, bx), (bx, py), (-by, px), (px, ay), (-py, ax)):
        product = first * second
        c = _SPLIT * first
        first_high = c - (c - first)
        first_low = first - first_high
        c = _SPLIT * second
        second_high = c - (c - second)
        second_low = second - second_high
        rest = product - first_high * second_high
        rest -= first_low * second_high
        rest -= first_high * second_low
        low = first_low * second_low - rest
        count = _grow(parts, count, low)
        count = _grow(parts, count, product)
    for at in range(count - 1, -1, -1):  # the largest part that is not zero has the sign
        if parts[at] > 0.0:
            return 1
        if parts[at] < 0.0:
            return -1
    return 0


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _grow(parts: Any, count: int, value: float) -> int:
    """Add `value` to a sum of non-overlapping parts of growing size, without rounding."""
    carry = value
    for at in range(count):
        total = carry + parts[at]
        part_kept = total - carry
        parts[at] = (carry - (total - part_kept)) + (parts[at] - part_kept)
        carry = total
    parts[count] = carry
    return count + 1
