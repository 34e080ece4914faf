"""What two cases that are merged carry over to each other, and what stays so once they are parted.

Nothing is moved by a merge, so that parting is exact. The case that stands takes the higher risk;
parted, each has the risk that it stands on alone, and a visit counts for whom it was made to.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import takewhile
from typing import Any

from django.db.models import Q, QuerySet

from triservice.access.record import Record
from triservice.casework.answers.queries import scheme_of
from triservice.casework.cases.queries.naming import group_of, merged_with
from triservice.casework.cases.queries.standing import filled_on, judged_now
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Case, CaseSubject, Entry, Referral, Submission, Visit
from triservice.casework.models.columns import TIERS
from triservice.casework.visits.standing import stands
from triservice.casework.words import LOOKED_AFTER, VisitState
from triservice.schemes import forms
from triservice.schemes.words import Tier

# The verbs of entries of the case that stands: another is merged into it, and parted from it.
TAKEN_IN, LET_GO = "take in", "let go"


def take_in(record: Record, kept: Case, case: Case, why: str) -> None:
    """Let the case that stands have the higher risk of both, and say so in its chronology."""
    tier = higher(kept.tier, case.tier)
    before, after = change(kept, tier=tier)
    text = f"Case {case.reference} was merged into this one"
    if after:
        text += f". Risk is {tier} now, as it is there"
    note(record, TAKEN_IN, kept, case=kept, text=text, before=before, after=after, why=why)


def higher(*tiers: str) -> str:
    """Return the highest of some tiers."""
    return min(tiers, key=TIERS.index)


def let_go(record: Record, kept: Case, case: Case) -> None:
    """Let a case have the risk again that it stands on without one that was parted from it.

    What was found since at a visit of its own, or was judged by a person, stays.
    """
    set_by = Entry.objects.filter(case=kept, after__has_key="tier").order_by("-at", "-pk")
    merges = takewhile(lambda one: one.verb in {TAKEN_IN, LET_GO}, set_by)
    took = [one for one in merges if one.verb == TAKEN_IN]
    theirs = _forms(case).filter(pk=kept.assessed_id or 0).exists()
    own = _forms(kept).filter(pk=kept.assessed_id or 0)
    if not theirs and not (took and not own.filter(at__gt=took[0].at).exists()):
        return
    least = str(took[-1].before["tier"]) if took else TIERS[-1]
    joined = Case.objects.filter(merged_into=kept).values_list("tier", flat=True)
    least = higher(least, *joined)
    columns: dict[str, Any] = {
        "tier": _alone(kept, least, least if took else kept.tier, record.reader.at)
    }
    if theirs:
        columns["assessed_id"] = _forms(kept).values_list("pk", flat=True).last()
    before, after = change(kept, **columns)
    if "tier" in after:
        text = f"Risk is {kept.tier} now, without case {case.reference}"
        note(record, LET_GO, kept, case=kept, text=text, before=before, after=after)


def bring(record: Record, case: Case, kept: Case, since: datetime) -> None:
    """Let a case that was parted have what was done for it while it was merged, from `since` on.

    That is each visit of its own, and of the other those to its place or to its people: they need
    not be visited again. What its own visits found is its risk.
    """
    own = merged_with(case.pk)
    done = Visit.objects.filter(state=VisitState.DONE)
    mine = done.filter(case__in=own)
    there = done.filter(_to_them(case, own), case__in=merged_with(kept.pk), ended_at__gte=since)
    ends = sorted(
        at for rows in (mine, there) for at in rows.values_list("ended_at", flat=True) if at
    )
    if not ends:
        return
    columns: dict[str, Any] = {
        "visited_at": case.visited_at or ends[0],
        "contacted_at": case.contacted_at or ends[0],
    }
    if ends[-1] >= since:
        columns["return_due_at"] = None
    found = mine.filter(submission__at__gte=since).order_by("ended_at").last()
    if found is not None and found.submission_id != case.assessed_id:
        tier = _alone(case, TIERS[-1], case.tier, record.reader.at)
        columns |= {"assessed_id": found.submission_id, "tier": tier}
    before, after = change(case, **columns)
    if after:
        text = "Visited while it was merged"
        if "tier" in after:
            text += f". Risk is {case.tier} now"
        note(record, "bring", case, case=case, text=text, before=before, after=after)


def _to_them(case: Case, own: Collection[int]) -> Q:
    """Return the condition on visits that were to the place or the people of a case."""
    parts = CaseSubject.objects.filter(person__isnull=False, part__in=LOOKED_AFTER)
    people = group_of(parts.filter(case__in=own).values_list("person", flat=True))
    about = Q(case__in=parts.filter(person__in=people, until__isnull=True).values("case"))
    return about | Q(premises=case.premises_id) if case.premises_id else about


def _alone(case: Case, least: str, was: str, at: datetime) -> str:
    """Return the tier of all that is known of a case and of what is merged into it, at least so.

    Where some of it cannot be worked out anew here, it is at least what it `was`.
    """
    scheme = scheme_of(case.scheme, case.version)
    if scheme is None or "visit" not in scheme.forms:
        return was
    known = stands(
        filled_on(case, 0, lambda rows: rows.values_list("submission", "owner", "answers")),
        judged_now(case), Tier(was), at,
    )  # fmt: skip
    return higher(least, str(forms.assess(scheme, scheme.forms["visit"], {}, known).tier))


def _forms(case: Case) -> QuerySet[Submission]:
    """Return the forms of a case and of what is merged into it, the latest last."""
    cases = merged_with(case.pk)
    visits = Visit.objects.filter(case__in=cases, submission__isnull=False).values("submission")
    referrals = Referral.objects.filter(case__in=cases).values("submission")
    forms = Submission.objects.filter(Q(pk__in=visits) | Q(pk__in=referrals))
    return forms.order_by("at", "pk")
