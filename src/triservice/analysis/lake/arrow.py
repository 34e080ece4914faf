"""NumPy → Arrow without a copy, and without `pa.array`, which loads pandas (40 MB) to ask it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def numbers(values: NDArray[Any], kind: pa.DataType, missing: NDArray[np.bool_]) -> pa.Array:
    """Return numbers (n,) as an Arrow array of `kind`, null where `missing` (n,).

    The bytes are taken as they are: `kind` has to have the width of the values.
    """
    if values.dtype.itemsize * 8 != kind.bit_width:
        raise TypeError(f"{values.dtype} is not laid out as {kind}")
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind, len(values), [_validity(missing), pa.py_buffer(values)])


def texts(
    offsets: NDArray[np.int32],
    data: NDArray[np.uint8],
    missing: NDArray[np.bool_],
    kind: pa.DataType | None = None,
) -> pa.Array:
    """Return texts (n,) from their bytes, one behind the other at `offsets` (n+1,)."""
    buffers = [_validity(missing), pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(kind or pa.string(), len(offsets) - 1, buffers)


def words(values: Sequence[str]) -> pa.Array:
    """Return a list of texts as an Arrow array."""
    encoded = [value.encode() for value in values]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    return texts(offsets, data, np.zeros(len(encoded), np.bool_))


def coded(codes: NDArray[np.int32], dictionary: pa.Array) -> pa.Array:
    """Return words given as places in `dictionary`, null where a code is negative."""
    indices = numbers(codes.astype(np.int32, copy=False), pa.int32(), codes < 0)
    return pa.DictionaryArray.from_arrays(indices, dictionary)


def _validity(missing: NDArray[np.bool_]) -> pa.Buffer | None:
    if not missing.any():
        return None
    return pa.py_buffer(np.packbits(~missing, bitorder="little"))
