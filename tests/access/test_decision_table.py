"""Every cell of agency × class × purpose × state × mode × conditions has its reason."""

from __future__ import annotations

from typing import Any

import pytest
from decision_cases import CASES
from decision_scene import Scene
from protected_things import Thing

from partnership import NOON, Partnership
from triservice.access.models import Kind
from triservice.access.queries import decide, seen
from triservice.access.readers import reader_for
from triservice.access.record import recording
from triservice.access.rules import Use
from triservice.kernel.access_words import Reason

ALLOWS = {Reason.TERM_OPEN, Reason.OWN_DATA, Reason.APPROVED, Reason.BREAK_GLASS}


@pytest.mark.parametrize(("case", "reason"), CASES.values(), ids=CASES.keys())
def test_the_reason_of_each_cell(
    bare: Partnership, monkeypatch: pytest.MonkeyPatch, case: dict[str, Any], reason: Reason
) -> None:
    scene = Scene(bare, case)
    monkeypatch.setattr("triservice.access.readers._CASES", [lambda *_: scene.cases])
    reader = reader_for(scene.officer, scene.purpose, at=NOON)
    field = case.get("field")
    use = case.get("use", Use.READ)
    decision = decide(reader, scene.row, field, use)
    assert decision.reason is reason
    assert decision.allowed is (reason in ALLOWS)
    if reason in {Reason.TERM_OPEN, Reason.APPROVED, Reason.NEVER, Reason.NEEDS_APPROVAL}:
        assert decision.term is not None
        assert decision.version is not None
    with recording(reader, Kind.CONSULTATION, "look", use) as record:
        rows = {row.pk: row for row in seen(record, Thing.objects.all())}
    row = rows.get(scene.row.pk)
    if field is None:
        assert (row is not None) is decision.allowed
    elif row is not None and field in Thing.FIELDS:
        assert (field not in row.withheld) is decision.allowed


def test_every_reason_is_reached() -> None:
    assert {reason for _, reason in CASES.values()} == set(Reason)
