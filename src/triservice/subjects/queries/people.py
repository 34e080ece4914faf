"""One person: who and where, what each service knows, warnings, who else, and what is withheld."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, CharField, Q, QuerySet, UUIDField

from triservice.access.errors import Refused
from triservice.access.models import Kind
from triservice.access.prepared import Given, Prepared, PreparedRows, Several
from triservice.access.queries import Seen, seen
from triservice.access.record import Record, reading
from triservice.access.rules import CONFLICT, UNKNOWN
from triservice.kernel.access_words import Reader
from triservice.subjects.models import (
    Link,
    Merge,
    Person,
    RecordPart,
    Relation,
    SourceRecord,
    WarningMarker,
)
from triservice.subjects.queries import gather
from triservice.subjects.queries.cautions import PEOPLE, live_needs, needs_told
from triservice.subjects.queries.search import name_of
from triservice.subjects.queries.shown import (
    JoinSeen,
    Other,
    PersonView,
    RecordSeen,
    Told,
    said,
    told_by,
)
from triservice.subjects.queries.sides import agreements, sides_of
from triservice.subjects.words import OTHER_WAY, Kin


class Root(NamedTuple):
    """The number of people that stands for all who are one."""

    pk: int
    key: UUID


def group_of(record: Record, key: UUID | str) -> tuple[Root, list[int]]:
    """Return the root of a person's group and its members. Raises Refused.

    A conflict of interest with any of those who are one here closes all of them.
    """
    named = _named(key=key)
    if not named:
        raise Refused(UNKNOWN, f"subjects.person {key}", hidden=True)
    pk, itself, root_pk, root_key = named[0]
    root = Root(root_pk or pk, root_key or itself)
    group = dict(_members(root=root.pk))
    if record.grants.conflicts & {str(each) for each in group.values()}:
        raise Refused(CONFLICT, f"subjects.person {key}", hidden=True)
    return root, sorted(group)


@Prepared
def _named() -> QuerySet[Any, Any]:
    found = Person.objects.filter(key=Given("key", UUIDField()))
    return found.values_list("pk", "key", "root", "root__key")


@Prepared
def _members() -> QuerySet[Any, Any]:
    root = Given("root", BigIntegerField())
    return Person.objects.filter(Q(pk=root) | Q(root=root)).values_list("pk", "key")


@Prepared
def _records_of() -> QuerySet[Any, Any]:
    """Return the records that are of people now, each with whose it is."""
    return Link.objects.filter(
        person__among=PEOPLE, ended_at__isnull=True, record__current=True
    ).values_list("record", "person")


def person_view(reader: Reader, key: UUID | str) -> PersonView:
    """Return one person as far as the reader may know. Raises Refused, hidden, if nothing is."""
    with reading(reader, Kind.CONSULTATION, "opened a person") as record:
        root, group = group_of(record, key)
        names = gather.agency_names()
        owners = dict(_records_of(people=group))
        everything = gather.current_parts(records=owners)
        parts = seen(record, everything) if owners else []
        closed = gather.locked_of(record, everything, names) if owners else ()
        if not parts and not closed:
            raise Refused(UNKNOWN, f"subjects.person {key}", hidden=True)
        records = gather.records_seen(record, parts, names)
        return PersonView(
            key=str(root.key),
            **_who(parts, names),
            homes=gather.homes_of(parts, names),
            needs=needs_told(seen(record, live_needs(people=group)), names),
            known_to=gather.known_to(parts, records, names),
            markers=gather.markers_seen(record, _markers(people=group), names),
            records=records,
            locked=closed,
            others=_others(record, group, records, names),
            organisations=gather.organisations_named(record, parts, names),
            joined=len({owners[part.record_id] for part in parts}),
        )


@PreparedRows
def _markers() -> QuerySet[WarningMarker]:
    return gather.markers_of(Q(person__among=PEOPLE))


def _who(parts: list[Seen], names: dict[int, str]) -> dict[str, Any]:
    """Return who agencies say this is; where they differ, each with who says so."""

    def told(name: str, among: Iterable[Seen] = parts) -> tuple[Told, ...]:
        return told_by((said(p.get(name) or ""), names[p.owner_id]) for p in among)

    identity = [part for part in parts if part.data_class == "identity"]
    numbers = [("NHS number", one) for one in told("nhs_number")]
    kinds = {kind for part in identity for kind in part.get("identifiers") or {}}
    for kind in sorted(kinds):
        pairs = [((p.get("identifiers") or {}).get(kind, ""), names[p.owner_id]) for p in identity]
        numbers += [(kind.capitalize(), one) for one in told_by(pairs)]
    aliases = told_by((a, names[p.owner_id]) for p in identity for a in p.get("aliases") or ())
    return {
        "names": told_by((name_of(p), names[p.owner_id]) for p in identity),
        "aliases": aliases,
        "born": told("date_of_birth", identity) or told("birth_year", identity),
        "sex": told("sex", identity),
        "numbers": tuple(numbers),
        "deceased": told_by(
            (_deceased(part), names[part.owner_id])
            for part in identity
            if part.get("deceased") not in (None, "not known")
        ),
        "contacts": gather.contacts(parts, names),
    }


def _deceased(part: Seen) -> str:
    died = part.get("died_on")
    return f"{part.get('deceased')}{f', {said(died)}' if died else ''}".capitalize()


Tie = tuple[int, str, int]  # person, how, whose record says so


def _others(
    record: Record, group: list[int], records: tuple[RecordSeen, ...], names: dict[int, str]
) -> tuple[Other, ...]:
    """Return those related to this person, of the same household or incident.

    Both the tie and the other person must be open to the reader; nobody else is in the answer.
    """
    ties = [
        *_related(record, group),
        *_same_household(record, group, [one.pk for one in records]),
        *_same_incident(record, group, records, names),
    ]
    called = names_of(record, {person for person, _, _ in ties})
    found = (
        Other(*called[person], how, names[owner]) for person, how, owner in ties if person in called
    )
    return tuple(dict.fromkeys(found))


def _related(record: Record, group: list[int]) -> Iterator[Tie]:
    for row in seen(record, _relations(people=group)):
        kind = row.get("kind")
        if kind and row.person_id in group:
            yield row.other_id, str(OTHER_WAY.get(Kin(kind), kind)), row.owner_id
        elif kind:
            yield row.person_id, kind, row.owner_id


@PreparedRows
def _relations() -> QuerySet[Relation]:
    either = Q(person__among=PEOPLE) | Q(other__among=PEOPLE)
    return Relation.objects.filter(either, ended_at__isnull=True)


def _same_household(record: Record, group: list[int], records: list[int]) -> Iterator[Tie]:
    mine = seen(record, _homes(records=records)) if records else []
    if not mine:
        return
    homes = {link.household_id for link in mine}
    owners = {
        link.record_id: link.owner_id
        for link in seen(record, _beside(households=homes, records=records))
    }
    for person, source in _people_of(records=owners, people=group):
        yield person, "same household", owners[source]


@PreparedRows
def _homes() -> QuerySet[Link]:
    return Link.objects.filter(
        record__among=gather.RECORDS, household__isnull=False, ended_at__isnull=True
    )


@PreparedRows
def _beside() -> QuerySet[Link]:
    """Return the links of households that are not from `records`."""
    homes = Several("households", BigIntegerField())
    beside = Link.objects.filter(
        household__among=homes, record__current=True, ended_at__isnull=True
    )
    return beside.exclude(record__among=gather.RECORDS)


@Prepared
def _people_of() -> QuerySet[Any, Any]:
    return _others_of().values_list("person", "record")


def _others_of() -> QuerySet[Link]:
    """Return the links of records to other people than these."""
    links = Link.objects.filter(
        record__among=gather.RECORDS, person__isnull=False, ended_at__isnull=True
    )
    return links.exclude(person__among=PEOPLE)


def _same_incident(
    record: Record, group: list[int], records: tuple[RecordSeen, ...], names: dict[int, str]
) -> Iterator[Tie]:
    numbers = {name: pk for pk, name in names.items()}
    asked = {(numbers[one.agency], one.reference) for one in records if one.reference}
    if not asked:
        return
    same = _same_reference(
        agencies={agency for agency, _ in asked}, references={reference for _, reference in asked}
    )
    wanted = [pk for pk, agency, reference in same if (agency, reference) in asked]
    for row in seen(record, _involved(records=wanted, people=group)):
        how = f"{row.get('involved') or 'involved'} in the same incident"
        yield row.person_id, how, row.owner_id


@Prepared
def _same_reference() -> QuerySet[Any, Any]:
    said = SourceRecord.objects.exclude(reference="")  # as the index says, which is used only then
    return said.filter(
        agency__among=Several("agencies", BigIntegerField()),
        reference__among=Several("references", CharField()),
        current=True,
    ).values_list("pk", "agency", "reference")


_involved = PreparedRows(_others_of)


def names_of(record: Record, people: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return key and name of people whom the reader may see; nobody else is in the answer."""
    wanted = list(people)
    if not wanted:
        return {}
    owners = dict(_records_of(people=wanted))
    keys = {pk: str(key) for pk, key in _keys(people=wanted)}
    found: dict[int, tuple[str, str]] = {}
    for part in seen(record, _identities(records=owners)):
        person = owners[part.record_id]
        if person in keys and not found.get(person, ("", ""))[1]:
            found[person] = (keys[person], name_of(part))
    return found


@Prepared
def _keys() -> QuerySet[Any, Any]:
    return Person.objects.filter(pk__among=PEOPLE).values_list("pk", "key")


@PreparedRows
def _identities() -> QuerySet[RecordPart]:
    return gather.current_parts.make().filter(data_class="identity")


def joins_view(reader: Reader, key: UUID | str) -> tuple[JoinSeen, ...]:
    """Return how this person came to be one, and what was taken back; latest first."""
    with reading(reader, Kind.CONSULTATION, "opened the joins of a person") as record:
        root, group = group_of(record, key)
        events = list(
            Merge.objects.filter(Q(left__in=group) | Q(right__in=group))
            .select_related("made_by", "second_by", "undone_by")
            .order_by("-made_at", "-pk")
        )
        sides = {side for event in events for side in (event.left_id, event.right_id)}
        mine = names_of(record, {*sides, *group})
        if not mine:
            raise Refused(UNKNOWN, f"subjects.person {key}", hidden=True)
        told = sides_of(record, sides)
        left = Link.objects.filter(person__in=sides, ended_at__isnull=True)
        bare = sides - set(left.values_list("person", flat=True))  # their records were moved away
        found = tuple(
            _join(
                event,
                agreements(told[event.left_id], told[event.right_id]),
                bool({event.left_id, event.right_id} & bare),
            )
            for event in events
            if {event.left_id, event.right_id} <= {*mine, *bare}
        )
        record.did("subjects.person", root.pk)
    return found


def _join(event: Merge, told: Mapping[str, str], bare: bool) -> JoinSeen:
    """Return a join; of what it rested on, what the reader sees to be so on both sides.

    Where a side has no record left, there is nothing to see it by.
    """
    evidence = {k: v for k, v in event.evidence.items() if told.get(k, v) == v and not bare}
    people = (event.made_by, event.second_by)
    return JoinSeen(
        event.pk,
        event.made_at,
        tuple(str(one) for one in people if one is not None),
        tuple((str(k).replace("_", " "), str(v)) for k, v in evidence.items()),
        event.undone_at,
        str(event.undone_by or ""),
        event.undone_why,
        bare,
    )
