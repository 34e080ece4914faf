"""Small-number suppression, tried by an attacker who lists every table that fits."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.hotspots.suppression import suppressed
from triservice.kernel.errors import InputError


def test_small_counts_are_hidden_and_zeros_shown():
    assert suppressed([0, 1, 4, 5, 30], totals=()).tolist() == [False, True, True, False, False]


def test_a_single_hidden_count_takes_the_next_smallest_with_it():
    assert suppressed([0, 3, 12, 9]).tolist() == [False, True, False, True]
    assert suppressed([3, 0, 0]).tolist() == [True, True, False]  # nothing else to hide behind


def test_counts_that_must_all_be_one_are_covered_as_well():
    assert suppressed([1, 1, 8, 20]).tolist() == [True, True, True, False]
    assert suppressed([4, 4, 8, 20]).tolist() == [True, True, True, False]
    assert suppressed([1, 2, 8, 20]).tolist() == [True, True, False, False]


def test_rows_and_columns_cover_each_other():
    table = np.array([[2, 10, 20], [11, 12, 13], [30, 8, 9]])
    hidden = suppressed(table, totals=("rows", "columns"))
    assert hidden[0, 0]
    assert (hidden.sum(axis=0) != 1).all()
    assert (hidden.sum(axis=1) != 1).all()


@settings(max_examples=150, deadline=None)
@given(counts=st.lists(st.integers(0, 9), min_size=2, max_size=5), threshold=st.integers(2, 5))
def test_no_small_count_follows_from_the_total(counts, threshold):
    values = np.array(counts)
    hidden = suppressed(values, threshold)
    if hidden.sum() == 0 or hidden.all():
        return
    # All tables an outsider must hold possible: shown counts and total as published.
    fits = [
        guess
        for guess in product(range(int(values[hidden].sum()) + 1), repeat=int(hidden.sum()))
        if sum(guess) == values[hidden].sum()
    ]
    for place, true in enumerate(values[hidden]):
        if 0 < true < threshold:
            assert len({guess[place] for guess in fits}) > 1


def test_refusals():
    for wrong in ([1.5], [-1], [[[1]]]):
        with pytest.raises(InputError):
            suppressed(wrong)
    with pytest.raises(InputError, match="threshold"):
        suppressed([1], 0)
