"""Rules of the workforce: who holds what when, powers in force, who may change what. Pure.

Every period holds from `since` up to, and without, `until`: `until` is the first day out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from triservice.kernel.access_words import Role

WARNING = timedelta(days=60)  # how long before its end a clearance is "expiring"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `since` up to and without `until`; None is open. Equal ends hold no day."""

    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether `day` is in the period."""
        return self.since <= day and (self.until is None or day < self.until)

    @property
    def empty(self) -> bool:
        """Whether the period holds no day: an appointment withdrawn before it began."""
        return self.until is not None and self.until <= self.since

    def overlaps(self, other: Period) -> bool:
        """Whether both periods hold some same day."""
        if self.empty or other.empty:
            return False
        return (other.until is None or self.since < other.until) and (
            self.until is None or other.since < self.until
        )

    def ended(self, day: date) -> Period:
        """Return the period ended on `day`: no longer than before, and empty if not yet begun."""
        end = max(self.since, day)
        return Period(self.since, end if self.until is None else min(end, self.until))


def first_full_day(held: Iterable[Period], wanted: Period, places: int) -> date | None:
    """Return the first day of `wanted` on which a post of `places` is already full, or None.

    The number of holders changes only where a period begins, so these days suffice.
    """
    if wanted.empty:
        return None
    others = [period for period in held if period.overlaps(wanted)]
    starts = sorted({wanted.since, *(max(p.since, wanted.since) for p in others)})
    for day in starts:
        if sum(period.covers(day) for period in others) >= places:
            return day
    return None


class Standing(StrEnum):
    """How a clearance with an end stands on a day."""

    CURRENT = "current"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    UNKNOWN = "not recorded"


def standing(until: date | None, day: date, warning: timedelta = WARNING) -> Standing:
    """Return how vetting or training that ends on `until` stands on `day`. Blank is not current."""
    if until is None:
        return Standing.UNKNOWN
    if until <= day:
        return Standing.EXPIRED
    return Standing.EXPIRING if until - day <= warning else Standing.CURRENT


def on_duty(spells: Iterable[tuple[datetime, datetime | None]], at: datetime) -> bool:
    """Whether one of the spells (start, end; an open end is None) holds at `at` (aware)."""
    return any(starts <= at and (ends is None or at < ends) for starts, ends in spells)


class PowerState(StrEnum):
    """Whether an officer may use a power; the value is the sentence that they are shown."""

    IN_FORCE = "In force"
    UNKNOWN_POWER = "This power is not in the table of powers"
    NOT_IN_LAW = "The law does not give this power on this day"
    NOT_BEGUN = "The grant has not begun"
    ENDED = "The grant has ended"
    NO_POST = "The officer holds no post on this day"
    LEFT = "The officer has left"


def power_state(
    grant: Period,
    law: Period | None,
    posts: Iterable[Period],
    *,
    active: bool,
    day: date,
) -> PowerState:
    """Return whether a power may be used on `day`, or the first thing that stands against it.

    `law` is the period in which the law gives the power (None: a code that no table knows),
    `posts` the periods in which the officer holds any post: accreditation is of a person employed
    for the work (Police Reform Act 2002, section 41), so it cannot outlive the post.
    """
    against = (
        (not active, PowerState.LEFT),
        (law is None, PowerState.UNKNOWN_POWER),
        (law is not None and not law.covers(day), PowerState.NOT_IN_LAW),
        (grant.since > day, PowerState.NOT_BEGUN),
        (not grant.covers(day), PowerState.ENDED),
        (not any(post.covers(day) for post in posts), PowerState.NO_POST),
    )
    return next((state for stands, state in against if stands), PowerState.IN_FORCE)


class Scope(StrEnum):
    """How far a role reaches over the workforce."""

    ALL = "every agency"
    OWN = "own agency"
    NONE = "nobody"


# Who sees vetting, training and history, and who changes the workforce. A role that is not listed
# sees only the directory of posts: name, post, team and base.
SEES: Mapping[Role, Scope] = {
    Role.ADMINISTRATOR: Scope.ALL,
    Role.PROGRAMME_MANAGER: Scope.ALL,
    Role.DATA_PROTECTION_LEAD: Scope.OWN,
    Role.TEAM_LEADER: Scope.OWN,
    Role.TASKING_LEAD: Scope.OWN,
    Role.TRAINER: Scope.OWN,
}
CHANGES: Mapping[str, Mapping[Role, Scope]] = {
    "people": {Role.ADMINISTRATOR: Scope.ALL, Role.PROGRAMME_MANAGER: Scope.ALL},
    "leaving": {
        Role.ADMINISTRATOR: Scope.ALL,
        Role.PROGRAMME_MANAGER: Scope.ALL,
        Role.TEAM_LEADER: Scope.OWN,
    },
    "clearance": {Role.ADMINISTRATOR: Scope.ALL, Role.PROGRAMME_MANAGER: Scope.ALL},
    "training": {
        Role.ADMINISTRATOR: Scope.ALL,
        Role.PROGRAMME_MANAGER: Scope.ALL,
        Role.TRAINER: Scope.OWN,
        Role.TEAM_LEADER: Scope.OWN,
    },
    "duty": {Role.ADMINISTRATOR: Scope.ALL, Role.TEAM_LEADER: Scope.OWN},
}
OWN_DUTY = "duty"  # the only thing that people record about themselves


def reach(table: Mapping[Role, Scope], roles: Iterable[Role]) -> Scope:
    """Return the widest scope that any of the roles has in a table; none of them: nobody."""
    scopes = {table.get(role, Scope.NONE) for role in roles}
    return next((scope for scope in (Scope.ALL, Scope.OWN) if scope in scopes), Scope.NONE)


def may_change(
    kind: str, roles: Iterable[Role], *, roles_there: Iterable[Role], oneself: bool
) -> str | None:
    """Return why a change of this kind (a key of CHANGES) is refused, or None when it may be made.

    `roles` are those of every post held now, `roles_there` those of posts at the agency that is
    changed. Nobody appoints, clears, empowers or dismisses themselves, whatever their role.
    """
    if oneself:
        return None if kind == OWN_DUTY else "Nobody makes this change about themselves"
    table = CHANGES.get(kind, {})
    if reach(table, roles) is Scope.ALL or reach(table, roles_there) is Scope.OWN:
        return None
    if reach(table, roles) is Scope.OWN:
        return "Your role makes this change for your own agency only"
    return "Your role does not make this change"


def leads_itself(leads: Mapping[int, Iterable[int | None]], post: int) -> bool:
    """Whether following line management up from `post` comes back to it.

    `leads` gives, for each post, the posts that it answers to (team leader and tasking lead).
    """
    seen: set[int] = set()
    ahead = [lead for lead in leads.get(post, ()) if lead is not None]
    while ahead:
        lead = ahead.pop()
        if lead == post:
            return True
        if lead not in seen:
            seen.add(lead)
            ahead += [above for above in leads.get(lead, ()) if above is not None]
    return False


def lies_within(area: str, parents: Mapping[str, str | None], covered: Iterable[str]) -> bool:
    """Whether `area` (a code) is one of the covered areas or lies in one by its parents.

    An area that nobody knows lies in none. A loop of parents ends the walk.
    """
    wanted = set(covered)
    seen: set[str] = set()
    at: str | None = area if area in parents else None
    while at is not None and at not in seen:
        if at in wanted:
            return True
        seen.add(at)
        at = parents.get(at)
    return False


def domain_allowed(email: str, domains: Iterable[str]) -> bool:
    """Whether an e-mail address is of one of the domains, exactly: a sub-domain is another."""
    local, _, domain = email.strip().rpartition("@")
    allowed = {name.strip().lower() for name in domains} - {""}
    return bool(local) and "@" not in local and domain.lower() in allowed
