"""How far a reader sees into the workforce, and small rows that several pages show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from triservice.agencies import rules
from triservice.agencies.models import Holding
from triservice.kernel.access_words import Reader


@dataclass(frozen=True, slots=True)
class Link:
    """Something that has a page of its own."""

    pk: int
    name: str


@dataclass(frozen=True, slots=True)
class Held:
    """An officer in a post for a period."""

    pk: int
    officer: Link
    post: Link
    agency: Link
    role: str
    since: date
    until: date | None
    now: bool


def day_of(at: datetime) -> date:
    """Return the day of a moment, here (Europe/London)."""
    return timezone.localtime(at).date()


def sees(reader: Reader, agency: int) -> bool:
    """Whether the reader's roles reach the clearances of the people of an agency."""
    scope = rules.reach(rules.SEES, reader.roles)
    return scope is rules.Scope.ALL or (scope is rules.Scope.OWN and reader.agency == agency)


def reached(reader: Reader, column: str = "employer") -> Q:
    """Return the same as a condition on rows whose `column` is the agency."""
    scope = rules.reach(rules.SEES, reader.roles)
    if scope is rules.Scope.ALL:
        return Q()
    return Q(**{column: reader.agency}) if scope is rules.Scope.OWN else Q(pk__in=())


def live(day: date) -> Q:
    """Return the condition that a dated row holds on `day`."""
    return Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gt=day))


def held_rows(holdings: Iterable[Holding], day: date) -> tuple[Held, ...]:
    """Return holdings as rows; officer, post and its agency must be selected with them."""
    return tuple(
        Held(
            pk=holding.pk,
            officer=Link(holding.officer_id, holding.officer.name),
            post=Link(holding.post_id, holding.post.title),
            agency=Link(holding.post.agency_id, holding.post.agency.short_name),
            role=holding.post.role,
            since=holding.since,
            until=holding.until,
            now=rules.Period(holding.since, holding.until).covers(day),
        )
        for holding in holdings
    )
