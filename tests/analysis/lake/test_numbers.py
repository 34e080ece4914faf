"""Numbers from bytes, against float()."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.lake.numbers import BAD, MISSING, OK, read_numbers

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def read(texts: list[str], decimal: str = ".", missing: tuple[str, ...] = ("NULL", "-")):
    data = np.frombuffer("".join(texts).encode() + b"\n", np.uint8)
    edges = np.cumsum([0, *(len(t.encode()) for t in texts)], dtype=np.int32)
    words = np.frombuffer("".join(missing).encode(), np.uint8)
    bounds = np.cumsum([0, *map(len, missing)], dtype=np.int32)
    return read_numbers(data, edges[:-1], edges[1:], decimal, words, bounds)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_every_float_comes_back_to_the_last_bit(numbers):
    values, status = read([repr(n) for n in numbers])
    assert (status == OK).all()
    assert values.tolist() == numbers
    assert np.signbit(values).tolist() == [math.copysign(1, n) < 0 for n in numbers]


@settings(max_examples=400, deadline=None)
@given(
    st.from_regex(r"\A[+-]?[0-9]{0,25}(\.[0-9]{0,25})?([eE][+-]?[0-9]{1,4})?\Z")
    | st.text("0123456789.eE+- ,x", max_size=8)
)
def test_what_is_a_number_and_which_is_as_python_says(text):
    (value,), (status,) = read([text], missing=())
    bare = text.strip(" ")
    if not bare:
        assert status == MISSING
    elif PLAIN.fullmatch(bare) and math.isfinite(float(bare)):
        assert status == OK
        assert value == float(bare)
    else:
        assert status == BAD


@pytest.mark.parametrize("text", ["inf", "nan", "1_000", "0x10", "1,5", "1e", "e5", ".", "+", "١"])
def test_not_numbers(text):
    assert read([text])[1][0] == BAD


def test_words_for_nothing_and_decimal_commas():
    values, status = read(["NULL", "-", "  ", "1.5", "- "])
    assert status.tolist() == [MISSING, MISSING, MISSING, OK, MISSING]
    assert np.isnan(values[0])
    values, status = read(["1,5", "123456789012345678,25", "1.5"], decimal=",")
    assert status.tolist() == [OK, OK, BAD]
    assert values[:2].tolist() == [1.5, 123456789012345678.25]
