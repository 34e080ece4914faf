"""Different people, households and places of a cohort, and how often people were heard of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, Field, OuterRef, Q
from django.db.models.functions import Coalesce

from triservice.access.record import Record
from triservice.casework.dashboards.rounding import nearest, running
from triservice.casework.dashboards.rules import Line, Part, Table, headed, share_of
from triservice.casework.models import CaseSubject
from triservice.casework.outcomes.queries.cohort import Cohort, Milliseconds, among, countable
from triservice.casework.outcomes.rules import DAYS, compare, milliseconds
from triservice.casework.words import LOOKED_AFTER
from triservice.casework.words import Part as Role
from triservice.kernel.words import many
from triservice.subjects.models import Link, Person, RecordPart

# Whoever is one by the merges that stand; of no kind, as `cohort.Milliseconds`.
ONE = Coalesce("person__root", "person", output_field=Field())
HEADS = ("People", "People visited", "Households", "Households visited", "Places", "Places visited")
REPEATS = ("Fewer after", "As many", "More after", "Not over yet")
ALL = "All, each once"


@dataclass(frozen=True, slots=True)
class Met:
    """Whom and where cases are about, each once: in the order of HEADS, in all and by line.

    `first` is when somebody of them was first visited, in milliseconds.
    """

    all: tuple[set[int], ...]
    lines: Mapping[Any, tuple[set[int], ...]]
    first: Mapping[int, int]


def met(record: Record, made: Cohort, key: str) -> Met:
    """Return whom the cases are about: who lives there, not who helps or complains."""
    rows = CaseSubject.objects.filter(made.parts, until__isnull=True, part__in=LOOKED_AFTER)
    asked = (key, ONE, "household", "premises", "part", "case", Milliseconds("case__visited_at"))
    lines, first = defaultdict[Any, tuple[set[int], ...]](_nobody), dict[int, int]()
    for group, person, home, place, part, case, own in (
        countable(record, rows, "part").values_list(*asked).iterator(chunk_size=2_000)
    ):
        at, found = made.first_visit(case, own), lines[group]
        for number, who in enumerate((person, home, place)):
            if who is not None:
                found[2 * number].add(who)
                if at is not None:
                    found[2 * number + 1].add(who)
        if at is not None and person is not None and part == Role.SUBJECT:
            first[person] = min(at, first.get(person, at))
    everyone = tuple(set().union(*each) for each in zip(_nobody(), *lines.values(), strict=True))
    return Met(everyone, lines, first)


def _nobody() -> tuple[set[int], ...]:
    return tuple(set() for _ in HEADS)


def different(record: Record, found: Met, name: Callable[[Any], str], least: int) -> Table:
    """Count each once in a line and once in all: the lines need not add up.

    Where small numbers are not told, only all are: how far lines overlap would tell of some.
    """
    whole = tuple(map(len, found.all))
    record.counted("different people, households and places", sum(whole))
    lines = []
    if least < 2:
        named = [(name(group), tuple(map(len, each))) for group, each in found.lines.items()]
        lines = [Line(each, counts) for each, counts in sorted(named)]
    lines.append(Line(ALL, tuple(nearest(each, least) for each in whole)))
    return Table(
        "Different people, households and places", "Whom the cases are about, each once: a person "
        "known to several services once where they were found to be one; somebody in two lines is "
        "in both, and once in all, so the lines need not add up. A household is counted as the "
        "agency that tells of it numbers it", HEADS, tuple(lines), overlap=True,
    )  # fmt: skip


def repeat_table(record: Record, first: Mapping[int, int], least: int) -> Table:
    """Compare what services sent of people in equal lengths before and after their first visit."""
    heard = _heard(record, first)
    people = ((heard.get(person, ()), at) for person, at in first.items())
    compared = compare(people, milliseconds(record.reader.at))
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


def _heard(record: Record, first: Mapping[int, int]) -> Mapping[int, list[int]]:
    """Return when records that the reader may count tell of people, each record once.

    `first` is of those whom all who are one with them were joined to. All in milliseconds.
    """
    heard: dict[int, list[int]] = defaultdict(list)
    if not first:
        return heard
    record.counted("repeat demand of different people", len(first))
    around, one = timedelta(days=max(DAYS) + 1), among(first)
    begin, end = (datetime.fromtimestamp(f(first.values()) / 1000, UTC) for f in (min, max))
    people = Person.objects.filter(Q(pk__in=one) | Q(root__in=one))
    links = Link.objects.annotate(one=ONE).filter(
        person__in=people.values("pk"), ended_at__isnull=True, record__current=True,
        record__happened_at__range=(begin - around, end + around),
    )  # fmt: skip
    parts = countable(record, RecordPart.objects.filter(record=OuterRef("record"), current=True))
    told = countable(record, links).filter(Exists(parts))
    asked = ("one", "record", Milliseconds("record__happened_at"))
    for person, _, at in told.values_list(*asked).distinct().iterator(chunk_size=2_000):
        heard[person].append(at)
    return heard
