"""Make two people one, and take it back: each a recorded event that rewrites nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce

from triservice.access.errors import Refused
from triservice.access.models import Kind
from triservice.access.queries import visible_to
from triservice.access.record import Record, recording
from triservice.access.rules import UNKNOWN
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.subjects import matching
from triservice.subjects.actions.following import tell_of_join
from triservice.subjects.joining import roots
from triservice.subjects.models import (
    Candidate,
    Confirmation,
    Difference,
    Link,
    Merge,
    Person,
    RecordPart,
)
from triservice.subjects.words import State

OPEN = (State.PROPOSED, State.CONFIRMED_BY_ONE)
JUDGES = 2  # people who must say that two are one
SUBSTANCE = 10  # characters: a reason must say something


def confirm_same(reader: Reader, candidate: int, why: str) -> State:
    """Say that a candidate pair is one person. The second person's word joins them.

    Two for every pair: did it hang on what they hold, the number would tell of what is withheld.
    Returns the state it leaves. Raises InputError when it is settled, when this officer has said
    so already, or when the two were confirmed different; Refused without sight of both.
    """
    with recording(reader, Kind.COMBINATION, "confirmed that two people are one") as record:
        take_turn()
        pair = _pair(record, candidate, why)
        if pair.confirmations.filter(officer=reader.officer, withdrawn_at__isnull=True).exists():
            raise InputError("You have confirmed this pair; the second word is another person's")
        _say(pair, reader, True, why)
        said = list(
            pair.confirmations.filter(same=True, withdrawn_at__isnull=True)
            .order_by("at", "pk")
            .values_list("officer", flat=True)
        )
        if len(said) < JUDGES:
            pair.state = State.CONFIRMED_BY_ONE
        else:
            join(record, pair.left_id, pair.right_id, pair.evidence, said[0], said[1], pair)
            pair.state, pair.settled_at = State.LINKED, clock.now()
        pair.save(update_fields=["state", "settled_at"])
        record.did("subjects.candidate", pair.pk)
        return State(pair.state)


def confirm_different(reader: Reader, candidate: int, why: str) -> None:
    """Say that a candidate pair is two people: remembered, and never proposed again.

    Raises InputError when it is settled; Refused without sight of both.
    """
    with recording(reader, Kind.ALTERATION, "confirmed that two people are different") as record:
        take_turn()
        pair = _pair(record, candidate, why)
        pair.confirmations.filter(officer=reader.officer, withdrawn_at__isnull=True).update(
            withdrawn_at=clock.now()
        )
        _say(pair, reader, False, why)
        _differ(record, pair.left_id, pair.right_id, reader, why)
        pair.state, pair.settled_at = State.DIFFERENT, clock.now()
        pair.save(update_fields=["state", "settled_at"])
        record.did("subjects.candidate", pair.pk)


def propose_by_hand(reader: Reader, left: Person, right: Person, why: str) -> Candidate:
    """Propose that two people are one, found by someone who looked; also their first word.

    Raises InputError when they are one, or settled as a pair; Refused without sight of both.
    """
    with recording(reader, Kind.ALTERATION, "proposed that two people are one") as record:
        take_turn()
        _substance(why)
        low, high = sorted((left.pk, right.pk))
        for person in (low, high):
            must_see(record, person)
        if root_of(low) == root_of(high):
            raise InputError("These are one person already")
        from triservice.subjects.actions.linkage import identities  # it stands on this module

        known = identities([low, high])
        evidence = matching.compare(known[low], known[high])
        pair, new = Candidate.objects.get_or_create(
            left_id=low,
            right_id=high,
            defaults={"evidence": evidence, "method": "by hand", "proposed_at": clock.now()},
        )
        if not new and pair.state not in OPEN:
            raise InputError(f"This pair is settled: {pair.state}")
        record.did("subjects.candidate", pair.pk)
    return pair


def unmerge(reader: Reader, merge: int, why: str, *, different: bool = False) -> None:
    """Take a join back: both are exactly who they were. `different` also confirms them different.

    Raises InputError when it was taken back already; Refused without sight of either.
    """
    with recording(reader, Kind.ALTERATION, "took back that two people are one") as record:
        take_turn()
        _substance(why)
        event = Merge.objects.select_for_update().filter(pk=merge).first()
        if event is None:
            raise Refused(UNKNOWN, f"subjects.merge {merge}", hidden=True)
        members = group_of(event.left_id, event.right_id)
        sides = {event.left_id, event.right_id}
        # Where all records of both were moved away, whoever sees one of the group may.
        if not sees_any(record, members if without_records(sides) == sides else sides):
            raise Refused(UNKNOWN, f"subjects.merge {merge}", hidden=True)
        done = Merge.objects.filter(pk=merge, undone_at__isnull=True).update(
            undone_at=clock.now(), undone_by=reader.officer, undone_why=why
        )
        if not done:
            raise InputError("This was taken back already")
        regroup(members)
        _reopen(event)
        record.did("subjects.merge", event.pk)
        if different:
            _differ(record, event.left_id, event.right_id, reader, why)
            Candidate.objects.filter(left=event.left_id, right=event.right_id).update(
                state=State.DIFFERENT, settled_at=clock.now()
            )


def withdraw_difference(reader: Reader, difference: int) -> None:
    """Take back that two people are different; the pair may be reviewed again."""
    with recording(reader, Kind.ALTERATION, "took back that two are different") as record:
        take_turn()
        found = Difference.objects.select_for_update().filter(
            pk=difference, withdrawn_at__isnull=True
        )
        pair = found.first()
        if pair is None or not sees(record, pair.left_id):
            raise Refused(UNKNOWN, f"subjects.difference {difference}", hidden=True)
        found.update(withdrawn_at=clock.now(), withdrawn_by=reader.officer)
        both = Candidate.objects.filter(left=pair.left_id, right=pair.right_id)
        Confirmation.objects.filter(candidate__in=both, withdrawn_at__isnull=True).update(
            withdrawn_at=clock.now()
        )
        both.update(state=State.PROPOSED, settled_at=None)
        record.did("subjects.difference", difference)


def join(
    record: Record,
    left: int,
    right: int,
    evidence: dict[str, Any],
    by: int | None,
    second: int | None = None,
    candidate: Candidate | None = None,
) -> Merge:
    """Make the groups of two people one, in a turn. Raises InputError if they are or are apart."""
    low, high = sorted((left, right))
    members = group_of(low, high)
    if len({members[low], members[high]}) == 1:
        raise InputError("These are one person already; someone was first")
    sides: dict[int, list[int]] = {}
    for member, root in members.items():
        sides.setdefault(root, []).append(member)
    if differences(sides[members[low]], sides[members[high]]).exists():
        raise InputError(
            "Someone confirmed that these, or people joined to them, are different",
            do="Look at why, and take that back first if it was wrong.",
        )
    event = Merge.objects.create(
        left_id=low,
        right_id=high,
        candidate=candidate,
        evidence=evidence,
        made_at=clock.now(),
        made_by_id=by,
        second_by_id=second,
    )
    regroup(members)
    tell_of_join(members, f"joined:{event.pk}")
    record.did("subjects.merge", event.pk)
    return event


TURN = 7_341_902  # any number that nothing else in this database locks by


def take_turn() -> None:
    """Wait until nobody else joins or parts people, or writes of them, until the transaction ends.

    So what is sent twice at once is there when the second looks. Groups grow while one waits for
    their rows, so locking rows cannot keep an order and deadlocks; these are acts of people, and
    one at a time is soon enough. Call it before locking any row. SQLite has one writer at a time
    anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])


def group_of(*people: int) -> dict[int, int]:
    """Return member → root of the groups of these people."""
    found = [root_of(person) for person in people]
    rows = Person.objects.filter(Q(pk__in=found) | Q(root__in=found))
    return dict(rows.values_list("pk", Coalesce("root_id", "pk")))


def root_of(person: int) -> int:
    """Return the root of a person's group."""
    found = Person.objects.filter(pk=person).values_list(Coalesce("root_id", "pk"), flat=True)
    return int(found.get())


def regroup(members: Iterable[int]) -> None:
    """Set the root of each member from the joins that stand among them."""
    group = list(members)
    edges = Merge.objects.filter(
        left__in=group, right__in=group, undone_at__isnull=True
    ).values_list("left", "right")
    by_root: dict[int, list[int]] = {}
    for member, root in roots(group, edges).items():
        by_root.setdefault(root, []).append(member)
    for root, some in by_root.items():
        Person.objects.filter(pk=root).update(root=None)
        Person.objects.filter(pk__in=[m for m in some if m != root]).update(root=root)


def differences(one: list[int], other: list[int]) -> Any:
    """Return what keeps two groups apart."""
    return Difference.objects.filter(
        Q(left__in=one, right__in=other) | Q(left__in=other, right__in=one),
        withdrawn_at__isnull=True,
    )


def sees(record: Record, person: int) -> bool:
    """Whether the reader may see who this is: any identity part of them."""
    return sees_any(record, [person])


def sees_any(record: Record, people: Iterable[int]) -> bool:
    """Whether the reader may see who any of these are."""
    parts = RecordPart.objects.filter(
        record__links__person__in=list(people),
        record__links__ended_at__isnull=True,
        data_class=str(DataClass.IDENTITY),
        current=True,
    )
    return visible_to(record.reader, parts).exists()


def without_records(people: set[int]) -> set[int]:
    """Return those of some people whom no record is about any more: all were moved away."""
    told = Link.objects.filter(person__in=people, ended_at__isnull=True)
    return people - set(told.values_list("person", flat=True))


def must_see(record: Record, person: int) -> None:
    """Raise Refused, hidden, when the reader may not see who this is."""
    if not sees(record, person):
        raise Refused(UNKNOWN, f"subjects.person {person}", hidden=True)


def _pair(record: Record, candidate: int, why: str) -> Candidate:
    _substance(why)
    pair = Candidate.objects.select_for_update().filter(pk=candidate).first()
    if pair is None:
        raise Refused(UNKNOWN, f"subjects.candidate {candidate}", hidden=True)
    for person in (pair.left_id, pair.right_id):
        must_see(record, person)
    if pair.state not in OPEN:
        raise InputError(f"This pair is settled: {pair.state}; someone was first")
    return pair


def _substance(why: str) -> None:
    if len(why.strip()) < SUBSTANCE:
        raise InputError("says too little", field="why", do="Say what you compared, in a sentence.")


def _say(pair: Candidate, reader: Reader, same: bool, why: str) -> None:
    Confirmation.objects.create(
        candidate=pair, officer_id=reader.officer, same=same, why=why, at=clock.now()
    )


def _differ(record: Record, left: int, right: int, reader: Reader, why: str) -> None:
    found, _ = Difference.objects.get_or_create(
        left_id=left,
        right_id=right,
        withdrawn_at=None,
        defaults={"why": why, "at": clock.now(), "by_id": reader.officer},
    )
    record.did("subjects.difference", found.pk)


def _reopen(event: Merge) -> None:
    """Put the pair back to review, so that nothing joins it again by itself."""
    at = clock.now()
    pair, new = Candidate.objects.get_or_create(
        left_id=event.left_id,
        right_id=event.right_id,
        defaults={"evidence": event.evidence, "method": "taken back", "proposed_at": at},
    )
    if not new:
        pair.confirmations.filter(withdrawn_at__isnull=True).update(withdrawn_at=at)
        pair.state, pair.settled_at = State.PROPOSED, None
        pair.save(update_fields=["state", "settled_at"])
