"""No small number follows from all tables together: the rule, a proof, and an attack upon it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from triservice.casework.dashboards.rounding import nearest, rounded, running

# Rows of two schemes, three areas and two agencies, in two columns: what is grouped three ways.
SHAPE = (2, 3, 2, 2)
ATOMS = int(np.prod(SHAPE))
GROUPINGS = (0, 1, 2)
bases = st.integers(2, 10)
worlds = st.lists(st.integers(0, 4) | st.integers(0, 30), min_size=ATOMS, max_size=ATOMS)
tables = st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=1, max_size=6)


def grouped(atoms: Sequence[int], by: int) -> list[list[int]]:
    """Return the counts of one grouping: its lines, and the two columns."""
    axes = tuple(axis for axis in GROUPINGS if axis != by)
    sums: list[list[int]] = np.array(atoms).reshape(SHAPE).sum(axis=axes).tolist()
    return sums


def shown(atoms: Sequence[int], base: int) -> list[list[list[int]]]:
    return [rounded(grouped(atoms, by), base) for by in GROUPINGS]


def atoms_with(tables: list[list[list[int]]]) -> list[int]:
    """Return rows that have these counts in all groupings: from the corner, column by column."""
    world: Any = np.zeros(SHAPE, dtype=int)
    for column in range(SHAPE[3]):
        left = [[line[column] for line in table] for table in tables]
        for cell in product(*map(range, SHAPE[:3])):
            here = min(left[by][cell[by]] for by in GROUPINGS)
            world[(*cell, column)] = here
            for by in GROUPINGS:
                left[by][cell[by]] -= here
        assert not any(map(any, left)), "the groupings do not have one total"
    return world.ravel().tolist()


@settings(max_examples=100)
@given(tables, bases)
def test_what_is_shown_is_near_a_multiple_and_adds_up(rows: list[list[int]], base: int) -> None:
    made = rounded(rows, base)
    assert all(n % base == 0 for row in made for n in row)
    assert all(
        abs(shown - true) < base and (true or not shown)
        for was, now in zip(rows, made, strict=True)
        for true, shown in zip(was, now, strict=True)
    )
    columns = [sum(column) for column in zip(*rows, strict=True)]
    assert [sum(column) for column in zip(*made, strict=True)] == running(columns, base)
    assert sum(map(sum, made)) == nearest(sum(columns), base)
    assert rounded(made, base) == made
    assert rounded(rows, 1) == rows


@settings(max_examples=60)
@given(worlds, bases)
def test_what_is_shown_may_be_the_truth_in_every_grouping_at_once(
    atoms: list[int], base: int
) -> None:
    """The proof: rows without a small count in any table would be shown as exactly this."""
    seen = shown(atoms, base)
    world = atoms_with(seen)
    assert [grouped(world, by) for by in GROUPINGS] == seen
    assert shown(world, base) == seen


def reach(shown: list[list[list[int]]], base: int, by: int, line: int, column: int) -> Any:
    """Return between which numbers a count must lie, by linear programming over all that is shown.

    Who looks knows that each count is less than the base away, and that the groupings count the
    same rows.
    """
    sums, low, high = [], [], []
    for table, asked in zip(shown, GROUPINGS, strict=True):
        for at, counts in enumerate(table):
            for col, count in enumerate(counts):
                sums.append(indicator(asked, at, col))
                low.append(max(count - base + 1, 0))
                high.append(count + base - 1 if count else base - 1)
    matrix = np.array([*sums, *(-row for row in sums)])
    limits = np.array([*high, *(-each for each in low)])
    goal = indicator(by, line, column)
    ends = [linprog(sign * goal, matrix, limits, bounds=(0, None)) for sign in (1, -1)]
    return ends[0].fun, -ends[1].fun


def indicator(by: int, line: int, column: int) -> Any:
    """Return which atoms a cell of a grouping is the sum of."""
    found = np.zeros(SHAPE)
    place: list[Any] = [slice(None)] * 3 + [column]
    place[by] = line
    found[tuple(place)] = 1
    return found.ravel()


@settings(max_examples=12, deadline=None)
@given(worlds, st.sampled_from([3, 5]))
def test_no_small_count_follows_from_everything_that_is_shown(atoms: list[int], base: int) -> None:
    seen = shown(atoms, base)
    for by in GROUPINGS:
        for line, column in product(range(SHAPE[by]), range(SHAPE[3])):
            least, most = reach(seen, base, by, line, column)
            assert not (least > 1e-6 and most < base - 1e-6), (by, line, column)


def test_the_attack_finds_what_rounding_each_number_by_itself_gives_away() -> None:
    """Four times 2 is 8: each 0 (0 to 2) and their sum 10 (8 to 12) tell that each is 2."""
    each, total = [nearest(2, 5)] * 4, nearest(8, 5)
    sums = np.vstack([np.eye(4), -np.ones(4)])
    limits = [*(count + 2 for count in each), -(total - 2)]
    for at in range(4):
        goal = np.eye(4)[at]
        assert linprog(goal, sums, limits).fun == 2
        assert -linprog(-goal, sums, limits).fun == 2
    assert sum(running([2] * 4, 5)) == total
