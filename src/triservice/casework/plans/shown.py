"""What pages show of a plan: frozen, and nothing in them that was withheld."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triservice.casework.cases.queries.naming import Named
from triservice.casework.cases.queries.shown import ActionSeen, PlanRow
from triservice.casework.entries.queries import Chronology
from triservice.casework.plans.rules import Counted


@dataclass(frozen=True, slots=True)
class FindingSeen:
    """What an agency knows of the problem."""

    text: str
    data_class: str
    agency: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MeasureSeen:
    """A count before and after, with what its reader must know. None: withheld, or not yet."""

    pk: int
    what: str
    source: str
    before: Counted | None
    after: Counted | None
    change: str
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A case that has to do with the problem."""

    pk: int
    reference: str


@dataclass(frozen=True, slots=True)
class May:
    """What the reader may do to the plan now."""

    work: bool  # of the agency that leads it
    add: bool  # of any agency that reads it: what it knows, and its own responses
    reopen: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """One plan, as far as the reader may know. A text that is withheld is None."""

    row: PlanRow
    where: Named
    texts: dict[str, str | None]  # by column
    withheld: bool
    opened_at: datetime
    findings: tuple[FindingSeen, ...]
    measures: tuple[MeasureSeen, ...]
    responses: tuple[ActionSeen, ...]
    mine: frozenset[int]  # responses that the reader's agency does
    cases: tuple[LinkedCase, ...]
    cautions: tuple[str, ...]
    closed_at: datetime | None
    history: Chronology
    may: May
