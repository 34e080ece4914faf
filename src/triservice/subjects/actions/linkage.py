"""Find people who may be one: by exact numbers as rows come, and by the trained model each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Coalesce

from triservice.access.models import Kind
from triservice.access.record import Record, recording
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Reader
from triservice.subjects.actions.following import listed_people, tell_of_join
from triservice.subjects.actions.joins import take_turn
from triservice.subjects.joining import Groups
from triservice.subjects.matching import KNOWN_BY, Identity, Verdict, compare, verdict
from triservice.subjects.models import Candidate, Difference, Merge, Person, RecordPart
from triservice.subjects.names import plain
from triservice.subjects.words import SENSITIVE, State

WHO = [str(c) for c in (DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION)]
CHUNK = 2_000  # values in one IN list
CROWD = 60  # a number shared by more people than this names nobody (a switchboard, a hostel)
Pair = tuple[int, int]


@dataclass(slots=True)
class Linked:
    """What a pass did."""

    compared: int = 0
    joined: int = 0
    proposed: int = 0


def link_exact(reader: Reader, people: Sequence[int]) -> Linked:
    """Compare people who came new with everyone who shares a number, a home, or name and birthday.

    Joined by itself: the rule's match, unless that would join sensitive records; everything else
    that is worth a look is proposed for people to judge. One transaction.
    """
    with recording(reader, Kind.COMBINATION, "compared new people with those known") as record:
        done = Linked()
        pairs = sorted(sharing(people))
        known = identities({one for pair in pairs for one in pair})
        found: list[tuple[Pair, dict[str, Any], float | None]] = []
        sure: list[tuple[Pair, dict[str, Any]]] = []
        for pair in pairs:
            done.compared += 1
            evidence = compare(known[pair[0]], known[pair[1]])
            match verdict(evidence):
                case Verdict.MATCH:
                    sure.append((pair, evidence))
                case Verdict.REVIEW:
                    found.append((pair, evidence, None))
        joined, rest = join_sure(record, sure)
        found += [(pair, evidence, None) for pair, evidence in rest]
        done.joined = joined
        done.proposed = propose(record, found, "exact")
        return done


def sharing(people: Iterable[int]) -> set[Pair]:
    """Return the pairs, at least one of `people`, that share something worth comparing."""
    new = set(people)
    pairs: set[Pair] = set()
    for field in ("nhs_number", "phone", "email", "uprn"):
        pairs |= _blocks(new, (field,))
    return pairs | _blocks(new, ("date_of_birth", "family_name"))


def _blocks(new: set[int], fields: tuple[str, ...]) -> set[Pair]:
    """Pair everyone who has the same values of `fields`; the first must not be empty."""
    first = fields[0]
    told = _parts().exclude(**{first: None if first == "date_of_birth" else ""})
    mine: set[Any] = set()
    for some in _chunks(sorted(new)):
        mine |= set(told.filter(record__links__person__in=some).values_list(first, flat=True))
    held: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for some in _chunks(sorted(mine)):
        rows = told.filter(**{f"{first}__in": some}, record__links__person__isnull=False)
        for person, *values in rows.values_list("record__links__person", *fields):
            held[tuple(plain(v) if isinstance(v, str) else v for v in values)].add(person)
    return {
        (min(one, other), max(one, other))
        for crowd in held.values()
        if 1 < len(crowd) <= CROWD
        for one in crowd & new
        for other in crowd
        if one != other
    }


def _parts() -> Any:
    return RecordPart.objects.filter(
        current=True, data_class__in=WHO, record__links__ended_at__isnull=True
    )


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def identities(people: Iterable[int]) -> dict[int, Identity]:
    """Return what each person is known by, from the current records of everyone."""
    wanted = sorted(set(people))
    found = {person: Identity() for person in wanted}
    for some in _chunks(wanted):
        rows = _parts().filter(record__links__person__in=some)
        for person, *values in rows.values_list("record__links__person", *KNOWN_BY):
            found[person].learn(dict(zip(KNOWN_BY, values, strict=True)))
    return found


def join_sure(
    record: Record, sure: list[tuple[Pair, dict[str, Any]]]
) -> tuple[int, list[tuple[Pair, dict[str, Any]]]]:
    """Join sure pairs in bulk; return how many, and those that people must judge after all.

    Kept for people: sensitive classes on either side, pairs ever judged, groups kept apart.
    """
    take_turn()
    held = _groups({one for pair, _ in sure for one in pair})
    groups = Groups(held)
    for person, root in held.items():
        groups.join(person, root)
    careful = {held[p] for p in _sensitive(held)}
    judged = _judged(held)
    apart = _apart(held)
    joined: list[Merge] = []
    rest: list[tuple[Pair, dict[str, Any]]] = []
    for pair, evidence in sure:
        one, other = (groups.root(p) for p in pair)
        if one == other:
            continue
        if pair in judged or {one, other} & careful or _kept_apart(groups, apart, one, other):
            rest.append((pair, evidence))
            continue
        groups.join(one, other)
        joined.append(
            Merge(left_id=pair[0], right_id=pair[1], evidence=evidence, made_at=clock.now())
        )
    Merge.objects.bulk_create(joined, 2_000)
    _set_roots(groups, held)
    for merge in joined:
        record.did("subjects.merge", merge.pk)
    _tell_of_listed(groups, held, joined)
    return len(joined), rest


def _tell_of_listed(groups: Groups, held: Iterable[int], joined: Iterable[Merge]) -> None:
    """Tell of the joins to somebody on a need-to-know list; where there is none, of nothing."""
    listed = listed_people()
    members: dict[int, set[int]] = defaultdict(set)
    for person in held if listed else ():
        members[groups.root(person)].add(person)
    for merge in joined if listed else ():
        group = members[groups.root(merge.left_id)]
        if group & listed:
            tell_of_join(group, f"joined:{merge.pk}")


def _groups(people: set[int]) -> dict[int, int]:
    """Return member → root for the whole groups of these people."""
    roots = {
        root
        for some in _chunks(sorted(people))
        for root in Person.objects.filter(pk__in=some).values_list(
            Coalesce("root_id", "pk"), flat=True
        )
    }
    found: dict[int, int] = {}
    for some in _chunks(sorted(roots)):
        for column in ("pk__in", "root__in"):
            rows = Person.objects.filter(**{column: some})
            found.update({row.pk: row.root_id or row.pk for row in rows})
    return found


def _sensitive(people: Iterable[int]) -> set[int]:
    classes = [str(c) for c in SENSITIVE]
    found: set[int] = set()
    for some in _chunks(sorted(people)):
        rows = RecordPart.objects.filter(
            data_class__in=classes,
            record__links__person__in=some,
            record__links__ended_at__isnull=True,
        )
        found |= set(rows.values_list("record__links__person", flat=True))
    return found


def _judged(people: Iterable[int]) -> set[Pair]:
    """Return the pairs that were proposed, joined or judged before."""
    found: set[Pair] = set()
    for some in _chunks(sorted(people)):
        for model in (Candidate, Merge, Difference):
            found |= set(model._default_manager.filter(left__in=some).values_list("left", "right"))
    return found


def _apart(people: Iterable[int]) -> list[Pair]:
    found: list[Pair] = []
    for some in _chunks(sorted(people)):
        rows = Difference.objects.filter(left__in=some, withdrawn_at__isnull=True)
        found += rows.values_list("left", "right")
    return found


def _kept_apart(groups: Groups, apart: list[Pair], one: int, other: int) -> bool:
    both = {one, other}
    return any({groups.root(left), groups.root(right)} == both for left, right in apart)


def _set_roots(groups: Groups, before: dict[int, int]) -> None:
    changed = [
        Person(pk=person, root_id=groups.root(person))
        for person, root in before.items()
        if groups.root(person) != root
    ]
    Person.objects.bulk_update(changed, ["root"], 500)


def propose(
    record: Record, found: Sequence[tuple[Pair, Mapping[str, Any], float | None]], method: str
) -> int:
    """Keep pairs for review, except those that are one by now or were ever proposed or judged."""
    take_turn()
    people = {one for pair, _, _ in found for one in pair}
    held = _groups(people)
    judged = _judged(people)
    new = [
        Candidate(
            left_id=pair[0],
            right_id=pair[1],
            evidence=evidence,
            method=method,
            probability=probability,
            state=State.PROPOSED,
            proposed_at=clock.now(),
        )
        for pair, evidence, probability in found
        if pair not in judged and held[pair[0]] != held[pair[1]]
    ]
    Candidate.objects.bulk_create(new, 2_000, ignore_conflicts=True)
    record.note("proposed", len(new))
    return len(new)
