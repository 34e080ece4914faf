"""Joining people is for people to judge, is remembered, and comes apart exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from partnership import NOON, Partnership, make_partnership
from triservice.access.errors import Refused
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Role
from triservice.kernel.errors import InputError
from triservice.subjects.actions.joins import (
    confirm_different,
    confirm_same,
    propose_by_hand,
    unmerge,
    withdraw_difference,
)
from triservice.subjects.actions.linkage import link_exact
from triservice.subjects.actions.links import move_record
from triservice.subjects.actions.records import receive_records
from triservice.subjects.joining import roots
from triservice.subjects.models import (
    Candidate,
    Difference,
    Link,
    Merge,
    Person,
    RecordPart,
    SearchKey,
)
from triservice.subjects.words import State

Row = Callable[..., dict[str, Any]]
WHO = (DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION)
WHY = "The same custody photograph and handwriting"
SURE = {"phone": "01632 960001", "uprn": "100000001"}


def send(invented: Partnership, kind: str, *rows: dict[str, Any]) -> list[Person]:
    """Receive rows and return the people they made."""
    reader = invented.reader(kind, Role.DATA_OWNER)
    receipt = receive_records(reader, invented.agencies[kind], "system", rows)
    link_exact(reader, receipt.people)
    return [Person.objects.get(pk=pk) for pk in receipt.people]


def everyone_shares_who(invented: Partnership) -> None:
    for giver in invented.agencies:
        for taker in invented.agencies:
            if giver != taker:
                invented.term(giver, taker, WHO)


@pytest.mark.django_db
def test_name_and_birthday_alone_are_proposed_never_joined(invented: Any, row: Row) -> None:
    send(invented, "police", row("1"))
    send(invented, "fire", row("1"))
    assert not Merge.objects.exists()
    pair = Candidate.objects.get()
    assert pair.evidence["date_of_birth"] == "agrees"
    assert "Trevanion" not in str(pair.evidence)


@pytest.mark.django_db
def test_two_further_identifiers_join_by_themselves(invented: Any, row: Row) -> None:
    [one] = send(invented, "police", row("1", **SURE))
    [two] = send(invented, "fire", row("1", **SURE))
    assert two.root == one
    assert Merge.objects.get().made_by is None


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["health", "council"])
def test_sensitive_records_are_never_joined_by_themselves(
    invented: Any, row: Row, kind: str
) -> None:
    send(invented, "police", row("1", **SURE))
    send(invented, kind, row("1", **SURE))
    assert not Merge.objects.exists()
    assert Candidate.objects.get().state == State.PROPOSED


@pytest.mark.django_db
def test_a_sensitive_link_needs_two_different_people(invented: Any, row: Row) -> None:
    everyone_shares_who(invented)
    send(invented, "police", row("1", **SURE))
    send(invented, "health", row("1", **SURE))
    pair = Candidate.objects.get()
    first = invented.reader("police", Role.DATA_OWNER)
    assert confirm_same(first, pair.pk, WHY) is State.CONFIRMED_BY_ONE
    with pytest.raises(InputError, match="another person"):
        confirm_same(first, pair.pk, WHY)
    assert not Merge.objects.exists()
    second = invented.reader("health", Role.CALDICOTT_GUARDIAN)
    with pytest.raises(Refused):
        confirm_same(invented.reader("fire", Role.TEAM_LEADER, purpose=None), pair.pk, WHY)
    assert confirm_same(second, pair.pk, WHY) is State.LINKED
    event = Merge.objects.get()
    assert {event.made_by_id, event.second_by_id} == {first.officer, second.officer}


@pytest.mark.django_db
@pytest.mark.parametrize("hidden", [{}, {"health.summary": "Secret invented illness"}])
def test_how_many_must_confirm_tells_of_nothing_withheld(
    invented: Any, row: Row, hidden: dict[str, str]
) -> None:
    send(invented, "fire", row("1", uprn="100000001"), row("2", uprn="100000001", **hidden))
    pair = Candidate.objects.get()
    assert confirm_same(invented.reader("fire"), pair.pk, WHY) is State.CONFIRMED_BY_ONE
    assert confirm_same(invented.reader("fire", Role.DATA_OWNER), pair.pk, WHY) is State.LINKED


@pytest.mark.django_db
def test_a_reviewer_who_may_not_see_both_is_refused_as_if_it_were_not_there(
    invented: Any, row: Row
) -> None:
    send(invented, "police", row("1"))
    send(invented, "fire", row("1"))
    pair = Candidate.objects.get()
    for call in (confirm_same, confirm_different):
        with pytest.raises(Refused) as refused:
            call(invented.reader("fire"), pair.pk, WHY)
        assert refused.value.hidden
        with pytest.raises(Refused):
            call(invented.reader("fire"), pair.pk + 999, WHY)


@pytest.mark.django_db
def test_confirmed_different_is_remembered_and_keeps_apart(invented: Any, row: Row) -> None:
    everyone_shares_who(invented)
    send(invented, "police", row("1"))
    send(invented, "fire", row("1"))
    confirm_different(invented.reader("fire"), Candidate.objects.get().pk, WHY)
    # The same again, with numbers that agree: still two people.
    send(invented, "police", row("1", **SURE))
    people = list(Person.objects.values_list("pk", flat=True))
    send(invented, "fire", row("1", **SURE))
    link_exact(invented.reader("fire"), people)
    assert not Merge.objects.exists()
    assert Candidate.objects.get().state == State.DIFFERENT
    # A third who agrees with both is joined to one of them at most.
    send(invented, "fire", row("9", **SURE))
    assert Merge.objects.count() == 1
    left = Person.objects.filter(root__isnull=True).count()
    assert left == 2


@pytest.mark.django_db
def test_a_difference_taken_back_may_be_judged_again(invented: Any, row: Row) -> None:
    everyone_shares_who(invented)
    send(invented, "police", row("1"))
    send(invented, "fire", row("1"))
    pair = Candidate.objects.get()
    confirm_different(invented.reader("fire"), pair.pk, WHY)
    with pytest.raises(InputError, match="settled"):
        confirm_same(invented.reader("fire"), pair.pk, WHY)
    withdraw_difference(invented.reader("fire"), Difference.objects.get().pk)
    confirm_same(invented.reader("fire"), pair.pk, WHY)
    confirm_same(invented.reader("police"), pair.pk, WHY)
    assert Merge.objects.count() == 1


@pytest.mark.django_db
def test_a_record_moved_by_hand_stays_through_every_correction(invented: Any, row: Row) -> None:
    [one] = send(invented, "fire", row("1"))
    [other] = send(invented, "fire", row("2", given_name="Wenna", family_name="Pender"))
    record = Link.objects.get(record__source_key="1", person=one).record_id
    move_record(invented.reader("fire", Role.DATA_OWNER), record, other, WHY)
    for name in ("Merryn", "Kerensa", "Tegen"):
        send(invented, "fire", row("1", given_name=name))
        link = Link.objects.get(
            record__source_key="1", record__current=True, person__isnull=False, ended_at=None
        )
        assert link.person_id == other.pk
        assert link.made_by_id is not None


@pytest.mark.django_db
def test_a_join_taken_back_is_not_made_again_by_itself(invented: Any, row: Row) -> None:
    everyone_shares_who(invented)
    people = send(invented, "police", row("1", **SURE)) + send(invented, "fire", row("1", **SURE))
    reader = invented.reader("fire")
    unmerge(reader, Merge.objects.get().pk, WHY)
    link_exact(reader, [person.pk for person in people])
    assert not Merge.objects.filter(undone_at__isnull=True).exists()
    with pytest.raises(InputError, match="already"):
        unmerge(reader, Merge.objects.get().pk, WHY)


@pytest.mark.django_db
def test_a_reason_says_something(invented: Any, row: Row) -> None:
    send(invented, "fire", row("1"), row("2"))
    with pytest.raises(InputError, match="says too little"):
        confirm_same(invented.reader("fire"), Candidate.objects.get().pk, "ok")


@pytest.mark.django_db
def test_moving_a_record_and_back_is_exact_and_stays_through_corrections(
    invented: Any, row: Row
) -> None:
    one, two = send(invented, "fire", row("1"), row("2", given_name="Other"))
    link = Link.objects.get(person=two)
    before = state_of_links()
    move_record(invented.reader("fire"), link.record_id, one, WHY)
    assert {k.person_id for k in SearchKey.objects.all()} == {one.pk}
    send(invented, "fire", row("2", given_name="Corrected"))
    assert set(Link.objects.filter(ended_at=None).values_list("person", flat=True)) == {one.pk}
    SearchKey.objects.filter(text__startswith="corrected").get()
    assert before != state_of_links()


@pytest.mark.django_db
def test_moving_back_restores(invented: Any, row: Row) -> None:
    one, two = send(invented, "fire", row("1"), row("2", given_name="Other"))
    record = Link.objects.get(person=two).record_id
    before = state_of_links()
    move_record(invented.reader("fire"), record, one, WHY)
    move_record(invented.reader("fire"), record, two, WHY)
    assert state_of_links() == before


def state_of_links() -> Any:
    """Return who each record, part and key is of, however that came about."""
    return (
        sorted(Link.objects.filter(ended_at=None).values_list("record", "person", "subject_key")),
        sorted(RecordPart.objects.values_list("pk", "subject_key")),
        sorted(SearchKey.objects.values_list("pk", "person", "subject_key")),
    )


def state_of_people() -> Any:
    return sorted(Person.objects.values_list("pk", "root")), state_of_links()


class Joining(RuleBasedStateMachine):
    """Join, take back, send, correct and move in any order; compare with plain sets of edges."""

    @initialize()
    def begin(self) -> None:
        self.frozen = clock.frozen(NOON)
        self.frozen.__enter__()
        self.invented = make_partnership(terms=False, roles=(Role.OFFICER, Role.DATA_OWNER))
        self.reader = self.invented.reader("fire")
        self.people: list[Person] = []
        self.edges: dict[int, tuple[int, int]] = {}
        self.sent = 0
        for _ in range(4):
            self.send()

    def teardown(self) -> None:
        if hasattr(self, "frozen"):
            self.frozen.__exit__(None, None, None)

    def send(self) -> None:
        self.sent += 1
        row = {"source_key": str(self.sent), "person_number": str(self.sent), "given_name": "A"}
        receipt = receive_records(
            self.invented.reader("fire", Role.DATA_OWNER),
            self.invented.agencies["fire"],
            "system",
            [row],
        )
        self.people += Person.objects.filter(pk__in=receipt.people)

    @precondition(lambda self: len(self.people) < 8)
    @rule()
    def someone_new(self) -> None:
        self.send()

    @rule(which=st.data())
    def join(self, which: st.DataObject) -> None:
        left, right = (which.draw(st.sampled_from(self.people)) for _ in range(2))
        known = Link.objects.filter(ended_at=None, person__in=[left, right]).values("person")
        if left == right or len(known.distinct()) < 2:  # nobody sees someone without a record
            return
        one = self.expected()[left.pk] == self.expected()[right.pk]
        try:
            pair = propose_by_hand(self.reader, left, right, WHY)
            confirm_same(self.reader, pair.pk, WHY)
            confirm_same(self.invented.reader("fire", Role.DATA_OWNER), pair.pk, WHY)
        except InputError:
            assert one
        else:
            assert not one
            event = Merge.objects.get(undone_at=None, left=pair.left_id, right=pair.right_id)
            self.edges[event.pk] = (event.left_id, event.right_id)

    @precondition(lambda self: self.edges)
    @rule(which=st.data())
    def take_back(self, which: st.DataObject) -> None:
        event = which.draw(st.sampled_from(sorted(self.edges)))
        group = [p for p, root in self.expected().items() if root == self.root_of(event)]
        if not Link.objects.filter(person__in=group, ended_at=None).exists():
            return  # all records were moved away: nobody of them is to be seen
        unmerge(self.reader, event, WHY)
        del self.edges[event]

    def root_of(self, event: int) -> int:
        return self.expected()[self.edges[event][0]]

    @rule(which=st.data())
    def join_and_take_back_at_once(self, which: st.DataObject) -> None:
        before = state_of_people()
        edges = dict(self.edges)
        self.join(which)
        for event in set(self.edges) - set(edges):
            unmerge(self.reader, event, WHY)
        self.edges = edges
        assert state_of_people() == before

    @rule(which=st.data())
    def move(self, which: st.DataObject) -> None:
        record = which.draw(st.sampled_from(sorted(Link.objects.values_list("record", flat=True))))
        to = which.draw(st.sampled_from(self.people))
        if Link.objects.get(record=record, ended_at=None).person_id != to.pk:
            move_record(self.reader, record, to, WHY)

    @rule(which=st.data())
    def correct(self, which: st.DataObject) -> None:
        number = str(which.draw(st.integers(1, self.sent)))
        holder = self.holder(number)
        row = {"source_key": number, "person_number": number, "given_name": f"B{self.sent}"}
        receive_records(
            self.invented.reader("fire", Role.DATA_OWNER),
            self.invented.agencies["fire"],
            "system",
            [row],
        )
        assert self.holder(number) == holder

    def holder(self, number: str) -> int | None:
        return Link.objects.get(
            record__source_key=number, record__current=True, ended_at=None
        ).person_id

    def expected(self) -> dict[int, int]:
        return roots([person.pk for person in self.people], self.edges.values())

    @invariant()
    def groups_are_what_the_standing_joins_say(self) -> None:
        if hasattr(self, "people"):
            told = {p: root or p for p, root in Person.objects.values_list("pk", "root")}
            assert told == self.expected()


class TestJoining(TestCase):
    """Each example runs in its own transaction."""

    def test_any_order_of_joins_and_undoing(self) -> None:
        from django.db import transaction

        class Isolated(Joining):
            @initialize()
            def begin(self) -> None:
                self.point = transaction.savepoint()
                super().begin()

            def teardown(self) -> None:
                super().teardown()
                if hasattr(self, "point"):
                    transaction.savepoint_rollback(self.point)

        run_state_machine_as_test(
            Isolated,
            settings=settings(
                max_examples=15,
                stateful_step_count=15,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.explicit, Phase.reuse, Phase.generate),
            ),
        )
