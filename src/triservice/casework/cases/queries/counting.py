"""How many different people, households and places: whoever is one is counted once."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from triservice.access.clauses import clauses
from triservice.access.queries import visible_to
from triservice.access.record import Record
from triservice.access.rules import Use
from triservice.casework.models import CaseSubject

LABEL = "casework.casesubject"


@dataclass(frozen=True, slots=True)
class Unique:
    """Different people, households and places; None is too few to say."""

    people: int | None
    households: int | None
    premises: int | None


def count_unique(record: Record, rows: QuerySet[CaseSubject]) -> Unique:
    """Count those in cases whom the reader may count, people by the root of their joins.

    The largest threshold of the terms that open a count holds for each of the three numbers.
    """
    countable = visible_to(record.reader, rows, use=Use.COUNT).order_by()
    counted = countable.aggregate(
        people=Count(Coalesce("person__root", "person"), distinct=True),
        households=Count("household", distinct=True),
        premises=Count("premises", distinct=True),
    )
    found = list(clauses(record.grants, LABEL, None, Use.COUNT))
    least = max((clause.small_number for clause in found), default=0)
    shown = {name: number if number >= least else None for name, number in counted.items()}
    for name, number in shown.items():
        record.counted(f"{LABEL} {name}", number)
    return Unique(**shown)
