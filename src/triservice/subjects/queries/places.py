"""A place and a household: what is known there, and who, as far as the reader may know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from triservice.access.errors import Refused
from triservice.access.models import Kind
from triservice.access.queries import Seen, seen, visible_to
from triservice.access.record import Record, reading
from triservice.access.rules import CONFLICT, UNKNOWN
from triservice.kernel.access_words import Marking, Reader
from triservice.subjects import numbers
from triservice.subjects.models import Household, Link, Premises
from triservice.subjects.names import plain
from triservice.subjects.queries import gather
from triservice.subjects.queries.people import names_of
from triservice.subjects.queries.shown import HouseholdView, Other, PremisesView
from triservice.subjects.search_words import compact

SHOWN = 50


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A place in a list: its address is reference data, not anybody's."""

    key: str
    address: str
    postcode: str
    uprn: str


def find_premises(reader: Reader, text: str) -> tuple[PlaceFound, ...]:
    """Find places by UPRN, postcode, or the beginning of the address after its postcode."""
    with reading(reader, Kind.CONSULTATION, "looked up an address") as record:
        found = _open(record, Premises.objects.filter(_means(text)))
        rows = tuple(
            PlaceFound(str(one.key), one.address, one.postcode, one.uprn or "")
            for one in found.order_by("address_key")[:SHOWN]
        )
        record.searched({"address": text}, len(rows))
    return rows


def _open(record: Record, places: QuerySet[Premises]) -> QuerySet[Premises]:
    """Leave out places that are known only from records that are sensitive or on a list.

    An address is reference data, the same for everybody; but that of a refuge, told by nobody
    else, is not. Who may read one of those records knows the place.
    """
    told = Link.objects.filter(premises=OuterRef("pk"))
    plain = told.filter(marking=str(Marking.OFFICIAL), restriction=None)
    visible = visible_to(record.reader, told)
    return places.filter(~Exists(told) | Exists(plain) | Exists(visible))


def addresses_of(record: Record, keys: Iterable[UUID]) -> dict[UUID, str]:
    """Return the address of each of these places that the reader may know of."""
    closed = record.grants.conflicts
    found = _open(record, Premises.objects.filter(key__in=keys)).values_list("pk", "key", "address")
    told: dict[UUID, str] = {}
    for pk, key, address in found:
        if str(key) not in closed:
            record.did("subjects.premises", pk)
            told[key] = address
    return told


def _means(text: str) -> Q:
    try:
        return Q(uprn=numbers.uprn(text))
    except ValueError:
        pass
    words = text.rsplit(maxsplit=2)
    for start in range(len(words)):
        try:
            code = numbers.postcode("".join(words[start:]))
        except ValueError:
            continue
        rest = plain(" ".join(words[:start]))
        return Q(address_key__startswith=f"{compact(code)} {rest}".strip())
    return Q(pk__in=())


def place_of(record: Record, key: UUID | str) -> Premises:
    """Return a place that the reader may know of. Raises Refused, hidden."""
    place = _open(record, Premises.objects.filter(key=key)).first()
    if place is None:
        raise Refused(UNKNOWN, f"subjects.premises {key}", hidden=True)
    if str(place.key) in record.grants.conflicts:
        raise Refused(CONFLICT, f"subjects.premises {key}", hidden=True)
    return place


def premises_view(reader: Reader, key: UUID | str) -> PremisesView:
    """Return one place. The address is reference data; who and what is there is each agency's."""
    with reading(reader, Kind.CONSULTATION, "opened a premises") as record:
        place = place_of(record, key)
        site = _open(record, Premises.objects.filter(units=place)).first()
        record.did("subjects.premises", place.pk)
        names = gather.agency_names()
        linked = Link.objects.filter(
            premises=place, ended_at__isnull=True, record__current=True
        ).values_list("record", flat=True)
        everything = gather.parts_of(linked)
        there = gather.records_known(record, everything, "premises", "uprn")
        parts = [part for part in seen(record, everything) if part.record_id in there]
        return PremisesView(
            key=str(place.key),
            address=place.address,
            postcode=place.postcode,
            uprn=place.uprn or "",
            easting=place.easting,
            northing=place.northing,
            site=(str(site.key), site.address) if site else None,
            units=tuple(
                (str(key), address)
                for key, address in _open(record, place.units.order_by("address")).values_list(
                    "key", "address"
                )
            ),
            markers=gather.markers_seen(record, gather.markers_of(Q(premises=place)), names),
            people=people_there(record, there, names),
            records=gather.records_seen(record, parts, names),
            households=_households(record, there),
            organisations=gather.organisations_named(record, parts, names),
            locked=gather.locked_of(record, everything, names),
        )


def people_there(
    record: Record, records: Iterable[int], names: dict[int, str]
) -> tuple[Other, ...]:
    """Return who is linked to the records of a place: whom, as what, by which agency."""
    links = list(
        Link.objects.filter(
            record__in=list(records), person__isnull=False, ended_at__isnull=True
        ).values_list("person", "person__root", "pk")
    )
    roots = {person: root or person for person, root, _ in links}
    called = names_of(record, {*roots, *roots.values()})
    roles: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for link in seen(record, Link.objects.filter(pk__in=[pk for _, _, pk in links])):
        roles[link.person_id].append((link.get("involved") or "", names[link.owner_id]))
    found: dict[int, Other] = {}
    for person, root in roots.items():
        if person not in called or root in found:
            continue
        told = [one for p, r in roots.items() if r == root for one in roles.get(p, ())]
        how = ", ".join(dict.fromkeys(role for role, _ in told if role))
        who = ", ".join(sorted({agency for _, agency in told}))
        key, name = called.get(root, called[person])
        found[root] = Other(key, name or called[person][1], how, who)
    return tuple(sorted(found.values(), key=lambda one: one.name))


def _households(record: Record, records: Iterable[int]) -> tuple[tuple[str, int], ...]:
    links = Link.objects.filter(
        record__in=list(records), household__isnull=False, ended_at__isnull=True
    )
    members: dict[int, set[int]] = defaultdict(set)
    for link in seen(record, links):
        members[link.household_id].add(link.record_id)
    keys = dict(Household.objects.filter(pk__in=members).values_list("pk", "key"))
    return tuple((str(keys[pk]), len(some)) for pk, some in members.items())


def household_view(reader: Reader, key: UUID | str) -> HouseholdView:
    """Return one household. Raises Refused, hidden, when the reader sees nobody's part in it."""
    with reading(reader, Kind.CONSULTATION, "opened a household") as record:
        home = Household.objects.filter(key=key).first()
        if home is None:
            raise Refused(UNKNOWN, f"subjects.household {key}", hidden=True)
        links: list[Seen] = seen(
            record,
            Link.objects.filter(household=home, ended_at__isnull=True, record__current=True),
        )
        if not links:
            raise Refused(UNKNOWN, f"subjects.household {key}", hidden=True)
        names = gather.agency_names()
        records = [link.record_id for link in links]
        parts = seen(record, gather.parts_of(records))
        place = _open(record, Premises.objects.filter(households=home)).first()
        return HouseholdView(
            key=str(home.key),
            premises=(str(place.key), place.address) if place else None,
            members=people_there(record, records, names),
            records=gather.records_seen(record, parts, names),
        )
