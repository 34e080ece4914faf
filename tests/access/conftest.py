"""Fixtures of the access tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asking import ANNA
from invented_record import make_history
from protected_things import Thing, make_thing

from partnership import NOON, Partnership, make_partnership
from triservice.kernel import clock


@pytest.fixture
def at_noon() -> Iterator[None]:
    """Hold the clock at the moment at which the tests read."""
    with clock.frozen(NOON):
        yield


@pytest.fixture
def partnership(db: None, at_noon: None) -> Partnership:
    """The invented partnership with its usual terms."""
    return make_partnership(roles=())


@pytest.fixture
def bare(db: None, at_noon: None) -> Partnership:
    """The invented partnership with an agreement in force and no terms."""
    return make_partnership(terms=False, roles=())


@pytest.fixture
def made(partnership: Partnership) -> Partnership:
    """The same, for short."""
    return partnership


@pytest.fixture
def row(made: Partnership) -> Thing:
    """A health row about Anna, whom nobody is."""
    return make_thing(made.agencies["health"], "health", subject_key=ANNA, name="Asthma (invented)")


@pytest.fixture
def history(made: Partnership) -> dict[str, Thing]:
    """What was read, searched and refused of Anna and others: `invented_record` says by whom."""
    return make_history(made)
