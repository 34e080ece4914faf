"""A person chooses between two versions, tries again, or lets go."""

from __future__ import annotations

import pytest
from invented_home import Home, HomeNote
from invented_shift import Shift

from triservice.access.errors import Refused
from triservice.kernel.access_words import Role
from triservice.kernel.errors import InputError
from triservice.offline.actions.settling import again, choose, let_go
from triservice.offline.models import Operation
from triservice.offline.queries.waiting import operation_page, waiting
from triservice.offline.rules import State

pytestmark = pytest.mark.django_db


def conflict(shift: Shift) -> Operation:
    """Let two phones change two fields otherwise, and a third be changed by one."""
    phones = [shift.phone("One"), shift.phone("Two")]
    base = {"version": 1, "values": dict(shift.home.said)}
    phones[0].do("home.changed", {"alarms": 2, "heating": "yes"}, "Rose Cottage", base)
    phones[1].do(
        "home.changed", {"alarms": 3, "heating": "no", "advice": "Test it"}, "Rose Cottage", base
    )
    for phone in phones:
        phone.sync()
    return Operation.objects.get(state=State.CONFLICT)


def test_what_is_chosen_holds_and_both_stay_kept(shift: Shift) -> None:
    row = conflict(shift)
    shown = operation_page(shift.reader, row.pk)
    assert shown is not None
    assert [(s.name, s.before, s.phone, s.here) for s in shown.sides] == [
        ("alarms", 0, 3, 2),
        ("heating", "not known", "no", "yes"),
    ]
    with pytest.raises(InputError, match="field heating"):
        choose(shift.reader, row.pk, {"alarms": True})
    choose(shift.reader, row.pk, {"alarms": True, "heating": False})
    assert Home.objects.get().said == {"alarms": 3, "heating": "yes", "advice": "Test it"}
    row.refresh_from_db()
    assert (row.state, row.settled_by_id) == (State.SETTLED, shift.reader.officer)
    assert row.settled_how == {"phone": {"alarms": True, "heating": False}}
    assert row.payload["heating"] == "no"
    assert row.theirs["values"]["alarms"] == 2
    with pytest.raises(InputError, match="not wait any more"):
        choose(shift.reader, row.pk, {"alarms": True, "heating": False})


def test_what_was_changed_again_since_is_shown_anew(shift: Shift) -> None:
    row = conflict(shift)
    Home.objects.update(said={"alarms": 5, "heating": "yes", "other": 1}, version=9)
    with pytest.raises(InputError, match="changed again"):
        choose(shift.reader, row.pk, {"alarms": False, "heating": True})
    shown = operation_page(shift.reader, row.pk)
    assert shown is not None
    assert shown.sides[0].here == 5
    choose(shift.reader, row.pk, {"alarms": False, "heating": True})
    assert Home.objects.get().said == {
        "alarms": 5, "heating": "no", "other": 1, "advice": "Test it"
    }  # fmt: skip


def test_nothing_is_told_of_a_thing_that_is_open_no_more(shift: Shift) -> None:
    row = conflict(shift)
    Home.objects.update(owner=shift.made.agencies["health"])
    mine = operation_page(shift.reader, row.pk)
    assert mine is not None
    assert (mine.sides, len(mine.lines)) == ((), 3)  # what one sent oneself, one knows
    leaders = operation_page(shift.made.reader("fire", Role.TEAM_LEADER), row.pk)
    assert leaders is not None
    assert (leaders.sides, leaders.lines) == ((), ())
    with pytest.raises(Refused):
        choose(shift.reader, row.pk, {"alarms": False, "heating": True})


def test_who_sees_what_waits(shift: Shift) -> None:
    conflict(shift)
    made = shift.made
    assert len(waiting(shift.reader)) == 1
    assert len(waiting(made.reader("fire", Role.TEAM_LEADER))) == 1
    for agency, role in (("police", Role.TEAM_LEADER), ("police", Role.OFFICER)):
        reader = made.reader(agency, role)
        assert waiting(reader) == []
        assert operation_page(reader, Operation.objects.get(state="conflict").pk) is None
        with pytest.raises(InputError, match="not wait"):
            let_go(reader, Operation.objects.get(state="conflict").pk, "Mine now")


def test_what_was_refused_is_tried_again_or_let_go_with_a_reason(shift: Shift) -> None:
    phone = shift.phone()
    base = {"version": 1, "values": {}}
    phone.do("home.changed", {"alarms": 1}, "Later Cottage", base)
    phone.do("home.refused", {"text": "x"})
    phone.sync()
    first, second = Operation.objects.order_by("number")
    with pytest.raises(InputError, match="not there, or not open"):
        again(shift.reader, first.pk)
    Home.objects.create(owner_id=shift.reader.agency, data_class="household", name="Later Cottage")
    again(shift.reader, first.pk)
    assert Home.objects.get(name="Later Cottage").said == {"alarms": 1}
    with pytest.raises(InputError, match="Say why"):
        let_go(shift.reader, second.pk, "  ")
    let_go(shift.reader, second.pk, "Done by hand")
    assert waiting(shift.reader) == []
    second.refresh_from_db()
    assert (second.state, second.settled_how) == (State.LET_GO, {"why": "Done by hand"})
    assert not HomeNote.objects.exists()
