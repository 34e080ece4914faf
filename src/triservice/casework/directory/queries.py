"""Reading the directory, and which of its services are for the needs of a case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from triservice.access.errors import Refused
from triservice.access.models import Kind
from triservice.access.queries import Seen, seen
from triservice.access.record import Record, reading
from triservice.access.rules import UNKNOWN
from triservice.agencies.models import Area
from triservice.agencies.queries.scope import live
from triservice.casework.answers.queries import answers_of, scheme_of
from triservice.casework.answers.rules import subject_of
from triservice.casework.directory import rules
from triservice.casework.directory.rules import Answer, Asked, Limits
from triservice.casework.models import Case, DirectoryService, Need, Referral
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.schemes.scheme import Scheme

DEEPEST = 10  # areas within areas


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service as pages show it; `areas` as (code, name)."""

    pk: int
    name: str
    of: str
    agency: int | None
    organisation: str
    domains: tuple[str, ...]
    eligible: str
    age_from: int | None
    age_to: int | None
    areas: tuple[tuple[str, str], ...]
    takes: str
    shares: tuple[str, ...]
    address: str
    post_to: str
    phone: str
    email: str
    since: date
    until: date | None
    now: bool

    @property
    def ages(self) -> str:
        """The ages that it takes, in words."""
        return rules.ages(self.age_from, self.age_to)


@dataclass(frozen=True, slots=True)
class Offered:
    """A service for a case, and how well it fits."""

    service: ServiceRow
    answer: Answer


def today() -> date:
    """Return the day here."""
    return timezone.localdate(clock.now())


def services(reader: Reader) -> tuple[ServiceRow, ...]:
    """Return the directory, those that have ended last. It tells of nobody."""
    rows = DirectoryService.objects.select_related("agency").prefetch_related("areas")
    found = [_row(row, today()) for row in rows]
    return tuple(sorted(found, key=lambda row: (row.until is not None and not row.now, row.name)))


def service(reader: Reader, pk: int) -> ServiceRow | None:
    """Return one service, or None."""
    return next((row for row in services(reader) if row.pk == pk), None)


def offered(reader: Reader, pk: int, found: Iterable[str] = ()) -> tuple[Offered, ...]:
    """Return the services for a case: those that fit come first, each with why.

    `found`: kinds of needs that a visit has just found, besides those that are open. While there
    are any, services that take none of them are left out. What the reader may not see of the case
    is not asked by. Raises Refused.
    """
    with reading(reader, Kind.CONSULTATION, "look for services for a case") as record:
        rows = seen(record, Case.objects.filter(pk=pk))
        if not rows:
            raise Refused(UNKNOWN, f"casework.case {pk}", hidden=True)
        asked = _asked(record, rows[0], found)
    return _answers(current_services(), asked)


def offered_at(
    current: Iterable[ServiceRow], scheme: Scheme, area: str, age: int | None
) -> tuple[Offered, ...]:
    """Return the services, of those of today, for what a scheme may find in an area, at an age.

    What a visit will find is not known; nor is the age, where it is None.
    """
    domains = frozenset(need.domain for need in scheme.needs.values())
    return _answers(current, Asked(domains, _around(area), age))


def age_seen(record: Record, row: Seen, scheme: Scheme | None) -> int | None:
    """Return how old somebody is whom a case is about; None: not known, or not for the reader."""
    return rules.age_on(_born(record, row, scheme), today())


def current_services() -> list[ServiceRow]:
    """Return the services that take somebody today."""
    rows = DirectoryService.objects.filter(live(today())).select_related("agency")
    return [_row(each, today()) for each in rows.prefetch_related("areas")]


def _answers(current: Iterable[ServiceRow], asked: Asked) -> tuple[Offered, ...]:
    answers = [
        Offered(one, rules.answer(_limits(one), asked))
        for one in current
        if not asked.domains or asked.domains & set(one.domains)
    ]
    return tuple(sorted(answers, key=lambda each: (each.answer.fit, each.service.name)))


def _row(row: DirectoryService, day: date) -> ServiceRow:
    return ServiceRow(
        row.pk,
        row.name,
        row.agency.name if row.agency else row.organisation,
        row.agency_id,
        row.organisation,
        tuple(row.domains),
        row.eligible,
        row.age_from,
        row.age_to,
        tuple(sorted((area.code, area.name) for area in row.areas.all())),
        row.takes,
        tuple(row.shares),
        row.address,
        row.post_to,
        row.phone,
        row.email,
        row.since,
        row.until,
        row.since <= day and (row.until is None or day < row.until),
    )


def _limits(row: ServiceRow) -> Limits:
    return Limits(frozenset(row.domains), dict(row.areas), row.age_from, row.age_to)


def _asked(record: Record, row: Seen, found: Iterable[str]) -> Asked:
    scheme = scheme_of(row.get("scheme") or "", row.version)
    needs = seen(record, Need.objects.filter(case=row.pk, state="open"))
    kinds = {need.get("kind") for need in needs} | set(found)
    domains = {n.domain for name, n in scheme.needs.items() if name in kinds} if scheme else set()
    return Asked(frozenset(domains), _around(row.area), age_seen(record, row, scheme))


def _born(record: Record, row: Seen, scheme: Scheme | None) -> object:
    """Return the birthday that a case's newest referral tells; a visit's form asks for none."""
    form = scheme.forms.get("referral") if scheme else None
    for referral in seen(record, Referral.objects.filter(case=row.pk).order_by("-pk"), 1):
        values = answers_of(record, referral.submission_id, scheme, "referral").values
        return subject_of(form, values).get("date_of_birth") if form else None
    return None


def _around(code: str) -> tuple[str, ...]:
    """Return the code of an area and of those that it lies in, the smallest first."""
    found: list[str] = [code] if code else []
    area = Area.objects.filter(code=code).select_related("parent").first() if code else None
    while area is not None and area.parent is not None and len(found) < DEEPEST:
        found.append(area.parent.code)
        area = Area.objects.filter(pk=area.parent.pk).select_related("parent").first()
    return tuple(found)
