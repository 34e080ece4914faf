"""What pages show of visits: frozen, and nothing in them that was withheld."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from triservice.casework.answers.queries import Answers
from triservice.casework.cases.queries.naming import Named
from triservice.casework.cases.queries.shown import VisitSeen
from triservice.schemes.forms import Assessment
from triservice.schemes.scheme import Consent, Scheme


@dataclass(frozen=True, slots=True)
class Compared:
    """An answer or score at the last visit and at this one; "" for none."""

    name: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class LastVisit:
    """The visit before this one to the same person or place, side by side with this one."""

    at: datetime
    case: int
    pk: int
    scores: tuple[Compared, ...]
    answers: tuple[Compared, ...]

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Return every score and answer: its name, as it was, as it is."""
        none = "Not answered"
        return [
            (one.name, one.before or none, one.now or none) for one in (*self.scores, *self.answers)
        ]

    @property
    def changed(self) -> list[tuple[str, str, str]]:
        """Return those that differ."""
        return [row for row in self.rows if row[1] != row[2]]


@dataclass(frozen=True, slots=True)
class VisitPage:
    """One visit: the form as filled or as drafted, what it comes to, and the visit before."""

    seen: VisitSeen
    scheme: Scheme | None
    answers: Answers
    assessed: Assessment | None  # of a form that is filled or drafted
    drafted: bool
    began_at: datetime | None
    safe_by: datetime | None  # while somebody is in there alone
    overdue: bool
    last: LastVisit | None
    photos: Consent | None  # what must be agreed to before a photo, and is not yet


@dataclass(frozen=True, slots=True)
class Fallen:
    """Something fitted that is to be looked at, or is no longer good, by a day."""

    pk: int
    case: int
    reference: str
    name: str
    place: str
    serial: str
    where: Named
    what: str  # replace | look at
    by: date
    late: bool


@dataclass(frozen=True, slots=True)
class Inside:
    """An officer who is at a visit alone."""

    pk: int
    case: int
    reference: str
    officer: str
    where: Named
    since: datetime | None
    safe_by: datetime
    late: str  # "" while there is time


@dataclass(frozen=True, slots=True)
class Placed:
    """A visit of a day with what the way there is: metres from the one before, None for unknown."""

    seen: VisitSeen
    metres: float | None
    has_point: bool
    new_at: datetime | None = None  # the time that it would have


@dataclass(frozen=True, slots=True)
class Day:
    """A day's visits in their order, and in a shorter one where there is one."""

    day: date
    given: tuple[Placed, ...]
    shorter: tuple[Placed, ...]
    metres: float
    shorter_metres: float
