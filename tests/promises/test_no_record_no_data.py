"""The store of the record refuses: then every page and operation refuses, and shows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from promised_world import HEALTH_SECRETS, POLICE_SECRETS, World
from test_permissions import CLOSED, GROUPS, OPERATIONS, send

from triservice.access.models import ChainHead
from triservice.access.problems import CONTENT
from triservice.kernel.access_words import Role
from undoing import undone

SECRETS = (*POLICE_SECRETS, *HEALTH_SECRETS)
BREAK = {
    "sqlite": [
        "CREATE TRIGGER audit_store_down BEFORE INSERT ON access_disclosure "
        "BEGIN SELECT RAISE(ABORT, 'the audit store is down'); END"
    ],
    "postgresql": [
        "SET CONSTRAINTS ALL IMMEDIATE",
        "ALTER TABLE access_disclosure ADD CONSTRAINT audit_store_down CHECK (false) NOT VALID",
    ],
}
# Pages that show nobody's data and so record nothing, by the beginning of their names.
SILENT = (
    "account_", "mfa_", "api", "access:purpose", "access:agreement", "access:notice",
    "agencies:agenc", "agencies:team", "agencies:post", "agencies:people", "agencies:services",
    "casework:outcomes_status", "casework:refer", "casework:sheet_template", "casework:service",
    "casework:start_plan", "session",
)  # fmt: skip


@contextmanager
def audit_store_down() -> Iterator[None]:
    """Let the database refuse each disclosure, for a block that is undone."""
    with undone():
        with connection.cursor() as cursor:
            for statement in BREAK[connection.vendor]:
                cursor.execute(statement)
        yield


def who_may(said: dict[str, Any]) -> Role:
    """Return a role that the table answers with a page."""
    roles = sorted(GROUPS[said["who"]])
    return next(r for r in roles if said.get("but", {}).get(r, [said["get"]])[0] == 200)


def opened() -> list[tuple[str, dict[str, Any]]]:
    found = [(n, s) for n, s in CLOSED.items() if s["get"] == 200]
    return found + [(n, s) for n, s in CLOSED.items() if "officer" in s.get("but", {})]


@pytest.mark.long
def test_pages_show_nothing_that_cannot_be_recorded(world: World) -> None:
    for name, said in opened():
        client = world.client("police", who_may(said))
        address = world.address(name, said.get("about", []))
        with undone():
            before = ChainHead.objects.get().seq
            assert client.get(address).status_code == 200, name
            recorded = ChainHead.objects.get().seq > before
        with audit_store_down():
            answer = client.get(address)
        shown = answer.content.decode(errors="replace")  # a document is no text
        if recorded:
            assert answer.status_code == 500, name
        assert not [word for word in SECRETS if word in shown], name
        form = answer.status_code == 200 and "<form" in shown
        assert recorded or form or name.startswith(SILENT), f"{name} shows and records nothing"


@pytest.mark.parametrize("text", ["trevanion", "01632 960001"])
def test_a_search_shows_nothing_that_cannot_be_recorded(world: World, text: str) -> None:
    client = world.client("police")
    for name in ("subjects:search", "subjects:suggest", "subjects:places"):
        address = world.address(name, [])
        with undone():
            assert client.post(address, {"text": text}).status_code == 200
        with audit_store_down():
            answer = client.post(address, {"text": text})
        assert answer.status_code == 500
        assert "Morwenna" not in answer.content.decode()


def test_operations_answer_a_problem_and_no_data(world: World) -> None:
    silent = {"GET /api/me", "GET /api/agencies", "GET /api/decide", "GET /api/requests/{number}"}
    silent |= {"GET /api/agreements", "GET /api/agreements/{version}", "POST /api/requests"}
    silent |= {name for name in OPERATIONS if "schemes" in name}  # files, and who runs them
    silent |= {f"POST /api/fhir/{kind}" for kind in ("ServiceRequest", "Communication", "Task")}
    for name, said in OPERATIONS.items():
        others = {Role.ADMINISTRATOR, Role.ANALYST, Role.BOARD_MEMBER, *said.get("but", ())}
        role = min(GROUPS[said["who"]] - others)
        world.token("police", role)
        assert send(world, name, "police", role).status_code == said["status"], name
        with audit_store_down():
            answer = send(world, name, "police", role)
        assert not [word for word in SECRETS if word in answer.content.decode()], name
        if name not in silent:
            assert (answer.status_code, answer.headers["Content-Type"]) == (500, CONTENT), name
