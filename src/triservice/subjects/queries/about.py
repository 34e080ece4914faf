"""Who or where a key stands for: told to the access room below, for whoever decides or asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from triservice.access.about import About, tells_about
from triservice.access.queries import seen
from triservice.access.record import Record
from triservice.kernel.access_words import DataClass
from triservice.subjects.models import Link, Person, RecordPart
from triservice.subjects.queries import gather
from triservice.subjects.queries.places import addresses_of
from triservice.subjects.queries.search import name_of
from triservice.subjects.queries.shown import told_by


@tells_about
def people(record: Record, keys: Collection[UUID], owner: int | None) -> dict[UUID, About]:
    """Return people by the name that most agencies say, of all who are one with each."""
    root = Coalesce("root_id", "pk")
    tops = dict(Person.objects.filter(key__in=keys).values_list("key", root))
    either = Q(pk__in=tops.values()) | Q(root__in=tops.values())
    group = dict(Person.objects.filter(either).values_list("pk", root))
    links = Link.objects.filter(person__in=group, ended_at__isnull=True, record__current=True)
    whose = {source: group[person] for source, person in links.values_list("record", "person")}
    names: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for part in seen(record, _parts(whose, DataClass.IDENTITY, owner)):
        names[whose[part.record_id]].append((name_of(part), str(part.owner_id)))
    return {
        key: About(
            next((one.value for one in told_by(names[top])), ""),
            reverse("subjects:person", args=[key]),
        )
        for key, top in tops.items()
        if top in names
    }


@tells_about
def places(record: Record, keys: Collection[UUID], owner: int | None) -> dict[UUID, About]:
    """Return places by their address: reference data, the same whoever holds it."""
    return {
        key: About(address, reverse("subjects:premises", args=[key]))
        for key, address in addresses_of(record, keys).items()
    }


@tells_about
def organisations(record: Record, keys: Collection[UUID], owner: int | None) -> dict[UUID, About]:
    """Return organisations by the name that most agencies say."""
    links = Link.objects.filter(organisation__key__in=keys, ended_at__isnull=True)
    records = list(links.filter(record__current=True).values_list("record", flat=True))
    parts = seen(record, _parts(records, DataClass.LOCATION, owner))
    named = gather.organisations_named(record, parts, gather.agency_names())
    return {
        UUID(one.key): About(one.names[0].value, reverse("subjects:organisation", args=[one.key]))
        for one in named
        if UUID(one.key) in keys
    }


def _parts(
    records: Collection[int], data_class: DataClass, owner: int | None
) -> QuerySet[RecordPart]:
    parts = gather.parts_of(records).filter(data_class=str(data_class)).order_by("pk")
    return parts if owner is None else parts.filter(owner=owner)
