"""What a plan must say, and what its counts can bear. Pure.

Scanning, analysis, response and assessment are the steps of problem-oriented policing (Eck and
Spelman 1987, after Goldstein 1979), as the College of Policing teaches them; victim, offender and
place are the sides of the problem analysis triangle, each with who could look after it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from triservice.casework.steps import machine
from triservice.casework.words import PlanOutcome, PlanStage
from triservice.kernel.words import many

LIFE = machine(
    "plan", work_on=("open", ""), close=("open", "closed"), open_again=("closed", "open")
)
SMALL = 20  # a count of 20 may stand for anything from 12 to 31 (95% interval of Poisson)
LIKELY = 0.05  # what comes about by chance more often than this is no sign of anything
EXACT = 1_000  # up to so many together the chance is worked out exactly
SEASON = 31  # days by which two periods may lie apart in the year
YEAR = 365
REVIEW_WITHIN = 366  # days: a plan is looked at again within a year
CLAIMS = frozenset({PlanOutcome.SOLVED, PlanOutcome.REDUCED, PlanOutcome.WORSE})


DONE = {  # what must be so, and what must not, of an open plan at a stage
    PlanStage.SCANNING: {"counted": False, "responding": False, "again": False},
    PlanStage.ANALYSIS: {"counted": True, "responding": False, "again": False},
    PlanStage.RESPONSE: {"responding": True, "again": False},
    PlanStage.ASSESSMENT: {"again": True},
}


def stage(closed: bool, **done: bool) -> PlanStage:
    """Return how far a plan is, of whether it was counted, responded to, and counted again."""
    if closed:
        return PlanStage.CLOSED
    fits = (name for name, so in DONE.items() if all(done[what] is so[what] for what in so))
    return next(fits)


@dataclass(frozen=True, slots=True)
class Counted:
    """A count over a period, first and last day included."""

    count: int
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.last - self.first).days + 1

    def per_four_weeks(self) -> float:
        """Return the count as if the period had 28 days."""
        return self.count * 28 / self.days


def period_faults(count: Counted, today: date, before: Counted | None = None) -> list[str]:
    """Return what is wrong with a period, one sentence each; `before`: the one it comes after."""
    found = []
    if count.last < count.first:
        found.append("The last day is before the first")
    if count.last > today:
        found.append("The period is not over yet: count until a day that has passed")
    if before is not None and count.first <= before.last:
        found.append("The period afterwards begins after the one before has ended")
    return found


def chance(before: Counted, after: Counted) -> float:
    """Return how often chance alone gives counts at least as far apart, were nothing changed.

    Two-sided conditional test of two Poisson counts (Przyborowski and Wilenski 1940): given both
    together, the count before is binomial with the share of days before. Exact up to EXACT, by the
    normal approximation with continuity correction above.
    """
    total, share = before.count + after.count, before.days / (before.days + after.days)
    if total == 0:
        return 1.0
    if total > EXACT:
        spread = math.sqrt(total * share * (1 - share))
        far = max(abs(before.count - total * share) - 0.5, 0) / spread
        return math.erfc(far / math.sqrt(2))
    logs = (math.log(share), math.log1p(-share))
    each = [
        math.exp(
            math.lgamma(total + 1) - math.lgamma(n + 1) - math.lgamma(total - n + 1)
            + n * logs[0] + (total - n) * logs[1]
        )
        for n in range(total + 1)
    ]  # fmt: skip
    limit = each[before.count] * (1 + 1e-9)
    return min(1.0, sum(one for one in each if one <= limit))


def change_said(before: Counted, after: Counted) -> str:
    """Return the change as words: the rate of four weeks, and of how much it rose or fell."""
    was, now = before.per_four_weeks(), after.per_four_weeks()
    said = f"{was:.1f} → {now:.1f} in four weeks"
    if was == now:
        return f"{said}: no change"
    if was == 0:
        return f"{said}: there was none before"
    share = abs(now - was) / was
    return f"{said}: {share:.0%} {'more' if now > was else 'fewer'}"


def cautions(before: Counted, after: Counted) -> tuple[str, ...]:
    """Return what a reader of a count before and after must know, one sentence each."""
    found = []
    if before.days != after.days:
        found.append(
            f"The periods differ in length: {many(before.days, 'day')} before and "
            f"{many(after.days, 'day')} after. Compare them per four weeks, or count equal periods"
        )
    apart = (after.first - before.first).days % YEAR
    if min(before.days, after.days) < YEAR and SEASON < apart < YEAR - SEASON:
        found.append("The periods lie in different parts of the year, so the season may explain it")
    if min(before.count, after.count) < SMALL:
        found.append(f"A count is below {SMALL}: so small, it changes much by chance")
    if chance(before, after) >= LIKELY:
        found.append("Chance alone gives a change like this more often than once in twenty times")
    return tuple(found)


NOT_LOOKED = "Nobody has said yet whether the problem moved elsewhere, or changed into another"
NOT_MEASURED = "Nothing has been counted yet, so nobody can say later whether it got better"
NOT_AGAIN = "Nothing has been counted afterwards yet"


def plan_cautions(before: Iterable[bool], moved: str, closed: bool) -> tuple[str, ...]:
    """Return what is missing of a plan's assessment. `before`: whether each was counted again."""
    again = list(before)
    found = [] if again else [NOT_MEASURED]
    if again and not any(again):
        found.append(NOT_AGAIN)
    if not moved and (any(again) or closed):
        found.append(NOT_LOOKED)
    return tuple(found)


def closing_faults(outcome: str, why: str, responses: int, counted_again: bool) -> list[str]:
    """Return what stands against closing a plan, one sentence each.

    Whoever says that it is better or worse has counted before and after.
    """
    found = []
    if outcome not in {str(word) for word in PlanOutcome}:
        found.append("Say what came of it")
    if len(why.strip()) < 20:
        found.append("Say what was done and what was learned, in a sentence or two")
    if responses:
        be = "is" if responses == 1 else "are"
        found.append(f"{many(responses, 'response')} {be} still open: finish or cancel each")
    if outcome in CLAIMS and not counted_again:
        found.append(
            "Count the problem before and after first, or say that it is not known what came of it"
        )
    return found


def review_faults(day: date | None, today: date) -> list[str]:
    """Return what is wrong with a day of review."""
    if day is None or not 0 < (day - today).days <= REVIEW_WITHIN:
        return ["Choose a day within a year from now on which the plan is looked at again"]
    return []
