"""The one way in which this package compiles loops over bytes: Numba, cached, without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile a function to machine code at its first call; its type stays what it says."""
    return cast(_Function, njit(cache=True, nogil=True)(function))
