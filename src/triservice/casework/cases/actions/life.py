"""A case is opened from a referral, allocated, closed, and opened again."""

from __future__ import annotations

from triservice.access.models import Notice
from triservice.access.notices.actions import To, tell
from triservice.access.queries import visible_to
from triservice.access.record import Record
from triservice.agencies.models import Officer
from triservice.agencies.queries import team_at
from triservice.casework import references
from triservice.casework.cases import rules
from triservice.casework.cases.actions import timed
from triservice.casework.cases.actions.acting import KEPT, own_of, worker, working
from triservice.casework.cases.queries.naming import merged_with
from triservice.casework.cases.rules import Step
from triservice.casework.entries.actions import change, note
from triservice.casework.models import (
    Action,
    Case,
    CaseSubject,
    Concern,
    Entry,
    Need,
    OnwardReferral,
    Referral,
    Visit,
)
from triservice.casework.models.columns import TIERS
from triservice.casework.referrals.actions import tell_senders
from triservice.casework.visits.standing import JUDGED
from triservice.casework.words import LOOKED_AFTER, CaseState, Part
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key

LEAST_WHY = 10  # letters of the reason for judging a risk


def open_case(record: Record, referral: Referral, officer: Officer | None) -> Case:
    """Open a case from a referral that is locked, with whoever and wherever it is about."""
    at = record.reader.at
    case = Case.objects.create(
        key=new_key(),
        reference=references.new_reference("C"),
        scheme=referral.scheme,
        version=referral.version,
        opened_at=at,
        opened_by_id=record.reader.officer or None,
        tier=referral.tier,
        assessed_id=referral.submission_id,
        contact_due_at=referral.contact_due_at,
        visit_due_at=referral.visit_due_at,
        next_due_at=referral.contact_due_at,
        premises=referral.premises,
        officer=officer,
        team_id=team_at(officer.pk, referral.owner_id, at) if officer else None,
        owner_id=referral.owner_id,
        data_class=str(DataClass.RISK),
        area=referral.area,
        marking=referral.marking,
        restriction_id=referral.restriction_id,
        subject_key=referral.subject_key,
    )
    note(record, "open case", case, case=case, text=f"Case opened, {case.tier} risk")
    add_subjects(record, case, referral)
    _bring_entries(case, referral)
    if officer is not None:
        _told_of(record, case, officer)
    return case


def join_referral(record: Record, case: Case, referral: Referral) -> None:
    """Let a referral add to a case: the higher risk and the earlier times hold."""
    tier = min(case.tier, referral.tier, key=TIERS.index)
    columns: dict[str, object] = {
        "contact_due_at": min(case.contact_due_at, referral.contact_due_at),
        "visit_due_at": min(case.visit_due_at, referral.visit_due_at),
    }
    if tier != case.tier:
        columns |= {"tier": tier, "assessed_id": referral.submission_id}
        if case.visited_at:
            columns["return_due_at"] = timed.earlier(case.return_due_at, referral.visit_due_at)
    before, after = change(case, **columns)
    text = f"Another referral was added to this case{timed.said(after)}"
    note(record, "add referral", case, case=case, text=text, before=before, after=after)
    add_subjects(record, case, referral)
    _bring_entries(case, referral)


def add_subjects(record: Record, case: Case, referral: Referral) -> None:
    """Put those whom a referral is about into the case, each once."""
    ends = (
        ("person", referral.person, Part.SUBJECT),
        ("household", referral.household, Part.LIVES_THERE),
        ("premises", referral.premises, Part.PLACE),
    )
    for column, spine, part in ends:
        if spine is None:
            continue
        named = CaseSubject.objects.filter(case=case, until__isnull=True, **{column: spine})
        there = named.first()
        if there is not None:
            _about(record, case, there, part)
            continue
        row = CaseSubject.objects.create(
            case=case,
            part=part,
            since=record.reader.at,
            data_class=str(DataClass.RISK),
            **{column: spine},
            **(own_of(case).columns() | {"subject_key": spine.key}),
        )
        record.did("casework.casesubject", row.pk, row.data_class)


def _about(record: Record, case: Case, there: CaseSubject, part: Part) -> None:
    """Let a case be about somebody who had another part in it, a neighbour who is referred now."""
    if there.part not in LOOKED_AFTER:
        before, after = change(there, part=part)
        text = f"Referred themselves: {part}"
        note(record, "change part", there, case=case, text=text, before=before, after=after)


def _bring_entries(case: Case, referral: Referral) -> None:
    """Let what was done on the referral stand in the chronology of the case."""
    Entry.objects.filter(referral=referral, case__isnull=True).update(case=case)


def allocate(reader: Reader, pk: int, officer: int) -> None:
    """Give a case to an officer of the agency that runs it, and so to the team of their post."""
    with working(reader, pk, "allocate a case", anew=True) as (record, case):
        if case.owner_id != reader.agency:
            raise InputError("The agency that runs the case allocates it", kept=KEPT)
        chosen = worker(officer, case.owner_id)
        team = team_at(chosen.pk, case.owner_id, record.reader.at)
        before, after = change(case, officer_id=chosen.pk, team_id=team)
        if after:
            text = f"Allocated to {chosen.name}"
            note(record, "allocate", case, case=case, text=text, before=before, after=after)
            _told_of(record, case, chosen)


def _told_of(record: Record, case: Case, officer: Officer) -> None:
    if officer.pk != record.reader.officer:
        tell(
            [To(case.owner_id, officer=officer.pk)],
            Notice.Kind.CASEWORK,
            f"Case {case.reference} was given to you",
            f"/casework/cases/{case.pk}",
            f"case:{case.pk}:given:{officer.pk}:{record.reader.at}",
        )


def judge_risk(reader: Reader, pk: int, tier: str, why: str) -> None:
    """Set how great the risk of a case is, with the reason. It holds until somebody judges again.

    What was known by then counts as weighed; what is found afterwards may make the risk higher.
    """
    with working(reader, pk, "judge the risk of a case", anew=True) as (record, case):
        if case.owner_id != reader.agency:
            raise InputError("The agency that runs the case judges its risk", kept=KEPT)
        if tier not in TIERS:
            raise InputError("Say how great the risk is", kept=KEPT)
        if len(why.strip()) < LEAST_WHY:
            raise InputError("Say in a sentence why the risk is so", kept=KEPT)
        was = case.tier
        times = timed.by_risk(case, tier, record.reader.at, judged=True)
        before, after = change(case, tier=tier, **times)
        text = f"Risk judged {tier}; it was {was}{timed.said(after)}"
        before, after = before | {"tier": was}, after | {"tier": tier}  # the same is judged as well
        note(record, JUDGED, case, case=case, text=text, before=before, after=after, why=why)


def note_contact(reader: Reader, pk: int) -> None:
    """Say that somebody has spoken with the person for the first time."""
    with working(reader, pk, "note the first contact") as (record, case):
        contact_made(record, case)


def contact_made(record: Record, case: Case) -> None:
    """Note the first contact, of a case that is locked; later ones change nothing."""
    if case.contacted_at is None:
        before, after = change(case, contacted_at=record.reader.at)
        text = "First contact made"
        note(record, "contact", case, case=case, text=text, before=before, after=after)


def unfinished(reader: Reader, case: Case) -> rules.Unfinished:
    """Return how much is still open in a case and in those merged into it, of what they may see.

    Of the rest only whether there is any, and of concerns not even that.
    """
    cases = merged_with(case.pk)
    rows = {
        "needs": Need.objects.filter(case__in=cases, state="open"),
        "actions": Action.objects.filter(case__in=cases, state="open"),
        "visits": Visit.objects.filter(case__in=cases, state="planned"),
        "onward": OnwardReferral.objects.filter(case__in=cases, chase_at__isnull=False),
    }
    seen = {name: visible_to(reader, each).count() for name, each in rows.items()}
    concerns = Concern.objects.filter(case__in=cases, decided_at__isnull=True)
    return rules.Unfinished(
        **seen,
        concerns=visible_to(reader, concerns).count(),
        more=sum(seen.values()) < sum(each.count() for each in rows.values()),
    )


def close(reader: Reader, pk: int, outcome: str, why: str) -> None:
    """Close a case with what came of it and why. Raises InputError while something is open."""
    with working(reader, pk, "close a case", step=Step.CLOSE) as (record, case):
        if faults := rules.closing_faults(outcome, why, unfinished(record.reader, case)):
            raise InputError(". ".join(faults), kept="The case stays open")
        before, after = change(
            case,
            state=CaseState.CLOSED,
            outcome=outcome,
            closed_why=why.strip(),
            closed_at=record.reader.at,
            closed_by_id=reader.officer,
            next_step="",
            next_due_at=None,
        )
        text = f"Case closed: {outcome}"
        note(record, "close", case, case=case, text=text, before=before, after=after, why=why)
        tell_senders(merged_with(case.pk), f"closed:{record.reader.at}")


def reopen(reader: Reader, pk: int, why: str) -> None:
    """Open a closed case again; what is next is worked out anew."""
    with working(reader, pk, "open a case again", step=Step.REOPEN) as (record, case):
        if len(why.strip()) < 5:
            raise InputError("Say why it is opened again", kept=KEPT)
        before, after = change(
            case,
            state=CaseState.OPEN,
            outcome="",
            closed_why="",
            closed_at=None,
            closed_by=None,
            next_due_at=record.reader.at,
        )
        text = "Case opened again"
        note(record, "reopen", case, case=case, text=text, before=before, after=after, why=why)
        tell_senders(merged_with(case.pk), f"reopened:{record.reader.at}")
