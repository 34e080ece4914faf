"""Unusual patterns in what officers read, told to the data-protection lead of their agency.

A pattern is a reason to look, not a finding: what is told names the officer, the kind of pattern
and the numbers in the record, never whom the reads were about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from triservice.kernel.access_words import DataClass

HOUR = timedelta(hours=1)
PLACE = ZoneInfo("Europe/London")
MANY_ROWS, MANY_REFUSALS, MANY_EMERGENCIES, MANY_PUT_IN = 60, 10, 3, 3
WEEK = timedelta(days=7)
# What the record calls it when somebody of whom the officer's agency held nothing is put into a
# case: from then on terms that ask for a case may open to the officer what others hold of them.
PUT_INTO_CASE = "put somebody new to the agency into a case"
WORKING_HOURS = range(6, 22)  # local hours, for officers whose duty is not kept
# Fewer than these in a day are chance: a visit over the border, a report written late.
OUT_OF_AREA, OUT_OF_HOURS = 5, 5


class Pattern(StrEnum):
    """The kinds of pattern; the value is what the lead is told."""

    MANY_READS = "Many records read within an hour"
    MANY_REFUSALS = "Many refused reads within an hour"
    OWN_TIES = "Records of someone with a tie to the officer"
    OUT_OF_AREA = "Records outside the areas of the officer's agency"
    OUT_OF_HOURS = "Reads outside duty or working hours"
    MANY_EMERGENCIES = "Emergency access several times within a week"
    PUT_INTO_CASES = "People and places new to the agency put into cases and read within a week"


@dataclass(frozen=True, slots=True)
class Touch:
    """A row that was read: about whom, where, and by which name and address if it tells."""

    subject: str | None = None
    area: str = ""
    surname: str = ""
    address: str = ""  # a key of the address: a UPRN, or postcode and house
    owner: int = 0
    data_class: str = ""


@dataclass(frozen=True, slots=True)
class Doing:
    """One disclosure as the patterns look at it."""

    seq: int
    at: datetime
    officer: int
    allowed: bool
    reason: str = ""
    emergency: bool = False
    touched: tuple[Touch, ...] = ()
    agency: int = 0
    put: frozenset[str] = frozenset()  # the keys of whom it put into a case (PUT_INTO_CASE)


@dataclass(frozen=True, slots=True)
class About:
    """What is known of an officer: ties declared at any time, areas, times of duty.

    None for areas or duty: not kept for this officer, so nothing is said about it.
    """

    surname: str = ""
    ties: frozenset[str] = frozenset()  # subject keys of declared conflicts
    tie_names: frozenset[tuple[str, str]] = frozenset()  # (surname, address key) of these
    areas: frozenset[str] | None = None
    duty: tuple[tuple[datetime, datetime], ...] | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A pattern found: the officer, the disclosures that show it, how many, and when it began."""

    pattern: Pattern
    officer: int
    at: datetime
    seqs: tuple[int, ...]
    count: int


def find(doings: Iterable[Doing], about: Mapping[int, About]) -> list[Alert]:
    """Return the patterns in doings (in any order), at most one of a kind per officer and day."""
    by_officer: dict[int, list[Doing]] = defaultdict(list)
    for doing in doings:
        by_officer[doing.officer].append(doing)
    found: dict[tuple[Pattern, int, object], Alert] = {}
    for officer, done in sorted(by_officer.items()):
        done.sort(key=lambda each: (each.at, each.seq))
        who = about.get(officer, About())
        for looks in LOOKS:
            for alert in looks(officer, done, who):
                day = alert.at.astimezone(PLACE).date()
                found.setdefault((alert.pattern, officer, day), alert)
    return list(found.values())


Look = Callable[[int, Sequence[Doing], About], Iterator[Alert]]


def _within(pattern: Pattern, least: int, time: timedelta, weight: Callable[[Doing], int]) -> Look:
    """Return a look for `least` or more (by weight) within a sliding time."""

    def look(officer: int, done: Sequence[Doing], _: About) -> Iterator[Alert]:
        counted = [each for each in done if weight(each)]
        times = [each.at for each in counted]
        sums = [0]
        for each in counted:
            sums.append(sums[-1] + weight(each))
        for last, each in enumerate(counted):
            first = bisect_left(times, each.at - time + timedelta(microseconds=1))
            total = sums[last + 1] - sums[first]
            if total >= least:
                seqs = tuple(one.seq for one in counted[first : last + 1])
                yield Alert(pattern, officer, each.at, seqs, total)

    return look


def _ties(officer: int, done: Sequence[Doing], who: About) -> Iterator[Alert]:
    """Reads of a declared tie, or of the same surname at the address of one."""
    for each in done:
        hits = [touch for touch in each.touched if _is_tie(touch, who)]
        if hits:
            yield Alert(Pattern.OWN_TIES, officer, each.at, (each.seq,), len(hits))


def _is_tie(touch: Touch, who: About) -> bool:
    if touch.subject is not None and touch.subject in who.ties:
        return True
    if not (touch.surname and touch.address):
        return False
    surname = touch.surname.casefold()
    addresses = {address for _, address in who.tie_names}
    return (surname, touch.address) in who.tie_names or (
        surname == who.surname.casefold() and touch.address in addresses
    )


def _put_into_cases(officer: int, done: Sequence[Doing], who: About) -> Iterator[Alert]:
    """Reads of what others hold, beside who they are, of those whom the officer put into cases."""
    put: dict[str, frozenset[str]] = {}
    first: dict[int, int] = {}  # of how many this doing is the first read
    for each in done:
        if not each.allowed:
            continue
        put |= dict.fromkeys(each.put, each.put)
        read = {
            put[touch.subject]
            for touch in each.touched
            if touch.subject in put
            and touch.owner != each.agency
            and touch.data_class != DataClass.IDENTITY
        }
        first[each.seq] = len(read)
        for key in frozenset[str]().union(*read):
            put.pop(key, None)
    counts = _within(Pattern.PUT_INTO_CASES, MANY_PUT_IN, WEEK, lambda each: first.get(each.seq, 0))
    yield from counts(officer, done, who)


def _out_of_area(officer: int, done: Sequence[Doing], who: About) -> Iterator[Alert]:
    if who.areas is None:
        return
    areas = who.areas
    yield from _daily(
        Pattern.OUT_OF_AREA, officer, OUT_OF_AREA, done,
        lambda each: sum(bool(t.area) and t.area not in areas for t in each.touched),
    )  # fmt: skip


def _out_of_hours(officer: int, done: Sequence[Doing], who: About) -> Iterator[Alert]:
    def outside(each: Doing) -> int:
        if not each.touched:
            return 0
        if who.duty is None:
            return each.at.astimezone(PLACE).hour not in WORKING_HOURS
        return not any(starts <= each.at < ends for starts, ends in who.duty)

    yield from _daily(Pattern.OUT_OF_HOURS, officer, OUT_OF_HOURS, done, outside)


def _daily(
    pattern: Pattern,
    officer: int,
    least: int,
    done: Sequence[Doing],
    weight: Callable[[Doing], int],
) -> Iterator[Alert]:
    days: dict[object, list[Doing]] = defaultdict(list)
    for each in done:
        if weight(each):
            days[each.at.astimezone(PLACE).date()].append(each)
    for found in days.values():
        count = sum(map(weight, found))
        if count >= least:
            seqs = tuple(each.seq for each in found)
            yield Alert(pattern, officer, found[0].at, seqs, count)


LOOKS: tuple[Look, ...] = (
    _within(
        Pattern.MANY_READS, MANY_ROWS, HOUR, lambda each: len(each.touched) if each.allowed else 0
    ),
    _within(Pattern.MANY_REFUSALS, MANY_REFUSALS, HOUR, lambda each: int(not each.allowed)),
    _within(Pattern.MANY_EMERGENCIES, MANY_EMERGENCIES, WEEK, lambda each: int(each.emergency)),
    _put_into_cases,
    _ties,
    _out_of_area,
    _out_of_hours,
)
