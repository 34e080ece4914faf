"""Who may read what: the answer to one read, from compiled terms. Pure; no Django, no I/O.

Deny by default, and deny beats allow: a conflict of interest, then a restriction, then a `never`
close a row whatever else opens it. `access.where` says the same in SQL; tests hold the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from triservice.kernel.access_words import (
    DataClass,
    Decision,
    Marking,
    Outcome,
    Purpose,
    Reader,
    Reason,
    Role,
)


class Use(StrEnum):
    """What the reader would do with a row: read it, only count it, or keep it on a phone."""

    READ = "read"
    COUNT = "count"
    OFFLINE = "offline"


EVERYTHING = frozenset(DataClass)
OF_PEOPLE = EVERYTHING - {DataClass.WORKFORCE}
C = DataClass

# The classes whose rows a role reads: of its own agency, and of others where a term names the
# agency but no role. A term that names the role itself opens what it says. A role that is not
# listed reads nothing.
READS: Mapping[Role, frozenset[DataClass]] = {
    Role.OFFICER: OF_PEOPLE,
    Role.TEAM_LEADER: EVERYTHING,
    Role.TASKING_LEAD: frozenset(
        {C.IDENTITY, C.CONTACT, C.LOCATION, C.POLICE, C.FIRE, C.HOUSEHOLD, C.RISK, C.OPERATIONAL}
    ),
    Role.REFERRER: frozenset({C.IDENTITY, C.CONTACT, C.LOCATION, C.HOUSEHOLD, C.RISK}),
    Role.DATA_OWNER: OF_PEOPLE,
    Role.CALDICOTT_GUARDIAN: frozenset(
        {C.IDENTITY, C.CONTACT, C.AMBULANCE, C.HEALTH, C.SOCIAL_CARE, C.SAFEGUARDING}
    ),
    Role.DATA_PROTECTION_LEAD: EVERYTHING,
    Role.TRAINER: frozenset({C.WORKFORCE}),
    Role.PROGRAMME_MANAGER: frozenset({C.OPERATIONAL, C.WORKFORCE}),
}
# The classes that a role counts without reading them.
COUNTS: Mapping[Role, frozenset[DataClass]] = {
    Role.ANALYST: EVERYTHING,
    Role.PROGRAMME_MANAGER: OF_PEOPLE,
    Role.BOARD_MEMBER: OF_PEOPLE,
    Role.FINANCE: frozenset({C.OPERATIONAL, C.WORKFORCE}),
}
# The classes of the own agency's data that no phone keeps: no agreement is made with oneself, so
# nothing opens them. A class of another agency is kept where a term says so, and else never.
NOT_ON_PHONES = frozenset({C.HEALTH, C.AMBULANCE, C.SOCIAL_CARE, C.SAFEGUARDING, C.WORKFORCE})
# Keeps the system and reads nobody's data, whatever a term says.
NEVER_READS = frozenset({Role.ADMINISTRATOR})


def classes_of(roles: Iterable[Role], use: Use) -> frozenset[DataClass]:
    """Return the classes that any of the roles may use so. What may be read may be counted."""
    found: frozenset[DataClass] = frozenset()
    for role in roles:
        if role not in NEVER_READS:
            found |= READS.get(role, frozenset())
            if use is Use.COUNT:
                found |= COUNTS.get(role, frozenset())
    return found


def own_classes(roles: Iterable[Role], use: Use) -> frozenset[DataClass]:
    """Return the classes of the own agency's data that the roles may use so."""
    found = classes_of(roles, use)
    return found - NOT_ON_PHONES if use is Use.OFFLINE else found


# Of several terms that all fail, the reason of the one that came furthest is the one to tell.
FURTHEST: Mapping[Reason, int] = {
    reason: place
    for place, reason in enumerate(
        (
            Reason.NO_TERM,
            Reason.NOT_IN_FORCE,
            Reason.ROLE,
            Reason.PURPOSE,
            Reason.VETTING,
            Reason.TRAINING,
            Reason.OFF_DUTY,
            Reason.AREA,
            Reason.NO_CASE,
            Reason.FIELD,
            Reason.NOT_OFFLINE,
            Reason.NEEDS_APPROVAL,
        )
    )
}
KNOWN_CLASSES = frozenset(str(word) for word in DataClass)
KNOWN_MARKINGS = frozenset(str(word) for word in Marking)
PLAIN = str(Marking.OFFICIAL)
PURPOSES = frozenset(str(word) for word in Purpose)


@dataclass(frozen=True, slots=True)
class Item:
    """What is asked about: one row, by what the rules need to know of it.

    `label` is the model's ("subjects.recordpart"); `pk` is None for a row not yet named, which
    no opening covers; `subject_key` is text; blank `area` is not known.
    """

    label: str
    pk: str | None
    owner: int | None
    data_class: str
    area: str = ""
    marking: str = PLAIN
    restriction: int | None = None
    subject_key: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One term compiled for a reader: what reader, purpose and role fix is already settled.

    None for `areas` or `fields` is all of them. `sensitive`: it also opens OFFICIAL-SENSITIVE.
    """

    term: int
    version: int
    starts: datetime
    until: datetime
    areas: frozenset[str] | None = None
    fields: frozenset[str] | None = None
    sensitive: bool = False
    case: bool = False
    small_number: int = 0
    existence: bool = False

    def stops(self, item: Item, name: str | None, grants: Grants) -> Reason | None:
        """Return why this term does not open the row (and the field `name`), or None."""
        if not self.starts <= grants.at < self.until:
            return Reason.NOT_IN_FORCE
        if item.marking != PLAIN and not self.sensitive:
            return Reason.VETTING
        if self.areas is not None and item.area not in self.areas:
            return Reason.AREA
        if self.case and item.subject_key not in grants.cases:
            return Reason.NO_CASE
        if name is not None and self.fields is not None and name not in self.fields:
            return Reason.FIELD
        return None

    def closes(self, item: Item, name: str | None, at: datetime) -> bool:
        """Whether this `never` closes the row (or the field `name` of it). Unknown areas too."""
        return (
            self.starts <= at < self.until
            and (self.areas is None or not item.area or item.area in self.areas)
            and (self.fields is None or (name is not None and name in self.fields))
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """A term that does not open anything to this reader, and why, while it is in force."""

    reason: Reason
    term: int
    version: int
    starts: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """All that the terms say of one owner's one data class to one reader."""

    nevers: tuple[Line, ...] = ()
    opens: tuple[Line, ...] = ()  # in the order in which they decide
    approvals: tuple[Line, ...] = ()
    existence: tuple[Line, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Pact:
    """A version of an agreement between the reader's agency and others, while in force."""

    version: int
    parties: frozenset[int]
    starts: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Pass:
    """An opening as it stands: rows by (label, primary key as text), fields (None: all)."""

    opening: int
    break_glass: bool
    agency: int  # that the officer acted for
    owner: int
    data_class: str
    fields: frozenset[str] | None
    purpose: str
    starts: datetime
    ends: datetime  # or when it was revoked
    items: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """What concerns one officer alone: openings, lists that name them, conflicts, with periods."""

    passes: tuple[Pass, ...] = ()
    lists: tuple[tuple[int, datetime, datetime], ...] = ()  # restriction, from, until
    conflicts: tuple[tuple[str, datetime, datetime], ...] = ()  # subject key, from, until

    def moments(self) -> list[datetime]:
        """Return, in order, the moments at which any of it begins or ends."""
        periods = [*((e.starts, e.ends) for e in self.passes)]
        periods += [(a, b) for _, a, b in self.lists] + [(a, b) for _, a, b in self.conflicts]
        return sorted({moment for period in periods for moment in period})


NOBODY = Standing()
NO_CELL = Cell()


@dataclass(frozen=True, slots=True)
class Grants:
    """All that one reader may do at one moment. Made by `access.compiling.grants_for`."""

    agency: int
    at: datetime
    purpose: str  # blank: not chosen, or not known
    cases: frozenset[str]
    own: Mapping[Use, frozenset[str]]  # the classes of the own agency's data
    cells: Mapping[Use, Mapping[tuple[int, str], Cell]]
    pacts: tuple[Pact, ...] = ()
    lists: frozenset[int] = frozenset()  # restrictions that name the reader now
    conflicts: frozenset[str] = frozenset()
    passes: Mapping[tuple[str, str], tuple[Pass, ...]] = field(default_factory=dict)
    roles: bool = True  # whether any role is left that reads anything
    memo: dict[Any, Any] = field(default_factory=dict, compare=False)  # conditions made of it

    def pact_with(self, owner: int) -> Pact | None:
        """Return an agreement in force between the reader's agency and `owner`."""
        for pact in self.pacts:
            if owner in pact.parties and pact.starts <= self.at < pact.until:
                return pact
        return None


def _deny(reason: Reason, line: Line | Failure | None = None) -> Decision:
    if line is None:
        return Decision(Outcome.DENY, reason)
    return Decision(Outcome.DENY, reason, line.term, line.version)


UNKNOWN = _deny(Reason.UNKNOWN)
NO_PURPOSE = _deny(Reason.NO_PURPOSE)
CONFLICT = _deny(Reason.CONFLICT)
RESTRICTED = _deny(Reason.RESTRICTED)
NO_ROLE = _deny(Reason.ROLE)
NO_TERM = _deny(Reason.NO_TERM)
NOT_OFFLINE = _deny(Reason.NOT_OFFLINE)
OWN = Decision(Outcome.ALLOW, Reason.OWN_DATA)


def decide(grants: Grants, item: Item, name: str | None = None, use: Use = Use.READ) -> Decision:
    """Answer one read: of the row, or of its field `name`.

    A row is open when any term opens any of its fields; each field is then asked about by itself.
    """
    if (
        item.owner is None
        or item.data_class not in KNOWN_CLASSES
        or item.marking not in KNOWN_MARKINGS
    ):
        return UNKNOWN
    if not grants.purpose:
        return NO_PURPOSE
    if grants.conflicts and item.subject_key in grants.conflicts:
        return CONFLICT
    if item.restriction is not None and item.restriction not in grants.lists:
        return RESTRICTED
    if item.owner == grants.agency:
        if item.data_class in grants.own[use]:
            return OWN
        return NOT_OFFLINE if item.data_class in grants.own[Use.READ] else NO_ROLE
    if not grants.roles:
        return NO_ROLE
    return _by_terms(grants, item, name, use)


def _by_terms(grants: Grants, item: Item, name: str | None, use: Use) -> Decision:
    cell = grants.cells[use].get((item.owner or 0, item.data_class), NO_CELL)
    for never in cell.nevers:
        if never.closes(item, name, grants.at):
            return _deny(Reason.NEVER, never)
    for line in cell.opens:
        if line.stops(item, name, grants) is None:
            return Decision(
                Outcome.ALLOW,
                Reason.TERM_OPEN,
                line.term,
                line.version,
                line.until,
                line.small_number,
            )
    passes = _passes(grants, item, name)
    waiting = next((a for a in cell.approvals if a.stops(item, name, grants) is None), None)
    if waiting is not None:
        ends = [each.ends for each in passes if not each.break_glass]
        if ends:
            until = min(waiting.until, max(ends))
            term, version, small = waiting.term, waiting.version, waiting.small_number
            return Decision(Outcome.ALLOW, Reason.APPROVED, term, version, until, small)
    ends = [each.ends for each in passes if each.break_glass and use is not Use.OFFLINE]
    if ends and item.data_class in grants.own[use]:
        pact = grants.pact_with(item.owner or 0)
        if pact is not None:
            until = min(pact.until, max(ends))
            return Decision(Outcome.ALLOW, Reason.BREAK_GLASS, None, pact.version, until)
    if waiting is not None:
        return Decision(
            Outcome.NEEDS_APPROVAL, Reason.NEEDS_APPROVAL, waiting.term, waiting.version
        )
    return _furthest(cell, item, name, grants)


def _passes(grants: Grants, item: Item, name: str | None) -> list[Pass]:
    """Return the openings that cover the row and field now, for the purpose."""
    if not grants.passes or item.pk is None:
        return []
    return [
        each
        for each in grants.passes.get((item.label, item.pk), ())
        if each.owner == item.owner
        and each.data_class == item.data_class
        and (name is None or each.fields is None or name in each.fields)
    ]


def _furthest(cell: Cell, item: Item, name: str | None, grants: Grants) -> Decision:
    """Return the denial of the term that came nearest to opening the row."""
    best: Decision = NO_TERM
    place = -1
    for line in (*cell.opens, *cell.approvals):
        reason = line.stops(item, name, grants) or Reason.NEEDS_APPROVAL
        if FURTHEST[reason] > place:
            best, place = _deny(reason, line), FURTHEST[reason]
    for failure in cell.failures:
        holds = failure.starts <= grants.at < failure.until
        reason = failure.reason if holds else Reason.NOT_IN_FORCE
        if FURTHEST[reason] > place:
            best, place = _deny(reason, failure), FURTHEST[reason]
    return best


def may_know(grants: Grants, item: Item) -> Decision | None:
    """Return the decision on a closed row whose existence a term lets the reader know, or None.

    Not for a row that is open, restricted, or about someone the reader has a conflict with.
    """
    decision = decide(grants, item)
    if decision.allowed or decision.reason in _SILENT or item.owner == grants.agency:
        return None
    cell = grants.cells[Use.READ].get((item.owner or 0, item.data_class), NO_CELL)
    for never in cell.nevers:
        if not never.existence and never.closes(item, None, grants.at):
            return None
    for line in cell.existence:
        if line.stops(item, None, grants) is None:
            return decision
    return None


_SILENT = frozenset(
    {Reason.UNKNOWN, Reason.NO_PURPOSE, Reason.CONFLICT, Reason.RESTRICTED, Reason.ROLE}
)


def reader_purpose(reader: Reader) -> str:
    """Return the purpose as a word that the rules know, or blank."""
    said = str(reader.purpose) if reader.purpose is not None else ""
    return said if said in PURPOSES else ""
