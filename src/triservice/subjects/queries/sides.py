"""The two sides of a pair, or of a join: what the reader sees of each, and where these agree.

The rule compares all that agencies hold. Were it told that two telephones agree, whoever sees one
would know the other; so a page compares anew, by the same rule, what its reader sees of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from triservice.access.queries import Seen, seen
from triservice.access.record import Record
from triservice.subjects.matching import KNOWN_BY, Agreement, Identity, compare
from triservice.subjects.models import Link
from triservice.subjects.queries import gather

Side = list[Seen]


def sides_of(record: Record, people: Iterable[int]) -> dict[int, Side]:
    """Return what the reader sees of who and where these people are, by person."""
    linked = Link.objects.filter(
        person__in=set(people), ended_at__isnull=True, record__current=True
    )
    owners = dict(linked.values_list("record", "person"))
    found: dict[int, Side] = defaultdict(list)
    who = gather.parts_of(owners).filter(data_class__in=("identity", "contact", "location"))
    for part in seen(record, who):
        found[owners[part.record_id]].append(part)
    return found


def agreements(left: Side, right: Side) -> dict[str, Agreement]:
    """Compare what the reader sees of two people, field by field."""
    return compare(_identity(left), _identity(right))


def _identity(side: Side) -> Identity:
    known = Identity()
    for part in side:
        known.learn({name: part.get(name) for name in KNOWN_BY})
    return known
