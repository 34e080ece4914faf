"""What phones send is taken once, in order, and none is dropped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from invented_home import Home, HomeNote
from invented_shift import Shift

from partnership import NOON
from triservice.access.models import Disclosure, Notice
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.kernel.errors import InputError
from triservice.offline.actions.handing_in import hand_in
from triservice.offline.actions.phones import release_key, revoke
from triservice.offline.actions.settling import again, let_go
from triservice.offline.actions.syncing import FAULT, REUSED
from triservice.offline.models import Operation, Phone
from triservice.offline.queries.phones import contact
from triservice.offline.queries.waiting import waiting
from triservice.offline.rules import Ended, Order, State
from triservice.offline.sealing import KeyUnknown

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def texts() -> list[str]:
    return list(HomeNote.objects.order_by("pk").values_list("text", flat=True))


def test_sent_twice_is_done_once_and_answered_alike(shift: Shift) -> None:
    phone = shift.phone()
    for text in ("one", "two"):
        phone.do("note.added", {"text": text})
    first, second = phone.send(), phone.send()
    assert texts() == ["one", "two"]
    assert [each.state for each in first] == [State.APPLIED] * 2
    assert [(e.number, e.state, e.answer) for e in first] == [
        (e.number, e.state, e.answer) for e in second
    ]
    assert [each.already for each in (*first, *second)] == [False, False, True, True]
    assert Operation.objects.count() == 2


def test_the_order_is_of_the_phone_whatever_its_clock_and_the_wire_do(shift: Shift) -> None:
    phone = shift.phone()
    for days, text in ((0, "first"), (1, "second"), (-1, "third")):
        phone.at += days * DAY
        phone.do("note.added", {"text": text})
    phone.send(list(reversed(phone.queue)))
    assert texts() == ["first", "second", "third"]
    made, came = Operation.objects.latest("number").made_at, Operation.objects.latest("number")
    assert made == phone.at  # as the phone said
    assert came.received_at == shift.reader.at  # and as it was here


def test_what_is_refused_is_kept_undone_with_its_sentence_and_the_rest_goes_on(
    shift: Shift,
) -> None:
    phone = shift.phone()
    for kind in ("home.refused", "home.closed", "home.fault", "no such kind", "note.added"):
        phone.do(kind, {"text": "kept"})
    outcomes = phone.sync()
    assert [each.state for each in outcomes] == [State.REFUSED] * 4 + [State.APPLIED]
    assert "The visit is closed. Open it again." in outcomes[0].said
    assert outcomes[2].said == FAULT
    assert "no such kind" in outcomes[3].said
    assert texts() == ["kept"]  # nothing half done
    assert all(row.payload == {"text": "kept"} for row in Operation.objects.all())


def test_one_that_cannot_be_read_is_kept_as_it_came(shift: Shift) -> None:
    phone = shift.phone()
    bad = phone.do("note.added", {"text": "a\x00b"}) | {"made_at": "noon"}
    (outcome,) = phone.send([bad])
    assert outcome.state == State.REFUSED
    kept = Operation.objects.get().payload["sent"]
    assert (kept["payload"]["text"], kept["made_at"]) == ("a\ufffdb", "noon")
    with clock.frozen(NOON + DAY):
        assert phone.send([bad])[0].already
    with pytest.raises(InputError, match="version 7"):
        phone.send([bad | {"number": "none"}])


def test_half_of_a_sign_stops_nothing(shift: Shift) -> None:
    phone = shift.phone()
    half = phone.do("note.added", {"text": "x"}) | {"payload": {"text": "\ud83d whole \U0001f600"}}
    other = phone.do("note.added", {"text": "after"})
    assert [each.state for each in phone.send([half, other])] == [State.APPLIED] * 2
    assert texts() == ["\ufffd whole \U0001f600", "after"]
    assert phone.send([half])[0].already


def test_a_number_beyond_all_calendars_is_told(shift: Shift) -> None:
    phone = shift.phone()
    late = {"number": "ffffffff-ffff-7000-8000-000000000000", "made_at": "noon"}
    with pytest.raises(InputError, match="version 7"):
        phone.send([phone.do("note.added", {"text": "x"}) | late])


def test_another_operation_under_the_same_number_is_kept_and_not_done(shift: Shift) -> None:
    phone = shift.phone()
    first = phone.do("note.added", {"text": "one"})
    phone.send()
    (outcome,) = phone.send([first | {"payload": {"text": "other"}}])
    assert (outcome.state, outcome.said) == (State.REFUSED, REUSED)
    assert texts() == ["one"]
    assert Operation.objects.count() == 2


def test_a_full_database_takes_nothing_and_the_phone_sends_again(shift: Shift) -> None:
    phone = shift.phone()
    phone.do("note.added", {"text": "before"})
    phone.do("home.full", {"text": "x"})
    phone.do("note.added", {"text": "after"})
    with pytest.raises(OperationalError):
        phone.send()
    assert texts() == ["before"]
    assert Operation.objects.count() == 1


def test_fields_merge_and_what_both_changed_waits_with_both_versions(shift: Shift) -> None:
    here, there = shift.phone("One"), shift.phone("Two")
    base = {"version": 1, "values": dict(shift.home.said)}
    here.do("home.changed", {"alarms": 2}, "Rose Cottage", base)
    there.do("home.changed", {"heating": "no"}, "Rose Cottage", base)
    there.do("home.changed", {"alarms": 3}, "Rose Cottage", base)
    assert here.sync()[0].answer["values"] == {"alarms": 2, "heating": "not known"}
    merged, conflict = there.sync()
    assert merged.answer["values"] == {"alarms": 2, "heating": "no"}
    assert conflict.state == State.CONFLICT
    row = Operation.objects.get(state=State.CONFLICT)
    assert (row.payload, row.theirs["values"]["alarms"]) == ({"alarms": 3}, 2)
    assert Home.objects.get().said == {"alarms": 2, "heating": "no"}


def test_each_is_on_the_record_with_what_it_did(shift: Shift) -> None:
    phone = shift.phone()
    phone.do("note.added", {"text": "x"})
    phone.sync()
    took, did = Disclosure.objects.order_by("-seq")[:2]
    assert took.kind == "collection"
    assert "offline.operation" in took.what
    assert did.doing == "invented note.added"


def test_nobody_sends_for_another_or_from_a_phone_that_was_taken_away(shift: Shift) -> None:
    phone = shift.phone()
    phone.do("note.added", {"text": "x"})
    phone.reader = shift.made.reader("police")
    with pytest.raises(InputError, match="not set up for you"):
        phone.send()
    phone.reader = shift.reader
    revoke(shift.reader, phone.phone.pk)
    with pytest.raises(InputError, match="was revoked"):
        phone.send()
    with pytest.raises(InputError, match="was revoked"):
        release_key(shift.reader, phone.phone.key)
    assert texts() == []


def test_what_a_lost_phone_still_held_is_kept_for_a_person_once_and_its_key_forgotten(
    shift: Shift,
) -> None:
    phone = shift.phone()
    phone.do("note.added", {"text": "unsent"})
    with pytest.raises(InputError, match="not taken away"):
        hand_in(phone.phone.key, phone.sealed(), wiped=False)
    revoke(shift.made.reader("fire", Role.TEAM_LEADER), phone.phone.pk)
    assert contact(phone.phone.key).order == Order.WIPE
    for wiped in (False, True):  # cut off before the answer, and sent again
        (sealed,) = phone.sealed()
        assert hand_in(phone.phone.key, [sealed], wiped=wiped) == [sealed["name"]]
    row = Operation.objects.get()
    assert (row.state, row.payload) == (State.REFUSED, {"text": "unsent"})
    assert "revoked" in row.said
    assert hand_in(phone.phone.key, [], wiped=True) == []  # anybody can say so: the key stays
    for forged in (shift.phone("Two").proof(), phone.proof() | {"version": 2}, {}, "wiped"):
        with pytest.raises(InputError, match="not of this phone"):
            hand_in(phone.phone.key, [], wiped=True, proof=forged)
    assert hand_in(phone.phone.key, [], wiped=True, proof=phone.proof("queue")) == []
    kept = Phone.objects.get(pk=phone.phone.pk)
    assert (kept.sealed_key != "", kept.wiped_at) == (True, None)
    assert hand_in(phone.phone.key, [], wiped=True, proof=phone.proof()) == []
    kept.refresh_from_db()
    assert (kept.sealed_key, kept.ended_how) == ("", Ended.REVOKED)
    assert kept.wiped_at is not None
    with pytest.raises(InputError, match="forgotten"):
        hand_in(phone.phone.key, phone.sealed(), wiped=True)
    again_said = hand_in(phone.phone.key, [], wiped=True, proof=phone.proof())
    assert again_said == []  # the answer was lost: asked again
    told = Notice.objects.get()
    assert (told.agency_id, told.role) == (phone.phone.agency_id, str(Role.TEAM_LEADER))
    assert "unsent" not in told.text
    let_go(shift.reader, row.pk, "It was done by hand")
    told.refresh_from_db()
    assert told.dealt_at is not None


def test_one_record_that_does_not_open_loses_no_other_and_is_set_aside_sealed(shift: Shift) -> None:
    phone = shift.phone()
    for text in ("one", "two"):
        phone.do("note.added", {"text": text})
    phone.queue.append({"kind": "note.added", "payload": {"text": "without \x00 number"}})
    revoke(shift.reader, phone.phone.pk)
    spoilt, *whole = phone.sealed()
    spoilt |= {"version": 9}
    names = [each["name"] for each in (spoilt, *whole)]
    for _ in range(2):
        assert hand_in(phone.phone.key, [spoilt, *whole], wiped=False) == names
    read, *others = sorted(Operation.objects.all(), key=lambda row: "text" not in row.payload)
    (sealed,) = (row for row in others if row.payload == {"sent": spoilt})
    (numberless,) = (row for row in others if row != sealed)
    assert read.payload == {"text": "two"}
    assert "not of this phone" in sealed.said
    assert numberless.payload["sent"]["payload"] == {"text": "without \ufffd number"}
    assert {row.state for row in (sealed, numberless, read)} == {State.REFUSED}
    leader, police = (
        shift.made.reader("fire", Role.TEAM_LEADER), shift.made.reader("police", Role.TEAM_LEADER),
    )  # fmt: skip
    assert {row.pk for row in waiting(leader)} == {sealed.pk, numberless.pk, read.pk}
    assert waiting(police) == []
    with pytest.raises(InputError, match="cannot be done as it was sent"):
        again(leader, sealed.pk)


def test_a_key_that_is_lost_for_now_does_not_end_the_phone(shift: Shift, settings: Any) -> None:
    phone = shift.phone()
    phone.do("note.added", {"text": "unsent"})
    revoke(shift.reader, phone.phone.pk)
    sealed, secret = phone.sealed(), settings.SECRET_KEY
    settings.SECRET_KEY = "another secret of this test, which is as long as it has to be"
    with pytest.raises(KeyUnknown, match="OLD_SECRET_KEYS"):
        hand_in(phone.phone.key, sealed, wiped=True)
    settings.SECRET_KEY_FALLBACKS = [secret]
    assert len(hand_in(phone.phone.key, sealed, wiped=True)) == 1


def test_nobody_hands_in_what_was_not_sealed_on_the_phone(shift: Shift) -> None:
    phone, other = shift.phone("One"), shift.phone("Two")
    other.do("note.added", {"text": "forged"})
    revoke(shift.reader, phone.phone.pk)
    (sealed,) = other.sealed()
    for forged in (sealed, sealed | {"version": 2}, {}, None, {**sealed, "data": "@"}):
        with pytest.raises(InputError, match="not of this phone"):
            hand_in(phone.phone.key, [forged], wiped=True)
    assert not Operation.objects.exists()
    assert Phone.objects.get(name="One").wiped_at is None
