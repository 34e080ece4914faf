"""What people agreed to, and cases that agencies share, offer, link, merge and part again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from invented_referrals import Send

from partnership import NOON, Partnership
from triservice.access.errors import Refused
from triservice.access.models import Notice
from triservice.access.record import keeping_markings
from triservice.casework.cases.actions import joining, life, sharing
from triservice.casework.cases.queries.view import case_view
from triservice.casework.models import AnswerPart, Case, Consent, Equipment
from triservice.casework.needs import actions as needs
from triservice.casework.notes import actions as notes
from triservice.casework.triage import actions as triage
from triservice.casework.visits import actions as visits
from triservice.casework.visits.actions.finishing import Follows, finish
from triservice.casework.visits.queries import visit_page
from triservice.kernel.access_words import Marking, Reader, Role
from triservice.kernel.errors import InputError

WHY = "Invented: she agreed on the telephone"


def person(case: int) -> str:
    return str(Case.objects.get(pk=case).subject_key)


def consent(officer: Reader, case: int, **more: Any) -> int:
    said = {"given": True, "capacity": "has capacity", "asked_on": date(2026, 6, 1)} | more
    return notes.record_consent(officer, case, person(case), "Onward referral", **said)


def test_consent_is_recorded_withdrawn_and_overridden_with_a_reason(
    officer: Reader, case: int
) -> None:
    row = consent(officer, case)
    notes.withdraw_consent(officer, case, row, "She changed her mind")
    assert case_view(officer, case).consents[0].standing == "Consent withdrawn"
    with pytest.raises(InputError, match="There is no consent here"):
        notes.withdraw_consent(officer, case, row, "Again")
    with pytest.raises(InputError, match="Say why it is done without"):
        consent(officer, case, given=False, override="a child is at risk of harm")
    with pytest.raises(InputError, match="expired already"):
        consent(officer, case, expires_on=date(2026, 6, 1))


def test_a_concern_has_its_own_class_and_marking_and_is_told(
    officer: Reader, case: int, town: Partnership
) -> None:
    council = town.agencies["council"].pk
    row = notes.raise_concern(
        officer, case, person(case), "She has not eaten for days and is afraid of her nephew",
        kinds=["neglect"], care_needs=True, at_risk=True, cannot_protect=None, sent_to=council,
    )  # fmt: skip
    with keeping_markings() as markings:
        seen = case_view(officer, case)
    assert Marking.OFFICIAL_SENSITIVE in markings
    assert seen.concerns[0].found is not None
    assert "council, which decides" in seen.concerns[0].found
    assert Notice.objects.filter(agency=council, key=f"concern:{row}").exists()
    assert not [each for each in Notice.objects.all() if "nephew" in each.text]
    with pytest.raises(InputError, match="1 safeguarding concern has no decision"):
        life.close(officer, case, "died", "She died in hospital")
    notes.decide_concern(officer, case, row, "The council makes enquiries")


def test_another_agency_joins_takes_over_and_asks_for_consent_again(
    officer: Reader, case: int, town: Partnership
) -> None:
    leader = town.reader("fire", Role.TEAM_LEADER)
    police, sergeant = town.agencies["police"].pk, town.reader("police", Role.TEAM_LEADER)
    constable = town.reader("police")
    with pytest.raises(Refused):
        notes.add_note(constable, case, "The door was forced", "police")
    sharing.add_agency(officer, case, police, constable.officer, WHY)
    notes.add_note(constable, case, "The door was forced", "police")
    consent(officer, case)
    sharing.offer(leader, case, police, "They know her well")
    with pytest.raises(Refused):
        sharing.answer_offer(town.reader("council", Role.TEAM_LEADER), case, take=True)
    sharing.answer_offer(sergeant, case, take=True)
    row = Case.objects.get(pk=case)
    assert (row.owner_id, row.state, row.officer) == (police, "open", None)
    assert Consent.objects.get().ask_again
    assert Consent.objects.get().owner_id == police
    assert [str(c.standing) for c in case_view(sergeant, case).consents] == [
        "The case changed hands: ask again"
    ]


def test_no_agreement_in_force_no_joint_work(officer: Reader, case: int, town: Partnership) -> None:
    assert town.version is not None
    town.version.state = "suspended"
    town.version.save()
    for share in (
        lambda: sharing.add_agency(officer, case, town.agencies["police"].pk, None, WHY),
        lambda: needs.add_action(officer, case, "Call", due=NOON + timedelta(1),
                                 agency=town.agencies["police"].pk),
    ):  # fmt: skip
        with pytest.raises(InputError, match="No agreement with Penmarric Police is in force"):
            share()


def test_cases_are_linked_merged_and_parted_without_loss(
    send: Send, officer: Reader, case: int
) -> None:
    other = triage.accept(officer, send().referral)
    needs.add_need(officer, other, "falls", "She told me")
    reference = Case.objects.get(pk=case).reference
    joining.link(officer, other, reference, "The same household")
    with pytest.raises(InputError, match="linked already"):
        joining.link(officer, other, reference, "The same household")
    assert [each.how for each in case_view(officer, case).others] == ["linked"]
    joining.unlink(officer, case, other, "A mistake")
    agreed = consent(officer, other)
    due = NOON + timedelta(minutes=5)
    call = needs.add_action(officer, other, "Call her", due=due, agency=officer.agency)
    seen_at = visits.plan(officer, other, NOON + timedelta(minutes=9), key=uuid4())
    Case.objects.filter(pk=other).update(
        contact_due_at=(contact := NOON + timedelta(minutes=20)),
        visit_due_at=(visit := NOON + timedelta(minutes=30)),
    )
    before = case_view(officer, other)
    assert joining.merge(officer, other, reference, "One person") == case
    merged = case_view(officer, case)
    assert [need.label for need in merged.needs] == ["Falls prevention"]
    assert (merged.row.next_step, merged.row.due) == ("Call her", NOON + timedelta(minutes=5))
    notes.withdraw_consent(officer, case, agreed, "Changed her mind")  # from the case that stands
    needs.end_action(officer, case, call, done=True, result="She is well")
    visits.cancel(officer, other, seen_at, "She is away")  # as an old page or a phone asks
    assert case_view(officer, case).row.due == contact  # the earlier of both
    with pytest.raises(InputError, match=f"merged into case {reference}"):
        life.allocate(officer, other, officer.officer)
    with pytest.raises(InputError, match="1 need is still open"):
        life.close(officer, case, "needs met", "All done")
    life.note_contact(officer, case)
    assert case_view(officer, case).row.due == visit
    assert len(merged.subjects) >= 2
    with pytest.raises(InputError, match="This case is merged"):
        life.close(officer, other, "needs met", "All done")
    joining.part(officer, other, "Two people after all")
    after = case_view(officer, other)
    assert (after.row.state, after.needs, after.row.due) == ("open", before.needs, contact)
    assert after.consents[0].standing == "Consent withdrawn"
    told = [line.text for line in after.chronology.lines]
    assert {"Consent withdrawn: Onward referral", "Done: Call her"} <= set(told)
    assert not case_view(officer, case).needs
    assert case_view(officer, case).row.due > visit


def test_what_is_found_in_a_merged_case_keeps_its_readers(
    send: Send, officer: Reader, case: int
) -> None:
    other = triage.accept(officer, send().referral)
    Case.objects.filter(pk=other).update(marking="OFFICIAL-SENSITIVE")
    visit = visits.plan(officer, other, NOON, key=uuid4())
    subject = Case.objects.get(pk=other).subject_key
    joining.merge(officer, other, Case.objects.get(pk=case).reference, "One household")
    for make in (
        lambda: notes.add_note(officer, other, "She fears her son", "risk"),
        lambda: needs.add_need(officer, other, "falls", "She told me"),
        lambda: visits.plan(officer, other, NOON, key=uuid4()),
    ):
        with pytest.raises(InputError, match="was merged into case"):
            make()
    said = {"alarms": "no", "fell": "yes"}
    done = visits.Done(uuid4(), said, NOON, NOON, [visits.Fitted("alarm", "hall", "S1")])
    assert visit_page(officer, case, visit).seen.pk == visit
    follows = Follows(next_at=NOON)
    with pytest.raises(InputError, match="of a case that was merged"):
        finish(officer, case, visit, done, follows)
    visits.record_visit(officer, case, visit, done)  # from the page of the one that stands
    rows = [*AnswerPart.objects.filter(submission__key=done.key), *Equipment.objects.all()]
    assert {(row.marking, row.subject_key) for row in rows} == {("OFFICIAL-SENSITIVE", subject)}
    assert len(rows) >= 2
