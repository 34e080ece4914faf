"""From a referral to an outcome: each action does its part, and what is illegal gets a sentence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from invented_referrals import GIVEN, SCHEME, Send, referral

from partnership import NOON, Partnership
from triservice.access.errors import Refused
from triservice.access.models import Notice
from triservice.casework.answers.actions import AnswerPart
from triservice.casework.cases.actions import life
from triservice.casework.cases.queries.lists import Filter, case_list, my_day
from triservice.casework.cases.queries.view import case_view
from triservice.casework.models import (
    Acknowledgement,
    Case,
    Entry,
    Equipment,
    Need,
    OnwardReferral,
    Referral,
    Visit,
)
from triservice.casework.needs import actions as needs
from triservice.casework.notes import actions as notes
from triservice.casework.onward import actions as onward
from triservice.casework.referrals import actions as referrals
from triservice.casework.referrals import queries as sent
from triservice.casework.referrals.actions import NotFilled
from triservice.casework.triage import actions as triage
from triservice.casework.triage import queries as to_triage
from triservice.casework.visits import actions as visits
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.subjects.models import Candidate, Person, RecordPart

WHY = "Invented: she agreed on the telephone"


def test_a_referral_is_kept_by_class_timed_by_risk_and_acknowledged(
    send: Send, sender: Reader, town: Partnership
) -> None:
    receipt = send()
    row = referral(receipt)
    assert (row.tier, row.state, row.owner) == ("high", "received", town.agencies["fire"])
    assert row.contact_due_at == row.waits_until == NOON + timedelta(hours=24)
    assert row.visit_due_at == NOON + timedelta(hours=72)
    parts = dict(AnswerPart.objects.values_list("data_class", "answers"))
    assert sorted(parts) == ["contact", "fire", "identity", "location", "risk"]
    assert parts["contact"] == {"person": {"phone": "01632 960001"}}
    assert "phone" not in parts["identity"]["person"]
    (reason,) = AnswerPart.objects.get(data_class="fire").reasons
    assert reason[0].startswith("No working alarm")
    assert reason[1] == ["fire"]
    kept = Acknowledgement.objects.get(pk=receipt.acknowledgement)
    assert (kept.owner, kept.reference) == (town.agencies["police"], row.reference)
    told = RecordPart.objects.get(data_class="identity")
    assert (told.owner, told.family_name) == (town.agencies["fire"], "Trevanion")
    assert sent.sent_page(sender, kept.pk).row.state == "received"


def test_the_same_key_sends_nothing_twice(send: Send, town: Partnership) -> None:
    key = new_key()
    first, again = send(key=key), send(key=key)
    assert (again.reference, again.again) == (first.reference, True)
    assert (Referral.objects.count(), Person.objects.count(), Entry.objects.count()) == (1, 1, 1)
    with pytest.raises(InputError, match="Somebody else has used this key"):
        send(by=town.reader("fire"), key=key)


def test_a_form_that_is_not_right_sends_nothing_and_says_each_fault(send: Send) -> None:
    with pytest.raises(NotFilled) as caught:
        send(person={}, alarms="perhaps", nonsense="x")
    assert set(caught.value.errors) == {"person", "alarms", "nonsense"}
    assert not Referral.objects.exists()
    assert not Person.objects.exists()


def test_who_may_not_refer_is_refused(send: Send, town: Partnership) -> None:
    with pytest.raises(Refused):
        send(by=town.reader("police", Role.ANALYST))
    with pytest.raises(InputError, match="does not run"):
        referrals.refer(town.reader("police"), new_key(), SCHEME, GIVEN,
                        to=town.agencies["council"].pk)  # fmt: skip


def test_a_person_who_seems_known_is_proposed_never_joined(send: Send) -> None:
    send()
    send()
    assert Person.objects.filter(root__isnull=False).count() == 0
    assert Candidate.objects.count() == 1


def test_a_person_who_is_chosen_keeps_the_record_by_the_senders_hand(
    send: Send, town: Partnership, sender: Reader
) -> None:
    send()
    person = Person.objects.get()
    to = town.agencies["fire"].pk
    referrals.refer(sender, new_key(), SCHEME, GIVEN, to=to, person=person.key)
    assert Person.objects.count() == 1
    with pytest.raises(Refused):
        referrals.refer(town.reader("council"), new_key(), SCHEME, GIVEN, to=to,
                        person=person.key)  # fmt: skip


def test_somebody_refers_themselves_and_nothing_is_shown_back(town: Partnership) -> None:
    receipt = referrals.self_refer(new_key(), SCHEME, GIVEN, to=town.agencies["fire"].pk)
    row = referral(receipt)
    assert receipt.acknowledgement is None
    assert (row.sender, row.sent_by) == (None, None)
    assert Entry.objects.get().by_name == "Somebody of the public"


def test_the_queue_is_ordered_by_time_left(send: Send, officer: Reader) -> None:
    low = send(alarms="yes").referral
    high = send().referral
    highest = send(fell="yes").referral
    assert [row.pk for row in to_triage.queue(officer).rows] == [highest, high, low]
    only = to_triage.queue(officer, to_triage.Filter(tier="low"))
    assert [row.pk for row in only.rows] == [low]


def test_a_queue_goes_on_where_the_page_before_ended(
    send: Send, officer: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_triage, "PAGE", 2)
    wanted = [send().referral for _ in range(5)]
    found: list[int] = []
    after = ""
    for _ in range(4):
        page = to_triage.queue(officer, to_triage.Filter(after=after))
        found += [row.pk for row in page.rows]
        after = page.after
        if not after:
            break
    assert found == wanted


def test_a_referral_becomes_a_case_with_its_people_and_its_past(
    send: Send, officer: Reader, sender: Reader
) -> None:
    receipt = send()
    triage.look_at(officer, receipt.referral)
    pk = triage.accept(officer, receipt.referral, officer=officer.officer)
    seen = case_view(officer, pk)
    assert (seen.row.tier, seen.row.officer) == ("high", officer.name)
    assert seen.row.about.name == "Morwenna Trevanion"
    assert seen.row.where.name == "14 Invented Lane, Nowhere, TR1 1AA"
    assert (seen.row.next_step, seen.row.due) == ("First contact", NOON + timedelta(hours=24))
    assert [line.text for line in seen.chronology.lines if line.what == "refer"]
    assert seen.reasons
    page = sent.sent_page(sender, receipt.acknowledgement or 0)
    assert page.row.state == "accepted"
    assert Notice.objects.filter(officer=sender.officer).exists()
    assert [row.pk for row in my_day(officer).cases] == [pk]


def test_illegal_steps_get_a_sentence(send: Send, officer: Reader, sender: Reader) -> None:
    receipt = send()
    triage.decline(officer, receipt.referral, "Outside what we do")
    for step in (
        lambda: triage.accept(officer, receipt.referral),
        lambda: triage.ask_more(officer, receipt.referral, "Which floor?"),
        lambda: referrals.answer(sender, receipt.acknowledgement or 0, "The second"),
    ):
        with pytest.raises(InputError, match="This referral is declined, so you cannot"):
            step()
    triage.reconsider(officer, receipt.referral, "It was a mistake")
    assert referral(receipt).waits_until == referral(receipt).contact_due_at
    with pytest.raises(InputError, match="Say why it is declined"):
        triage.decline(officer, receipt.referral, " ")


def test_a_question_is_answered_by_who_sent_it(send: Send, officer: Reader, sender: Reader) -> None:
    receipt = send()
    triage.ask_more(officer, receipt.referral, "Which floor does she live on?")
    page = sent.sent_page(sender, receipt.acknowledgement or 0)
    assert (page.may_answer, page.why) == (True, "Which floor does she live on?")
    referrals.answer(sender, receipt.acknowledgement or 0, "The second floor")
    assert (referral(receipt).state, referral(receipt).why) == ("received", "The second floor")
    referrals.withdraw(sender, receipt.acknowledgement or 0, "She has moved")
    assert referral(receipt).waits_until is None


def test_another_agency_decides_nothing_and_learns_nothing(send: Send, town: Partnership) -> None:
    receipt = send()
    with pytest.raises(Refused):  # the police may read it, not decide on it
        triage.accept(town.reader("police"), receipt.referral)
    for kind in ("council", "health"):
        with pytest.raises(Refused) as caught:
            triage.accept(town.reader(kind), receipt.referral)
        assert caught.value.hidden
        with pytest.raises(Refused) as caught:
            sent.sent_page(town.reader(kind), receipt.acknowledgement or 0)
        assert caught.value.hidden


def test_a_referral_is_added_to_an_open_case(send: Send, officer: Reader, case: int) -> None:
    again = send(fell="yes").referral
    assert triage.accept(officer, again, into=case) == case
    row = Case.objects.get(pk=case)
    assert row.tier == "very high"
    assert row.contact_due_at == NOON + timedelta(hours=4)
    assert Case.objects.count() == 1


def test_a_visit_brings_needs_equipment_risk_and_contact(officer: Reader, case: int) -> None:
    key = new_key()
    planned = visits.plan(officer, case, NOON + timedelta(hours=2), key=key)
    assert visits.plan(officer, case, NOON + timedelta(hours=2), key=key) == planned
    assert case_view(officer, case).row.next_step == "Visit"
    done = visits.Done(
        new_key(), {"alarms": "no", "fell": "yes"}, NOON, NOON + timedelta(hours=1),
        fitted=[visits.Fitted("alarm", "hall", "S1"), visits.Fitted("alarm", "landing", "S2")],
        advice="Test the alarms each week",
    )  # fmt: skip
    visits.record_visit(officer, case, planned, done)
    visits.record_visit(officer, case, planned, done)  # sent again by a phone
    assert Equipment.objects.count() == 2
    assert Equipment.objects.first().expires_on == date(2036, 6, 1)  # type: ignore[union-attr]
    seen = case_view(officer, case)
    assert {(need.label, need.data_class) for need in seen.needs} == {
        ("A working alarm", "fire"), ("Falls prevention", "health")
    }  # fmt: skip
    assert seen.row.tier == "very high"
    assert seen.contacted_at == NOON
    assert seen.visited_at == NOON + timedelta(hours=1)
    with pytest.raises(InputError, match="This visit is done"):
        visits.record_visit(officer, case, planned, visits.Done(new_key(), done.given, NOON, NOON))


def test_no_access_ends_the_visit_and_the_case_still_wants_one(officer: Reader, case: int) -> None:
    planned = visits.plan(officer, case, NOON + timedelta(hours=2), key=new_key())
    visits.no_access(officer, case, planned, NOON, card_left=True)
    assert Visit.objects.get().state == "no access"
    life.note_contact(officer, case)
    assert case_view(officer, case).row.next_step == "Plan the visit"


def test_a_case_closes_only_when_nothing_is_open(officer: Reader, case: int) -> None:
    need = needs.add_need(officer, case, "falls", "She told me")
    action = needs.add_action(
        officer, case, "Fit an alarm", due=NOON + timedelta(days=1), agency=officer.agency
    )
    sent_on = onward.send(officer, case, "falls-service", key=new_key(), why=WHY, need=need)
    with pytest.raises(InputError, match=r"1 need is still open.*1 action.*1 onward referral"):
        life.close(officer, case, "needs met", "All done")
    needs.end_action(officer, case, action, done=True, result="Fitted in the hall")
    onward.answered(officer, case, sent_on, "accept", "")
    onward.answered(officer, case, sent_on, "complete", "Six sessions were held")
    needs.settle_need(officer, case, need, "met", "Steady on her feet")
    needs.add_outcome(officer, case, "alarms", before=0, after=1, own_view="I sleep better")
    life.close(officer, case, "needs met", "All is done and she is content")
    row = Case.objects.get(pk=case)
    assert (row.state, row.next_due_at) == ("closed", None)
    assert OnwardReferral.objects.get().completed_at == NOON
    with pytest.raises(InputError, match="This case is closed, so you cannot work on it"):
        needs.add_need(officer, case, "falls")
    life.reopen(officer, case, "She fell again")
    assert Case.objects.get(pk=case).next_due_at is not None


def test_every_edit_says_who_when_before_and_after(officer: Reader, case: int) -> None:
    need = needs.add_need(officer, case, "falls", "She told me")
    needs.settle_need(officer, case, need, "met", "Steady on her feet")
    entry = Entry.objects.get(label="need", verb="settle need")
    assert (entry.before["state"], entry.after["state"]) == ("open", "met")
    assert (entry.by_id, entry.at, entry.why) == (officer.officer, NOON, "Steady on her feet")
    assert entry.data_class == Need.objects.get().data_class == "health"
    with pytest.raises(TypeError):
        entry.save()


def test_a_note_is_its_writers_and_corrected_beside_what_it_said(
    officer: Reader, case: int, town: Partnership
) -> None:
    row = notes.add_note(officer, case, "She walks with a stick", "health", contact=True)
    notes.correct_note(officer, case, row, "She walks with a frame", "I misread it")
    entry = Entry.objects.get(verb="correct")
    assert entry.before == {"text": "She walks with a stick"}
    assert Case.objects.get(pk=case).contacted_at == NOON
    other = town.reader("fire", Role.TEAM_LEADER)
    with pytest.raises(InputError, match="Who wrote a note corrects it"):
        notes.correct_note(other, case, row, "Something else", "Because")
    with pytest.raises(InputError, match="Choose what the note tells of"):
        notes.add_note(officer, case, "Who trains whom", "workforce")


def test_cases_are_listed_by_what_is_due_and_found_by_reference(
    send: Send, officer: Reader, case: int
) -> None:
    urgent = triage.accept(officer, send(fell="yes").referral)
    rows = case_list(officer, Filter()).rows
    assert [row.pk for row in rows] == [urgent, case]
    assert [row.pk for row in case_list(officer, Filter(nobody=True)).rows] == [urgent]
    found = case_list(officer, Filter(reference=rows[1].reference)).rows
    assert [row.pk for row in found] == [case]
