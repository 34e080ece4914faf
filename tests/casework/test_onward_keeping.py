"""What was sent to systems of services goes by the rule of the case's scheme; the fact stays."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError
from invented_referrals import Send
from test_directory import FALLS
from test_onward_letter import agree
from test_outcomes_year import copied

from partnership import NOON, Partnership
from triservice.access.models import Disclosure
from triservice.casework.directory.actions import add_service
from triservice.casework.keeping.jobs import let_go
from triservice.casework.models import Case, Dispatch, Entry, OnwardReferral
from triservice.casework.onward import wire
from triservice.casework.onward.actions import send as send_on
from triservice.casework.triage.actions import accept
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.keys import new_key

PAYLOAD = {"why": "Please see her", "person": {"name": "Morwenna Trevanion"}, "answers": []}
LATER = NOON + timedelta(days=10)
SIX_YEARS = datetime.fromisoformat("2032-06-11T00:30:00+01:00")  # after LATER, here


@pytest.fixture
def sent(send: Send, officer: Reader, town: Partnership) -> Dispatch:
    """What a service's system has taken, of an open case whose onward referral waits."""
    case = accept(officer, send(fell="yes").referral, officer=officer.officer)
    agree(officer, case)
    manager = town.reader("council", Role.PROGRAMME_MANAGER, Purpose.ADMINISTRATION)
    there = replace(FALLS, takes="API", address="https://invented.invalid/in", areas=())
    send_on(officer, case, key=new_key(), why="Please see her", service=add_service(manager, there))
    Dispatch.objects.update(state="sent", next_at=None, ended_at=NOON, payload=PAYLOAD)
    return Dispatch.objects.get()


def closed(at: datetime = LATER) -> None:
    Case.objects.filter(merged_into__isnull=True).update(
        state="closed", closed_at=at, outcome="needs met", next_due_at=None
    )


def at(moment: datetime) -> int:
    with clock.frozen(moment):
        return let_go()


def test_it_goes_when_all_is_over_and_the_years_have_gone_by(sent: Dispatch) -> None:
    assert at(SIX_YEARS) == 0  # the case is open, and nobody has answered
    closed()
    assert at(SIX_YEARS) == 0
    OnwardReferral.objects.update(state="completed", chase_at=None, completed_at=NOON)
    assert at(SIX_YEARS - timedelta(hours=1)) == 0
    assert (at(SIX_YEARS), at(SIX_YEARS)) == (1, 0)
    sent.refresh_from_db()
    assert (sent.payload, sent.gone_at, sent.ended_at) == (None, SIX_YEARS, NOON)
    assert sent.digest == sha256(wire.body(PAYLOAD)).hexdigest()
    entry = Entry.objects.get(verb="let go")
    assert entry.text == "What was sent to Invented falls service is kept no longer"
    assert entry.why == "Adult home visit: 6 years. Invented"
    record = Disclosure.objects.get(doing="let go of what was sent")
    assert "casework.dispatch" in record.what
    with pytest.raises(IntegrityError):
        Dispatch.objects.update(payload=PAYLOAD)


def test_the_later_of_closing_and_answer_counts_and_of_a_merged_case_the_one_it_is_part_of(
    sent: Dispatch, case: int
) -> None:
    OnwardReferral.objects.update(state="withdrawn", chase_at=None, completed_at=LATER)
    Case.objects.filter(pk=sent.onward.case_id).update(
        state="merged", merged_into=case, next_due_at=None
    )
    first = Case.objects.get(pk=sent.onward.case_id)
    for number in range(6):  # merged into one that was merged, and so on: the last one counts
        one = copied(first, key=new_key(), reference=f"C-{number}", merged_into=first.merged_into)
        Case.objects.filter(pk=first.pk).update(merged_into=one)
        first = one
    assert at(SIX_YEARS) == 0
    closed(NOON)
    assert at(SIX_YEARS - timedelta(hours=1)) == 0
    assert at(SIX_YEARS) == 1


def test_without_a_rule_nothing_goes(sent: Dispatch) -> None:
    OnwardReferral.objects.update(state="completed", chase_at=None, completed_at=NOON)
    closed()
    Case.objects.update(scheme="no-longer-there")
    assert at(SIX_YEARS + timedelta(days=9_000)) == 0
    assert Dispatch.objects.get().payload == PAYLOAD


def test_a_payload_has_the_same_bytes_in_whatever_order_it_was_kept() -> None:
    other = dict(reversed(PAYLOAD.items()))
    assert wire.body(other) == wire.body(PAYLOAD)
    assert json.loads(wire.body(PAYLOAD)) == PAYLOAD
