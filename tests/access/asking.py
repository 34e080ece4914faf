"""An officer of the fire service asks for health data about Anna, whom nobody is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from protected_things import Thing, subject

from partnership import NOON, Partnership
from triservice.access.approvals import actions
from triservice.access.queries import decide
from triservice.kernel import clock
from triservice.kernel.access_words import Outcome, Reader, Role

WHY = "Her inhaler is needed to plan a safe visit to her home"
TOLD = "She agreed on the telephone today"
ANNA = subject(1)


def officer(made: Partnership) -> Reader:
    return made.reader("fire", at=clock.now())


def guardian(made: Partnership) -> Reader:
    return made.reader("health", Role.CALDICOTT_GUARDIAN, at=clock.now())


def ask(made: Partnership, **change: Any) -> int:
    said: dict[str, Any] = {
        "subject": ANNA, "fields": ["name", "born"], "case": "V-17", "why": WHY, "told": TOLD,
        "until": NOON + timedelta(days=10),
    }  # fmt: skip
    return actions.ask(officer(made), made.agencies["health"].pk, "health", **said | change)


def outcome(made: Partnership, row: Thing, field: str | None = None) -> Outcome:
    return decide(officer(made), row, field).outcome
