"""What pages show of a case: frozen, and nothing in them that was withheld."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from triservice.access.agreements.wording import listed
from triservice.casework.answers.queries import Answers
from triservice.casework.cases.queries.cautions import Caution
from triservice.casework.cases.queries.naming import NOBODY, Named
from triservice.casework.cases.rules import ConsentStanding, Section42
from triservice.casework.entries.queries import Chronology
from triservice.casework.outcomes.rules import Repeat
from triservice.casework.timing import Standing
from triservice.subjects.queries.shown import LockedPart


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    pk: int
    reference: str
    scheme: str
    tier: str
    state: str
    about: Named
    where: Named
    officer: str
    next_step: str
    due: datetime | None
    left: str
    standing: Standing
    agency: str


@dataclass(frozen=True, slots=True)
class PartSeen:
    """Somebody or somewhere in a case, and as what."""

    pk: int
    who: Named
    part: str
    ends: bool  # their part may end: the case does not stand on it


@dataclass(frozen=True, slots=True)
class NeedSeen:
    """A need, and what is done about it."""

    pk: int
    label: str
    state: str
    reasons: tuple[str, ...]
    data_class: str


@dataclass(frozen=True, slots=True)
class ActionSeen:
    """Something to be done: by whom, until when, and what came of it."""

    pk: int
    case: int | None  # None: of a plan
    plan: int | None
    what: str
    agency: str
    officer: str
    due_at: datetime
    left: str
    late: bool
    state: str
    result: str
    reference: str = ""  # of the case or plan, in lists of several


@dataclass(frozen=True, slots=True)
class Comes:
    """An officer who comes along to a visit, and for which agency."""

    officer: int
    name: str
    agency: str

    def __str__(self) -> str:
        return f"{self.name} ({self.agency})"


@dataclass(frozen=True, slots=True)
class VisitSeen:
    """A visit, planned or over."""

    pk: int
    case: int
    state: str
    planned_at: datetime | None
    officer: str
    ended_at: datetime | None
    card_left: bool
    advice: str
    danger: str
    next_on: date | None
    where: Named = NOBODY
    reference: str = ""
    inside_until: datetime | None = None  # while an officer is there alone
    cautions: tuple[str, ...] = ()  # that there is something to know before the door, in lists
    joint: tuple[Comes, ...] = ()  # who comes along

    @property
    def who(self) -> str:
        """Return whose visit it is, and who comes along; blank for nobody yet."""
        return " with ".join(filter(None, (self.officer, listed(map(str, self.joint)))))


@dataclass(frozen=True, slots=True)
class ConsentSeen:
    """What somebody agreed to or refused, and whether it holds today."""

    pk: int
    who: Named
    scope: str
    standing: ConsentStanding
    capacity: str
    given_by: str
    asked_on: date
    expires_on: date | None
    override: str
    why: str
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class ConcernSeen:
    """A safeguarding concern."""

    pk: int
    who: Named
    what: str
    kinds: tuple[str, ...]
    found: Section42 | None  # None: a child
    own_view: str
    danger_now: bool
    raised_at: datetime
    agency: str
    sent_to: str
    decision: str


@dataclass(frozen=True, slots=True)
class OnwardSeen:
    """An onward referral and its answer."""

    pk: int
    to: str
    why: str
    state: str
    sent_at: datetime
    result: str
    chase_at: datetime | None
    chased: int
    how: str
    handed_on: date | None
    sending: str  # of one that goes to a system: how far it is, in a sentence


@dataclass(frozen=True, slots=True)
class OutcomeSeen:
    """A measure before and after."""

    measure: str
    before: float | None
    after: float | None
    unit: str
    own_view: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FittedSeen:
    """Something fitted, until when it is good, and by when it is looked at again."""

    pk: int
    name: str
    place: str
    serial: str
    fitted_on: date
    expires_on: date | None
    check_by: date | None


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file on the case: `opens` where its content is open to the reader too."""

    pk: int
    case: int
    visit: int | None
    name: str
    kind: str
    size: str
    scan: str
    at: datetime
    by: str
    agency: str
    data_class: str
    sensitive: bool
    opens: bool
    own: bool  # of the reader's agency, which may remove it


@dataclass(frozen=True, slots=True)
class Joint:
    """Another agency that works on the case."""

    agency: int
    name: str
    officer: str


@dataclass(frozen=True, slots=True)
class OtherCase:
    """A case that is linked, or was merged into this one; only those the reader may see."""

    pk: int
    reference: str
    how: str
    about: str = ""  # whom or where one that was merged is about


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in a list."""

    pk: int
    reference: str
    title: str
    place: str
    state: str
    stage: str
    outcome: str
    agency: str
    who: str  # the officer or team that has it
    review_on: date | None
    late: bool


@dataclass(frozen=True, slots=True)
class May:
    """What the reader may do to the case now."""

    work: bool
    run: bool  # of the agency that runs it: allocate, close, share
    lead: bool  # offer it to another agency
    answer_offer: bool
    reopen: bool
    part: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, as far as the reader may know: who, where, why, what is next, who, and all else."""

    row: CaseRow
    scheme: str  # its id
    version: int
    opened_at: datetime
    contacted_at: datetime | None
    visited_at: datetime | None
    contact_due_at: datetime
    visit_due_at: datetime
    reasons: tuple[str, ...]
    lower: str  # the tier that the latest form gives, where a person judged it higher
    offered_to: str
    offered_why: str
    outcome: str
    closed_why: str
    closed_at: datetime | None
    merged_into: int | None
    subjects: tuple[PartSeen, ...]
    cautions: tuple[Caution, ...]
    joint: tuple[Joint, ...]
    needs: tuple[NeedSeen, ...]
    actions: tuple[ActionSeen, ...]
    visits: tuple[VisitSeen, ...]
    consents: tuple[ConsentSeen, ...]
    concerns: tuple[ConcernSeen, ...]
    onward: tuple[OnwardSeen, ...]
    outcomes: tuple[OutcomeSeen, ...]
    repeats: tuple[Repeat, ...]
    fitted: tuple[FittedSeen, ...]
    files: tuple[FileSeen, ...]
    others: tuple[OtherCase, ...]
    plans: tuple[PlanRow, ...]
    assessed: Answers
    locked: tuple[LockedPart, ...]
    chronology: Chronology
    may: May
