"""From the terms of agreements to what one reader may do. Pure; no Django, no I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from triservice.access.rules import (
    KNOWN_CLASSES,
    NEVER_READS,
    NOBODY,
    Cell,
    Failure,
    Grants,
    Line,
    Pact,
    Pass,
    Standing,
    Use,
    classes_of,
    own_classes,
    reader_purpose,
)
from triservice.kernel.access_words import Mode, Reader, Reason, Role, Vetting

T = TypeVar("T")
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
IN_FORCE = "in force"
HOLDS_NEVERS = frozenset({IN_FORCE, "suspended", "expired"})
LEFT_DRAFTING = HOLDS_NEVERS | {"ended"}


@dataclass(frozen=True, slots=True)
class VersionSaid:
    """A version as stored: its agreement, state and dates, and the parties with a lawful basis."""

    id: int
    agreement: int
    number: int
    state: str
    starts: datetime | None
    until: datetime | None
    parties: frozenset[int]


@dataclass(frozen=True, slots=True)
class TermSaid:
    """A term as stored. None for `fields` or `areas` is all of them, said by a flag."""

    id: int
    version: int
    from_agency: int
    to_agency: int | None
    to_role: str
    mode: str
    data_classes: tuple[str, ...]
    fields: frozenset[str] | None
    purposes: frozenset[str]
    areas: frozenset[str] | None
    counts_only: bool = False
    small_number: int = 0
    min_vetting: int = Vetting.NONE
    needs_training: bool = False
    needs_duty: bool = False
    needs_case: bool = False
    existence: bool = False
    offline: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """When a version opens things (empty unless in force), and when its nevers hold."""

    starts: datetime
    until: datetime
    nevers_until: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """All terms in order for compiling: by the agency they open to, and those by role only."""

    versions: Mapping[int, VersionSaid]
    windows: Mapping[int, Window]
    by_agency: Mapping[int, tuple[TermSaid, ...]]
    by_role: Mapping[str, tuple[TermSaid, ...]]


def bind(versions: Iterable[VersionSaid], terms: Iterable[TermSaid]) -> Book:
    """Put versions and terms in order. Versions still being drafted are left out."""
    live = {v.id: v for v in versions if v.state in LEFT_DRAFTING and v.starts is not None}
    windows = _windows(live.values())
    by_agency: dict[int, list[TermSaid]] = defaultdict(list)
    by_role: dict[str, list[TermSaid]] = defaultdict(list)
    for term in terms:
        if term.version in windows:
            if term.to_agency is not None:
                by_agency[term.to_agency].append(term)
            elif term.to_role:
                by_role[term.to_role].append(term)
    return Book(
        live,
        windows,
        {agency: tuple(found) for agency, found in by_agency.items()},
        {role: tuple(found) for role, found in by_role.items()},
    )


def _windows(versions: Iterable[VersionSaid]) -> dict[int, Window]:
    """Return when each version holds: until the next of its agreement starts, at the latest."""
    by_agreement: dict[int, list[VersionSaid]] = defaultdict(list)
    for version in versions:
        by_agreement[version.agreement].append(version)
    windows = {}
    for found in by_agreement.values():
        replaced = FOREVER
        for version in sorted(found, key=lambda v: -v.number):
            starts = version.starts or FOREVER
            opens = version.state == IN_FORCE and version.until is not None
            ends = min(version.until or starts, replaced) if opens else starts
            nevers = replaced if version.state in HOLDS_NEVERS else starts
            windows[version.id] = Window(starts, ends, nevers)
            replaced = min(replaced, starts)
    return windows


@dataclass(frozen=True, slots=True)
class Compiled:
    """What the terms say to every reader of one agency, roles, purpose and standing."""

    own: Mapping[Use, frozenset[str]]
    cells: Mapping[Use, Mapping[tuple[int, str], Cell]]
    pacts: tuple[Pact, ...]
    roles: frozenset[Role]
    moments: tuple[datetime, ...] = ()  # in order, when any of it begins or ends


Profile = tuple[int, frozenset[Role], str, int, bool, bool]


def profile_of(reader: Reader) -> Profile:
    """Return all of a reader that the compiled terms depend on."""
    return (
        reader.agency,
        reader.roles,
        reader_purpose(reader),
        int(reader.vetting),
        reader.training_current,
        reader.on_duty,
    )


def compile_terms(book: Book, reader: Reader) -> Compiled:
    """Compile the terms that concern a reader; everybody with the same profile shares it."""
    roles = frozenset(role for role in reader.roles if role not in NEVER_READS)
    named = {use: frozenset(map(str, classes_of(roles, use))) for use in Use}
    own = {use: frozenset(map(str, own_classes(roles, use))) for use in Use}
    found = [*book.by_agency.get(reader.agency, ())]
    for role in sorted(roles):
        found += book.by_role.get(str(role), ())
    found = [term for term in found if term.from_agency != reader.agency]
    cells = {use: _cells(book, found, reader, roles, named[use], use) for use in Use}
    pacts = tuple(
        Pact(version.id, version.parties, window.starts, window.until)
        for version in book.versions.values()
        if reader.agency in version.parties
        and (window := book.windows[version.id]).starts < window.until
    )
    return Compiled(own, cells, pacts, roles, _moments(cells, pacts))


def _moments(
    cells: Mapping[Use, Mapping[tuple[int, str], Cell]], pacts: Iterable[Pact]
) -> tuple[datetime, ...]:
    found = {moment for pact in pacts for moment in (pact.starts, pact.until)}
    for by_class in cells.values():
        for cell in by_class.values():
            for line in (*cell.nevers, *cell.opens, *cell.approvals, *cell.existence):
                found |= {line.starts, line.until}
    return tuple(sorted(found))


class _Gathered:
    """The lines of one cell while they are gathered."""

    __slots__ = ("approvals", "existence", "failures", "nevers", "opens")

    def __init__(self) -> None:
        self.nevers: list[Line] = []
        self.opens: list[Line] = []
        self.approvals: list[Line] = []
        self.existence: list[Line] = []
        self.failures: dict[tuple[Reason, datetime, datetime], Failure] = {}

    def fail(self, reason: Reason, line: Line) -> None:
        """Keep one failure of a kind and period; more of the same would tell nothing new."""
        key = (reason, line.starts, line.until)
        failure = Failure(reason, line.term, line.version, line.starts, line.until)
        known = self.failures.get(key)
        if known is None or failure.term < known.term:
            self.failures[key] = failure

    def cell(self) -> Cell:
        """Return the cell, its lines in the order in which they decide."""
        return Cell(
            tuple(self.nevers),
            tuple(sorted(self.opens, key=_order)),
            tuple(sorted(self.approvals, key=_order)),
            tuple(self.existence),
            tuple(sorted(self.failures.values(), key=lambda f: f.term)),
        )


def _order(line: Line) -> tuple[int, datetime, int]:
    """The least threshold first, so that a decision and a count name the same."""
    return (line.small_number, line.starts, line.term)


def _cells(
    book: Book,
    terms: Sequence[TermSaid],
    reader: Reader,
    roles: frozenset[Role],
    classes: frozenset[str],
    use: Use,
) -> dict[tuple[int, str], Cell]:
    gathered: dict[tuple[int, str], _Gathered] = defaultdict(_Gathered)
    purpose = reader_purpose(reader)
    for term in terms:
        window = book.windows[term.version]
        parties = book.versions[term.version].parties
        for data_class in term.data_classes:
            if data_class not in KNOWN_CLASSES:
                continue
            into = gathered[term.from_agency, data_class]
            if term.mode == Mode.NEVER:
                if _never_concerns(term, roles, purpose):
                    until = window.nevers_until
                    into.nevers.append(_line(term, window.starts, until, sensitive=True))
                fails = None if term.existence else Reason.NO_TERM
            else:
                fails = None
            line = _line(term, *_period(term, window), sensitive=term.min_vetting > Vetting.NONE)
            fails = fails or _fails(term, reader, roles, classes, data_class, parties, use)
            if fails is not None:
                if term.mode != Mode.NEVER:
                    into.fail(fails, line)
                continue
            if term.existence:
                into.existence.append(line)
            if term.mode == Mode.OPEN:
                into.opens.append(line)
            elif term.mode == Mode.ON_APPROVAL:
                into.approvals.append(line)
    return {key: found.cell() for key, found in gathered.items()}


def _period(term: TermSaid, window: Window) -> tuple[datetime, datetime]:
    starts = max(window.starts, term.valid_from or window.starts)
    return starts, min(window.until, term.valid_until or window.until)


def _line(term: TermSaid, starts: datetime, until: datetime, *, sensitive: bool) -> Line:
    return Line(
        term.id,
        term.version,
        starts,
        until,
        term.areas,
        term.fields,
        sensitive,
        term.needs_case,
        term.small_number,
        term.existence,
    )


def _never_concerns(term: TermSaid, roles: frozenset[Role], purpose: str) -> bool:
    """Whether a never is meant for this reader. It asks nothing; no purpose named is all."""
    return (not term.to_role or term.to_role in roles) and (
        not term.purposes or purpose in term.purposes
    )


def _fails(
    term: TermSaid,
    reader: Reader,
    roles: frozenset[Role],
    classes: frozenset[str],
    data_class: str,
    parties: frozenset[int],
    use: Use,
) -> Reason | None:
    """Return the first thing about the reader that the term does not accept, or None."""
    by_role = data_class in classes if not term.to_role else term.to_role in roles
    checks = (
        (term.from_agency in parties and reader.agency in parties, Reason.NO_TERM),
        (not term.counts_only or use is Use.COUNT, Reason.NO_TERM),
        (by_role, Reason.ROLE),
        (reader_purpose(reader) in term.purposes, Reason.PURPOSE),
        (reader.vetting >= term.min_vetting, Reason.VETTING),
        (not term.needs_training or reader.training_current, Reason.TRAINING),
        (not term.needs_duty or reader.on_duty, Reason.OFF_DUTY),
        (term.offline or use is not Use.OFFLINE, Reason.NOT_OFFLINE),
    )
    return next((reason for holds, reason in checks if not holds), None)


def grants_for(
    compiled: Compiled, standing: Standing, reader: Reader, memo: dict[Any, Any] | None = None
) -> Grants:
    """Return what a reader may do at `reader.at`, from what is compiled and what is theirs.

    `memo` keeps the conditions in SQL that are made of it; the caller shares it between grants
    that are equal but for a moment at which nothing begins or ends.
    """
    at = reader.at
    return Grants(
        agency=reader.agency,
        at=at,
        purpose=reader_purpose(reader),
        cases=reader.cases,
        own=compiled.own,
        cells=compiled.cells,
        pacts=compiled.pacts,
        lists=frozenset(_now(standing.lists, at)),
        conflicts=frozenset(_now(standing.conflicts, at)),
        passes=_passes(standing.passes, reader) if standing is not NOBODY else {},
        roles=bool(compiled.roles),
        memo={} if memo is None else memo,
    )


def _now(periods: Iterable[tuple[T, datetime, datetime]], at: datetime) -> Iterator[T]:
    return (thing for thing, starts, until in periods if starts <= at < until)


def _passes(passes: Iterable[Pass], reader: Reader) -> dict[tuple[str, str], tuple[Pass, ...]]:
    purpose = reader_purpose(reader)
    found: dict[tuple[str, str], list[Pass]] = defaultdict(list)
    for each in passes:
        meant = each.agency == reader.agency and each.purpose == purpose
        if meant and each.starts <= reader.at < each.ends:
            for item in each.items:
                found[item].append(each)
    return {item: tuple(several) for item, several in found.items()}
