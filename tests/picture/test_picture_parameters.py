"""What may be asked, what hides, what counts as change: the pure rules of pictures."""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from triservice.analysis.hotspots.discovery import q_values
from triservice.kernel.access_words import Decision, Outcome, Reason
from triservice.kernel.errors import InputError
from triservice.picture.rules import (
    change_p,
    discoveries,
    hidden,
    place_decision,
    read_parameters,
    shown_count,
)

GOOD: dict[str, Any] = {"services": ["fire", "police"], "since": "2025-01", "until": "2025-03"}


def test_parameters_come_back_as_they_were_written() -> None:
    wanted = read_parameters(
        GOOD | {"categories": ["fall", "fall"], "unit": "HEX", "size_m": "500"}
    )
    assert wanted.services == ("police", "fire")
    assert wanted.categories == ("fall",)
    assert (wanted.unit, wanted.size_m, wanted.grid) == ("hex", 500, True)
    assert wanted.months == ["2025-01", "2025-02", "2025-03"]
    assert read_parameters(wanted.as_json()) == wanted


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"services": []}, "services", "no service is chosen"),
        ({"services": ["army"]}, "services", "'army' is not a service"),
        ({"services": "fire"}, "services", "list of words"),
        ({"since": "soon"}, "since", "is not a month"),
        ({"since": None}, "since", "is not a month"),
        ({"until": "2024-12"}, "until", "ends (2024-12) before it starts"),
        ({"until": "2035-03"}, "until", "longer than 120 months"),
        ({"unit": "square", "size_m": 37}, "size_m", "37 metres is not offered"),
        ({"unit": "../etc"}, "unit", "cannot name a unit"),
        ({"size_m": "wide"}, "size_m", "not a whole number"),
        ({"small_number": -1}, "small_number", "0 to 100"),
        ({"small_number": 1_000}, "small_number", "0 to 100"),
        ({"area": "x" * 201}, "area", "too long"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_in_a_sentence(
    changed: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_parameters(GOOD | changed)
    assert refused.value.field == field
    assert said in str(refused.value)


@pytest.mark.parametrize(("least", "parts", "most"), [(2, 3, 8), (3, 3, 10), (3, 4, 8), (5, 3, 14)])
def test_what_is_hidden_does_not_follow_from_the_total(least: int, parts: int, most: int) -> None:
    """The adversary knows the rule, the total and what is shown, but not the order of the covers.

    Every table whose display is the same could be the one: whatever is hidden must be nothing in
    one of them and large in another, unless the total is hidden as well.
    """
    tables = defaultdict(set)
    for table in product(range(most + 1), repeat=parts):
        if sum(table) > most:  # all tables of a total, or none
            continue
        for order in permutations(range(parts)):
            hide = hidden(table, least, order.index)
            shown = tuple(None if i in hide else count for i, count in enumerate(table))
            tables[shown_count(sum(table), least), shown].add(table)
    assert len(tables) > 20
    for (total, shown), could_be in tables.items():
        for index, count in enumerate(shown):
            assert count is None or count >= least
            values = {table[index] for table in could_be}
            if count is None and total is not None:
                assert min(values) == 0
                assert max(values) >= least
            elif count is None:
                assert values == set(range(least))


@given(
    counts=st.lists(st.integers(0, 30), min_size=1, max_size=8),
    least=st.integers(0, 12),
    order=st.permutations(range(8)),
)
def test_all_small_counts_are_hidden_and_no_more_than_needed(
    counts: list[int], least: int, order: list[int]
) -> None:
    hide = hidden(counts, least, order.index)
    small = {i for i, count in enumerate(counts) if count < least}
    if least <= 1 or not small:
        assert not hide
        return
    assert small <= hide
    covers = sorted(hide - small, key=order.index)
    if sum(counts) >= least and covers:
        before = hide - {covers[-1]}
        assert len(before) < 2 or sum(counts[i] for i in before) < least


def _said(reason: Reason, small: int = 0) -> Decision:
    allowed = reason in (Reason.TERM_OPEN, Reason.OWN_DATA)
    return Decision(Outcome.ALLOW if allowed else Outcome.DENY, reason, small_number=small)


OPEN, OPEN_TEN = _said(Reason.TERM_OPEN, 5), _said(Reason.TERM_OPEN, 10)
AREA, NEVER, NONE = _said(Reason.AREA), _said(Reason.NEVER), _said(Reason.NO_TERM)


@pytest.mark.parametrize(
    ("own", "around", "expected"),
    [
        (OPEN, OPEN_TEN, OPEN_TEN),  # the stricter threshold
        (OPEN_TEN, OPEN, OPEN_TEN),
        (OPEN, AREA, OPEN),  # a term of the place itself
        (AREA, OPEN, OPEN),  # a term of the area around it
        (NEVER, OPEN, NEVER),
        (OPEN, NEVER, NEVER),
        (AREA, NEVER, NEVER),
        (AREA, NONE, NONE),
    ],
)
def test_a_place_is_open_by_either_area_and_closed_by_either_never(
    own: Decision, around: Decision, expected: Decision
) -> None:
    for code in ("E1", ""):
        answers = {code: own, "E9": around}
        assert place_decision(answers.__getitem__, "E9", code) == expected
    # Without a known area of the source, the place alone decides.
    assert place_decision({"E1": own}.__getitem__, "", "E1") == own


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 24), st.integers(1, 24))
def test_change_is_the_exact_binomial_test(a: int, b: int, before: int, after: int) -> None:
    p = change_p(a, b, before, after)
    if a + b == 0:
        assert p == 1
        return
    share = after / (before + after)
    tails = [binomtest(b, a + b, share, alternative=side).pvalue for side in ("less", "greater")]
    assert p == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-8)


def test_change_of_many_events_goes_over_into_the_normal_curve() -> None:
    exact, curve = change_p(1_050, 950, 6, 6), change_p(1_051, 950, 6, 6)
    assert exact == pytest.approx(curve, rel=0.06)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@example([0.0, 0.0, 1.0, 1.0, 1.0, 0.025])
def test_discoveries_are_those_of_the_analysis(p: list[float]) -> None:
    assert discoveries(p) == (q_values(np.array(p)) <= 0.05).tolist()
