"""Who wrote a note corrects it on the case's page; what it said stays, with when and why."""

from __future__ import annotations

import re

import pytest
from django.test import Client

import signing_in
from partnership import Partnership
from triservice.casework.cases.actions.sharing import add_agency
from triservice.casework.models import Entry, Note
from triservice.casework.notes.actions import add_note, correct_note
from triservice.kernel.access_words import DataClass, Reader, Role

pytestmark = pytest.mark.django_db
WAS, NOW, WHY = "She walks with a stick", "She walks with a frame", "I misread my own hand"


@pytest.fixture
def note(officer: Reader, case: int) -> int:
    return add_note(officer, case, WAS, "risk")


def page(town: Partnership, address: str, agency: str = "fire", role: Role = Role.OFFICER) -> str:
    client = signing_in.sign_in(Client(), town.officer(agency, role))
    return re.sub(r"\s+", " ", client.get(address).content.decode())


def test_a_note_is_corrected_by_who_wrote_it_and_both_versions_stay(
    town: Partnership, case: int, note: int
) -> None:
    here = f"/casework/cases/{case}"
    step = f"{here}/correct-note/{note}"
    assert f'href="{step}"' in page(town, here)
    form = page(town, step)
    assert f">{WAS}</textarea>" in form.replace("> ", ">").replace(" <", "<")
    client = signing_in.sign_in(Client(), town.officer("fire"))
    same = client.post(step, {"text": WAS, "why": WHY})
    assert "The note says so already" in same.content.decode()
    assert client.post(step, {"text": NOW, "why": ""}).status_code == 422
    assert not Entry.objects.filter(verb="correct").exists()
    assert client.post(step, {"text": NOW, "why": WHY}).status_code == 302
    assert Note.objects.get(pk=note).text == NOW
    shown = page(town, here)
    chronology = shown[shown.index("Chronology") :]
    assert f"Note corrected: {NOW}. {WHY}" in chronology
    before = chronology[chronology.index(f"> {WAS}" if f"> {WAS}" in chronology else WAS) :]
    assert WAS in before
    assert re.search(rf"Corrected</strong> 1 June 2026 at 1:00pm: {WHY}", before)
    assert f"Text: {WAS} → {NOW}" in chronology
    assert f">{NOW}</textarea>" in page(town, step).replace("> ", ">").replace(" <", "<")


def test_nobody_else_is_offered_it_or_gets_it(
    town: Partnership, officer: Reader, case: int, note: int
) -> None:
    add_agency(officer, case, town.agencies["police"].pk, None, "They know her")
    step = f"/casework/cases/{case}/correct-note/{note}"
    for agency, role in (("fire", Role.TEAM_LEADER), ("police", Role.OFFICER)):
        assert WAS in page(town, f"/casework/cases/{case}", agency, role)
        assert step not in page(town, f"/casework/cases/{case}", agency, role)
        client = signing_in.sign_in(Client(), town.officer(agency, role))
        assert client.get(step).status_code == 404
        assert client.post(step, {"text": NOW, "why": WHY}).status_code == 404
    assert Note.objects.get(pk=note).text == WAS


def test_a_correction_tells_nothing_to_whom_the_note_is_closed(
    town: Partnership, officer: Reader, case: int
) -> None:
    closed = add_note(officer, case, "Invented: her heart", str(DataClass.HEALTH))
    correct_note(officer, case, closed, "Invented: her lungs", WHY)
    shown = page(town, f"/casework/cases/{case}", "police")
    assert "Morwenna" in shown
    assert not [word for word in ("Invented: her", WHY, "Corrected") if word in shown]
