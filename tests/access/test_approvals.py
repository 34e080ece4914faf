"""Asking for health data, deciding, and what the officer then reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from asking import ANNA, TOLD, WHY, ask, guardian, officer, outcome
from protected_things import Thing, make_thing, subject

from partnership import NOON, Partnership, make_officer
from triservice.access.approvals import actions, queries, rules
from triservice.access.errors import Refused
from triservice.access.models import (
    AccessRequest,
    AgreementVersion,
    ConflictOfInterest,
    Disclosure,
    Notice,
    Opening,
)
from triservice.access.openings.rules import approvers, insubstantial
from triservice.access.queries import decide, seen
from triservice.access.record import Kind, recording
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Mode, Outcome, Purpose, Reason, Role
from triservice.kernel.errors import InputError

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_asked_narrowed_read_and_over(made: Partnership, row: Thing) -> None:
    pk = ask(made)
    assert outcome(made, row) is Outcome.NEEDS_APPROVAL
    actions.approve(guardian(made), pk, fields=["name"], ends=NOON + 2 * DAY, why="The name only")
    assert decide(officer(made), row).reason is Reason.APPROVED
    assert outcome(made, row, "name") is Outcome.ALLOW
    assert outcome(made, row, "born") is Outcome.NEEDS_APPROVAL
    with recording(officer(made), Kind.CONSULTATION, "look") as record:
        (found,) = seen(record, Thing.objects.all())
    assert (found.name, set(found.withheld)) == (
        "Asthma (invented)",
        {"born", "details", "keeper", "keeper_id"},
    )
    page = queries.request_page(officer(made), pk)
    assert page is not None
    assert (page.row.standing, page.narrowed, page.opened) == ("approved", True, ("Name",))
    with clock.frozen(NOON + 2 * DAY):
        assert outcome(made, row) is Outcome.NEEDS_APPROVAL  # over to the second
        assert queries.my_requests(officer(made))[0].standing == "over"


def test_rows_are_fixed_when_approved(made: Partnership, row: Thing) -> None:
    pk = ask(made)
    second = make_thing(made.agencies["health"], "health", subject_key=ANNA)
    actions.approve(guardian(made), pk, fields=["name"], ends=NOON + DAY, why="")
    third = make_thing(made.agencies["health"], "health", subject_key=ANNA)
    other = make_thing(made.agencies["health"], "health", subject_key=subject(2))
    read = [outcome(made, each) is Outcome.ALLOW for each in (row, second, third, other)]
    assert read == [True, True, False, False]
    Thing.objects.filter(pk=other.pk).update(subject_key=ANNA)  # a merge does not widen it
    assert outcome(made, Thing.objects.get(pk=other.pk)) is Outcome.NEEDS_APPROVAL


def test_named_rows_only(made: Partnership, row: Thing) -> None:
    other = make_thing(made.agencies["health"], "health", subject_key=ANNA)
    pk = ask(made, rows=[row])
    actions.approve(guardian(made), pk, fields=["name"], ends=NOON + DAY, why="")
    assert outcome(made, row) is Outcome.ALLOW
    assert outcome(made, other) is Outcome.NEEDS_APPROVAL


def test_asking_never_tells_whether_there_is_anything(made: Partnership, row: Thing) -> None:
    nobody = ask(made, subject=subject(99))
    somebody = ask(made)
    pages = [queries.request_page(officer(made), pk) for pk in (nobody, somebody)]
    assert all(page and page.rows_now is None for page in pages)
    with pytest.raises(InputError, match="holds nothing that this request is about"):
        actions.approve(guardian(made), nobody, fields=["name"], ends=NOON + DAY, why="")
    assert AccessRequest.objects.get(pk=nobody).state == "waiting"


LACKING = [
    ({"case": " "}, "which case"),
    ({"why": "please"}, "Say more"),
    ({"why": "aaaa aaaa aaaa aaaa aaaa aaaa"}, "repeats the same few"),
    ({"told": "no"}, "what the person was told"),
    ({"fields": []}, "Name what you need"),
    ({"until": NOON}, "has passed"),
    ({"until": NOON + 91 * DAY}, "at most 90 days"),
    ({"subject": None}, "about nobody"),
]


@pytest.mark.parametrize(("change", "said"), LACKING)
def test_a_request_that_is_not_whole_is_told(
    made: Partnership, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        ask(made, **change)
    assert not AccessRequest.objects.exists()
    assert not Notice.objects.exists()


def test_what_no_term_keeps_on_approval_cannot_be_asked(made: Partnership, row: Thing) -> None:
    with pytest.raises(Refused) as refused:
        actions.ask(officer(made), made.agencies["council"].pk, "social care", subject=ANNA,
                    fields=None, case="V", why=WHY, told=TOLD, until=NOON + DAY)  # fmt: skip
    assert refused.value.decision.reason is Reason.NO_TERM
    tasking = made.reader("fire", purpose=Purpose.TASKING)
    with pytest.raises(Refused):
        actions.ask(tasking, made.agencies["health"].pk, "health", subject=ANNA, fields=None,
                    case="V", why=WHY, told=TOLD, until=NOON + DAY)  # fmt: skip
    ConflictOfInterest.objects.create(
        officer=made.officer("fire"), subject_key=ANNA, why="Sister", declared_at=NOON - DAY
    )
    with pytest.raises(Refused) as refused:
        ask(made)
    assert refused.value.decision.reason is Reason.CONFLICT
    assert Disclosure.objects.filter(outcome="deny").count() == 3


def test_a_never_cannot_be_asked_round(made: Partnership, row: Thing) -> None:
    made.term("health", "fire", [DataClass.HEALTH], mode=Mode.NEVER)
    with pytest.raises(Refused) as refused:
        ask(made)
    assert refused.value.decision.reason is Reason.NEVER


@pytest.mark.parametrize(
    ("agency", "role"),
    [
        ("health", Role.DATA_OWNER),  # health data is the guardian's
        ("health", Role.OFFICER),
        ("fire", Role.CALDICOTT_GUARDIAN),  # of another agency
        ("health", Role.ADMINISTRATOR),
    ],
)
def test_only_the_owners_approver_decides(
    made: Partnership, row: Thing, agency: str, role: Role
) -> None:
    pk = ask(made)
    with pytest.raises(Refused) as refused:
        actions.approve(made.reader(agency, role), pk, fields=["name"], ends=NOON + DAY, why="")
    assert refused.value.hidden
    with pytest.raises(Refused):
        actions.refuse(made.reader(agency, role), pk, "It is not needed for this visit")
    assert not Opening.objects.exists()


def test_the_requester_never_decides(made: Partnership, row: Thing) -> None:
    pk = ask(made)
    AccessRequest.objects.filter(pk=pk).update(
        officer=made.officer("health", Role.CALDICOTT_GUARDIAN)
    )
    with pytest.raises(Refused) as refused:
        actions.approve(guardian(made), pk, fields=["name"], ends=NOON + DAY, why="")
    assert refused.value.decision.reason is Reason.CONFLICT
    page = queries.request_page(guardian(made), pk)
    assert page is not None
    assert not page.may_decide
    assert queries.queue(guardian(made)) == ()


def test_an_approver_with_a_conflict_does_not_decide(made: Partnership, row: Thing) -> None:
    pk = ask(made)
    ConflictOfInterest.objects.create(
        officer=made.officer("health", Role.CALDICOTT_GUARDIAN),
        subject_key=ANNA,
        why="Neighbour",
        declared_at=NOON - DAY,
    )
    with pytest.raises(Refused):
        actions.approve(guardian(made), pk, fields=["name"], ends=NOON + DAY, why="")


WIDER = [
    ({"fields": ["name", "details"]}, "only the fields"),
    ({"fields": None}, "only the fields"),
    ({"fields": []}, "Name the fields"),
    ({"ends": NOON + 11 * DAY}, "only the time"),
    ({"ends": NOON}, "over already"),
]


@pytest.mark.parametrize(("change", "said"), WIDER)
def test_never_more_than_was_asked(
    made: Partnership, row: Thing, change: dict[str, Any], said: str
) -> None:
    pk = ask(made)
    given: dict[str, Any] = {"fields": ["name"], "ends": NOON + DAY, "why": ""}
    with pytest.raises(InputError, match=said):
        actions.approve(guardian(made), pk, **given | change)
    assert not Opening.objects.exists()


def test_decided_once(made: Partnership, row: Thing) -> None:
    pk = ask(made)
    other = make_officer(made.agencies["health"], Role.CALDICOTT_GUARDIAN, "Second guardian")
    made.officers["health", Role.CALDICOTT_GUARDIAN], first = (
        other,
        made.officer("health", Role.CALDICOTT_GUARDIAN),
    )
    actions.refuse(guardian(made), pk, "It is not needed for this visit")
    made.officers["health", Role.CALDICOTT_GUARDIAN] = first
    with pytest.raises(InputError, match="refused already by Second guardian"):
        actions.approve(guardian(made), pk, fields=["name"], ends=NOON + DAY, why="")
    assert not Opening.objects.exists()


def test_two_who_decide_at_once_leave_one_decision(
    made: Partnership, row: Thing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the update another decides: the condition of the update holds."""
    pk = ask(made)
    look = actions._locked

    def overtaken(key: int) -> AccessRequest | None:
        found = look(key)
        AccessRequest.objects.filter(pk=key).update(
            state="refused", decided_by=made.officer("health", Role.DATA_OWNER), decided_at=NOON
        )
        return found

    monkeypatch.setattr(actions, "_locked", overtaken)
    with pytest.raises(InputError, match="Somebody else has decided"):
        actions.approve(guardian(made), pk, fields=["name"], ends=NOON + DAY, why="")
    assert not Opening.objects.exists()
    assert outcome(made, row) is Outcome.NEEDS_APPROVAL


def test_asked_back_answered_and_approved(made: Partnership, row: Thing) -> None:
    pk = ask(made)
    actions.ask_back(guardian(made), pk, "Would the name of the medicine do?")
    assert AccessRequest.objects.get(pk=pk).state == "asked back"
    with clock.frozen(NOON + 5 * HOUR):
        actions.answer(officer(made), pk, "Yes, it would.")
        assert AccessRequest.objects.get(pk=pk).due_at == rules.owed_by(
            "prevention visit", NOON + 5 * HOUR
        )
        actions.approve(guardian(made), pk, fields=["name"], ends=NOON + DAY, why="")
    assert [each.text for each in AccessRequest.objects.get(pk=pk).messages.all()] == [
        "Would the name of the medicine do?",
        "Yes, it would.",
    ]


@pytest.mark.parametrize("who", ["guardian", "officer", "lead"])
def test_revoking_acts_on_the_next_read(made: Partnership, row: Thing, who: str) -> None:
    pk = ask(made)
    actions.approve(guardian(made), pk, fields=["name"], ends=NOON + 2 * DAY, why="")
    readers = {
        "guardian": guardian(made),
        "officer": officer(made),
        "lead": made.reader("health", Role.DATA_PROTECTION_LEAD),
    }
    with clock.frozen(NOON + HOUR):
        assert outcome(made, row) is Outcome.ALLOW
        actions.revoke(readers[who], pk, "No longer needed")
        assert outcome(made, row) is Outcome.NEEDS_APPROVAL
        with pytest.raises(InputError, match="Nothing is open"):
            actions.revoke(readers[who], pk, "again")
    with pytest.raises(Refused):
        actions.revoke(made.reader("police"), pk, "not mine")


def test_an_approval_falls_with_its_agreement(made: Partnership, row: Thing) -> None:
    pk = ask(made)
    actions.approve(guardian(made), pk, fields=["name"], ends=NOON + 2 * DAY, why="")
    AgreementVersion.objects.update(state="suspended")
    assert outcome(made, row) is Outcome.DENY


def test_withdrawn_is_not_decided(made: Partnership, row: Thing) -> None:
    pk = ask(made)
    with pytest.raises(Refused):
        actions.withdraw(made.reader("police"), pk)
    actions.withdraw(officer(made), pk)
    with pytest.raises(InputError, match="withdrawn already"):
        actions.approve(guardian(made), pk, fields=["name"], ends=NOON + DAY, why="")
    assert not Notice.objects.filter(dealt_at__isnull=True).exists()


WORDS = [
    ("", True), ("need it", True), ("x" * 50, True), ("aaaa bbbb aaaa bbbb aaaa bbbb", True),
    ("..............................", True), (WHY, False),
    ("Plant y feddyg â'r nyrs yn ymweld heddiw", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fault"), WORDS)
def test_words_of_substance(text: str, fault: bool) -> None:
    assert bool(insubstantial(text)) is fault


def test_who_decides_about_what() -> None:
    guardian_only = {Role.CALDICOTT_GUARDIAN}
    assert approvers("health", "council") == guardian_only
    assert approvers("health", "health") == guardian_only
    assert approvers("identity", "ambulance") == guardian_only | {Role.DATA_OWNER}
    assert approvers("police", "police") == {Role.DATA_OWNER}


def test_so_many_of_ones_requests_may_wait(made: Partnership, settings: Any) -> None:
    settings.MOST_OPEN_REQUESTS = 2
    first, _ = ask(made), ask(made)
    with pytest.raises(InputError, match=r"2 of your requests wait .* Withdraw one"):
        ask(made)
    assert AccessRequest.objects.count() == 2
    actions.withdraw(officer(made), first)
    ask(made, until=NOON + HOUR)
    with clock.frozen(NOON + 2 * HOUR):  # what ran out waits for nobody
        ask(made)
