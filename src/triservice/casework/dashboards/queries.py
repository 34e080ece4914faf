"""Counting casework for the dashboards, as far as the agreement lets the reader count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case as Case_
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import TruncMonth
from django.utils import timezone

from triservice.access.clauses import clauses
from triservice.access.queries import visible_to
from triservice.access.record import Kind, Record, reading
from triservice.access.rules import Use
from triservice.casework.answers.queries import scheme_name
from triservice.casework.cases.rules import WORKS
from triservice.casework.dashboards.rules import (
    AGES,
    OLDEST,
    YEAR,
    By,
    Counted,
    Part,
    Table,
    about,
    least_shown,
    table,
)
from triservice.casework.models import Case, OnwardReferral, Visit
from triservice.casework.models.columns import TIERS
from triservice.casework.words import OnwardState, VisitState
from triservice.kernel.access_words import Reader
from triservice.kernel.words import long_date
from triservice.subjects.queries.gather import agency_names

# By what is due too, as only a case at work has it: for the index.
WORK = Q(state__in=["open", "offered"], next_due_at__isnull=False)
VISITS = (VisitState.DONE, VisitState.NO_ACCESS, VisitState.CANCELLED, VisitState.PLANNED)
ONWARD = (OnwardState.COMPLETED, OnwardState.ACCEPTED, OnwardState.SENT, OnwardState.DECLINED,
          OnwardState.WITHDRAWN)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The tables, what they are of, and whether a length may be chosen. None open: no table."""

    tables: tuple[Table, ...]
    about: str
    lengths: bool


def dashboard(reader: Reader, by: By, months: int, doing: str = "look at numbers") -> Dashboard:
    """Return the numbers of all cases that the reader may count, of the last `months`.

    Cases are counted by the scheme and risk that the reader may see of them; visits and onward
    referrals, of these cases only. Whoever may not see small numbers gets one length only, a year:
    of two lengths, one could be taken from the other.
    """
    kind = Kind.CONSULTATION if doing.startswith("look") else Kind.DISCLOSURE
    with reading(reader, kind, doing) as record:
        at = record.reader.at
        models = (Case, Visit, OnwardReferral)
        guard = guard_of(record, models)
        months = YEAR if guard.least > 1 else months
        since = timezone.localtime(at - timedelta(days=30.4375 * months)).replace(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        said = guard.about(f"All cases that you may count, since {long_date(since)}.")
        if not guard.opened[Case]:
            return Dashboard((), said, True)
        made = _Made(record, by, since, guard)
        found = (made.ages(), made.late(), made.visits(), made.onward())
        return Dashboard(found, said, guard.least < 2)


@dataclass(frozen=True, slots=True)
class Guard:
    """Which models the reader may count rows of, the least number shown, and whose rows are plain.

    `plain` is the agency whose rows are told exactly: the reader's own, where they work on cases.
    """

    opened: Mapping[Any, bool]
    least: int
    plain: int | None

    def about(self, what: str) -> str:
        """Return in sentences what is counted, and how."""
        return about(what, self.least, self.plain is not None)


def guard_of(record: Record, models: Iterable[Any]) -> Guard:
    """Return what guards the counts of rows of these models."""
    opened = {
        model: list(clauses(record.grants, model._meta.label_lower, None, Use.COUNT))
        for model in models
    }
    agreed = max((each.small_number for found in opened.values() for each in found), default=0)
    roles = record.reader.roles
    return Guard(
        {model: bool(found) for model, found in opened.items()},
        least_shown(roles, agreed),
        record.reader.agency if WORKS & roles else None,
    )


def counted_by(
    record: Record, rows: QuerySet[Any], key: str, counts: Mapping[str, Q], plain: int | None,
    name: Callable[[Any], str],
) -> Counted:  # fmt: skip
    """Count rows under each condition by a column, its values named; noted in the record."""
    numbers = {f"n{n}": Count("pk", filter=q) for n, q in enumerate(counts.values())}
    grouped = rows.annotate(plain=Case_(When(owner=plain or 0, then=True), default=False))
    found: tuple[dict[str, list[int]], ...] = ({}, {})
    total = 0
    for group, own, *values in sorted(
        grouped.values(key, "plain").annotate(**numbers).values_list(key, "plain", *numbers),
        key=lambda row: str(row[0]),
    ):
        line = found[not own].setdefault(name(group), [0] * len(counts))
        for column, value in enumerate(values):
            line[column] += value
        total += sum(values)
    record.counted(rows.model._meta.label_lower, total)
    return Counted(*found)


def namer(by: By) -> Callable[[Any], str]:
    """Return how the value of a line is named."""
    if by is By.MONTH:
        return lambda month: f"{month:%B %Y}"
    if by is By.AGENCY:
        return agency_names().__getitem__
    return scheme_name if by is By.SCHEME else lambda area: area or "Area not known"


class _Made:
    """The tables of one dashboard."""

    def __init__(self, record: Record, by: By, since: datetime, guard: Guard) -> None:
        self.record, self.by, self.since, self.guard = record, by, since, guard
        self.at, self.named = record.reader.at, namer(by)
        self.cases = self.countable(Case.objects.all(), "scheme", "tier")

    def countable(self, rows: QuerySet[Any], *by: str) -> QuerySet[Any]:
        """Return what may be counted, without an order."""
        return visible_to(self.record.reader, rows, by=by, use=Use.COUNT).order_by()

    def of_cases(self) -> Q:
        """Return that a row is of one of the cases: asked of each row, not of all cases first."""
        return Q(Exists(self.cases.filter(pk=OuterRef("case"))))

    def ages(self) -> Table:
        """Count open cases by risk and age."""
        names = [name for _, name in AGES] + [OLDEST]
        edges = [self.at, *(self.at - timedelta(days=days) for days, _ in AGES), None]
        bands = {
            name: Q(opened_at__lte=young) & (Q(opened_at__gt=old) if old else Q())
            for name, young, old in zip(names, edges[:-1], edges[1:], strict=True)
        }
        rows = self.cases.filter(WORK)
        found = counted_by(self.record, rows, "tier", bands, self.guard.plain, str.capitalize)
        nothing = {tier.capitalize(): [0] * len(names) for tier in TIERS}  # the highest first
        return table(
            "Open cases by risk and age", "Cases that are open now, by days since they were opened",
            names, Counted(nothing | dict(found.plain), found.guarded), self.guard.least,
            first="Risk",
        )  # fmt: skip

    def late(self) -> Table:
        """Count cases whose first contact was due, and was late."""
        due = self.cases.filter(opened_at__gte=self.since, contact_due_at__lte=self.at)
        in_time = Q(contacted_at__isnull=False, contacted_at__lte=F("contact_due_at"))
        counts = {"In time": in_time, "Late": ~in_time}
        return self.by_group(
            "First contact against its target", "Cases opened in these months whose first contact "
            "was due by now; a contact that was not made is late", due, "", "opened_at", counts,
            Part("Late", slice(1, 2)),
        )  # fmt: skip

    def visits(self) -> Table:
        """Count visits by how they ended."""
        made = Visit.objects.filter(self.of_cases(), made_at__gte=self.since)
        rows = self.countable(made)
        counts = {str(state).capitalize(): Q(state=str(state)) for state in VISITS}
        return self.by_group(
            "Visits", "Visits planned in these months; a new attempt is a visit of its own",
            rows, "case__", "made_at", counts, Part("Done", slice(1)),
        )  # fmt: skip

    def onward(self) -> Table:
        """Count onward referrals by outcome."""
        sent = OnwardReferral.objects.filter(self.of_cases(), sent_at__gte=self.since)
        rows = self.countable(sent, "state")
        counts = {str(state).capitalize(): Q(state=str(state)) for state in ONWARD}
        return self.by_group(
            "Onward referrals by outcome", "Referrals to other services sent in these months",
            rows, "case__", "sent_at", counts, Part("Completed", slice(1)),
        )  # fmt: skip

    def by_group(
        self, title: str, note: str, rows: QuerySet[Any], to_case: str, moment: str,
        counts: Mapping[str, Q], part: Part,
    ) -> Table:  # fmt: skip
        """Count by what the reader asked the rows to be."""
        key: Any = {By.SCHEME: f"{to_case}scheme", By.AREA: "area", By.AGENCY: "owner"}.get(self.by)
        if self.by is By.MONTH:
            rows, key = rows.annotate(month=TruncMonth(moment)), "month"
        counted = counted_by(self.record, rows, key, counts, self.guard.plain, self.named)
        return table(title, note, list(counts), counted, self.guard.least, part)
