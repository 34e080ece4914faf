"""Small numbers: what is hidden, and that it cannot be had by subtraction."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triservice.analysis.picture.suppress import hide_small, years_averaged
from triservice.kernel.errors import InputError


def test_counts_from_one_to_below_the_threshold_are_hidden_and_zero_is_shown() -> None:
    hidden = hide_small([0, 1, 4, 5, 90, np.nan], 5, totals=())
    assert hidden.tolist() == [False, True, True, False, False, False]


def test_a_single_hidden_count_takes_the_next_smallest_with_it() -> None:
    assert hide_small([0, 3, 40, 7, 90], 5).tolist() == [False, True, False, True, False]


def test_ones_that_their_sum_would_give_away_take_another_with_them() -> None:
    assert hide_small([1, 1, 9, 30], 5).tolist() == [True, True, True, False]


def test_zero_means_no_suppression_and_a_negative_threshold_is_refused() -> None:
    assert not hide_small([1, 2, 3], 0).any()
    with pytest.raises(InputError, match="cannot be suppressed"):
        hide_small([1], -1)


@given(st.lists(st.integers(0, 12), min_size=2, max_size=6), st.integers(2, 6))
def test_who_knows_the_total_cannot_tell_any_small_count(counts: list[int], below: int) -> None:
    """Every hidden small count keeps two possible values (when there is something to hide by)."""
    hidden = hide_small(counts, below)
    assert all(hidden[i] for i, n in enumerate(counts) if 0 < n < below)
    places = [i for i in range(len(counts)) if hidden[i]]
    if not places or not any(n >= below for n in counts):
        return
    rest = sum(counts[i] for i in places)
    small = sum(0 < counts[i] < below for i in places)
    if small == len(places):  # the reader knows that each lies between 1 and below - 1
        ways = [w for w in product(range(1, below), repeat=len(places)) if sum(w) == rest]
        assert all(len({w[k] for w in ways}) > 1 for k in range(len(places)))
    else:  # one of them may be any count: each small one keeps all that the total allows
        assert rest - (len(places) - 1) >= below


def test_a_table_with_totals_both_ways_hides_a_way_round() -> None:
    hidden = hide_small([[3, 40, 50], [60, 70, 80], [90, 11, 12]], 5, ("rows", "columns"))
    assert hidden[0, 0]
    assert (hidden.sum(axis=0)[hidden.any(axis=0)] >= 2).all()
    assert (hidden.sum(axis=1)[hidden.any(axis=1)] >= 2).all()


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Number of fires (three-year average)", 3),
        ("dwelling fires, 3-yr mean", 3),
        ("5 year average of falls", 5),
        ("Number of fires", 1),
        ("Average age", 1),
    ],
)
def test_an_average_over_years_is_known_by_its_words(text: str, years: int) -> None:
    assert years_averaged(text) == years
