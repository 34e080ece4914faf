"""The invented partnership at noon, with no terms yet, and rows about an invented person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from partnership import NOON, Partnership, make_partnership
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Mode, Role
from triservice.subjects.actions.linkage import link_exact
from triservice.subjects.actions.records import receive_records

WHO = (DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION)
HOME = {
    "uprn": "100000001",
    "address": "14 Invented Lane, Nowhere",
    "postcode": "ZZ1 1AA",
    "household_number": "H1",
}
SURE = HOME | {"phone": "01632 960001"}


@pytest.fixture
def invented(db: None) -> Iterator[Partnership]:
    with clock.frozen(NOON):
        yield make_partnership(
            terms=False,
            roles=(Role.OFFICER, Role.DATA_OWNER, Role.TEAM_LEADER, Role.CALDICOTT_GUARDIAN),
        )


@pytest.fixture
def row() -> Callable[..., dict[str, Any]]:
    """Return a function that makes a row about an invented person; columns may be changed."""

    def make(key: str, **more: object) -> dict[str, Any]:
        return {
            "source_key": key,
            "kind": "invented record",
            "person_number": f"P{key}",
            "given_name": "Morwenna",
            "family_name": "Trevanion",
            "date_of_birth": "1948-03-12",
            "happened_at": "2026-05-01T12:00:00+00:00",
            "role": "resident",
        } | more

    return make


def fill(invented: Partnership, row: Callable[..., dict[str, Any]]) -> None:
    """One person known to three services, a neighbour, and health on approval."""
    for giver in ("police", "fire", "council"):
        for taker in ("police", "fire", "council"):
            if giver != taker:
                invented.term(giver, taker, WHO)
    invented.term("fire", "police", [DataClass.FIRE, DataClass.RISK])
    for taker in ("police", "fire"):
        invented.term("health", taker, WHO)
        invented.term("health", taker, [DataClass.HEALTH], mode=Mode.ON_APPROVAL, existence=True)
    sent: dict[str, list[dict[str, Any]]] = {
        "police": [
            row("1", **SURE, role="victim", **{"police.summary": "Invented burglary"}),
            row("bad", date_of_birth="31/02/1948"),
        ],
        "fire": [
            row(
                "1",
                **SURE,
                **{"fire.summary": "Invented visit", "fire.alarms": 2},
                marker="dangerous dog",
                marker_source="invented postman",
                marker_review_on="2027-01-01",
                language="Cornish",
            ),
            row("2", **HOME, given_name="Jory", family_name="Bosquite", role="witness"),
        ],
        "health": [
            row("1", **HOME, role="patient", **{"health.summary": "Secret invented illness"})
        ],
    }
    for kind, rows in sent.items():
        reader = invented.reader(kind, Role.DATA_OWNER)
        receipt = receive_records(reader, invented.agencies[kind], "system", rows)
        link_exact(reader, receipt.people)


@pytest.fixture
def town(invented: Partnership, row: Callable[..., dict[str, Any]]) -> Partnership:
    """The partnership with the people of `fill`, at noon."""
    fill(invented, row)
    return invented


@pytest.fixture
def live_town(db: None, row: Callable[..., dict[str, Any]]) -> Partnership:
    """The same, now: a server in another thread has the real clock."""
    made = make_partnership(
        terms=False,
        roles=(Role.OFFICER, Role.DATA_OWNER, Role.TEAM_LEADER, Role.CALDICOTT_GUARDIAN),
    )
    fill(made, row)
    return made


from browsing import browser, visit  # noqa: E402, F401
