"""The invented partnership at noon, a small scheme, and referrals to it. All invented."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from invented_referrals import GIVEN, RISK, SCHEME, Send

from browsing import browser, visit  # noqa: F401
from partnership import NOON, Partnership, make_partnership
from triservice.casework.referrals.actions import Receipt, refer
from triservice.casework.triage.actions import accept
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.keys import new_key


@pytest.fixture(autouse=True)
def small_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the catalogue have the tests' own scheme."""
    monkeypatch.setenv("TRISERVICE_SCHEMES", str(Path(__file__).parent / "schemes"))


@pytest.fixture
def town(db: None) -> Iterator[Partnership]:
    """The partnership at noon; fire opens who, where and risk to the police, nobody else."""
    with clock.frozen(NOON):
        made = make_partnership(terms=False, roles=())
        made.term("fire", "police", RISK)
        yield made


@pytest.fixture
def officer(town: Partnership) -> Reader:
    """An officer of the fire service, which runs the scheme."""
    return town.reader("fire")


@pytest.fixture
def sender(town: Partnership) -> Reader:
    """A referrer of the police."""
    return town.reader("police", Role.REFERRER)


@pytest.fixture
def send(town: Partnership, sender: Reader) -> Send:
    """Return a function that sends a referral to fire, by the police's referrer."""

    def sent(by: Reader | None = None, key: Any = None, **given: Any) -> Receipt:
        to = town.agencies["fire"].pk
        return refer(by or sender, key or new_key(), SCHEME, {**GIVEN, **given}, to=to)

    return sent


@pytest.fixture
def case(send: Send, officer: Reader) -> int:
    """An open case of the officer."""
    return accept(officer, send().referral, officer=officer.officer)
