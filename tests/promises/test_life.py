"""A partnership lives: granted, revoked, suspended, joined, restricted, approved, broken into.

A state machine does it all in any order and keeps, beside the database, its own small idea of what
should be open. After each step: nothing is open without a live basis, and what has one is open.

What chance would do too seldom (an approval that runs out, one that is revoked, a broken glass, a
join that stands and one that is taken back) every life begins with, in an order that is drawn; what
they leave lies in bundles, from which the later steps take what they close.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

import pytest
from chains import assert_chain_verifies
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from idea_of_life import Idea, Opened

from partnership import NOON, Partnership, make_list, make_partnership
from triservice.access.agreements import actions as agreement
from triservice.access.approvals import actions as approvals
from triservice.access.emergency import actions as emergency
from triservice.access.emergency.rules import QUOTA
from triservice.access.errors import Refused
from triservice.access.models import (
    AccessRequest,
    AgreementVersion,
    GlassBreak,
    Kind,
    OpeningItem,
    RestrictionMember,
    Term,
)
from triservice.access.queries import decide, seen
from triservice.access.readers import reader_for
from triservice.access.record import recording
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Mode, Purpose, Reader, Role
from triservice.kernel.errors import InputError
from triservice.subjects.actions.joins import confirm_same, propose_by_hand, unmerge
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Candidate, Merge, Person, RecordPart
from triservice.subjects.words import State
from undoing import undone

WHY = "Invented: she is ill at home and nobody answers the door or the telephone"
AGENCIES = ("police", "fire", "health")
READERS = ("police", "fire")
C = DataClass
GIVEN = [  # from, to, what
    ("health", "police", C.HEALTH),
    ("health", "fire", C.HEALTH),
    ("health", "police", C.IDENTITY),
    ("police", "fire", C.IDENTITY),
    ("police", "fire", C.POLICE),
    ("fire", "police", C.FIRE),
    ("fire", "health", C.IDENTITY),
    ("police", "health", C.IDENTITY),
]
MODES = [Mode.ON_APPROVAL, Mode.OPEN, Mode.OPEN, Mode.OPEN, Mode.NEVER]
JOINERS = {"police": Role.TEAM_LEADER, "fire": Role.TEAM_LEADER, "health": Role.CALDICOTT_GUARDIAN}
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
SUBJECTS = st.sampled_from([4, 5, 4, 5, 0, 2])  # of six people the last two are known to health


OPENED: Bundle[Opened] = Bundle("opened")
JOINED: Bundle[int] = Bundle("joined")
BEGUN = ("grant", "approve", "run out", "revoke", "glass", "end", "join", "part", "ends")
LIVES, STEPS = 12, 34
Made = TypeVar("Made")


def only(found: list[Made]) -> Made:
    """Return the one that was made."""
    (one,) = found
    return one


class Life(RuleBasedStateMachine):
    """Everything that changes what is open, in any order."""

    did: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.block = undone()
        self.block.__enter__()
        self.at = NOON
        self.frozen = clock.frozen(self.at)
        self.frozen.__enter__()
        self.made: Partnership = make_partnership(terms=False, roles=())
        for kind in AGENCIES:
            rows = [
                {
                    "source_key": str(n),
                    "person_number": str(n),
                    "given_name": f"Morwenna{n}",
                    "family_name": "Trevanion",
                    f"{kind}.summary": "Invented",
                }
                for n in range(2)
            ]
            sender = self.made.reader(kind, Role.DATA_OWNER, at=self.at)
            receive_records(sender, self.made.agencies[kind], "invented", rows)
        self.ids = {agency.pk: kind for kind, agency in self.made.agencies.items()}
        self.parts = {
            row.pk: (self.ids[row.owner_id], DataClass(row.data_class))
            for row in RecordPart.objects.all()
        }
        self.idea = Idea(self.parts)
        self.lead_role = Role.DATA_PROTECTION_LEAD
        self.people = list(Person.objects.order_by("pk"))
        for taker in READERS:
            self._grant(("health", taker, C.HEALTH), Mode.ON_APPROVAL)

    def teardown(self) -> None:
        try:
            assert_chain_verifies()
        finally:
            self.frozen.__exit__(None, None, None)
            connection.needs_rollback = False
            self.block.__exit__(None, None, None)

    # ---- what every life begins with, in any order ------------------------------------------

    @initialize()
    def an_approval_runs_out(self) -> None:
        given = self._approved("police", 4)
        self._pass(HOUR - SECOND)
        assert given.rows <= self.open_to("police")
        self._pass(SECOND)
        assert not given.rows & self.open_to("police")
        self.did["run out"] += 1

    @initialize()
    def an_approval_is_revoked(self) -> None:
        self._close(self._approved("police", 5))
        self.did["revoke"] += 1

    @initialize(target=OPENED)
    def an_approval_stands(self) -> Opened:
        return self._approved("fire", 4, lasts=12 * HOUR)

    @initialize(target=OPENED)
    def a_glass_is_broken_and_another_ended(self) -> Opened:
        self._close(self._broken("fire", 5))
        self.did["end"] += 1
        return self._broken("fire", 5)

    @initialize(target=JOINED, kinds=st.permutations(READERS))
    def a_join_stands_and_another_is_taken_back(self, kinds: list[str]) -> int:
        first, second = (2 * AGENCIES.index(kind) for kind in kinds)
        self._join(kinds[1], second, second + 1, back=True)
        return only(self._join(kinds[0], first, first + 1))

    @initialize()
    def the_agreement_runs_out_and_is_renewed(self) -> None:
        before = self.everything_open()
        self._run_out(True)
        for kind in READERS:
            own = {pk for pk, (owner, _) in self.parts.items() if owner == kind}
            assert self.open_to(kind) == own
        self._run_out(False)
        assert self.everything_open() == before
        self.did["ends"] += 1

    def _approved(self, kind: str, person: int, lasts: timedelta = HOUR) -> Opened:
        found = only(self._ask(kind, person, lasts=lasts))
        assert found.rows <= self.open_to(kind)
        return found

    def _broken(self, kind: str, person: int) -> Opened:
        found = only(self._break(kind, person))
        assert found.rows <= self.open_to(kind)
        return found

    # ---- helpers ----------------------------------------------------------------------------

    def reader(self, kind: str, role: Role = Role.OFFICER) -> Reader:
        reader = reader_for(self.made.officer(kind, role), Purpose.PREVENTION_VISIT)
        assert reader is not None
        return reader

    def open_to(self, kind: str) -> frozenset[int]:
        with recording(self.reader(kind), Kind.CONSULTATION, "look") as record:
            return frozenset(row.pk for row in seen(record, RecordPart.objects.all()))

    def everything_open(self) -> dict[str, frozenset[int]]:
        return {kind: self.open_to(kind) for kind in READERS}

    # ---- what happens -----------------------------------------------------------------------

    @rule(given=st.sampled_from(GIVEN), mode=st.sampled_from(MODES))
    def grant(self, given: tuple[str, str, DataClass], mode: Mode) -> None:
        self._grant(given, mode)

    def _grant(self, given: tuple[str, str, DataClass], mode: Mode) -> None:
        giver, taker, data_class = given
        term = self.made.term(giver, taker, [data_class], mode=mode)
        self.idea.terms[term.pk] = (*given, mode)
        self.did["grant"] += 1

    @precondition(lambda self: self.idea.terms)
    @rule(which=st.integers(0, 99))
    def revoke_a_term(self, which: int) -> None:
        before = self.everything_open()
        pk = sorted(self.idea.terms)[which % len(self.idea.terms)]
        Term.objects.filter(pk=pk).delete()
        mode = self.idea.terms.pop(pk)[3]
        if mode is not Mode.NEVER:
            assert all(self.open_to(kind) <= before[kind] for kind in READERS)

    @rule(kind=st.sampled_from(AGENCIES))
    def suspend_or_resume(self, kind: str) -> None:
        assert self.made.version is not None
        lead = self.reader("police", self.lead_role)
        if self.idea.state == "in force":
            agreement.suspend(lead, self.made.version.pk, WHY)
            self.idea.state = "suspended"
        elif self.idea.state == "suspended":
            agreement.resume(lead, self.made.version.pk, WHY)
            self.idea.state = "in force"

    @rule(minutes=st.sampled_from([1, 14, 15, 59, 60, 25 * 60]))
    def wait(self, minutes: int) -> None:
        self._pass(timedelta(minutes=minutes))

    def _pass(self, time: timedelta) -> None:
        self.frozen.__exit__(None, None, None)
        self.at += time
        self.frozen = clock.frozen(self.at)
        self.frozen.__enter__()

    @rule(days=st.integers(1, 3))
    def let_the_agreement_run_out(self, days: int) -> None:
        if days == 1 and self.idea.state == "in force":
            self._run_out(True)
        elif self.idea.state == "run out":
            self._run_out(False)

    def _run_out(self, out: bool) -> None:
        until = self.at if out else NOON + timedelta(days=400)
        AgreementVersion.objects.update(until=until)
        self.idea.state = "run out" if out else "in force"

    @rule(part=st.integers(0, 99), on_it=st.sets(st.sampled_from(READERS)))
    def restrict(self, part: int, on_it: set[str]) -> None:
        pk = sorted(self.parts)[part % len(self.parts)]
        if pk in self.idea.restricted:
            return
        before = self.everything_open()
        made_by = self.made.officer("police", self.lead_role)
        named = make_list(made_by, "Few")
        for kind in on_it:
            officer = self.made.officer(kind)
            RestrictionMember.objects.create(restriction=named, officer=officer)
        RecordPart.objects.filter(pk=pk).update(restriction=named)
        self.idea.restricted[pk] = set(on_it)
        assert all(self.open_to(kind) <= before[kind] for kind in READERS)

    @precondition(lambda self: self.idea.restricted)
    @rule(which=st.integers(0, 99))
    def unrestrict(self, which: int) -> None:
        pk = sorted(self.idea.restricted)[which % len(self.idea.restricted)]
        before = self.everything_open()
        RecordPart.objects.filter(pk=pk).update(restriction=None)
        del self.idea.restricted[pk]
        assert all(self.open_to(kind) >= before[kind] for kind in READERS)

    @rule(
        target=OPENED, kind=st.sampled_from(READERS), person=SUBJECTS,
        by=st.sampled_from([True, True, False]),
    )  # fmt: skip
    def ask_and_approve(self, kind: str, person: int, by: bool) -> Any:
        return multiple(*self._ask(kind, person, by))

    def _ask(
        self, kind: str, person: int, by: bool = True, lasts: timedelta = HOUR
    ) -> list[Opened]:
        subject = self.people[person]
        health = self.made.agencies["health"].pk
        ends = self.at + lasts
        before = self.everything_open()
        try:
            request = approvals.ask(
                self.reader(kind), health, DataClass.HEALTH, subject=subject.key, fields=None,
                case="C1", why=WHY, told=WHY, until=ends,
            )  # fmt: skip
        except Refused:
            return []
        assert self.everything_open() == before  # asking opens nothing
        guardian = self.reader("health", Role.CALDICOTT_GUARDIAN)
        if not by:
            approvals.refuse(guardian, request, WHY)
            assert self.everything_open() == before
            return []
        try:
            opening = approvals.approve(guardian, request, fields=None, ends=ends, why=WHY)
        except InputError:  # it holds nothing; asking did not tell, the owner, who looks, is told
            assert not self.held_by_health(subject)
            assert self.everything_open() == before
            return []
        self.did["approve"] += 1
        return [self._opened(kind, opening, ends, glass=False, key=request)]

    def held_by_health(self, subject: Person) -> bool:
        """Whether health holds something of its own class about a person, or one joined to them."""
        roots = self.roots()
        return any(
            roots[self.people[n].pk] == roots[subject.pk]
            for n in (4, 5)  # its two
        )

    def _opened(self, kind: str, opening: int, ends: datetime, *, glass: bool, key: int) -> Opened:
        items = OpeningItem.objects.filter(opening=opening, label="subjects.recordpart")
        rows = frozenset(int(pk) for pk in items.values_list("pk_text", flat=True))
        assert all(self.parts[pk] == ("health", DataClass.HEALTH) for pk in rows)
        made = Opened(kind, rows, ends, glass, key)
        self.idea.openings.append(made)
        return made

    @rule(each=OPENED)
    def close_an_opening(self, each: Opened) -> None:
        if each.live and self.at < each.ends:
            self._close(each)

    def _close(self, each: Opened) -> None:
        before = self.everything_open()
        if each.glass:
            emergency.end(self.reader(each.reader), each.key)
        else:
            approvals.revoke(self.reader("health", Role.CALDICOTT_GUARDIAN), each.key, WHY)
        each.live = False
        assert all(self.open_to(kind) <= before[kind] for kind in READERS)

    @rule(target=OPENED, kind=st.sampled_from(READERS), person=SUBJECTS)
    def break_the_glass(self, kind: str, person: int) -> Any:
        return multiple(*self._break(kind, person))

    def _break(self, kind: str, person: int) -> list[Opened]:
        officer = self.made.officer(kind)
        since = self.at - timedelta(hours=24)
        if GlassBreak.objects.filter(officer=officer, opening__starts__gt=since).count() >= QUOTA:
            return []
        subject = self.people[person]
        health = self.made.agencies["health"].pk
        try:
            key = emergency.break_glass(
                self.reader(kind), health, DataClass.HEALTH, subject=subject.key,
                reason="threat to life", text=WHY, minutes=15,
            )  # fmt: skip
        except Refused:
            return []
        opening = GlassBreak.objects.get(pk=key).opening
        self.did["glass"] += 1
        return [self._opened(kind, opening.pk, opening.ends, glass=True, key=key)]

    @rule(
        target=JOINED, kind=st.sampled_from(AGENCIES), other=st.integers(0, 5), back=st.booleans()
    )
    def join_two_people(self, kind: str, other: int, back: bool) -> Any:
        own = AGENCIES.index(kind) * 2
        return multiple(*self._join(kind, own, other if other != own else own + 1, back=back))

    def _join(self, kind: str, one: int, other: int, *, back: bool = False) -> list[int]:
        """Join two people by two of an agency; return the join, unless it was taken back."""
        left, right = self.people[one], self.people[other]
        before, roots = self.everything_open(), self.roots()
        pair = {"left": min(left.pk, right.pk), "right": max(left.pk, right.pk)}
        settled = Candidate.objects.filter(**pair, state__in=("linked", "different"))
        if roots[left.pk] == roots[right.pk] or settled.exists():
            return []
        owner, second = self.reader(kind, Role.DATA_OWNER), self.reader(kind, JOINERS[kind])
        done = Merge.objects.count()
        try:
            proposed = propose_by_hand(owner, left, right, WHY)
            for reader in (owner, second):
                if Candidate.objects.get(pk=proposed.pk).state != State.LINKED:
                    confirm_same(reader, proposed.pk, WHY)
        except (Refused, InputError):
            return []  # who does not see both, or has said so, does not join them
        assert self.everything_open() == before  # a join opens nothing
        if Merge.objects.count() == done:
            return []
        self.did["join"] += 1
        merge = Merge.objects.latest("pk").pk
        if not back:
            return [merge]
        unmerge(owner, merge, WHY)
        assert self.roots() == roots
        assert self.everything_open() == before
        self.did["part"] += 1
        return []

    @rule(merge=JOINED, kind=st.sampled_from(AGENCIES))
    def take_a_join_back(self, merge: int, kind: str) -> None:
        if not Merge.objects.filter(pk=merge, undone_at__isnull=True).exists():
            return
        before = self.everything_open()
        try:
            unmerge(self.reader(kind, Role.DATA_OWNER), merge, WHY)
        except Refused:
            return
        assert self.everything_open() == before

    def roots(self) -> dict[int, int]:
        return {row.pk: row.root_id or row.pk for row in Person.objects.all()}

    # ---- what always holds ------------------------------------------------------------------

    @invariant(check_during_init=True)
    def what_is_open_has_a_live_basis_and_the_other_way_round(self) -> None:
        for kind in READERS:
            should = self.idea.open_to(kind, self.at)
            assert self.open_to(kind) == should
            reader = self.reader(kind)
            rows = RecordPart.objects.all()
            assert frozenset(row.pk for row in rows if decide(reader, row).allowed) == should

    @invariant(check_during_init=True)
    def people_are_one_as_the_standing_joins_say(self) -> None:
        root = {person.pk: person.pk for person in self.people}

        def find(one: int) -> int:
            while root[one] != one:
                one = root[one]
            return one

        for left, right in Merge.objects.filter(undone_at__isnull=True).values_list(
            "left", "right"
        ):
            root[find(left)] = find(right)
        found = self.roots()
        for one in root:
            for other in root:
                assert (find(one) == find(other)) is (found[one] == found[other])

    @invariant()
    def every_decided_request_has_another_person_behind_it(self) -> None:
        decided = AccessRequest.objects.exclude(decided_by=None)
        assert all(row.decided_by_id != row.officer_id for row in decided)


@pytest.mark.long
def test_a_partnership_lives(db: None) -> None:
    often = settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    Life.did.clear()
    run_state_machine_as_test(Life, settings=often)
    for what in BEGUN:  # a few lives are cut short before all of it
        assert Life.did[what] >= LIVES // 2, f"too little was tried: {Life.did}"
