"""What came of the referrals of a year, as far as the agreement lets the reader count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from triservice.access import grants
from triservice.access.record import Kind, Record, reading
from triservice.casework.answers.queries import scheme_of
from triservice.casework.dashboards.queries import ONWARD, Guard, counted_by, guard_of, namer
from triservice.casework.dashboards.rounding import running
from triservice.casework.dashboards.rules import (
    By,
    Counted,
    Line,
    Part,
    Table,
    headed,
    share_of,
    table,
)
from triservice.casework.models import Case, CaseSubject, Need, OnwardReferral, Outcome, Referral
from triservice.casework.outcomes import measuring
from triservice.casework.outcomes.queries import kept, people
from triservice.casework.outcomes.queries.cohort import cohort, countable, received
from triservice.casework.outcomes.rules import span, year_name
from triservice.casework.outcomes.shown import Step, Year
from triservice.casework.words import CaseState, Closing, NeedState, OnwardState, ReferralState
from triservice.kernel.access_words import Reader
from triservice.subjects.models import Link, RecordPart

MANY = 5_000  # referrals; a year of more is not worked out within a request
MODELS = (Referral, Case, CaseSubject, Need, OnwardReferral, Outcome, Link, RecordPart)
RECEIVED: Mapping[str, Q] = {
    "Accepted": Q(state=ReferralState.ACCEPTED),
    "Waiting": Q(state__in=[ReferralState.RECEIVED, ReferralState.MORE]),
    "Signposted": Q(state=ReferralState.SIGNPOSTED),
    "Declined": Q(state=ReferralState.DECLINED),
    "Withdrawn": Q(state=ReferralState.WITHDRAWN),
}
CASES = ("Visited, closed", "Visited, open", "Closed without a visit", "Not visited yet")
NEEDS: Mapping[str, Q] = {
    "Not known yet" if state is NeedState.OPEN else str(state).capitalize(): Q(state=str(state))
    for state in (NeedState.MET, NeedState.PARTLY, NeedState.UNMET, NeedState.DECLINED,
                  NeedState.OPEN)
}  # fmt: skip
SENT: Mapping[str, Q] = {
    "No answer yet" if state is OnwardState.SENT else str(state).capitalize(): Q(state=str(state))
    for state in ONWARD
}
OWN_VIEW = ("Said how they see it", "Not asked, or not written down")


WAY, HEAD = "From referral to closing", ("Step", "Number", "Share")


def outcomes(
    reader: Reader,
    by: By,
    year: int,
    doing: str = "look at outcomes",
    kind: Kind = Kind.CONSULTATION,
) -> Year:
    """Return what came of the referrals received in a financial year, so far.

    Years have no day in common, so that none can be taken from another. A year of more than `MANY`
    referrals is worked out in a job and kept for the reader. Raises NotYetError until it is there.
    """
    with reading(reader, kind, doing) as record:
        mark = grants.mark(record.reader, rows=True)
        if mark and _received(record, year)[: MANY + 1].count() > MANY:
            return kept.shown(record, by, year, mark)
        return _worked_out(record, by, year)


def work_out(reader: Reader, by: By, year: int) -> tuple[str, Year]:
    """Work out a year of any size, and return it after the mark of the rights that it rests on.

    The mark is taken first: rights that change while it is worked out have another by then.
    """
    mark = grants.mark(reader, rows=True)
    with reading(reader, Kind.COMBINATION, "work out outcomes") as record:
        return mark, _worked_out(record, by, year)


def _received(record: Record, year: int) -> QuerySet[Referral]:
    return received(record, *span(year, timezone.get_current_timezone()))


def _worked_out(record: Record, by: By, year: int) -> Year:
    guard = guard_of(record, MODELS)
    if not guard.opened[Referral] or not guard.opened[Case]:
        return Year((), (), "")
    tables = _Made(record, by, year, guard).tables()
    said = f"What came, until now, of the referrals received from {year_name(year)} that you "
    return Year(steps(tables[0], tables[1]), tables, guard.about(said + "may count."))


def steps(referrals: Table, cases: Table) -> tuple[Step, ...]:
    """Return the way from referral to closing, of what the first tables show."""
    accepted, *others = referrals.totals
    done, under_way, unvisited, _ = cases.totals
    received, made = accepted + sum(others), sum(cases.totals)
    return (
        Step("Referrals received", received, "all"),
        Step("Referrals accepted", accepted, share_of(accepted, received).said),
        Step("Cases that they became", made, "each counted once"),
        Step("Cases visited", done + under_way, share_of(done + under_way, made).said),
        Step("Cases closed", done + unvisited, share_of(done + unvisited, made).said),
    )


class _Made:
    """The tables of one year."""

    def __init__(self, record: Record, by: By, year: int, guard: Guard) -> None:
        self.record, self.by, self.guard, self.named = record, by, guard, namer(by)
        self.cohort = cohort(record, _received(record, year))

    def key(self, to_case: str = "") -> str:
        """Return the column of the lines, in rows from which `to_case` leads to their case."""
        keys = {By.SCHEME: f"{to_case}scheme", By.AREA: "area", By.AGENCY: "owner"}
        return keys[self.by]

    def counted(self, rows: QuerySet[Any], key: str, counts: Mapping[str, Q]) -> Counted:
        """Count rows by a column, noted in the record."""
        return counted_by(self.record, rows, key, counts, self.guard.plain, self.named)

    def tables(self) -> tuple[Table, ...]:
        """Return all tables, in the order of the work."""
        states = self.counted(self.cohort.cases, self.key(), self.states())
        least = self.guard.least
        found = people.met(self.record, self.cohort, self.key("case__"))
        shown = table(
            "Cases", "The different cases that these referrals became or were added to; a case "
            "that was merged into another is part of that one", CASES, states, least,
            Part("Visited", slice(2)),
        )  # fmt: skip
        return (
            self.received(),
            shown,
            self.ended(running(states.totals(), least)),
            people.different(self.record, found, self.named, least),
            self.needs(),
            self.measures(),
            self.onward(),
            people.repeat_table(self.record, found.first, least),
            self.own_view(states),
        )  # fmt: skip

    def received(self) -> Table:
        """Count referrals by what was decided."""
        counted = self.counted(self.cohort.referrals, self.key(), RECEIVED)
        return table(
            "Referrals", "Referrals received in the year, by how they stand now", tuple(RECEIVED),
            counted, self.guard.least, Part("Accepted", slice(1)),
        )  # fmt: skip

    def states(self) -> Mapping[str, Q]:
        """Return the conditions of the columns of cases."""
        visited, closed = self.cohort.visited, Q(state=CaseState.CLOSED)
        found = (visited & closed, visited & ~closed, ~visited & closed, ~visited & ~closed)
        return dict(zip(CASES, found, strict=True))

    def ended(self, totals: list[int]) -> Table:
        """Count closed cases by outcome; their columns are two of those of all cases."""
        closed = countable(self.record, self.cohort.cases, "outcome").filter(
            state=CaseState.CLOSED, outcome__in=[str(each) for each in Closing]
        )
        counts = {"Visited": self.cohort.visited, "Without a visit": ~self.cohort.visited}
        counted = counted_by(
            self.record, closed, "outcome", counts, self.guard.plain, str.capitalize
        )
        shown = [totals[0], totals[2]] if counted.guarded else None
        return table(
            "What came of closed cases", "Cases that are closed, by the reason that was given",
            tuple(counts), counted, self.guard.least, totals=shown, first="Outcome",
        )  # fmt: skip

    def needs(self) -> Table:
        """Count needs by what became of them."""
        rows = countable(self.record, Need.objects.filter(self.cohort.parts), "state")
        return table(
            "Needs found", "Needs found in these cases, of the kinds of data that you may count; "
            "what is not known yet is in the whole", tuple(NEEDS),
            self.counted(rows, self.key("case__"), NEEDS), self.guard.least, Part("Met", slice(1)),
        )  # fmt: skip

    def onward(self) -> Table:
        """Count onward referrals by their answer."""
        rows = countable(self.record, OnwardReferral.objects.filter(self.cohort.parts), "state")
        return table(
            "Onward referrals", "Made from these cases to other services; completed and accepted "
            "are apart", tuple(SENT), self.counted(rows, self.key("case__"), SENT),
            self.guard.least, Part("Completed", slice(1)),
        )  # fmt: skip

    def measures(self) -> Table:
        """Count by measure which way it went, and say its median change."""
        rows = Outcome.objects.filter(self.cohort.parts)
        rows = countable(self.record, rows, "measure", "before", "after").order_by("at", "pk")
        columns = ("case", "case__scheme", "case__version", "measure", "before", "after", "owner")
        found: dict[tuple[str, str, str], dict[tuple[int, bool], measuring.Pair]] = defaultdict(
            dict
        )
        asked = cache(scheme_of)  # which looks at its file each time
        for case, scheme, version, measure, before, after, owner in rows.values_list(*columns):
            known = asked(scheme, version)
            if known is None or measure not in known.measures:
                continue
            kind = known.measures[measure]
            if kind.better != "neither":
                whose = self.cohort.whole(case), owner == self.guard.plain
                pairs = found[f"{kind.name} ({kind.unit})", kind.better, measure]
                pairs.setdefault(whose, measuring.Pair()).add(before, after)
        self.record.counted("measures of cases", sum(map(len, found.values())))
        part = Part("Better", slice(1), slice(3), "those known before and after")
        lines = [
            line
            for (name, better, _), pairs in sorted(found.items())
            if (line := self._measure(name, better, pairs, part)) is not None
        ]
        return Table(
            "Before and after", "Measures of these cases, by case: the first known value before "
            "and the last after. A measure with one side missing is not known", measuring.HEADS,
            tuple(lines), headed(part), "Median change and its 95% interval", "Measure",
        )  # fmt: skip

    def _measure(
        self, name: str, better: str, pairs: Mapping[tuple[int, bool], measuring.Pair], part: Part
    ) -> Line | None:
        """Return the line of a measure. Few values that are guarded take no part in its median."""
        least = self.guard.least
        plain = [pair.change for (_, own), pair in pairs.items() if own]
        guarded = [pair.change for (_, own), pair in pairs.items() if not own]
        hidden = running(measuring.compared(guarded, better), least)
        counts = tuple(map(sum, zip(measuring.compared(plain, better), hidden, strict=True)))
        if not any(counts):
            return None
        enough = sum(hidden[:3]) >= 2 * least
        told = [each for each in (*plain, *(guarded if enough else ())) if each is not None]
        many = sum(counts[:3]) if enough else len(told)
        share = share_of(counts[0], sum(counts[part.whole]))
        return Line(name, counts, share, measuring.said(told, many))

    def own_view(self, states: Counted) -> Table:
        """Count the cases in which the person's own view was written down."""
        rows = Outcome.objects.filter(self.cohort.parts).exclude(own_view="")
        said = countable(self.record, rows, "own_view").values_list("case", "owner")
        counted: list[dict[str, list[int]]] = []
        for group, own in ((states.plain, True), (states.guarded, False)):
            heard = {
                self.cohort.whole(case) for case, owner in said
                if (owner == self.guard.plain) is own
            }  # fmt: skip
            cases = sum(map(sum, group.values()))
            counted.append({"All cases": [len(heard), max(cases - len(heard), 0)]} if cases else {})
        return table(
            "The person's own view", "Cases in which what the person says themselves was written "
            "down with an outcome; what they said is read in the case", OWN_VIEW,
            Counted(*counted), self.guard.least, Part(OWN_VIEW[0], slice(1)), first="Of",
        )  # fmt: skip
