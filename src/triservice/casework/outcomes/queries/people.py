"""Different people, households and places of a cohort, and how often people were heard of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from triservice.access.record import Record
from triservice.casework.dashboards.rounding import nearest, running
from triservice.casework.dashboards.rules import Line, Part, Table, headed, share_of
from triservice.casework.models import CaseSubject
from triservice.casework.outcomes.queries.cohort import Cohort, among, countable
from triservice.casework.outcomes.rules import DAYS, Repeat, compare, repeats
from triservice.casework.words import Part as Role
from triservice.kernel.words import many
from triservice.subjects.models import Link, Person, RecordPart

ONE = Coalesce("person__root", "person")  # whoever is one by the merges that stand
HEADS = ("People", "People visited", "Households", "Households visited", "Places", "Places visited")
REPEATS = ("Fewer after", "As many", "More after", "Not over yet")
ALL = "All, each once"


def subjects(record: Record, made: Cohort) -> QuerySet[CaseSubject]:
    """Return whom and where the cases are about: who lives there, not who helps or complains."""
    rows = CaseSubject.objects.filter(
        made.parts, until__isnull=True, part__in=[Role.SUBJECT, Role.LIVES_THERE, Role.PLACE]
    )
    return countable(record, rows, "part")


def different(
    record: Record, made: Cohort, key: str, name: Callable[[Any], str], least: int
) -> Table:
    """Count each once in a line and once in all: the lines need not add up.

    Where small numbers are not told, only all are: how far lines overlap would tell of some.
    """
    asked = {
        f"{end}_{number}": Count(what, distinct=True, filter=condition)
        for end, what in (("people", ONE), ("households", "household"), ("places", "premises"))
        for number, condition in enumerate((Q(pk__isnull=False), made.of_visited))
    }
    rows = subjects(record, made)
    whole = rows.aggregate(**asked)
    record.counted("different people, households and places", sum(whole.values()))
    lines = []
    if least < 2:
        found = rows.values(key).annotate(**asked).values_list(key, *asked)
        named = [(name(group), tuple(values)) for group, *values in found]
        lines = [Line(each, counts) for each, counts in sorted(named)]
    lines.append(Line(ALL, tuple(nearest(whole[each], least) for each in asked)))
    return Table(
        "Different people, households and places", "Whom the cases are about, each once: a person "
        "known to several services once where they were found to be one; somebody in two lines is "
        "in both, and once in all, so the lines need not add up. A household is counted as the "
        "agency that tells of it numbers it", HEADS, tuple(lines), overlap=True,
    )  # fmt: skip


def repeat_table(record: Record, made: Cohort, least: int) -> Table:
    """Compare what services sent of people in equal lengths before and after their first visit."""
    compared = compare(_repeats(record, made))
    part = Part("Fewer", slice(1), slice(3), "those whose time is over")
    lines = []
    for days in DAYS:
        one = compared[days]
        counts = tuple(running(one.counts, least))
        records = (f"{nearest(each, least):,}" for each in (one.before, one.after))
        lines.append(
            Line(many(days, "day"), counts, share_of(counts[0], sum(counts[part.whole])),
                 " before, ".join(records) + " after")
        )  # fmt: skip
    return Table(
        "Calls and reports before and after", "Different people who were visited, by how often "
        "services told of them in as many days before their first visit as after it, the day "
        "itself left out. Somebody whose time after is not over is compared with nothing",
        REPEATS, tuple(lines), headed(part), "Records of those whose time is over", "In",
    )  # fmt: skip


def _repeats(record: Record, made: Cohort) -> list[tuple[Repeat, ...]]:
    """Return the comparison of each different person who was visited."""
    now, visited = record.reader.at, dict[int, datetime]()
    rows = subjects(record, made).filter(person__isnull=False, part=Role.SUBJECT)
    for person, case, at in rows.values_list(ONE, "case", "case__visited_at"):
        first = made.first_visits.get(made.whole(case), at)
        if first is not None:
            visited[person] = min(first, visited.get(person, first))
    if not visited:
        return []
    heard: dict[int, list[datetime]] = defaultdict(list)
    for person, at in _heard(record, visited, min(visited.values()), max(visited.values())):
        heard[person].append(at)
    record.counted("repeat demand of different people", len(visited))
    return [repeats(heard[person], first, now) for person, first in visited.items()]


def _heard(
    record: Record, whom: Iterable[int], first: datetime, last: datetime
) -> list[tuple[int, datetime]]:
    """Return whom a record that the reader may count tells of, and when, each record once.

    `whom` are those whom all who are one with them were joined to.
    """
    around = timedelta(days=max(DAYS) + 1)
    one = among(whom)
    people = Person.objects.filter(Q(pk__in=one) | Q(root__in=one))
    links = Link.objects.annotate(one=ONE).filter(
        person__in=people.values("pk"), ended_at__isnull=True, record__current=True,
        record__happened_at__range=(first - around, last + around),
    )  # fmt: skip
    parts = countable(record, RecordPart.objects.filter(record=OuterRef("record"), current=True))
    told = countable(record, links).filter(Exists(parts))
    found = told.values_list("one", "record", "record__happened_at").distinct()
    return [(person, at) for person, _, at in found if at]
