"""The forms that were filled on a case, and what a person judged: what its risk stands on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, QuerySet
from django.utils import timezone

from triservice.access.prepared import Given, PreparedRows
from triservice.access.queries import Seen, seen
from triservice.access.record import Record
from triservice.casework.answers.queries import reasons_of
from triservice.casework.answers.rules import together
from triservice.casework.cases.queries.naming import merged_with
from triservice.casework.cases.rules import MERGED
from triservice.casework.models import AnswerPart, Case, Entry, Referral, Submission, Visit
from triservice.casework.visits.standing import JUDGED, LOWER, Filled, Judged, stands
from triservice.kernel.words import long_date
from triservice.schemes.forms import Stands
from triservice.schemes.words import Tier

Parts = Callable[[QuerySet[AnswerPart]], Iterable[tuple[int, int, dict[str, Any]]]]


def filled_on(case: Case, but: int, parts: Parts) -> list[Filled]:
    """Return the forms of a case and of those merged into it, but that of one visit.

    `parts` reads the answers: (submission, owner, answers) of those that may be read.
    """
    cases = merged_with(case.pk)
    at: dict[int, datetime] = dict(
        Referral.objects.filter(case__in=cases).values_list("submission", "received_at")
    )
    visits = Visit.objects.filter(case__in=cases, submission__isnull=False).exclude(pk=but)
    at |= {visit.submission_id: when(visit) for visit in visits if visit.submission_id}
    same = Submission.objects.filter(pk__in=at, scheme=case.scheme, version=case.version)
    own, told = set(same.values_list("pk", flat=True)), dict[int, list[dict[str, Any]]]()
    for submission, owner, answers in parts(AnswerPart.objects.filter(submission__in=own)):
        if owner == case.owner_id:
            told.setdefault(submission, []).append(answers)
        else:
            own.discard(submission)
    return [Filled(when, together(told.get(pk, ())), pk in own) for pk, when in at.items()]


def when(visit: Visit, ended: datetime | None = None) -> datetime:
    """Return when a form was filled: after its visit was planned, whatever a phone's clock said."""
    return max(ended or visit.ended_at or visit.made_at, visit.made_at)


def judged_of(case: Case | Seen, rows: Iterable[Any]) -> Judged | None:
    """Return what a person judged last, of the entries that say so, the latest first."""
    for row in rows:
        day = long_date(timezone.localtime(row.at))
        said = f"{row.by_name} judged it {row.after['tier']} on {day}"
        why = f": {row.why}" if row.owner_id == case.owner_id else ""
        return Judged(row.at, Tier(row.after["tier"]), f"{said}{why}")
    return None


def judgements(case: int | Given) -> QuerySet[Entry]:
    """Return the entries by which a person set the tier of a case, the latest first."""
    return Entry.objects.filter(case=case, verb=JUDGED).order_by("-at", "-pk")


def stands_seen(record: Record, case: Case, visit: Visit) -> Stands:
    """Return what counts beside the form of a visit, as far as the reader may see it."""
    filled = filled_on(
        case, visit.pk,
        lambda rows: [(r.submission_id, r.owner_id, r.get("answers") or {})
                      for r in seen(record, rows.order_by("pk"))],
    )  # fmt: skip
    tiers = [row.get("tier") for row in seen(record, Case.objects.filter(pk=case.pk))]
    tier = Tier(tiers[0]) if tiers and tiers[0] else None
    at = when(visit, visit.ended_at or record.reader.at)
    return stands(filled, judged_seen(record, case), tier, at)


@PreparedRows
def _judgements() -> QuerySet[Entry]:
    return judgements(Given("case", BigIntegerField()))


def judged_now(case: Case) -> Judged | None:
    """Return what a person judged last of a case, or higher of one merged into it since."""
    return _highest(judged_of(case, judgements(pk)[:1]) for pk in _judged_apart(case.pk))


def judged_seen(record: Record, case: Case | Seen) -> Judged | None:
    """Return the same as far as the reader may see it."""

    def told(pk: int) -> Judged | None:
        rows = seen(record, _judgements(case=pk), 1)
        return judged_of(case, [row for row in rows if not {"after", "why"} & row.withheld.keys()])

    return _highest(told(pk) for pk in _judged_apart(case.pk))


def _highest(judged: Iterable[Judged | None]) -> Judged | None:
    found = [one for one in judged if one is not None]
    return max(found, key=lambda one: (one.tier.rank, one.at), default=None)


def _judged_apart(case: int) -> list[int]:
    """Return a case, and those merged into it since it was judged itself."""
    merged = merged_with(case)[1:]
    last = judgements(case).values_list("at", flat=True).first() if merged else None
    since = merged_since(merged)
    return [case, *(pk for pk in merged if last is None or (pk in since and since[pk] > last))]


def merged_since(cases: Collection[int]) -> dict[int, datetime]:
    """Return since when cases are merged: the last time that each was."""
    if not cases:
        return {}
    joined = Entry.objects.filter(case__in=cases, verb=MERGED).order_by("at", "pk")
    return {pk: at for pk, at in joined.values_list("case", "at") if pk is not None}


@PreparedRows
def _lower() -> QuerySet[Entry]:
    rows = Entry.objects.filter(case=Given("case", BigIntegerField()), verb=LOWER)
    return rows.order_by("-at", "-pk")


def lower_found(record: Record, case: Seen) -> str:
    """Return the lower tier that the latest form gives, which a person may judge it to be."""
    rows = [row for row in seen(record, _lower(case=case.pk), 1) if "after" not in row.withheld]
    if not rows or not Submission.objects.filter(pk=case.assessed_id, at__lte=rows[0].at).exists():
        return ""
    judged = judged_seen(record, case)
    if judged is None or judged.at > rows[0].at:
        return ""
    return str(rows[0].get("after")["found"])


def judged_since(record: Record, case: Seen) -> tuple[str, ...]:
    """Return what a person judged since the latest form was assessed, whose reasons tell of it."""
    judged = judged_seen(record, case)
    if judged is None:
        return ()
    later = Submission.objects.filter(pk=case.assessed_id, at__gt=judged.at)
    return () if later.exists() else (judged.said,)


def carried_reasons(record: Record, case: Seen, merged: list[Seen]) -> tuple[str, ...]:
    """Return the reasons of cases that were merged into one, until a form tells them of both."""
    if not merged:
        return ()
    since = merged_since([one.pk for one in merged])
    told = Submission.objects.filter(pk=case.assessed_id).values_list("at", flat=True).first()
    new = [one for one in merged if told is None or told <= since.get(one.pk, told)]
    reasons = reasons_of(record, (one.assessed_id for one in new if one.assessed_id))
    return tuple(
        text
        for one in new
        for text in (*judged_since(record, one), *reasons.get(one.assessed_id, ()))
    )
