"""The one way in which this package compiles loops over bytes: Numba, cached, without the GIL.

Numba keeps what it compiled until the file of the function changes; of a function of another file
that was compiled into it, it knows nothing. After a change to `records.trim`, say, remove the
`*.nbi` files beside the sources, or `identity` and `moments` go on with the old one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile a function to machine code at its first call; its type stays what it says."""
    return cast(_Function, njit(cache=True, nogil=True)(function))
