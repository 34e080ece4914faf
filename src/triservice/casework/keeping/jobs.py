"""How long what was sent to the systems of services is kept: the clock lets it go by the rule.

What was sent is a copy of what the case holds, which goes by its own rule. The copy goes when the
onward referral is over, the case is closed, and the years of the case's scheme (`[retention]`) have
gone by since the later of both. When it was sent, to whom and a digest of it stay.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from triservice.access.agreements.forms import begin_of
from triservice.access.jobs import SELDOM, by_the_clock
from triservice.access.notices.actions import clock_reader
from triservice.access.record import Kind, Record, recording
from triservice.casework.answers.queries import scheme_of
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Case, Dispatch, OnwardReferral
from triservice.casework.onward import wire
from triservice.casework.visits.rules import months_after
from triservice.kernel import clock
from triservice.kernel.words import many
from triservice.schemes import catalogue
from triservice.schemes.scheme import Retention

AT_ONCE = 500  # in one run; the next goes on

# Cases that were merged, however often, into one that was closed by then. Any key is more than
# nought: SQLite finds "not null" by no index.
PARTS_CLOSED = """
WITH RECURSIVE whole (part, id) AS (
    SELECT id, merged_into_id FROM casework_case WHERE merged_into_id > 0
    UNION
    SELECT part, merged_into_id FROM whole JOIN casework_case USING (id) WHERE merged_into_id > 0
)
SELECT part FROM whole JOIN casework_case USING (id)
WHERE merged_into_id IS NULL AND closed_at < %s"""


@by_the_clock("what was sent to services and is kept no longer", SELDOM)
def let_go() -> int:
    """Let go of what was sent that no rule keeps any more; return how much that was.

    Where the scheme is not in the catalogue any more there is no rule, and nothing goes.
    """
    over = Dispatch.objects.filter(_over(timezone.localdate(clock.now())), payload__isnull=False)
    gone = 0
    for pk in list(over.order_by("ended_at", "pk").values_list("pk", flat=True)[:AT_ONCE]):
        with recording(clock_reader(), Kind.ALTERATION, "let go of what was sent") as record:
            gone += _gone(record, pk)
    return gone


def _over(today: date) -> Q:
    """Return the condition of what no rule keeps, scheme by scheme: nothing else is read."""
    of_years: dict[int, Q] = defaultdict(Q)
    for newest in map(catalogue.scheme, catalogue.names()):
        for version in range(1, newest.version + 1):
            if rule := _rule(newest.id, version):
                of = Q(onward__case__scheme=newest.id, onward__case__version=version)
                of_years[rule.years] |= of
    found = Q(pk__in=())
    for years, of in of_years.items():
        before = begin_of(months_after(today, -12 * years) + timedelta(days=1))
        found |= of & Q(onward__completed_at__lt=before) & _closed(before)
    return found


def _closed(before: datetime) -> Q:
    """Return the condition that the case, or the one that it is worked on as part of, is closed."""
    moment = connection.ops.adapt_datetimefield_value(before)
    parts = Q(onward__case__in=RawSQL(PARTS_CLOSED, (moment,)))
    return parts | Q(onward__case__closed_at__lt=before, onward__case__merged_into__isnull=True)


def _gone(record: Record, pk: int) -> bool:
    row = Dispatch.objects.select_for_update().get(pk=pk)
    onward = OnwardReferral.objects.get(pk=row.onward_id)
    case = Case.objects.select_for_update().get(pk=onward.case_id)
    rule = _rule(case.scheme, case.version)
    if row.payload is None or rule is None or _kept(case, onward, rule, record.reader.at):
        return False
    digest = sha256(wire.body(row.payload)).hexdigest()
    change(row, payload=None, digest=digest, gone_at=record.reader.at)
    record.did("casework.dispatch", pk, row.data_class)
    note(
        record, "let go", onward, case=case, after={"digest": digest},
        text=f"What was sent to {onward.to_name} is kept no longer",
        why=f"{rule.class_.capitalize()}: {many(rule.years, 'year')}. {rule.source}",
    )  # fmt: skip
    return True


def _rule(scheme: str, version: int) -> Retention | None:
    found = scheme_of(scheme, version)
    return found.retention if found else None


def _kept(case: Case, onward: OnwardReferral, rule: Retention, now: datetime) -> bool:
    """Whether it is kept still: while the case, or the one that it is part of, is open, it is."""
    while case.merged_into is not None:
        case = case.merged_into
    if case.closed_at is None or onward.completed_at is None:
        return True
    later = timezone.localdate(max(case.closed_at, onward.completed_at))
    return timezone.localdate(now) < months_after(later, 12 * rule.years)
