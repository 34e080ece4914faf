"""What is known before the door of people and places: warnings, and how somebody is understood."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import BigIntegerField, Q, QuerySet

from triservice.access.prepared import PreparedRows, Several
from triservice.access.queries import Seen, seen
from triservice.access.record import Record
from triservice.kernel.words import long_date
from triservice.subjects.models import AccessibleNeed, WarningMarker
from triservice.subjects.queries import gather
from triservice.subjects.queries.shown import MarkerSeen, Told, told_by

PEOPLE = Several("people", BigIntegerField())
PLACES = Several("places", BigIntegerField())


@PreparedRows
def live_needs() -> QuerySet[AccessibleNeed]:
    """Return the accessible needs of `people` that have not ended."""
    return AccessibleNeed.objects.filter(person__among=PEOPLE, ended_at__isnull=True)


@PreparedRows
def _markers() -> QuerySet[WarningMarker]:
    return gather.markers_of(Q(person__among=PEOPLE) | Q(premises__among=PLACES))


def needs_told(
    rows: Iterable[Seen], names: dict[int, str]
) -> tuple[tuple[str, Told], ...]:  # fmt: skip
    """Return needs by their kinds, each with who says so."""
    by_kind: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        kind = AccessibleNeed.Kind(row.get("kind") or "other").label
        by_kind[kind].append((row.get("need") or "", names[row.owner_id]))
    return tuple((kind, one) for kind, pairs in by_kind.items() for one in told_by(pairs))


@dataclass(frozen=True, slots=True)
class Cautions:
    """What whoever goes there knows first. A stale warning stands in it as such."""

    markers: tuple[MarkerSeen, ...]
    needs: tuple[tuple[str, Told], ...]

    @property
    def tags(self) -> tuple[str, ...]:
        """Return what there is, each in a word or two: warnings that hold, and kinds of needs."""
        live = (one.kind for one in self.markers if not one.stale)
        return tuple(dict.fromkeys((*live, *(kind for kind, _ in self.needs))))

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Return it as a page says it, each with its name, for where there is only text."""
        return (
            *(("Out of date" if one.stale else "Warning", _line(one)) for one in self.markers),
            *((kind, f"{one.value} ({', '.join(one.agencies)})") for kind, one in self.needs),
        )


def _line(one: MarkerSeen) -> str:
    if one.stale:
        return one.out_of_date
    day = long_date(one.review_on) if one.review_on else ""
    said = ". ".join(filter(None, (one.kind, one.relevance, one.advice)))
    source = f"{one.agency}: {one.source}" if one.source else one.agency
    return f"{said}. From {source}. To be reviewed by {day}"


class Ahead:
    """The cautions of several people and places, read together; asked for one by one."""

    def __init__(
        self,
        record: Record,
        people: Collection[int],
        places: Collection[int],
        names: dict[int, str],
    ) -> None:
        """Read what the reader may see of them; of people name all who are one."""
        some = bool(people or places)
        self.markers = seen(record, _markers(people=people, places=places)) if some else []
        self.needs = seen(record, live_needs(people=people)) if people else []
        self.names, self.reader = names, record.reader

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self.markers or self.needs)

    def of(self, people: Collection[int] = (), places: Collection[int] = ()) -> Cautions:
        """Return the cautions of some of them."""
        markers = [
            row for row in self.markers if row.person_id in people or row.premises_id in places
        ]
        needs = [row for row in self.needs if row.person_id in people]
        return Cautions(
            gather.markers_in_order(markers, self.names, self.reader),
            needs_told(needs, self.names),
        )
