"""Notices that the clock gives: of all that waits, each once.

What was told already takes no place in a run, so that what comes after it is told too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from django.db.models import Q, QuerySet

from triservice.access.models import Notice
from triservice.access.notices.actions import To, clock_reader, given, tell
from triservice.access.record import Kind, recording

AT_ONCE = 2_000  # notices of one job in one run; the next run goes on
TOGETHER = 500  # of which it is asked in one statement whether they were told


@dataclass(frozen=True, slots=True)
class Telling:
    """A notice that is due: to whom, of what."""

    to: To
    text: str
    path: str
    key: str
    kind: Notice.Kind = Notice.Kind.CASEWORK


def give(one: Telling) -> int:
    """Give a notice, once for its key; return how many were new."""
    return tell([one.to], one.kind, one.text, one.path, one.key)


def tell_all(due: Iterable[Telling], doing: str) -> int:
    """Give the first of the notices that were not given before; return how many they were.

    Where there is none nothing is recorded: most minutes have none.
    """
    untold = _untold(due)
    first = next(untold, None)
    if first is None:
        return 0
    with recording(clock_reader(), Kind.ALTERATION, doing) as record:
        told = sum(map(give, islice(chain([first], untold), AT_ONCE)))
        record.note("told", told)
    return told


def _untold(due: Iterable[Telling]) -> Iterator[Telling]:
    rest = iter(due)
    while some := list(islice(rest, TOGETHER)):
        told = {_once(*row) for row in given({one.key for one in some})}
        for one in some:
            to = one.to
            if _once(one.key, to.agency, str(to.role or ""), to.officer) not in told:
                yield one


def _once(key: str, agency: int, role: str, officer: int | None) -> tuple[str | int, ...]:
    """Return what a notice is given once for: an officer, or a role at an agency."""
    return (key, officer) if officer else (key, agency, role)


def in_order(rows: QuerySet[Any], column: str) -> Iterator[Any]:
    """Yield all rows by a time, the earliest first, some at once."""
    some = list(rows.order_by(column, "pk")[:TOGETHER])
    while some:
        yield from some
        last = some[-1]
        at = getattr(last, column)
        beyond = Q(**{f"{column}__gt": at}) | Q(**{column: at}, pk__gt=last.pk)
        later = rows.filter(beyond, **{f"{column}__gte": at})  # the second is for the index
        some = list(later.order_by(column, "pk")[:TOGETHER])
