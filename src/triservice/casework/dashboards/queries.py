"""Counting casework for the dashboards, as far as the agreement lets the reader count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from triservice.access.clauses import clauses
from triservice.access.queries import visible_to
from triservice.access.record import Kind, Record, reading
from triservice.access.rules import Use
from triservice.casework.answers.queries import scheme_name
from triservice.casework.dashboards.rules import AGES, OLDEST, By, Table, least_shown, table
from triservice.casework.models import Case, OnwardReferral, Visit
from triservice.casework.models.columns import TIERS
from triservice.casework.words import OnwardState, VisitState
from triservice.kernel.access_words import Reader
from triservice.subjects.queries.gather import agency_names

WORK = Q(state__in=["open", "offered"])
VISITS = (VisitState.DONE, VisitState.NO_ACCESS, VisitState.CANCELLED, VisitState.PLANNED)
ONWARD = (OnwardState.COMPLETED, OnwardState.ACCEPTED, OnwardState.SENT, OnwardState.DECLINED,
          OnwardState.WITHDRAWN)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The tables, since when, and the least number that is shown. None open: no table."""

    tables: tuple[Table, ...]
    since: datetime
    at: datetime
    least: int


def dashboard(reader: Reader, by: By, months: int, doing: str = "look at numbers") -> Dashboard:
    """Return the numbers of all cases that the reader may count, of the last `months`.

    Cases are counted by the scheme and risk that the reader may see of them; visits and onward
    referrals, of these cases only.
    """
    kind = Kind.CONSULTATION if doing.startswith("look") else Kind.DISCLOSURE
    with reading(reader, kind, doing) as record:
        at = record.reader.at
        since = timezone.localtime(at - timedelta(days=30.4375 * months)).replace(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        models = (Case, Visit, OnwardReferral)
        opened = {each: list(clauses(record.grants, each._meta.label_lower, None, Use.COUNT))
                  for each in models}  # fmt: skip
        least = least_shown(
            reader.roles, max((c.small_number for each in opened.values() for c in each), default=0)
        )
        if not opened[Case]:
            return Dashboard((), since, at, least)
        made = _Made(record, by, since, least)
        return Dashboard((made.ages(), made.late(), made.visits(), made.onward()), since, at, least)


class _Made:
    """The tables of one dashboard."""

    def __init__(self, record: Record, by: By, since: datetime, least: int) -> None:
        self.record, self.by, self.since, self.least = record, by, since, least
        self.at, self.agencies = record.reader.at, agency_names()
        self.cases = self.countable(Case.objects.all(), "scheme", "tier")

    def countable(self, rows: QuerySet[Any], *by: str) -> QuerySet[Any]:
        """Return what may be counted, without an order."""
        return visible_to(self.record.reader, rows, by=by, use=Use.COUNT).order_by()

    def ages(self) -> Table:
        """Count open cases by risk and age."""
        names = [name for _, name in AGES] + [OLDEST]
        edges = [self.at, *(self.at - timedelta(days=days) for days, _ in AGES), None]
        bands = {
            name: Q(opened_at__lte=young) & (Q(opened_at__gt=old) if old else Q())
            for name, young, old in zip(names, edges[:-1], edges[1:], strict=True)
        }
        found = self.grouped(self.cases.filter(WORK), "tier", bands)
        counted = {tier.capitalize(): found.get(tier, [0] * len(names)) for tier in TIERS}
        return table(
            "Open cases by risk and age", "Cases that are open now, by days since they were opened",
            names, counted, self.least,
        )  # fmt: skip

    def late(self) -> Table:
        """Count cases whose first contact was due, and was late."""
        due = self.cases.filter(opened_at__gte=self.since, contact_due_at__lte=self.at)
        in_time = Q(contacted_at__isnull=False, contacted_at__lte=F("contact_due_at"))
        counts = {"In time": in_time, "Late": ~in_time}
        return self.by_group(
            "First contact against its target", "Cases opened in these months whose first contact "
            "was due by now; a contact that was not made is late", due, "", "opened_at", counts,
            ("Late", 1),
        )  # fmt: skip

    def visits(self) -> Table:
        """Count visits by how they ended."""
        rows = self.countable(Visit.objects.filter(case__in=self.cases.values("pk")))
        rows = rows.filter(made_at__gte=self.since)
        counts = {str(state).capitalize(): Q(state=str(state)) for state in VISITS}
        return self.by_group(
            "Visits", "Visits planned in these months; a new attempt is a visit of its own",
            rows, "case__", "made_at", counts, ("Done", 0),
        )  # fmt: skip

    def onward(self) -> Table:
        """Count onward referrals by outcome."""
        sent = OnwardReferral.objects.filter(case__in=self.cases.values("pk"))
        rows = self.countable(sent, "state").filter(sent_at__gte=self.since)
        counts = {str(state).capitalize(): Q(state=str(state)) for state in ONWARD}
        return self.by_group(
            "Onward referrals by outcome", "Referrals to other services sent in these months",
            rows, "case__", "sent_at", counts, ("Completed", 0),
        )  # fmt: skip

    def by_group(
        self, title: str, note: str, rows: QuerySet[Any], to_case: str, moment: str,
        counts: Mapping[str, Q], share: tuple[str, int],
    ) -> Table:  # fmt: skip
        """Count by what the reader asked the rows to be."""
        key: Any = {By.SCHEME: f"{to_case}scheme", By.AREA: "area", By.AGENCY: "owner"}.get(self.by)
        if self.by is By.MONTH:
            rows, key = rows.annotate(month=TruncMonth(moment)), "month"
        found = self.grouped(rows, key, counts)
        named = {self.name(group): found[group] for group in sorted(found, key=str)}
        return table(title, note, list(counts), named, self.least, share)

    def grouped(self, rows: QuerySet[Any], key: str, counts: Mapping[str, Q]) -> dict[Any, Any]:
        """Count rows under each condition by a column; noted in the record."""
        numbers = {f"n{n}": Count("pk", filter=q) for n, q in enumerate(counts.values())}
        found = {
            group: list(values)
            for group, *values in rows.values(key).annotate(**numbers).values_list(key, *numbers)
        }
        self.record.counted(rows.model._meta.label_lower, sum(map(sum, found.values())))
        return found

    def name(self, group: Any) -> str:
        """Return a line's name."""
        if self.by is By.MONTH:
            return f"{group:%B %Y}"
        if self.by is By.AGENCY:
            return self.agencies[group]
        return scheme_name(group) if self.by is By.SCHEME else group or "Area not known"
